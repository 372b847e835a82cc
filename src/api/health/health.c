/* Whether the process lives, whether it can serve, what it measures, and what it offers. */
#include "api/health.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/settings.h"
#include "base/texts.h"
#include "documents.h"
#include "http/reply.h"
#include "http/worker.h"
#include "metrics.h"
#include "sql.h"

static void (*clock_line)(char line[64]); /* set before the workers start, never changed */
static double (*clock_lag)(void);

void health_watches(void (*line)(char line[64]), double (*lag)(void))
{
    clock_line = line;
    clock_lag = lag;
    metrics_begin();
}

static void reply_state(struct request *request, unsigned status, json_t *state_taken)
{
    reply_text(request, status, "application/json", json_dumps(state_taken, JSON_COMPACT));
    reply_header(request, "Cache-Control", "no-store");
    json_decref(state_taken);
}

/* Alive: nothing but the process itself. A worker that turns no more is the one thing that only a restart cures. */
static void tell_health(struct request *request)
{
    enum { STALLED = 30000 }; /* milliseconds */
    bool alive = workers_stalled() < STALLED;
    reply_state(request, alive ? 200 : 503, json_pack("{ss}", "status", alive ? "ok" : "stalled"));
}

/* The number of the last migration: start brings every database to it and refuses a newer one. */
static int schema(void)
{
    int last = 0;
    for (const struct embedded_text *migration = migration_texts; migration->name; migration++)
        last = atoi(migration->name);
    return last;
}

static void add_clock(json_t *state)
{
    char line[64] = "";
    if (!settings.clock_file)
        return;
    clock_line(line);
    json_object_set_new(state, "clock", *line ? json_string(line) : json_null());
}

static void tell_readiness(struct request *request)
{
    bool draining = workers_are_draining();
    bool database = workers_have_database() && database_is_up(&request->worker->database);
    const char *status = draining ? "draining" : database ? "ready" : "unavailable";
    json_t *state = json_pack("{ss ss si ss sb}", "status", status, "database", database ? "up" : "away", "schema", schema(), "version",
                              ECHO_WALL_VERSION, "draining", draining);
    add_clock(state);
    reply_state(request, database && !draining ? 200 : 503, state);
}

static bool is_loopback(const struct sockaddr *peer)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
    switch (peer->sa_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

/* Asked on this machine, and not by a proxy for somebody else. */
static bool is_local(const struct request *request)
{
    static const char *const forwarded[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !is_loopback(info->client_addr))
        return false;
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        if (MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, forwarded[i]))
            return false;
    return true;
}

static void reply_metrics(struct request *request, PGresult *rows_taken)
{
    reply_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(clock_lag(), rows_taken));
    reply_header(request, "Cache-Control", "no-store");
    PQclear(rows_taken);
}

/* A statement that failed is no reason to keep what the process knows of itself. */
static void counted(struct query *query, PGresult *taken)
{
    struct request *request = (struct request *)query;
    bool fine = PQresultStatus(taken) == PGRES_TUPLES_OK;
    if (!fine)
        PQclear(taken);
    reply_metrics(request, fine ? taken : NULL);
    request_resume(request);
}

static void tell_metrics(struct request *request)
{
    if (!is_local(request) && !request_has_scope(request, "metrics:read")) {
        reply_problem(request, request->caller.role == PUBLIC ? "not_signed_in" : "not_permitted", NULL, NULL);
        return;
    }
    if (!database_is_up(&request->worker->database)) {
        reply_metrics(request, NULL);
        return;
    }
    request_ask_with(request, SLOW, &sql_jobs_metrics, (struct given[]){{0}}, reply_metrics);
    if (!request->response)
        request->query.done = counted;
}

static void tell_contract(struct request *request)
{
    const struct embedded_text *contract = document_find("openapi.yaml");
    if (contract)
        reply_constant(request, "application/yaml; charset=utf-8", contract->text, contract->size);
    else
        reply_problem(request, "not_found", NULL, NULL);
}

static void tell_endpoints(struct request *request)
{
    const struct embedded_text *contract = document_find("openapi.yaml");
    reply_text(request, 200, "text/html; charset=utf-8", endpoints_page(contract ? contract->text : "", contract ? contract->size : 0));
    reply_header(request, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
}

static const struct statement *const counting[] = {&sql_jobs_metrics, NULL};

static const struct route routes[] = {
    {.method = GET, .path = "/healthz", .access = ANYONE, .handle = tell_health, .quiet = true},
    {.method = GET, .path = "/readyz", .access = ANYONE, .handle = tell_readiness, .quiet = true},
    {.method = GET,
     .path = "/metrics",
     .access = ANYONE,
     .handle = tell_metrics,
     .asks = counting,
     .produces = "text/plain",
     .quiet = true},
    {.method = GET, .path = "/openapi.yaml", .access = ANYONE, .handle = tell_contract, .produces = "application/yaml"},
    {.method = GET, .path = "/docs", .access = ANYONE, .handle = tell_endpoints, .produces = "text/html"},
    {0}};

const struct resource health_api = {routes};
