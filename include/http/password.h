#pragma once
#include "http/worker.h"

/* The one thread that hashes passwords; at most 64 wait. */
struct password_job {
    struct password_job *next;
    struct worker *worker;
    struct request *request; /* the worker's alone; NULL: nobody waits any more */
    bool checks;             /* against `hash`; else makes it */
    bool fits, hash_given;
    char hash[128];
    char password[];
};

bool password_start(void);
void password_stop(void); /* after the workers have ended */
bool password_submit(struct worker *, struct request *, const char *password, const char *hash, bool checks); /* false: too many wait */
void password_deliver(struct worker *); /* on the worker's thread: what is finished goes on */
