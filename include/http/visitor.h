#pragma once
#include "http/worker.h"

/* A connection from its first byte to its last. libmicrohttpd's own time-out knows only silence, not a client that trickles. */
struct visitor {
    struct visitor *next, **link;
    struct MHD_Connection *connection;
    struct request *request; /* NULL: between requests */
    long long since;         /* milliseconds: when the request, or the pause, began */
    bool cut;
};

void visitor_notice(void *worker, struct MHD_Connection *, void **socket_context, enum MHD_ConnectionNotificationCode);
void visitor_begins(struct request *);
void visitor_ends(struct request *);
void visitors_sweep(struct worker *, long long now); /* milliseconds */
bool visitors_are_busy(const struct worker *);       /* a request is under way */
void visitors_give_up(struct worker *);
