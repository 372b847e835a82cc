#pragma once
#include "http/request.h"

/* Callers that this worker asked for a moment ago, by the hash of their token: at most 4096, for 5 seconds, none after a revocation. */
struct session_cache;

struct session_cache *session_cache_new(void);
void session_cache_free(struct session_cache *);
const struct caller *session_find(struct session_cache *, const char *token_hash);
/* `seen` is what session_epoch() said before the caller was asked for: a revocation in between makes the answer worthless. */
void session_keep(struct session_cache *, const char *token_hash, const struct caller *, unsigned seen);
unsigned session_epoch(void);
void session_forget_all(void); /* any thread */
