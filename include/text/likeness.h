#pragma once
#include "text/grams.h"

/*
 * What a text is about, for telling whether another one is about the same: the pairs of its title, each counted three times, and those of the
 * first 120 characters of its body; more of the body only adds noise. Without a title the body stands alone. Takes folded text (text/fold.h);
 * the results are the arena's.
 */
struct likeness {
    const int *codes;   /* rising, each once */
    const int *weights; /* how often each occurs; at least 1 */
    size_t count;
};

struct likeness likeness_of(struct arena *, const char *title, const char *text); /* title NULL: none */
