#pragma once
#include "base/arena.h"

/*
 * A text as it is compared and searched: compatibility forms unified (NFKC: full-width letters and digits, half-width kana, ligatures) and
 * case folded (Unicode 15.0, 3.13). Takes well-formed UTF-8; the result is the arena's. Folding it again changes nothing.
 */
const char *text_fold(struct arena *, const char *text);
