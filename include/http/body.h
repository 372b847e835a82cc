#pragma once
#include "http/request.h"

enum { JSON_LIMIT = 256 * 1024 };

/* By the headers alone: kind and length. Sets body_fault. */
void body_expect(struct request *);
/* One piece arrived. False: the connection is not worth keeping. */
bool body_take(struct request *, const char *piece, size_t size);
/* All of it is here and may be used. False: replied. */
bool body_is_usable(struct request *);
/* Replies with body_fault. */
void body_blame(struct request *);
void body_release(struct request *);
const struct body *body_of(const struct request *);
