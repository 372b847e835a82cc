#pragma once
#include "base/arena.h"

/*
 * A text as it is looked through: folded (text/fold.h), nothing invisible, and a blank only where it parts two spelled words - so "3 号楼" and
 * "３号楼" are one, "water pipe" and "waterpipe" are not. With it goes the way back to the text as it was written.
 */
struct plain {
    const char *text;
    /*
     * Pairs of numbers, rising: from the plain text's character `steps[i]` on (the first is 1), the character at p was written as the one at
     * p + steps[i + 1], until the next pair; before the first pair they are the same. The end of the text counts as a character.
     */
    const int *steps;
    size_t step_count; /* numbers, twice the pairs */
};

/* Takes well-formed UTF-8, folded or not; the result is the arena's. Making a plain text plain changes nothing. */
struct plain text_plain(struct arena *, const char *text);
/* The first 120 characters: as long as a title may be, and what lists show of a text without one. */
const char *text_heading(struct arena *, const char *text);
