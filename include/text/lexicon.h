#pragma once
#include "base/arena.h"

/*
 * Words that speak for categories, each with a weight: what a community knows before anybody has confirmed anything. Does not change once it is made.
 * Words and texts are those of text_fold().
 */
struct lexicon;

struct word {
    const char *word, *category;
    int weight;
};

struct lexicon *lexicon_new(const struct word *, int count); /* copied */
void lexicon_free(struct lexicon *);                         /* NULL: no-op */
size_t lexicon_size(const struct lexicon *);                 /* bytes of memory */

/* The words that stand in a text, each once, in the order of the lexicon; Latin words only where they stand alone. Returns how many; the array is
   the arena's, the words the lexicon's. */
int lexicon_find(const struct lexicon *, struct arena *, const char *text, const struct word ***found);
