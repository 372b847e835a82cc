#pragma once
#include "http/request.h"

/* What one :name of a statement stands for in a route. */
struct slot {
    const char *(*value)(struct request *, const struct slot *);
    int index; /* of the argument or the field */
    const struct field *field;
    const struct field *member; /* of an OBJECT field; NULL: the field itself */
    const char *name;
};

struct binding {
    const struct statement *statement;
    struct slot slots[MAX_PARAMETERS];
};

/* False: the endpoint offers no such name. */
bool value_resolve(const struct endpoint *, const char *name, struct slot *);
/* What is computed: caller, ids, receipts, tokens, codes, hashes. */
bool value_resolve_made(const struct endpoint *, const char *name, struct slot *);
const char *value_phone_hash(struct request *, const char *phone);
const char *value_new_id(struct request *, const struct slot *);
int field_index(const struct endpoint *, const char *name); /* -1: none */
