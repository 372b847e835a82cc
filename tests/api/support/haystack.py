"""Looking for a word in every byte that was written, whatever it was written as."""

import base64
import hashlib
import ipaddress
import pathlib
import re


def base64_cores(content):
    """What of its base64 does not depend on what stands before and behind it."""
    for skipped in range(3):
        whole = base64.b64encode(content[(3 - skipped) % 3 :])
        core = whole.rstrip(b"=")[:-1]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")


def spellings(word):
    """The ways in which a text may lie in a file: name of the way, bytes."""
    for name, text in (("as it is", word), ("lower", word.lower()), ("upper", word.upper()), ("reversed", word[::-1])):
        yield name, text.encode()
    yield "UTF-16", word.encode("utf-16-le")
    yield "UTF-16 BE", word.encode("utf-16-be")
    plain = word.encode()
    yield "hexadecimal", plain.hex().encode()
    yield "HEXADECIMAL", plain.hex().upper().encode()
    yield "percent", "".join(f"%{byte:02X}" for byte in plain).encode()
    yield "JSON", "".join(f"\\u{ord(letter):04x}" for letter in word).encode()
    for core in base64_cores(plain):
        yield "base64", core
    for name in ("md5", "sha1", "sha256"):  # without a key a hash of something short gives it away
        digest = hashlib.new(name, plain)
        yield name, digest.digest()
        yield f"{name}, hexadecimal", digest.hexdigest().encode()


def spellings_of_address(address):
    yield from spellings(address)
    packed = ipaddress.ip_address(address)
    yield "number", str(int(packed)).encode()
    yield "packed, hexadecimal", packed.packed.hex().encode()
    yield "exploded", packed.exploded.encode()
    if packed.version == 6:  # four bytes would be found anywhere
        yield "packed", packed.packed


class Haystack:
    """All files below a folder, each content once (a cluster copies its templates), without the emptiness in them."""

    def __init__(self, folder):
        self.places = {}
        for file in sorted(pathlib.Path(folder).rglob("*")):
            if file.is_file() and not file.is_symlink():
                written = re.sub(rb"\0{64,}", b"\0" * 8, file.read_bytes())
                self.places.setdefault(written, []).append(str(file.relative_to(folder)))

    def found(self, word, spelt=spellings):
        """Where the word lies: files and spellings."""
        wanted = {(name, content) for name, content in spelt(word) if len(content) >= 6}
        return [(place, name) for written, places in self.places.items() for name, content in wanted if content in written for place in places]

    def named(self, word):
        """Files that bear the word in their name, folders and all."""
        return [place for places in self.places.values() for place in places if word in place.replace("/", "")]
