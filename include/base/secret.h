#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

/*
 * All cryptography, by libsodium. The key file holds 32 random bytes as 64 hexadecimal digits, mode 0600, made at first start;
 * every key in use is derived from it by purpose (crypto_kdf). Hashes and sealed values are texts in the form PostgreSQL
 * reads as bytea ("\\x..."), owned by the arena given.
 */
enum secret_purpose {
    FOR_RECEIPT = 1,
    FOR_PHONE,
    FOR_CODE,
    FOR_SEALING,
    FOR_CURSOR,
    FOR_IDEMPOTENCY,
    FOR_RECEIPT_DERIVED,
    FOR_SUGGESTION,
    FOR_PROOF,
    FOR_PICTURE,
    FOR_SURVEY
};

bool secret_start(const char *key_file); /* reads or makes it; false after logging why not */

char *secret_hash(struct arena *, const void *bytes, size_t size);                            /* SHA-256, unkeyed */
char *secret_keyed_hash(struct arena *, enum secret_purpose, const void *bytes, size_t size); /* 32 bytes */
void secret_keyed_bytes(enum secret_purpose, const void *bytes, size_t size, unsigned char into[32]);
char *secret_nonce(struct arena *);                                           /* 16 random bytes as bytea text */
char *secret_commitment(struct arena *, const char *nonce, const char *text); /* SHA-256(nonce bytes, text) */

/* Sealed with XChaCha20-Poly1305; `context` (an id) is authenticated with it, so a sealed value fits no other row. */
char *secret_seal(struct arena *, const char *context, const char *text);
char *secret_open(struct arena *, const char *context, const char *sealed); /* NULL: not sealed by this key for this context */

/* A receipt: 80 bits as 16 Crockford base32 characters and a check character (value mod 37), "XXXX-XXXX-XXXX-XXXX-X". */
char *secret_receipt(struct arena *, const unsigned char bytes[10]);
char *secret_receipt_random(struct arena *);
bool secret_receipt_normal(const char *text, char normal[18]); /* 17 characters without dashes, I L O read as 1 1 0; false: check fails */

/* ew_<community>_<43 base64url characters>: 256 random bits, or those given. */
char *secret_token(struct arena *, const char *community);
char *secret_token_of(struct arena *, const char *community, const unsigned char bytes[32]);
bool secret_token_community(const char *token, char community[33]); /* false: not the form of a token */
char *secret_code(struct arena *);                                  /* six random digits */
char *secret_password(struct arena *);                              /* made up for the admin: 20 characters */

/* What a webhook's messages are signed with (Standard Webhooks 1.0.0): whsec_ and the base64 of 32 bytes, random or those given. */
char *secret_signing(struct arena *);
char *secret_signing_of(struct arena *, const unsigned char bytes[32]);

/* HMAC-SHA256 of a text with a key of any length, as base64. */
char *secret_signature(struct arena *, const void *key, size_t key_size, const char *text);
/* The bytes of a whsec_ secret. NULL: it is none. */
unsigned char *secret_signing_key(struct arena *, const char *secret, size_t *size);

/* argon2id. Takes tens of milliseconds and settings.password_memory: never in a worker. */
bool secret_password_hash(const char *password, char hash[128]);
bool secret_password_fits(const char *hash, const char *password); /* hash NULL: false, after the same work */
