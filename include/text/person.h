#pragma once
#include <stdbool.h>
#include "base/arena.h"

/* Whether a text says who somebody is. Compared as folded (text/fold.h), whatever blanks and invisible characters stand between. */

/* The full name of two characters or more, with or without what one is addressed as (张三, 张 三, 张三先生). A surname alone names nobody.
   A name in Latin letters stands between other characters than letters. */
bool text_names(struct arena *, const char *text, const char *name);
/* The number without its country code, of seven digits or more, however grouped. */
bool text_holds_phone(struct arena *, const char *text, const char *phone);
