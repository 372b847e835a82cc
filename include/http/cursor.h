#pragma once
#include "http/request.h"

/* Where a list goes on: key and id of its last entry with a MAC over them, the community, the path and the other query parameters. */
const char *cursor_make(struct request *, const char *key, const char *id);
bool cursor_read(struct request *, const char *cursor);        /* sets after_key and after_id; false: not made for this list */
const char *cursor_link(struct request *, const char *cursor); /* value of the Link header */
bool cursor_decode(struct arena *, const char *cursor, const char **key, const char **id, unsigned char mac[16]);
