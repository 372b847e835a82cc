#pragma once
#include <stdbool.h>

/* What of a text is seen, by code point (Unicode 15.0, as libunistring has it). */

/* Shows nothing by itself: blanks, zero-width and other ignorable characters, fillers. */
bool text_is_blank(unsigned long point);
/* Takes no place of its own: it sits on the character before it, joins or is invisible. */
bool text_is_mark(unsigned long point);

/*
 * How the writing direction is turned at a place of a text (UAX #9: embeddings and overrides U+202A-202E, isolates U+2066-2069). Begins as
 * {0}. What a text leaves open would turn whatever is shown behind it, so everything must be closed, in order, by the end of its paragraph.
 */
struct directions {
    unsigned long isolates; /* a bit for each level: opened by an isolate */
    int depth;
};

/* False: closes what is not open, leaves open what a paragraph ends, or nests deeper than 32. */
bool directions_step(struct directions *, unsigned long point);
