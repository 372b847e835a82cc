/* One pipelined connection: connecting, preparing at first use, and the answer at the Sync. */
#include "connection.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include "base/log.h"
#include "base/monotonic.h"

enum { CONNECT_LIMIT = 15000, FIRST_PAUSE = 100, LAST_PAUSE = 2000 }; /* milliseconds */

static const struct statement listens[] = {{.name = "listen", .text = "listen caller", .number = -1},
                                           {.name = "listen", .text = "listen classifier", .number = -1}};
_Static_assert(sizeof listens / sizeof *listens == CHANNELS, "a query for each");

/* Sending */

static bool send_sync(PGconn *pg)
{
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
    return PQsendPipelineSync(pg); /* from libpq 17: a whole turn leaves in one write */
#else
    return PQpipelineSync(pg);
#endif
}

static bool send_prepared(struct connection *connection, struct query *query)
{
    char name[32];
    const struct statement *statement = query->statement;
    struct preparation *preparation = &connection->preparations[statement->number];
    snprintf(name, sizeof name, "s%d_%u", statement->number, preparation->generation);
    query->preparing = !preparation->prepared;
    if (query->preparing && !PQsendPrepare(connection->pg, name, statement->text, 0, NULL))
        return false;
    preparation->prepared = true; /* what follows in the pipeline may count on it; a failure takes it back */
    return PQsendQueryPrepared(connection->pg, name, statement->parameter_count, query->values, NULL, NULL, 0);
}

static void send_query(struct connection *connection, struct query *query)
{
    bool sent = query->statement->number < 0 ? PQsendQueryParams(connection->pg, query->statement->text, 0, NULL, NULL, NULL, NULL, 0)
                                             : send_prepared(connection, query);
    connection->unflushed = true;
    if (!sent || !send_sync(connection->pg))
        connection->broken = true;
}

void connection_push(struct connection *connection, struct query *query)
{
    if (!connection->oldest)
        connection->progress = monotonic_milliseconds();
    query->next = NULL;
    *connection->end = query;
    connection->end = &query->next;
    connection->waiting++;
    if (connection->state == UP && !connection->broken)
        send_query(connection, query);
}

static struct query *pop(struct connection *connection)
{
    struct query *query = connection->oldest;
    connection->oldest = query->next;
    if (!connection->oldest)
        connection->end = &connection->oldest;
    connection->waiting--;
    connection->progress = monotonic_milliseconds();
    return query;
}

/* Connecting */

static void ignore_notice(void *unused, const PGresult *notice)
{
    (void)unused, (void)notice;
}

static void listening_done(struct query *query, PGresult *taken)
{
    ptrdiff_t channel = query->statement - listens;
    struct connection *connection = (struct connection *)((char *)(query - channel) - offsetof(struct connection, listening));
    const char *name = strchr(query->statement->text, ' ') + 1;
    if (PQresultStatus(taken) != PGRES_COMMAND_OK)
        log_event(LOG_ERROR, "cannot listen", "channel", name, "sqlstate", PQresultErrorField(taken, PG_DIAG_SQLSTATE), NULL);
    PQclear(taken);
    if (connection->was_up) /* what was notified meanwhile went by */
        connection->database->notified(connection->database->notified_for, name, "");
    connection->was_up = connection->was_up || channel == CHANNELS - 1;
}

/* What already waits for this connection is sent behind the LISTEN, in its order. */
static void become_up(struct connection *connection)
{
    struct query *waiting = connection->oldest;
    if (PQsetnonblocking(connection->pg, 1) != 0 || !PQenterPipelineMode(connection->pg)) {
        connection->broken = true;
        return;
    }
    connection->state = UP;
    connection->pause = 0;
    connection->wanted = EPOLLIN;
    connection->oldest = NULL;
    connection->end = &connection->oldest;
    connection->waiting = 0;
    for (int channel = 0; connection->listens && channel < CHANNELS; channel++) {
        connection->listening[channel] = (struct query){.statement = &listens[channel], .done = listening_done, .lane = connection->lane};
        connection_push(connection, &connection->listening[channel]);
    }
    for (struct query *next; waiting; waiting = next) {
        next = waiting->next;
        connection_push(connection, waiting);
    }
}

void connection_start(struct connection *connection)
{
    connection->pg = PQconnectStart(connection->conninfo);
    connection->state = CONNECTING;
    connection->until = monotonic_milliseconds() + CONNECT_LIMIT;
    connection->wanted = EPOLLOUT;
    connection->broken = connection->pg == NULL || PQstatus(connection->pg) == CONNECTION_BAD;
    PQsetNoticeReceiver(connection->pg, ignore_notice, NULL);
}

static void connect_on(struct connection *connection)
{
    PostgresPollingStatusType status = PQconnectPoll(connection->pg);
    if (status == PGRES_POLLING_OK)
        become_up(connection);
    else if (status == PGRES_POLLING_FAILED)
        connection->broken = true;
    else
        connection->wanted = status == PGRES_POLLING_READING ? EPOLLIN : EPOLLOUT;
}

/* Receiving */

static void forget_preparation(struct connection *connection, const struct statement *statement)
{
    if (statement->number < 0)
        return;
    connection->preparations[statement->number].prepared = false;
    connection->preparations[statement->number].generation++;
}

/* The tables behind a prepared statement changed, or a pooler in between lost it. */
static bool is_outdated(const PGresult *result, const char *sqlstate)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return strcmp(sqlstate, "26000") == 0 || (strcmp(sqlstate, "0A000") == 0 && function && strcmp(function, "RevalidateCachedQuery") == 0);
}

