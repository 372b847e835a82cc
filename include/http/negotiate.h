#pragma once
#include <stdbool.h>

/* What a client prefers (RFC 9110, section 12); NULL headers mean no preference. */
bool accepts_media_type(const char *accept, const char *media_type);
bool accepts_gzip(const char *accept_encoding);
bool prefers_chinese(const char *accept_language);
bool etag_is_listed(const char *list, const char *etag); /* weak comparison; `*` lists all */
/* "2-abc" or W/"2-abc" -> 2; -1: not of that form, which no version equals. */
long etag_version(const char *if_match);
bool is_listed(const char *blank_separated, const char *word, unsigned long length);
