#pragma once
#include "signs.h"
#include "text/mask.h"

/* The sign behind a number of one of these kinds that begins with the digit `at`; 0: there is none. */
size_t number_behind(const struct signs *, size_t at, unsigned kinds, enum mask *kind);
