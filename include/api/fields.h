#pragma once
#include "http/field.h"

/* Inputs that several resources share. */

/* Members of every list's field table: a page of 1 to 100, and where it begins. */
#define FIELD_PAGE                                                                                                                         \
    {.name = "limit", .type = INTEGER, .min = 1, .max = 100, .otherwise = "20"},                                                           \
    {                                                                                                                                      \
        .name = "cursor", .type = CURSOR                                                                                                   \
    }

/* What lists of complaints are narrowed and ordered by. Beside them stands `q`, which not every list can do without. */
#define FIELD_FILTERS                                                                                                                      \
    {.name = "category", .type = CODE}, {.name = "department", .type = ID}, {.name = "building", .type = LINE, .min = 1, .max = 32},       \
        {.name = "status", .type = CHOICE, .choices = complaint_statuses}, {.name = "from", .type = INSTANT},                              \
        {.name = "to", .type = INSTANT}, {.name = "answered", .type = BOOLEAN},                                                            \
    {                                                                                                                                      \
        .name = "sort", .type = CHOICE, .choices = complaint_orders                                                                        \
    }

extern const struct field page_fields[];       /* only those */
extern const char *const complaint_statuses[]; /* ends with NULL */
extern const char *const complaint_orders[];   /* the same */
