#pragma once
#include "http/phrase.h"
#include "http/request.h"

/* What is wrong with one value: a phrase and the number in it. */
struct fault {
    enum phrase phrase; /* FINE: nothing */
    long number;
};

/* A text against its field; a PHONE is normalised into `*normal`, from the arena. */
struct fault field_check_text(struct arena *, const struct field *, const char *text, const char **normal);
bool text_is_utf8(const char *text, size_t size);
bool text_is_code(const char *text);               /* [a-z0-9_-]{1,32} */
bool text_is_day(const char *text);                /* 2026-11-22 */
bool text_is_instant(const char *text);            /* RFC 3339 */
long text_to_number(const char *text, bool *fits); /* decimal, fits a long */

/* Whatever of a JSON object does not fit these fields, appended to `errors` as {pointer, detail}; what fits gets its normal form. */
void input_check(struct request *, const struct field *, json_t *object, json_t *errors);
/* Reads the query or the JSON body into the request's inputs; all faults are collected. False: replied. */
bool input_read(struct request *);
/* Members of the JSON body without sealed fields and passwords. */
const char *input_as_json(struct request *);
/* The JSON of a body: an object, no duplicates, depth of at most 32. False: replied. */
bool body_parse(struct request *);
const char *body_depth_fault(const char *bytes, size_t size);
/* One JSON value as text for SQL; numbers in decimal, objects and lists as JSON. NULL for null. */
const char *json_as_text(struct arena *, json_t *);
