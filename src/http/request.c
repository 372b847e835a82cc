/*
 * The life of a request: route, caller, body, fields, SQL, answer - in this order, here only.
 *
 * libmicrohttpd calls request_begin() for the request line, request_step() for the headers, for each piece of the body and when the body
 * is complete. Whatever has to be waited for - the database, a crew - suspends the connection; it arrives on this same thread
 * and goes on from there. Once the answer is known the connection is resumed and calls request_step() once more, which queues it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "http/account.h"
#include "http/body.h"
#include "http/caller.h"
#include "http/guard.h"
#include "http/input.h"
#include "http/negotiate.h"
#include "http/password.h"
#include "http/proposer.h"
#include "http/reply.h"
#include "http/session.h"
#include "http/value.h"
#include "http/visitor.h"
#include "http/work.h"
#include "sql.h"

void *request_begin(void *argument, const char *target, struct MHD_Connection *connection)
{
    struct worker *worker = argument;
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->connection = connection;
    request->worker = worker;
    request->arriving = true;
    request->closing = guard_target_fault(target);
    request->since = monotonic_microseconds();
    snprintf(request->id, sizeof request->id, "%08x-%08lx", worker->id_prefix, ++worker->requests & 0xffffffff);
    visitor_begins(request);
    return request;
}

void request_end(void *worker, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode why)
{
    struct request *request = *slot;
    (void)worker, (void)connection, (void)why;
    if (!request)
        return;
    *slot = NULL;
    visitor_ends(request);
    if (request->begun)
        account_for(request);
    if (request->response) /* the client left before it could be queued */
        MHD_destroy_response(request->response);
    if (request->work)
        request->work->request = NULL;
    body_release(request);
    json_decref(request->json);
    arena_release(&request->arena);
    free(request);
}

bool request_is_anonymous(const struct request *request)
{
    const char *identity = request_input(request, "identity");
    return request->caller.role == PUBLIC || request->caller.role == RECEIPT || (identity && strcmp(identity, "anonymous") == 0);
}

const char *request_input(const struct request *request, const char *name)
{
    int index = request->inputs ? field_index(request->endpoint, name) : -1;
    return index < 0 ? NULL : request->inputs[index];
}

bool request_has_scope(const struct request *request, const char *scope)
{
    size_t length = strlen(scope);
    for (const char *at = request->caller.scopes; (at = strstr(at, scope)); at += length)
        if (at > request->caller.scopes && strchr("{,\"", at[-1]) && at[length] && strchr("},\"", at[length]))
            return true;
    return false;
}

/* Waiting. */

static void suspend(struct request *request)
{
    if (!request->suspended)
        MHD_suspend_connection(request->connection);
    request->suspended = true;
}

void request_resume(struct request *request)
{
    if (request->suspended && request->response)
        MHD_resume_connection(request->connection);
}

void request_give_up(struct request *request)
{
    if (!request->suspended || request->response)
        return;
    reply_busy(request, "database_unavailable", 2);
    request_resume(request);
}

/* A result is here, on the worker's own thread. What is worth asking again, the database has asked again. */
static void answered(struct query *query, PGresult *taken)
{
    struct request *request = (struct request *)query;
    if (!taken)
        reply_unanswered(request, query->failure);
    else if (PQresultStatus(taken) == PGRES_TUPLES_OK)
        request->next(request, taken);
    else {
        reply_failure(request, taken);
        PQclear(taken);
    }
    request_resume(request);
}

static void submit(struct request *request, enum lane lane, void (*next)(struct request *, PGresult *))
{
    request->next = next;
    request->query.done = answered;
    suspend(request);
    database_submit(&request->worker->database, lane, &request->query);
}

void request_ask_with(struct request *request, enum lane lane, const struct statement *statement, const struct given *given,
                      void (*next)(struct request *, PGresult *))
{
    request->query = (struct query){.statement = statement};
    for (int i = 0; i < statement->parameter_count; i++)
        for (const struct given *value = given; value && value->name; value++)
            if (strcmp(value->name, statement->parameters[i]) == 0)
                request->query.values[i] = value->value;
    submit(request, lane, next);
}

void request_ask(struct request *request, const struct statement *statement, void (*next)(struct request *, PGresult *))
{
    const struct endpoint *endpoint = request->endpoint;
    const struct binding *binding = endpoint->bindings, *end = binding + endpoint->binding_count;
    while (binding < end && binding->statement != statement)
        binding++;
    if (binding == end) {
        log_event(LOG_ERROR, "a handler asks what its route does not name", "statement", statement->name, NULL);
        reply_problem(request, "internal", NULL, NULL);
        return;
    }
    request->query = (struct query){.statement = statement};
    for (int i = 0; i < statement->parameter_count; i++)
        request->query.values[i] = binding->slots[i].value(request, &binding->slots[i]);
    submit(request, caller_lane(request), next);
}

void request_work(struct request *request, enum crew crew, struct work *taken)
{
    if (work_submit(crew, request, taken))
        suspend(request);
    else
        reply_busy(request, "busy", 2);
}

static void work_on_password(struct request *request, const char *password, const char *hash, bool checks,
                             void (*done)(struct request *, bool))
{
    if (password_submit(request, password, hash, checks, done))
        suspend(request);
    else
        reply_busy(request, "busy", 2);
}

void request_hash_password(struct request *request, const char *password, void (*done)(struct request *, bool))
{
    work_on_password(request, password, NULL, false, done);
}

void request_check_password(struct request *request, const char *password, const char *hash, void (*done)(struct request *, bool))
{
    work_on_password(request, password, hash, true, done);
}

