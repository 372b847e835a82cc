#include "base/uuid.h"
#include <sodium.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

enum { COUNTER_BITS = 12 };

/*
 * The millisecond and the counter within it as one number, the last that was given. It only grows: ids made within a millisecond, or
 * while the clock is set back, follow each other; a counter that is used up borrows from the next millisecond.
 */
static uint_least64_t next_stamp(void)
{
    static atomic_uint_least64_t last;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint_least64_t stamp = ((uint_least64_t)now.tv_sec * 1000 + (uint_least64_t)now.tv_nsec / 1000000) << COUNTER_BITS;
    uint_least64_t before = atomic_load(&last), next;
    stamp |= randombytes_random() & ((1U << (COUNTER_BITS - 2)) - 1); /* a random start leaves three quarters to count in */
    do
        next = stamp > before ? stamp : before + 1;
    while (!atomic_compare_exchange_weak(&last, &before, next));
    return next;
}

static void write_id(uint_least64_t stamp, char text[UUID_TEXT])
{
    uuid_t id;
    uint_least64_t milliseconds = stamp >> COUNTER_BITS;
    for (int i = 0; i < 6; i++)
        id[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    id[6] = (unsigned char)(0x70 | (stamp >> 8 & 0x0f));
    id[7] = (unsigned char)stamp;
    randombytes_buf(id + 8, 8);
    id[8] = (unsigned char)(0x80 | (id[8] & 0x3f));
    uuid_unparse_lower(id, text);
}

void uuid_v7(char text[UUID_TEXT])
{
    write_id(next_stamp(), text);
}

void uuid_v7_of_hour(char text[UUID_TEXT])
{
    enum { HOUR = 3600 }; /* seconds */
    uint_least64_t hour = (uint_least64_t)(time(NULL) / HOUR) * HOUR * 1000;
    write_id(hour << COUNTER_BITS | (randombytes_random() & ((1U << COUNTER_BITS) - 1)), text);
}

bool uuid_is(const char *text)
{
    uuid_t id;
    return strlen(text) == UUID_TEXT - 1 && uuid_parse(text, id) == 0;
}

const char *uuid_small(struct arena *arena, const char *text)
{
    char *small = arena_copy(arena, text, strlen(text));
    for (char *at = small; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'F' ? *at + ('a' - 'A') : *at);
    return small;
}
