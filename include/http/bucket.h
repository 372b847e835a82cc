#pragma once
#include <stdbool.h>

/*
 * Token buckets of all workers, in bounded memory. Whom one belongs to is kept only as a hash under a random key, which is made anew, and
 * everything forgotten, at each start and each day. Tables of this size hold 32,768 senders who are not at rest.
 */
enum bucket_kind { BUCKET_SIGN_IN, BUCKET_ANONYMOUS, BUCKET_WRONG_RECEIPT, BUCKET_CALLER };

struct bucket_rule {
    double burst, per_second;
};

struct bucket_level {
    long left; /* whole tokens */
    long full; /* seconds until none is missing */
};

void bucket_start(void); /* with a new key; also forgets everything */
/* Takes one token; 0: taken, else the seconds after which there will be one. */
long bucket_take(enum bucket_kind, const char *whose, struct bucket_rule);
/* The same without taking. */
long bucket_look(enum bucket_kind, const char *whose, struct bucket_rule);
struct bucket_level bucket_level(enum bucket_kind, const char *whose, struct bucket_rule);
