#include "http/bucket.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "http/worker.h"

enum { SETS = 8192, WAYS = 4, LONGEST_KEY = 128, SECOND = 1000000 };
static const long long LIFE_OF_A_KEY = 24LL * 3600 * SECOND;

/* A bucket is known by the moment at which it will be full: one that is full is as good as forgotten. */
struct bucket {
    unsigned long long key; /* 0: free */
    long long full;         /* microseconds */
};

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static struct bucket buckets[SETS][WAYS];
static long long renewal; /* microseconds: when the key is made anew */

/* A client's connections spread over all workers, so no worker can own its bucket; the lock is held for some hundred nanoseconds. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* With the key goes all that was known by it: nothing in memory leads from yesterday's senders to today's. */
static void renew(long long now)
{
    randombytes_buf(hash_key, sizeof hash_key);
    memset(buckets, 0, sizeof buckets);
    renewal = now + LIFE_OF_A_KEY;
}

void bucket_start(void)
{
    pthread_mutex_lock(&lock);
    renew(monotonic_microseconds());
    pthread_mutex_unlock(&lock);
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

/*
 * The bucket of this key, or the one of its set that is nearest to being full: who has emptied his own is the last to get a new one, and
 * whose buckets lie in his set only the key knows.
 */
static struct bucket *bucket_of(unsigned long long key)
{
    struct bucket *set = buckets[key % SETS], *fullest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].full < fullest->full)
            fullest = &set[i];
    }
    *fullest = (struct bucket){.key = key};
    return fullest;
}

/* How many tokens there are now; `taken` of them go if that is one at least. */
static double try_to_take(enum bucket_kind kind, const char *whose, struct bucket_rule rule, double taken)
{
    pthread_mutex_lock(&lock);
    long long now = monotonic_microseconds();
    if (now >= renewal)
        renew(now);
    struct bucket *bucket = bucket_of(key_of(kind, whose));
    long long full = bucket->full > now ? bucket->full : now;
    double tokens = rule.burst - (double)(full - now) * rule.per_second / SECOND;
    if (tokens >= 1 && taken > 0)
        bucket->full = full + (long long)(taken * SECOND / rule.per_second);
    pthread_mutex_unlock(&lock);
    return tokens;
}

static long wait_for(double tokens, struct bucket_rule rule)
{
    return tokens >= 1 ? 0 : (long)((1 - tokens) / rule.per_second) + 1;
}

long bucket_take(enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    return wait_for(try_to_take(kind, whose, rule, 1), rule);
}

long bucket_look(enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    return wait_for(try_to_take(kind, whose, rule, 0), rule);
}

struct bucket_level bucket_level(enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    double tokens = try_to_take(kind, whose, rule, 0);
    return (struct bucket_level){.left = tokens > 0 ? (long)tokens : 0, .full = (long)((rule.burst - tokens) / rule.per_second + 0.999)};
}
