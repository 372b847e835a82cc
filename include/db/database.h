#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include "db/statement.h"

/*
 * The asynchronous PostgreSQL of one worker. Queries of many requests travel down a few connections without waiting for each
 * other; each is closed by its own Sync, so that it commits alone and fails alone. A statement is prepared at its first use on
 * a connection, in the same pipeline. Connections are made and made again without blocking, with a back-off.
 */

/* Queries on one connection run one after the other, so each kind of work has its own. Public: by the role that sees only what is published. */
enum lane { READ, WRITE, SLOW, PUBLIC_READ, PUBLIC_SLOW, LANES };

enum query_failure {
    QUERY_FINE,
    QUERY_BUSY,        /* the lane has too many waiting: nothing was sent */
    QUERY_UNAVAILABLE, /* no connection: nothing was done */
    QUERY_UNKNOWN,     /* the connection was lost during a write: it may have committed */
};

/* A statement on its way; lives in its request. */
struct query {
    const struct statement *statement;
    const char *values[MAX_PARAMETERS];            /* borrowed until done() */
    void (*done)(struct query *, PGresult *taken); /* NULL: see failure */
    enum query_failure failure;
    /* the rest is the database's */
    PGresult *result;
    struct query *next;
    enum lane lane;
    bool preparing, repeated;
};

struct connection;

struct database {
    int epoll; /* borrowed: the worker's */
    struct connection *connections[LANES];
    int counts[LANES];
    void (*notified)(void *, const char *channel, const char *payload); /* LISTENed to on a connection of READ */
    void *notified_for;
    int64_t opened, complained; /* milliseconds of the monotonic clock: since when it tries, when it last logged a loss */
    bool answered;              /* done() was called by a submit, or during the flush */
};

/* Begins to connect; never blocks, never fails. */
void database_open(struct database *, int epoll, void (*notified)(void *, const char *channel, const char *payload), void *notified_for);
/* The query lives until done(), which is called before this returns when nothing could be sent (BUSY, UNAVAILABLE). */
void database_submit(struct database *, enum lane, struct query *);
/* End of a turn: what was asked leaves together, epoll's interests follow, lost connections are tried again (their queries get their
   done()). Returns the milliseconds until it wants to be called again: 0 when done() was called here or by a submit since the last
   flush, so that what it resumed goes on at once; -1: no wish. */
int database_flush(struct database *);
void database_ready(struct connection *, uint32_t events); /* epoll says so; its data.ptr is the connection */
bool database_is_idle(const struct database *);
bool database_is_up(const struct database *); /* READ and WRITE have a usable connection */
void database_close(struct database *);       /* whoever still waits gets done() without a result */
