/* Who asks: nobody, the holder of a receipt, or the bearer of a token. */
#include "http/caller.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"
#include "http/address.h"
#include "http/bucket.h"
#include "http/input.h"
#include "http/reply.h"
#include "http/session.h"
#include "http/worker.h"
#include "sql.h"

static const struct {
    enum role role;
    const char *name;
} roles[] = {{PUBLIC, "public"},   {RECEIPT, "receipt"},       {RESIDENT, "resident"}, {OFFICER, "officer"}, {DISPATCHER, "dispatcher"},
             {VISITOR, "visitor"}, {SUPERVISOR, "supervisor"}, {ADMIN, "admin"},       {KEY, "key"}};

static const struct bucket_rule wrong_receipts = {.burst = 20, .per_second = 1.0 / 3};

const char *role_name(enum role role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].role == role)
            return roles[i].name;
    return NULL;
}

static enum role role_called(const char *name)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].role;
    return 0;
}

enum lane caller_lane(const struct request *request)
{
    enum lane lane = request->endpoint->route->lane;
    if (request->caller.role != PUBLIC)
        return lane;
    return lane == READ ? PUBLIC_READ : lane == SLOW ? PUBLIC_SLOW : lane;
}

/* A text inside a composite literal: quoted, its quotes and backslashes doubled. */
static size_t put_quoted(char *to, size_t room, const char *text)
{
    size_t length = 0;
    for (; *text && length + 4 < room; text++) {
        if (*text == '"' || *text == '\\')
            to[length++] = *text;
        to[length++] = *text;
    }
    return *text ? room : length;
}

/* False: too long, which only a damaged row can be. */
static bool write_literal(struct caller *caller)
{
    int length = snprintf(caller->literal, sizeof caller->literal, "(%s,%s,%s,%s,", caller->actor, role_name(caller->role), caller->office,
                          caller->opened);
    size_t used = (size_t)length, room = sizeof caller->literal - used;
    if (!*caller->scopes) {
        strcpy(caller->literal + used, ")");
        return true;
    }
    caller->literal[used] = '"';
    size_t quoted = put_quoted(caller->literal + used + 1, room - 1, caller->scopes);
    if (quoted + 4 > room)
        return false;
    strcpy(caller->literal + used + 1 + quoted, "\")");
    return true;
}

static bool copy(char *to, size_t room, const PGresult *row, const char *column)
{
    int number = PQfnumber(row, column);
    if (number < 0 || PQgetisnull(row, 0, number))
        return true;
    return (size_t)snprintf(to, room, "%s", PQgetvalue(row, 0, number)) < room;
}

static bool read_caller(struct caller *caller, const PGresult *row)
{
    char role[16] = "";
    bool fits = copy(caller->actor, sizeof caller->actor, row, "actor") && copy(role, sizeof role, row, "role") &&
                copy(caller->office, sizeof caller->office, row, "office") && copy(caller->scopes, sizeof caller->scopes, row, "scopes");
    caller->role = role_called(role);
    return fits && caller->role && write_literal(caller);
}

static void refuse_token(struct request *request)
{
    reply_problem(request, "not_signed_in", NULL, NULL);
}

static void token_is_known(struct request *request, PGresult *taken)
{
    bool found = PQntuples(taken) > 0, fits = found && read_caller(&request->caller, taken);
    PQclear(taken);
    if (fits) {
        session_keep(request->worker->sessions, request->token_hash, &request->caller, request->session_seen);
        request->then(request);
        return;
    }
    if (found)
        log_event(LOG_ERROR, "a caller cannot be read", "request", request->id, NULL);
    request->caller.role = 0;
    refuse_token(request);
}

static const char *bearer(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return NULL;
    const char *token = authorization + strlen(scheme);
    return token + strspn(token, " ");
}

static void identify_by_token(struct request *request)
{
    const char *token = bearer(request->headers.authorization);
    if (!token || !secret_token_community(token, request->caller.community)) {
        refuse_token(request);
        return;
    }
    request->token_hash = secret_hash(&request->arena, token, strlen(token));
    const struct caller *known = session_find(request->worker->sessions, request->token_hash);
    if (known) {
        request->caller = *known;
        request->then(request);
        return;
    }
    request->session_seen = session_epoch();
    const struct given given[] = {{"community", request->caller.community}, {"token_hash", request->token_hash}, {0}};
    request_ask_with(request, READ, &sql_people_caller, given, token_is_known);
}

/* draft-ietf-httpapi-ratelimit-headers: how many at once, in how many seconds all of them come back; how many are left. */
static void tell_level(struct request *request, enum bucket_kind kind, const char *whose, struct bucket_rule rule)
{
    static const char *const names[] = {[BUCKET_SIGN_IN] = "sign-in",
                                        [BUCKET_ANONYMOUS] = "anonymous",
                                        [BUCKET_WRONG_RECEIPT] = "wrong-receipts",
                                        [BUCKET_CALLER] = "caller"};
    struct bucket_level level = bucket_level(kind, whose, rule);
    request->rate_policy = arena_print(&request->arena, "\"%s\";q=%.0f;w=%.0f", names[kind], rule.burst, rule.burst / rule.per_second);
    request->rate_left = arena_print(&request->arena, "\"%s\";r=%ld;t=%ld", names[kind], level.left, level.full);
}

