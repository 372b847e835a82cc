/* The lanes of one worker: who takes a query, and what becomes of the queries of a connection that was lost. */
#include "db/database.h"
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/monotonic.h"
#include "base/settings.h"
#include "connection.h"
#include "db/blocking.h"

enum {
    PATIENCE = 2000,  /* milliseconds after the opening in which queries wait for the first connection */
    GRACE = 5000,     /* milliseconds beyond its timeout until a statement without an answer counts as lost */
    LOG_PAUSE = 1000, /* milliseconds between two lines about losses */
};

static const char *const lane_names[LANES] = {
    [READ] = "read", [WRITE] = "write", [SLOW] = "slow", [PUBLIC_READ] = "public_read", [PUBLIC_SLOW] = "public_slow"};

/* How many queries may wait on one connection: some tens of milliseconds of work, and a few reports. */
static const int limits[LANES] = {[READ] = 1000, [WRITE] = 128, [SLOW] = 16, [PUBLIC_READ] = 1000, [PUBLIC_SLOW] = 16};

static long timeout_of(enum lane lane)
{
    return lane == SLOW || lane == PUBLIC_SLOW ? settings.slow_statement_timeout : settings.statement_timeout;
}

static int count_of(enum lane lane)
{
    return (int)(lane == WRITE ? settings.write_connections : lane == READ || lane == PUBLIC_READ ? settings.read_connections : 1);
}

static void *take_zeroed(size_t count, size_t size)
{
    void *taken = calloc(count, size);
    if (!taken)
        abort();
    return taken;
}

static void open_lane(struct database *database, enum lane lane)
{
    int count = count_of(lane);
    const char *conninfo =
        database_conninfo(lane == PUBLIC_READ || lane == PUBLIC_SLOW ? "echo_wall_public" : "echo_wall_daemon", timeout_of(lane));
    database->connections[lane] = take_zeroed((size_t)count, sizeof(struct connection));
    database->counts[lane] = count;
    for (int i = 0; i < count; i++) {
        struct connection *connection = &database->connections[lane][i];
        *connection = (struct connection){.database = database,
                                          .lane = lane,
                                          .conninfo = conninfo,
                                          .listens = lane == READ && i == 0,
                                          .end = &connection->oldest,
                                          .watched_socket = -1,
                                          .preparations = take_zeroed((size_t)statement_count + 1, sizeof(struct preparation))};
        connection_start(connection);
        connection_watch(connection);
    }
}

void database_open(struct database *database, int epoll, void (*notified)(void *, const char *channel, const char *payload),
                   void *notified_for)
{
    *database = (struct database){.epoll = epoll, .notified = notified, .notified_for = notified_for, .opened = monotonic_milliseconds()};
    for (enum lane lane = 0; lane < LANES; lane++)
        open_lane(database, lane);
}

static bool is_usable(const struct connection *connection)
{
    return connection->state == UP && !connection->broken && !connection->retiring;
}

static bool is_young(const struct database *database)
{
    return monotonic_milliseconds() - database->opened < PATIENCE;
}

/* The shortest of the lane; while the first connections are being made, the shortest that may become one. NULL: none. */
static struct connection *shortest(struct database *database, enum lane lane, bool usable)
{
    struct connection *best = NULL;
    for (int i = 0; i < database->counts[lane]; i++) {
        struct connection *connection = &database->connections[lane][i];
        if (usable ? !is_usable(connection) : connection->state == UP)
            continue;
        if (!best || connection->waiting < best->waiting)
            best = connection;
    }
    return best;
}

static void fail(struct database *database, struct query *query, enum query_failure failure)
{
    query->failure = failure;
    database->answered = true;
    query->done(query, NULL);
}

void database_submit(struct database *database, enum lane lane, struct query *query)
{
    query->result = NULL;
    query->failure = QUERY_FINE;
    query->lane = lane;
    query->preparing = query->repeated = false;
    struct connection *connection = shortest(database, lane, true);
    if (!connection && is_young(database))
        connection = shortest(database, lane, false);
    if (!connection)
        fail(database, query, QUERY_UNAVAILABLE);
    else if (connection->waiting >= limits[lane])
        fail(database, query, QUERY_BUSY);
    else
        connection_push(connection, query);
}

void database_ready(struct connection *connection, uint32_t events)
{
    connection_ready(connection, events);
}

/* A read does no harm twice; of a write nobody knows whether it was committed before the loss. */
static void rescue(struct database *database, struct query *query)
{
    bool reads = query->lane == READ || query->lane == PUBLIC_READ || query->lane == PUBLIC_SLOW;
    struct connection *other = shortest(database, query->lane, true);
    if (query->statement->number < 0)
        return;
    if (!reads)
        fail(database, query, QUERY_UNKNOWN);
    else if (query->repeated || !other)
        fail(database, query, QUERY_UNAVAILABLE);
    else {
        query->repeated = true;
        connection_push(other, query);
    }
}

