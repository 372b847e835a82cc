#pragma once
#include <stdbool.h>

/* Token buckets of all workers, in bounded memory; whom one belongs to is kept only as a hash keyed anew by each process. */
enum bucket_kind { BUCKET_SIGN_IN, BUCKET_ANONYMOUS, BUCKET_WRONG_RECEIPT, BUCKET_CALLER };

struct bucket_rule {
    double burst, per_second;
};

void bucket_start(void);
/* Takes one token; 0: taken, else the seconds after which there will be one. */
long bucket_take(enum bucket_kind, const char *whose, struct bucket_rule);
/* The same without taking. */
long bucket_look(enum bucket_kind, const char *whose, struct bucket_rule);
