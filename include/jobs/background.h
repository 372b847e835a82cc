#pragma once
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * A thread that works by itself: a blocking connection of its own, straight-line code, a turn after the other. Between turns it
 * sleeps until the moment its turn asked for, a notification, what it watches, or the stop. A lost connection is made again with a back-off.
 */
struct background {
    const char *name;                                  /* of the thread, in the log */
    const char *listen;                                /* "listen <channel>": a notification there begins a turn at once; NULL: none */
    long (*turn)(const struct background *, PGconn *); /* returns the milliseconds until the next; negative: failed, pause and try again */
    int watched;                                       /* a descriptor whose news begin a turn at once too and are taken by it; 0: none */
    /* the rest is the thread's */
    pthread_t thread;
    int wake;
    bool started;
    atomic_bool stopping;
};

bool background_start(struct background *);             /* false after logging why not */
void background_wake(const struct background *);        /* begins a turn at once; from any thread, between its start and its stop */
void background_stop(struct background *);              /* returns when the thread has ended; no-op when it was not started */
bool background_is_stopping(const struct background *); /* for loops inside a turn: between two statements */