static void log_loss(struct connection *connection)
{
    char reason[256];
    int64_t now = monotonic_milliseconds();
    if (connection->database->complained && now - connection->database->complained < LOG_PAUSE)
        return;
    if (connection->state != UP && connection->pause > 0) /* its first failure was told */
        return;
    connection->database->complained = now;
    const char *message = connection->pg ? PQerrorMessage(connection->pg) : "out of memory";
    size_t length = strcspn(message, "\n");
    if (length >= sizeof reason)
        length = sizeof reason - 1;
    memcpy(reason, message, length);
    reason[length] = '\0';
    log_event(LOG_WARNING, connection->state == UP ? "database connection lost" : "database cannot be reached", "lane",
              lane_names[connection->lane], "reason", reason, NULL);
}

/* Queries that were never sent go on waiting for the connection while the database is young. */
static void drop(struct database *database, struct connection *connection)
{
    bool sent = connection->state == UP;
    struct query *query = connection_drop(connection);
    for (struct query *next; query; query = next) {
        next = query->next;
        if (sent)
            rescue(database, query);
        else if (is_young(database))
            connection_push(connection, query);
        else
            fail(database, query, QUERY_UNAVAILABLE);
    }
}

static void stop_waiting(struct database *database, struct connection *connection)
{
    struct query *query = connection->oldest;
    connection->oldest = NULL;
    connection->end = &connection->oldest;
    connection->waiting = 0;
    for (struct query *next; query; query = next) {
        next = query->next;
        fail(database, query, QUERY_UNAVAILABLE);
    }
}

static bool is_overdue(const struct connection *connection, int64_t now)
{
    if (connection->state == CONNECTING)
        return now >= connection->until;
    return connection->state == UP && connection->waiting > 0 && now - connection->progress > timeout_of(connection->lane) + GRACE;
}

static void look_after(struct database *database, struct connection *connection, int64_t now)
{
    if (connection->retiring && connection->waiting == 0)
        connection->broken = true;
    if (connection->broken || is_overdue(connection, now)) {
        log_loss(connection);
        drop(database, connection);
    }
    if (connection->state == AWAY && now >= connection->until)
        connection_start(connection);
    if (connection->state != UP && connection->waiting > 0 && !is_young(database))
        stop_waiting(database, connection);
}

/* When this connection wants to be looked after again; INT64_MAX: never. */
static int64_t wish_of(const struct connection *connection)
{
    if (connection->broken)
        return 0;
    int64_t wish = connection->state == UP ? INT64_MAX : connection->until;
    if (connection->state == UP && connection->waiting > 0)
        wish = connection->progress + timeout_of(connection->lane) + GRACE + 1;
    if (connection->state != UP && connection->waiting > 0 && connection->database->opened + PATIENCE < wish)
        wish = connection->database->opened + PATIENCE;
    return wish;
}

int database_flush(struct database *database)
{
    int64_t now = monotonic_milliseconds(), wish = INT64_MAX;
    for (enum lane lane = 0; lane < LANES; lane++)
        for (int i = 0; i < database->counts[lane]; i++)
            look_after(database, &database->connections[lane][i], now);
    for (enum lane lane = 0; lane < LANES; lane++) /* only now: what was dropped may have moved to any of them */
        for (int i = 0; i < database->counts[lane]; i++) {
            struct connection *connection = &database->connections[lane][i];
            connection_write(connection);
            connection_watch(connection);
            int64_t next = wish_of(connection);
            wish = next < wish ? next : wish;
        }
    bool answered = database->answered;
    database->answered = false;
    if (answered)
        return 0;
    if (wish == INT64_MAX)
        return -1;
    return wish <= now ? 0 : wish - now > 60000 ? 60000 : (int)(wish - now);
}

bool database_is_idle(const struct database *database)
{
    for (enum lane lane = 0; lane < LANES; lane++)
        for (int i = 0; i < database->counts[lane]; i++)
            if (database->connections[lane][i].waiting > 0)
                return false;
    return true;
}

static bool lane_is_up(const struct database *database, enum lane lane)
{
    for (int i = 0; i < database->counts[lane]; i++)
        if (is_usable(&database->connections[lane][i]))
            return true;
    return false;
}

bool database_is_up(const struct database *database)
{
    return lane_is_up(database, READ) && lane_is_up(database, WRITE);
}

void database_close(struct database *database)
{
    database->opened = monotonic_milliseconds() - PATIENCE;
    for (enum lane lane = 0; lane < LANES; lane++)
        for (int i = 0; i < database->counts[lane]; i++)
            database->connections[lane][i].broken = true; /* nobody is rescued onto another */
    for (enum lane lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < database->counts[lane]; i++) {
            drop(database, &database->connections[lane][i]);
            free(database->connections[lane][i].preparations);
        }
        if (database->counts[lane] > 0)
            free((char *)database->connections[lane][0].conninfo);
        free(database->connections[lane]);
        database->connections[lane] = NULL;
        database->counts[lane] = 0;
    }
}
