#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include "base/monotonic.h"
#include "http/request.h"

/* For main and for jobs. */

bool workers_start(void); /* settings.workers of them; false after logging why not */
void workers_drain(void); /* readyz turns 503, nothing new is accepted, what runs gets settings.drain_timeout to end; returns at once */
void workers_join(void);  /* returns when all have ended */
bool workers_are_draining(void);
bool workers_have_database(void);  /* every worker can read and write */
long workers_stalled(void);        /* milliseconds since the worker that turned longest ago did; each turns at least once a second */
void workers_forget_callers(void); /* any thread: what is known of callers is asked anew from now on */
void workers_metrics(FILE *);      /* Prometheus text of requests, durations, connections */

/* For the http layer. */

struct session_cache;
struct proposers;
struct counters;
struct work;

/* One thread: an HTTP daemon in external epoll mode, its database connections, the requests of both. */
struct worker {
    int number;
    pthread_t thread;
    bool started;
    struct MHD_Daemon *http;
    int listener;
    int epoll, wake; /* an eventfd: somebody outside the thread has something for it */
    struct database database;
    struct visitor *visitors;
    struct session_cache *sessions;
    struct proposers *proposers; /* of the communities it took complaints for */
    struct counters *counters;
    _Atomic(struct work *) worked; /* finished by threads of the crews, newest first */
    size_t body_bytes;             /* held by requests whose body is not complete or not yet used */
    size_t upload_bytes;           /* of pictures that are on their way, in temporary files */
    unsigned long requests;        /* begun so far; the second half of a request's id */
    unsigned id_prefix;
    long long swept; /* milliseconds: when slow connections were last looked for */
    bool quiesced;
    atomic_long turned; /* milliseconds, monotonic */
    atomic_bool database_up;
    atomic_uint connections;
};

bool worker_open(struct worker *); /* everything but the thread; false after logging why not */
void *worker_run(void *worker);    /* the thread */
void worker_wake(struct worker *); /* any thread */