/* Each wrong receipt costs a token of its address; without one, a right receipt is not looked at either. */
static void refuse_receipt(struct request *request)
{
    bucket_take(BUCKET_WRONG_RECEIPT, address_of(request), wrong_receipts);
    request->caller.role = RECEIPT;
    reply_problem(request, "not_found", NULL, NULL);
}

static void receipt_is_known(struct request *request, PGresult *taken)
{
    struct caller *caller = &request->caller;
    bool fits = PQntuples(taken) > 0 && copy(caller->opened, sizeof caller->opened, taken, "opened") && *caller->opened &&
                copy(caller->actor, sizeof caller->actor, taken, "actor");
    PQclear(taken);
    caller->role = RECEIPT;
    if (fits && write_literal(caller))
        request->then(request);
    else
        refuse_receipt(request);
}

static void identify_by_receipt(struct request *request)
{
    char normal[18];
    long wait = bucket_look(BUCKET_WRONG_RECEIPT, address_of(request), wrong_receipts);
    if (wait > 0) {
        tell_level(request, BUCKET_WRONG_RECEIPT, address_of(request), wrong_receipts);
        reply_busy(request, "too_many_requests", wait);
        return;
    }
    if (!secret_receipt_normal(request->headers.receipt, normal)) {
        refuse_receipt(request);
        return;
    }
    const char *hash = secret_keyed_hash(&request->arena, FOR_RECEIPT, normal, strlen(normal));
    const struct given given[] = {{"community", request->caller.community}, {"receipt_hash", hash}, {0}};
    request_ask_with(request, READ, &sql_people_opened, given, receipt_is_known);
}

static bool name_community(struct request *request)
{
    const char *code = request->headers.community ? request->headers.community : settings.community;
    if (!text_is_code(code)) {
        reply_problem(request, "malformed", phrase_text(&request->arena, request->chinese, SAY_BAD_COMMUNITY, 0), NULL);
        return false;
    }
    strcpy(request->caller.community, code);
    return true;
}

/* A receipt beside a token: the sender wants to be no more than its holder here. */
void caller_identify(struct request *request, void (*then)(struct request *))
{
    request->then = then;
    if (!name_community(request))
        return;
    if (request->headers.receipt) {
        identify_by_receipt(request);
        return;
    }
    if (request->headers.authorization) {
        identify_by_token(request);
        return;
    }
    request->caller.role = PUBLIC;
    write_literal(&request->caller);
    then(request);
}

bool caller_may_try(struct request *request)
{
    if (request->headers.receipt || request->headers.authorization || (request->endpoint->route->access & PUBLIC))
        return true;
    request->caller.role = PUBLIC;
    reply_problem(request, "not_signed_in", NULL, NULL);
    return false;
}

static bool has_role(struct request *request)
{
    if (request->endpoint->route->access & request->caller.role)
        return true;
    reply_problem(request, request->caller.role == PUBLIC ? "not_signed_in" : "not_permitted", NULL, NULL);
    return false;
}

/* A caller's own limit is far above what he needs: he hears of it when it is reached. */
static bool take(struct request *request, enum bucket_kind kind, const char *whose, double burst, double per_second)
{
    const struct bucket_rule rule = {.burst = burst, .per_second = per_second};
    if (burst < 1)
        return true; /* the setting says: no limit */
    long wait = bucket_take(kind, whose, rule);
    if (wait > 0 || kind != BUCKET_CALLER)
        tell_level(request, kind, whose, rule);
    if (wait == 0)
        return true;
    reply_busy(request, "too_many_requests", wait);
    return false;
}

bool caller_is_admitted(struct request *request)
{
    const struct caller *caller = &request->caller;
    enum limit limit = request->endpoint->route->limit;
    double rate = (double)settings.caller_rate, sign_ins = (double)settings.sign_ins_per_minute;
    if (!has_role(request))
        return false;
    if (caller->role != PUBLIC && !take(request, BUCKET_CALLER, *caller->actor ? caller->actor : caller->opened, rate, rate))
        return false;
    if (limit == LIMIT_SIGN_IN && caller->role != KEY)
        return take(request, BUCKET_SIGN_IN, address_of(request), sign_ins, sign_ins / 60);
    if (limit == LIMIT_ANONYMOUS && caller->role & (PUBLIC | RECEIPT)) /* a receipt is soon had */
        return take(request, BUCKET_ANONYMOUS, address_of(request), (double)settings.anonymous_burst, 0.5);
    return true;
}

static bool takes_only(const struct statement *statement, const char *first, const char *second)
{
    for (int i = 0; i < statement->parameter_count; i++)
        if (strcmp(statement->parameters[i], first) != 0 && strcmp(statement->parameters[i], second) != 0) {
            log_event(LOG_ERROR, "a statement wants what it is not given", "statement", statement->name, "parameter",
                      statement->parameters[i], NULL);
            return false;
        }
    return true;
}

bool caller_start(void)
{
    return takes_only(&sql_people_caller, "community", "token_hash") && takes_only(&sql_people_opened, "community", "receipt_hash");
}
