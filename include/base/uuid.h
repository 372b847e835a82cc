#pragma once
#include <stdbool.h>
#include "base/arena.h"

enum { UUID_TEXT = 37 }; /* 36 characters and the NUL */

/* A time-ordered id (RFC 9562, version 7): 48 bits of milliseconds, a counter within them, random bits. Any thread. */
void uuid_v7(char text[UUID_TEXT]);
/* The same with the full hour for the time and nothing else of it: of somebody who wants the moment to stay unknown. */
void uuid_v7_of_hour(char text[UUID_TEXT]);
const char *uuid_small(struct arena *, const char *text); /* in lower case, as PostgreSQL writes it */
bool uuid_is(const char *text);                           /* 36 characters, lower or upper case */