/* The Sync has come: what was asked is committed or rolled back, and another attempt does no harm. */
static void settle(struct connection *connection, struct query *query)
{
    const char *sqlstate = PQresultErrorField(query->result, PG_DIAG_SQLSTATE);
    bool outdated = sqlstate && is_outdated(query->result, sqlstate);
    if (outdated)
        forget_preparation(connection, query->statement);
    if (!query->repeated && sqlstate && (outdated || strncmp(sqlstate, "40", 2) == 0)) {
        query->repeated = true;
        PQclear(query->result);
        query->result = NULL;
        connection_push(connection, query);
        return;
    }
    if (sqlstate && strcmp(sqlstate, "25006") == 0) { /* the server is no longer the one that writes: look for that one */
        connection->retiring = true;
        query->failure = QUERY_UNAVAILABLE;
        PQclear(query->result);
        query->result = NULL;
    }
    PGresult *result = query->result;
    query->result = NULL;
    query->done(query, result);
}

/* The first error is the cause; whatever follows it up to the Sync is only fallout. */
static void keep(struct query *query, PGresult *result)
{
    ExecStatusType before = PQresultStatus(query->result);
    if (query->result && before != PGRES_TUPLES_OK && before != PGRES_COMMAND_OK) {
        PQclear(result);
        return;
    }
    PQclear(query->result);
    query->result = result;
}

static void take(struct connection *connection, PGresult *result)
{
    struct query *query = connection->oldest;
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        settle(connection, pop(connection));
        return;
    }
    if (query->preparing) {
        query->preparing = false;
        if (status == PGRES_COMMAND_OK) {
            PQclear(result);
            return;
        }
        forget_preparation(connection, query->statement);
    }
    keep(query, result);
}

static void take_notifications(struct connection *connection)
{
    for (PGnotify *notice; (notice = PQnotifies(connection->pg)); PQfreemem(notice))
        connection->database->notified(connection->database->notified_for, notice->relname, notice->extra);
}

/* A connection that was lost is read to its end as well: the answer may have come before the loss. */
static void receive(struct connection *connection)
{
    enum { ENOUGH = 3 }; /* NULLs in a row: a lost connection has nothing else any more */
    if (!PQconsumeInput(connection->pg))
        connection->broken = true;
    for (int nothing = 0; connection->oldest && nothing < ENOUGH && !PQisBusy(connection->pg);) {
        PGresult *result = PQgetResult(connection->pg);
        nothing = result ? 0 : nothing + 1;
        if (result)
            take(connection, result);
    }
    if (connection->listens)
        take_notifications(connection);
    if (PQstatus(connection->pg) == CONNECTION_BAD)
        connection->broken = true;
}

void connection_ready(struct connection *connection, uint32_t events)
{
    if (connection->state == UP && !connection->broken) {
        connection->unflushed |= (events & EPOLLOUT) != 0;
        receive(connection);
    } else if (connection->state == CONNECTING && !connection->broken)
        connect_on(connection);
}

/* End of a turn */

void connection_write(struct connection *connection)
{
    if (connection->state != UP || connection->broken || !connection->unflushed)
        return;
    int left = PQflush(connection->pg);
    connection->unflushed = left == 1;
    connection->wanted = EPOLLIN | (left == 1 ? EPOLLOUT : 0);
    if (left >= 0)
        return;
    receive(connection); /* what the server said before it left */
    connection->broken = connection->database->answered = true;
}

/* While connecting, the socket may be another one of the same number each time; epoll forgot the old one when it was closed. */
void connection_watch(struct connection *connection)
{
    int socket = connection->pg ? PQsocket(connection->pg) : -1;
    if (socket < 0 || (connection->state == UP && socket == connection->watched_socket && connection->wanted == connection->watched))
        return;
    struct epoll_event event = {.events = connection->wanted, .data.ptr = connection};
    if (epoll_ctl(connection->database->epoll, EPOLL_CTL_MOD, socket, &event) != 0 &&
        (errno != ENOENT || epoll_ctl(connection->database->epoll, EPOLL_CTL_ADD, socket, &event) != 0))
        connection->broken = true;
    connection->watched_socket = socket;
    connection->watched = connection->wanted;
}

static void disconnect(struct connection *connection)
{
    int socket = connection->pg ? PQsocket(connection->pg) : -1;
    if (socket >= 0)
        epoll_ctl(connection->database->epoll, EPOLL_CTL_DEL, socket, NULL);
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->watched_socket = -1;
    connection->watched = 0;
    memset(connection->preparations, 0, (size_t)(statement_count + 1) * sizeof *connection->preparations);
}

struct query *connection_drop(struct connection *connection)
{
    struct query *left = connection->oldest;
    disconnect(connection);
    connection->state = AWAY;
    connection->broken = connection->retiring = connection->unflushed = false;
    connection->until = monotonic_milliseconds() + connection->pause;
    connection->pause = connection->pause == 0 ? FIRST_PAUSE : connection->pause * 2 < LAST_PAUSE ? connection->pause * 2 : LAST_PAUSE;
    connection->oldest = NULL;
    connection->end = &connection->oldest;
    connection->waiting = 0;
    for (struct query *query = left; query; query = query->next) {
        PQclear(query->result);
        query->result = NULL;
    }
    return left;
}
