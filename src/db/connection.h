#pragma once
#include "db/database.h"

/*
 * One pipelined connection. Nothing here calls done() but connection_receive: a connection that fails is only marked `broken`, and
 * database_flush drops it at the end of the turn, when nobody is in the midst of its results any more.
 */

enum connection_state {
    AWAY,       /* tried again when the clock passes `until` */
    CONNECTING, /* given up when the clock passes `until` */
    UP,
};

enum { CHANNELS = 2 }; /* that one of the connections listens to */

/* What a connection knows of a statement. A statement that is prepared anew gets a new name: the old one cannot be taken back in a pipeline. */
struct preparation {
    bool prepared;
    unsigned short generation;
};

struct connection {
    struct database *database;
    enum lane lane;
    const char *conninfo; /* borrowed */
    bool listens;
    PGconn *pg; /* NULL: AWAY */
    enum connection_state state;
    bool broken;    /* dropped at the end of the turn */
    bool retiring;  /* takes nothing new; dropped when it has answered what it took */
    bool unflushed; /* something waits to be written */
    struct preparation *preparations;
    struct query *oldest, **end; /* sent when UP, else waiting for the connection */
    int waiting;
    int64_t until, pause; /* milliseconds */
    int64_t progress;     /* when it last had nothing to answer, or answered */
    uint32_t wanted, watched;
    int watched_socket;
    struct query listening[CHANNELS];
    bool was_up;
};

void connection_start(struct connection *);
void connection_push(struct connection *, struct query *); /* sent at once when UP */
void connection_ready(struct connection *, uint32_t events);
void connection_write(struct connection *);
void connection_watch(struct connection *);
struct query *connection_drop(struct connection *); /* AWAY; the queries that had no answer, each without a result */
