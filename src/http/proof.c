#include "http/proof.h"
#include <sodium.h>
#include <string.h>
#include "base/secret.h"
#include "http/input.h"

enum { RANDOM = 16, MAC = 16, ENCODED = 23 /* of 16 bytes, with the end */, LONGEST_NONCE = 32, LONGEST = 160, PARTS = 4 };

static void encode(const unsigned char bytes[RANDOM], char text[ENCODED])
{
    sodium_bin2base64(text, ENCODED, bytes, RANDOM, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Over the community and what stands before the last point. */
static void sign(struct request *request, const char *text, size_t length, char mac[ENCODED])
{
    unsigned char full[32];
    const char *whole = arena_print(&request->arena, "%s %.*s", request->caller.community, (int)length, text);
    secret_keyed_bytes(FOR_PROOF, whole, strlen(whole), full);
    encode(full, mac);
}

const char *proof_challenge(struct request *request, long bits, long long second)
{
    unsigned char bytes[RANDOM];
    char random[ENCODED], mac[ENCODED];
    randombytes_buf(bytes, sizeof bytes);
    encode(bytes, random);
    const char *text = arena_print(&request->arena, "%ld.%lld.%s", bits, second, random);
    sign(request, text, strlen(text), mac);
    return arena_print(&request->arena, "%s.%s", text, mac);
}

static bool is_ours(struct request *request, const char *challenge)
{
    char mac[ENCODED];
    const char *last = strrchr(challenge, '.');
    if (!last || strlen(last + 1) != ENCODED - 1)
        return false;
    sign(request, challenge, (size_t)(last - challenge), mac);
    return sodium_memcmp(mac, last + 1, ENCODED - 1) == 0;
}

static bool is_nonce(const char *text)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= LONGEST_NONCE && !text[length];
}

static long zero_bits(const char *text)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    long bits = 0;
    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    while (bits < 8L * crypto_hash_sha256_BYTES && !(hash[bits / 8] >> (7 - bits % 8) & 1))
        bits++;
    return bits;
}

/* Only what we have signed is taken apart, so its parts are known to be well-formed. */
static json_t *parts_of(char *challenge)
{
    const char *parts[PARTS];
    bool fits;
    for (int i = 0; i < PARTS; i++)
        parts[i] = strsep(&challenge, ".");
    return json_pack("{s:I, s:I, s:s}", "bits", (json_int_t)text_to_number(parts[0], &fits), "at",
                     (json_int_t)text_to_number(parts[1], &fits), "id", parts[2]);
}

json_t *proof_read(struct request *request)
{
    const char *given = request->headers.proof_of_work;
    const char *colon = given ? strchr(given, ':') : NULL;
    if (!colon || strlen(given) > LONGEST || !is_nonce(colon + 1))
        return NULL;
    char *challenge = arena_copy(&request->arena, given, (size_t)(colon - given));
    if (!is_ours(request, challenge))
        return NULL;
    json_t *proof = parts_of(challenge);
    if (zero_bits(given) >= json_integer_value(json_object_get(proof, "bits")))
        return proof;
    json_decref(proof);
    return NULL;
}

void proof_complete(struct request *request, json_t *members)
{
    long bits = (long)json_integer_value(json_object_get(members, "bits"));
    const char *challenge = proof_challenge(request, bits, json_integer_value(json_object_get(members, "at")));
    json_object_del(members, "at");
    json_object_set_new(members, "challenge", json_string(challenge));
}
