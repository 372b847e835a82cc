#pragma once
#include "http/request.h"

/* Serves an action whose words are public. */
void speak_with_care(struct request *);
extern const struct statement *const speak_asks[]; /* ends with NULL */
