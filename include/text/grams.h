#pragma once
#include "base/arena.h"

/*
 * What a text is found by: the pairs of its neighbouring characters, as numbers that stay the same for ever.
 *
 * Letters, digits, Han characters and emoji make pairs; punctuation and blanks part them, but for one sign such as the dash in "A-17", which is
 * passed over. The pairs of a part of a text are among the pairs of the text, so whatever holds a phrase holds all of its pairs; that it
 * holds the phrase, the pairs do not prove. Pure functions of folded text (text/fold.h), well-formed UTF-8; results are the arena's.
 *
 * The number of one character is its code point. That of a pair is the first one's code point times 65,536 plus the second one's, as a
 * signed number; a pair with a character beyond U+FFFF has a hash in the range of the surrogates, which no other pair can have.
 */
enum { GRAMS_VERSION = 1 }; /* changes with whatever changes the numbers: stored ones are then made anew */

struct grams {
    const int *codes;
    size_t count;
};

struct grams grams_pairs(struct arena *, const char *folded);    /* rising, each once */
struct grams grams_singles(struct arena *, const char *folded);  /* the characters themselves, rising, each once */
struct grams grams_sequence(struct arena *, const char *folded); /* the pairs in the order of the text, as often as they occur */
struct grams grams_union(struct arena *, struct grams, struct grams);

/* The characters of a number, as UTF-8; NULL: a hash, which nobody can read back. */
const char *gram_text(struct arena *, int code);
const char *grams_as_array(struct arena *, struct grams); /* as PostgreSQL reads an int[]: {1,2,3} */
