"""A proof of work, as a client solves it."""

import hashlib
import itertools


def solve(challenge, bits):
    """The value of the header Proof-Of-Work."""
    for nonce in itertools.count():
        proof = f"{challenge}:{nonce}"
        if int.from_bytes(hashlib.sha256(proof.encode()).digest(), "big") >> (256 - bits) == 0:
            return proof
