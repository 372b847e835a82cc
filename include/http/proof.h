#pragma once
#include "http/request.h"

/*
 * A small proof of work, for who is not signed in, where the policy asks for it. A challenge is text of ours, made for a community and a
 * moment and kept nowhere: "<bits>.<second>.<random>.<mac>". A client proves by the header Proof-Of-Work: <challenge>:<nonce>, with a nonce
 * of its choice such that the SHA-256 of that value begins with so many zero bits. That a challenge is young enough and serves only
 * once, the rules see to (check_proof()).
 */
const char *proof_challenge(struct request *, long bits, long long second); /* of the arena; `second` since 1970 */
/* What the request's header proves, {bits, at, id}; NULL: it has none, or it proves nothing here. */
json_t *proof_read(struct request *);
/* A refusal {bits, at} becomes {bits, challenge}. */
void proof_complete(struct request *, json_t *members);
