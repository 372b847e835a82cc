#pragma once
#include <unitypes.h>

/* What a character is to somebody who looks for words. */
enum kind {
    INVISIBLE, /* joiners, directions, variation selectors, control characters: not there */
    BLANK,
    POINT,   /* punctuation, signs: read as they stand, but no part of a word */
    SPELLED, /* of scripts that put blanks between words: Latin, Cyrillic, Hangul ..., digits */
    DRAWN,   /* of scripts that do not: Han, kana; emoji */
};

enum kind kind_of(ucs4_t);
