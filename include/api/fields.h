#pragma once
#include "http/field.h"

/* Inputs that several resources share. */

/* Members of every list's field table: a page of 1 to 100, and where it begins. */
#define FIELD_PAGE                                                                                                                         \
    {.name = "limit", .type = INTEGER, .min = 1, .max = 100, .otherwise = "20"},                                                           \
    {                                                                                                                                      \
        .name = "cursor", .type = CURSOR                                                                                                   \
    }

extern const struct field page_fields[];       /* only those */
extern const char *const complaint_statuses[]; /* ends with NULL */
extern const char *const complaint_orders[];   /* the same */
