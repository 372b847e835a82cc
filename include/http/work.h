#pragma once
#include "http/worker.h"

/*
 * What takes too long for a worker's thread - hashing a password, rewriting a picture, asking a store - is done by a crew of threads. A
 * piece of work belongs to its crew's queue, then to one of its threads, then to its worker, which alone looks at `request`.
 */
enum crew {
    CREW_PASSWORDS, /* one thread, so that a rush of sign-ins does not take all memory */
    CREW_PICTURES,  /* each thread waits for a confined process at a time */
    CREW_STORE,     /* waits for the network */
    CREWS,
};

/* First member of what a kind of work needs besides; malloc'ed. */
struct work {
    struct work *next;
    struct worker *worker;
    struct request *request;                       /* NULL: nobody waits any more */
    void (*run)(struct work *);                    /* on a thread of the crew; sees nothing of the request */
    void (*done)(struct work *, struct request *); /* on the worker's thread: the request goes on; not called when nobody waits */
    void (*release)(struct work *);                /* the last to be called, once, on whatever thread has it then */
};

/* The request waits until `done` was called; where too many wait already, it is answered instead and the work released. */
void request_work(struct request *, enum crew, struct work *taken);

bool work_start(void); /* false after logging why not */
void work_stop(void);  /* after the workers have ended */
bool work_is_stopping(void);
bool work_submit(enum crew, struct request *, struct work *taken); /* false: too many wait, and it is released */
void work_deliver(struct worker *);                                /* on the worker's thread: what is finished goes on */
