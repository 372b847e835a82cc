/* Secrets that others share with us, and signatures by them. */
#include <sodium.h>
#include <string.h>
#include "base/secret.h"

static const char prefix[] = "whsec_";

static char *base64(struct arena *arena, const unsigned char *bytes, size_t size)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    return sodium_bin2base64(arena_take(arena, room), room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

char *secret_signing_of(struct arena *arena, const unsigned char bytes[32])
{
    return arena_print(arena, "%s%s", prefix, base64(arena, bytes, 32));
}

char *secret_signing(struct arena *arena)
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    return secret_signing_of(arena, bytes);
}

unsigned char *secret_signing_key(struct arena *arena, const char *secret, size_t *size)
{
    if (strncmp(secret, prefix, strlen(prefix)) != 0)
        return NULL;
    const char *text = secret + strlen(prefix), *end;
    size_t length = strlen(text);
    unsigned char *key = arena_take(arena, length + 1);
    if (sodium_base642bin(key, length + 1, text, length, NULL, size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 || *end)
        return NULL;
    return key;
}

char *secret_signature(struct arena *arena, const void *key, size_t key_size, const char *text)
{
    unsigned char code[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, code);
    sodium_memzero(&state, sizeof state);
    return base64(arena, code, sizeof code);
}
