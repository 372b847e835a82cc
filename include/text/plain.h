#pragma once
#include "base/arena.h"

/*
 * A folded text (text/fold.h) as it is looked through: nothing invisible, and a blank only where it parts two spelled words - so "3 号楼" and
 * "3号楼" are one, "water pipe" and "waterpipe" are not. Takes well-formed UTF-8; the result is the arena's. Doing it again changes nothing.
 */
const char *text_plain(struct arena *, const char *folded);

/* The first 120 characters: as long as a title may be, and what lists show of a text without one. */
const char *text_heading(struct arena *, const char *text);
