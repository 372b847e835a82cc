#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

/*
 * A text as a row of signs, for those who look for numbers and accounts in it: a sign is a character with the invisible ones behind it, and says
 * which digit it is, whatever its form.
 */

enum { NO_DIGIT = -1 };

/* What may stand between the groups of a number. */
enum gap { GAP_NONE, GAP_BLANK, GAP_DASH, GAP_STOP, GAP_BRACKET };

struct sign {
    size_t start, size; /* bytes of the text, with the invisible characters behind */
    uint32_t code;
    signed char digit;   /* Arabic, whatever its form */
    signed char chinese; /* a digit in Chinese */
    enum gap gap;
};

struct signs {
    struct sign *all;
    size_t count;
};

struct signs signs_read(struct arena *, const char *text); /* well-formed UTF-8; the arena's */
bool sign_is_digit(const struct signs *, size_t at);       /* any place may be asked for, also behind the last */
uint32_t sign_code(const struct signs *, size_t at);       /* half-width and in lower case; 0 behind the last */
bool sign_is_letter(uint32_t code);                        /* a to z */
/* The word, in lower case and at most 16 characters, ends before the sign `end`. */
bool signs_word_ends(const struct signs *, size_t end, const char *word);
