/* What secret.h gives to people: receipts, tokens, codes, passwords. */
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include "base/secret.h"

/* Crockford's base32; the five symbols behind the 32 digits are for the check alone. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

enum { DIGITS = 16, CHECKS = 37 };

/* The checked value grows by 5 bits a digit: any single wrong digit, and any two swapped, change it modulo 37. */
static unsigned check_of(const unsigned values[DIGITS])
{
    unsigned check = 0;
    for (int i = 0; i < DIGITS; i++)
        check = (check * 32 + values[i]) % CHECKS;
    return check;
}

static void digits_of(const unsigned char bytes[10], unsigned values[DIGITS])
{
    for (int i = 0; i < DIGITS; i++) {
        unsigned bit = 5 * (unsigned)i, byte = bit / 8;
        unsigned pair = (unsigned)bytes[byte] << 8 | (byte + 1 < 10 ? bytes[byte + 1] : 0);
        values[i] = pair >> (11 - bit % 8) & 31;
    }
}

char *secret_receipt(struct arena *arena, const unsigned char bytes[10])
{
    unsigned values[DIGITS];
    char text[sizeof "XXXX-XXXX-XXXX-XXXX-X"] = "", *at = text;
    digits_of(bytes, values);
    for (int i = 0; i < DIGITS; i++) {
        *at++ = digits[values[i]];
        if (i % 4 == 3)
            *at++ = '-';
    }
    *at++ = digits[check_of(values)];
    return arena_copy(arena, text, (size_t)(at - text));
}

char *secret_receipt_random(struct arena *arena)
{
    unsigned char bytes[10];
    randombytes_buf(bytes, sizeof bytes);
    return secret_receipt(arena, bytes);
}

/* What people write for a digit they misread. */
static char normal_digit(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    return c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
}

bool secret_receipt_normal(const char *text, char normal[18])
{
    unsigned values[DIGITS + 1];
    int count = 0;
    for (; *text; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        const char *digit = strchr(digits, normal_digit(*text));
        if (!digit || count > DIGITS || (count < DIGITS && digit - digits >= 32))
            return false;
        normal[count] = *digit;
        values[count++] = (unsigned)(digit - digits);
    }
    if (count != DIGITS + 1)
        return false;
    normal[count] = '\0';
    return check_of(values) == values[DIGITS];
}

enum { RANDOM_PART = 43 }; /* 32 bytes as base64url */

char *secret_token_of(struct arena *arena, const char *community, const unsigned char bytes[32])
{
    char text[RANDOM_PART + 1];
    sodium_bin2base64(text, sizeof text, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_print(arena, "ew_%s_%s", community, text);
}

char *secret_token(struct arena *arena, const char *community)
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    return secret_token_of(arena, community, bytes);
}

bool secret_token_community(const char *token, char community[33])
{
    static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(token);
    if (strncmp(token, "ew_", 3) != 0 || length < 3 + 1 + 1 + RANDOM_PART || length > 3 + 32 + 1 + RANDOM_PART)
        return false;
    const char *random = token + length - RANDOM_PART; /* from the end: a community's code may hold '_' too */
    size_t code_length = (size_t)(random - 1 - (token + 3));
    if (random[-1] != '_' || strspn(random, base64) != RANDOM_PART || strspn(token + 3, code) < code_length)
        return false;
    memcpy(community, token + 3, code_length);
    community[code_length] = '\0';
    return true;
}

char *secret_code(struct arena *arena)
{
    return arena_print(arena, "%06u", (unsigned)randombytes_uniform(1000000));
}

char *secret_password(struct arena *arena)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"; /* none that looks like another */
    enum { LENGTH = 20 };
    char *password = arena_take(arena, LENGTH + 1);
    for (int i = 0; i < LENGTH; i++)
        password[i] = letters[randombytes_uniform(sizeof letters - 1)];
    return password;
}
