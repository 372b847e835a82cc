#pragma once
#include <stdbool.h>
#include "text/grams.h"

/*
 * What somebody looks for: words parted by blanks, all of which must occur; what stands between quotation marks (" ", “ ”, ＂ ＂) is one word
 * with its blanks; one that is not closed ends with the text. Everything else is taken literally. A word that can be found has a letter, a digit, a Han character or an emoji.
 */
struct sought {
    const char *phrase;       /* all of it as one text, without the quotation marks; plain (text/plain.h) */
    const char *const *words; /* plain, none empty, none twice */
    size_t word_count;
    struct grams pairs;   /* of the words; at most 16, taken evenly: more would cost more than they sort out */
    struct grams singles; /* the same of single characters, where no word has a pair */
};

/* False: there is nothing in it that could be found. Takes well-formed UTF-8; everything is the arena's. */
bool text_seek(struct arena *, const char *query, struct sought *);
