#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include "jobs/background.h"

/*
 * The jobs of one thread, and when each is to run again: a statement that is asked for a batch until there is no more. One that fails is left alone
 * for a while, longer each time, so that it neither holds up the others nor floods the log.
 */

enum { ROSTER_MOST = 12 };

struct job {
    const char *name;
    const struct statement *statement; /* each of its inputs is `limit`, the size of a batch */
    bool (*more)(const PGresult *);    /* true: there is more; NULL: once is enough */
    long every;                        /* milliseconds; 0: whenever something is due */
};

struct roster {
    const struct job *jobs; /* ends with a nameless one, at most ROSTER_MOST */
    bool in_turn;           /* between two batches of a job the others have their turn; else it goes on to its end */
    /* the rest is the roster's */
    struct {
        enum { JOB_DONE, JOB_WANTED, JOB_FAILED } stands;
        long long next; /* by monotonic_milliseconds() */
        int failures;   /* in a row */
    } now[ROSTER_MOST];
};

void roster_want_all(struct roster *);                                           /* everything is to run now, whenever it ran last */
void roster_run(struct roster *, const struct background *, PGconn *, bool due); /* what is to run, in order; `due`: something is due */
bool roster_is_done(const struct roster *);                                      /* there is no more, and nothing fails */
long roster_wait(const struct roster *);                                         /* milliseconds until something is to run */