/* Stations, the last one first. */

/* What a revocation took away must be unknown everywhere before its success is told. */
static void reply_and_revoke(struct request *request, PGresult *taken)
{
    session_forget_all();
    reply_row(request, taken);
}

static void run_route(struct request *request)
{
    const struct route *route = request->endpoint->route;
    if (route->handle)
        route->handle(request);
    else
        request_ask(request, route->sql, route->revokes ? reply_and_revoke : reply_row);
}

static void proposer_is_known(struct request *request, PGresult *taken)
{
    proposers_keep(request->worker->proposers, request->caller.community, taken);
    PQclear(taken);
    run_route(request);
}

/* What the community knows of its categories is looked up before a text is read, unless this worker has looked a moment ago. */
static void serve(struct request *request)
{
    const char *community = request->caller.community;
    struct proposers *proposers = request->worker->proposers;
    if (!request->endpoint->route->classifies || proposers_are_fresh(proposers, community)) {
        run_route(request);
        return;
    }
    const struct given given[] = {{"community", community}, {"state", proposers_state(proposers, community)}, {0}};
    request_ask_with(request, READ, &sql_classification_proposer, given, proposer_is_known);
}

static void password_is_hashed(struct request *request, bool hashed)
{
    if (hashed)
        serve(request);
    else
        reply_problem(request, "internal", NULL, NULL);
}

static bool key_is_sane(struct request *request)
{
    enum { LONGEST = 255 };
    const char *key = request->headers.idempotency_key;
    size_t length = key ? strlen(key) : 1;
    for (const char *at = key; at && *at; at++)
        if (*at < ' ' || *at == 127)
            length = 0;
    if (length > 0 && length <= LONGEST)
        return true;
    reply_problem(request, "malformed", phrase_text(&request->arena, request->chinese, SAY_BAD_KEY, 0), NULL);
    return false;
}

static void identified(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    if (field_index(endpoint, "identity") < 0)
        reply_adopt_id(request);
    if (!caller_is_admitted(request) || !body_is_usable(request) || !input_read(request) || !key_is_sane(request))
        return;
    reply_adopt_id(request);
    const char *password = endpoint->password >= 0 ? request->inputs[endpoint->password] : NULL;
    if (password && endpoint->route->sql)
        request_hash_password(request, password, password_is_hashed);
    else
        serve(request);
}

/* Answers of the first call, which close the connection: it may hold a second request that we do not see, or megabytes nobody wants. */
static bool refuse_at_once(struct request *request)
{
    const char *fault = request->closing ? "the request target holds a blank, a control character or %00" : guard_headers(request);
    request->chinese = prefers_chinese(request->headers.accept_language);
    request->closing = fault;
    if (fault)
        reply_problem(request, "malformed", fault, NULL);
    return fault;
}

/* "http://host/path" means "/path" (RFC 9112, 3.2.2). */
static const char *without_authority(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
    if (scheme == 0)
        return url;
    const char *path = strchr(url + scheme, '/');
    return path ? path : "/";
}

static void find_endpoint(struct request *request, const char *url)
{
    char *path = arena_copy(&request->arena, url, strlen(url));
    struct match match = match_path(path);
    request->path = arena_copy(&request->arena, url, strlen(url));
    memcpy(request->arguments, match.arguments, sizeof request->arguments);
    if (!method_is_known(request->method))
        reply_problem(request, "not_implemented", NULL, NULL);
    else if (strcmp(request->method, "OPTIONS") == 0 && (match.place || strcmp(url, "*") == 0))
        reply_options(request, match.place);
    else if (!match.place)
        reply_problem(request, "not_found", NULL, NULL);
    else if (!(request->endpoint = match_method(match.place, request->method))) {
        reply_problem(request, "method_not_allowed", NULL, NULL);
        reply_header(request, "Allow", match.place->allow);
    }
}

static enum MHD_Result queue(struct request *request)
{
    reply_complete(request);
    enum MHD_Result queued = MHD_queue_response(request->connection, request->status, request->response);
    MHD_destroy_response(request->response);
    request->response = NULL;
    return queued;
}

/* A client that waits for "100 Continue" hears a refusal instead of sending the body. */
static enum MHD_Result refuse_early(struct request *request)
{
    const char *expect = request->headers.expect;
    if (!expect || strcasecmp(expect, "100-continue") != 0)
        return MHD_YES;
    if (!request->response && request->body_fault)
        body_blame(request);
    return request->response ? queue(request) : MHD_YES;
}

static enum MHD_Result open_request(struct request *request, const char *url, const char *method)
{
    request->begun = true;
    request->method = method;
    request->head = strcmp(method, "HEAD") == 0;
    if (refuse_at_once(request))
        return queue(request);
    find_endpoint(request, without_authority(url));
    if (request->endpoint && caller_may_try(request))
        body_expect(request);
    return refuse_early(request);
}

enum MHD_Result request_step(void *worker, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *piece, size_t *size, void **slot)
{
    struct request *request = *slot;
    (void)worker, (void)connection, (void)version;
    if (!request->begun)
        return open_request(request, url, method);
    request->suspended = false;
    if (*size > 0) {
        bool worth_keeping = body_take(request, piece, *size);
        *size = 0;
        return worth_keeping ? MHD_YES : MHD_NO;
    }
    request->arriving = false;
    if (!request->response && !request->answering) {
        request->answering = true;
        caller_identify(request, identified);
    }
    return request->response && !request->suspended ? queue(request) : MHD_YES;
}
