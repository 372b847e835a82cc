#pragma once
#include "http/request.h"

/*
 * What libmicrohttpd 0.9.75 lets through and must not reach a handler: two lengths, a length beside chunks, unknown transfer codings,
 * names that are none, control characters, %00.
 */

const char *guard_target_fault(const char *target); /* NULL: fine. Of the raw request target */
const char *guard_header_fault(const char *name, size_t name_size, const char *value, size_t value_size);
const char *guard_framing_fault(const struct headers *);
/* Reads the headers into the request. NULL: fine; else what is wrong. */
const char *guard_headers(struct request *);
/* Remembers one header where it means something. NULL: fine; else what is wrong: it came twice. */
const char *guard_keep(struct headers *, const char *name, size_t name_size, const char *value);
