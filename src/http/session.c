#include "http/session.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "http/worker.h"

enum { ENTRIES = 4096, HASH_TEXT = 67 }; /* "\x" and 64 digits */

static const long long life = 5000000; /* microseconds */

struct session {
    char token_hash[HASH_TEXT];
    long long asked;
    struct caller caller;
};

struct session_cache {
    unsigned seen;
    struct session *entries[ENTRIES]; /* each hash has one place; a newcomer takes it */
};

/* The one thing workers share here: a revocation on one of them must be known to all before its success is told. */
static atomic_uint forgettings;

unsigned session_epoch(void)
{
    return atomic_load(&forgettings);
}

void session_forget_all(void)
{
    atomic_fetch_add(&forgettings, 1);
}

struct session_cache *session_cache_new(void)
{
    struct session_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    cache->seen = session_epoch();
    return cache;
}

static void empty(struct session_cache *cache)
{
    for (int i = 0; i < ENTRIES; i++) {
        free(cache->entries[i]);
        cache->entries[i] = NULL;
    }
}

void session_cache_free(struct session_cache *cache)
{
    if (cache)
        empty(cache);
    free(cache);
}

/* The text is a hash already: its first digits choose the place. */
static struct session **place_of(struct session_cache *cache, const char *token_hash)
{
    char digits[5] = {0};
    memcpy(digits, token_hash + 2, 4);
    return &cache->entries[strtoul(digits, NULL, 16) % ENTRIES];
}

const struct caller *session_find(struct session_cache *cache, const char *token_hash)
{
    unsigned epoch = session_epoch();
    if (cache->seen != epoch) {
        empty(cache);
        cache->seen = epoch;
        return NULL;
    }
    const struct session *session = *place_of(cache, token_hash);
    if (!session || strcmp(session->token_hash, token_hash) != 0 || monotonic_microseconds() - session->asked > life)
        return NULL;
    return &session->caller;
}

void session_keep(struct session_cache *cache, const char *token_hash, const struct caller *caller, unsigned seen)
{
    struct session **place = place_of(cache, token_hash);
    if (seen != session_epoch() || seen != cache->seen || strlen(token_hash) >= HASH_TEXT)
        return;
    if (!*place && !(*place = malloc(sizeof **place)))
        abort();
    strcpy((*place)->token_hash, token_hash);
    (*place)->asked = monotonic_microseconds();
    (*place)->caller = *caller;
}
