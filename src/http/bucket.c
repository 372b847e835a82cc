#include "http/bucket.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "http/worker.h"

enum { SETS = 8192, WAYS = 4, LONGEST_KEY = 128 };

struct bucket {
    unsigned long long key; /* 0: free */
    double tokens;
    long long since; /* microseconds: when `tokens` was true */
};

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static struct bucket buckets[SETS][WAYS];

/* A client's connections spread over all workers, so no worker can own its bucket; the lock is held for some hundred nanoseconds. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void bucket_start(void)
{
    randombytes_buf(hash_key, sizeof hash_key);
}

static unsigned long long key_of(enum bucket_kind kind, const char *whose)
{
    unsigned char hash[crypto_shorthash_BYTES];
    unsigned long long key;
    char text[LONGEST_KEY];
    int length = snprintf(text, sizeof text, "%d %s", (int)kind, whose);
    size_t size = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    crypto_shorthash(hash, (const unsigned char *)text, size, hash_key);
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

/* The bucket of this key, or the one of its set that was left alone longest: most likely it is full again. */
static struct bucket *bucket_of(unsigned long long key, double burst, long long now)
{
    struct bucket *set = buckets[key % SETS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (!set[i].key || (oldest->key && set[i].since < oldest->since))
            oldest = &set[i];
    }
    *oldest = (struct bucket){.key = key, .tokens = burst, .since = now};
    return oldest;
}

static long try_to_take(unsigned long long key, struct bucket_rule rule, double taken)
{
    long long now = monotonic_microseconds();
    pthread_mutex_lock(&lock);
    struct bucket *bucket = bucket_of(key, rule.burst, now);
    bucket->tokens += (double)(now - bucket->since) * rule.per_second / 1e6;
    if (bucket->tokens > rule.burst)
        bucket->tokens = rule.burst;
    bucket->since = now;
    double missing = 1 - bucket->tokens;
    if (missing <= 0)
        bucket->tokens -= taken;
    pthread_mutex_unlock(&lock);
    return missing <= 0 ? 0 : (long)(missing / rule.per_second) + 1;
}

long bucket_take(enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    return try_to_take(key_of(kind, whose), rule, 1);
}

long bucket_look(enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    return try_to_take(key_of(kind, whose), rule, 0);
}
