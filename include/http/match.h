#pragma once
#include <stddef.h>
#include "http/route.h"

enum { MAX_ARGUMENTS = 4, METHODS = 5 };

struct binding;

/* A route with what was worked out of it at start. */
struct endpoint {
    const struct route *route;
    int number;         /* place among all endpoints: index of its counters */
    const char *action; /* last word of the path */
    int argument_count, field_count;
    struct {
        const char *name; /* inside the path, not terminated */
        size_t length;
    } arguments[MAX_ARGUMENTS];
    int password;             /* index of its PASSWORD field, -1: none */
    struct binding *bindings; /* statements it may ask, see value.h */
    int binding_count;
};

extern struct endpoint *endpoints;
extern int endpoint_count;

/* What lies at a path. */
struct place {
    const struct endpoint *methods[METHODS];
    char allow[64]; /* the Allow header */
};

struct match {
    const struct place *place; /* NULL: there is nothing at this path */
    int argument_count;
    const char *arguments[MAX_ARGUMENTS]; /* inside the path given */
};

/* The place at this path, whose slashes may become NULs: its arguments point into it. */
struct match match_path(char *path);
/* The endpoint for this method: HEAD is GET, POST is PATCH where there is no POST. NULL: not offered. */
const struct endpoint *match_method(const struct place *, const char *method);
const char *method_name(enum method);
bool method_is_known(const char *name); /* the five, HEAD and OPTIONS */
