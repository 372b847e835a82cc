#pragma once
#include <stdbool.h>

/* `echo-wall verify`: recomputes every day, every current column, sum, final list and chain of every community. Prints each difference as a
   line, or one line of what was checked. False: there is a difference, or it could not be checked. */
bool verify(void);
