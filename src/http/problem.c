/* Problem documents (RFC 9457), and what a failed statement becomes. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "http/body.h"
#include "http/phrase.h"
#include "http/proof.h"
#include "http/reply.h"

struct problem {
    unsigned status;
    const char *code, *english, *chinese;
};

static const struct problem problems[] = {
#define PROBLEM(status_, code_, english_, chinese_) {.status = status_, .code = #code_, .english = english_, .chinese = chinese_},
#include "problems.def"
#undef PROBLEM
};

static const struct problem *find(const char *code)
{
    for (size_t i = 0; code && i < sizeof problems / sizeof *problems; i++)
        if (strcmp(problems[i].code, code) == 0)
            return &problems[i];
    return NULL;
}

static const struct problem *problem_called(const char *code)
{
    const struct problem *problem = find(code);
    if (problem)
        return problem;
    log_event(LOG_ERROR, "no problem has this code", "code", code, NULL);
    return find("internal");
}

bool problem_exists(const char *code)
{
    return find(code);
}

unsigned problem_status(const char *code)
{
    return problem_called(code)->status;
}

static void send_document(struct request *request, const struct problem *problem, json_t *members_taken)
{
    json_t *document =
        json_pack("{s:s+, s:s, s:i, s:s}", "type", "/problems/", problem->code, "title",
                  request->chinese ? problem->chinese : problem->english, "status", (int)problem->status, "instance", request->id);
    json_int_t retry_after = json_integer_value(json_object_get(members_taken, "retry_after"));
    if (members_taken)
        json_object_update_missing(document, members_taken);
    json_decref(members_taken);
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (request->response) {
        free(text);
        return;
    }
    reply_text(request, problem->status, "application/problem+json", text);
    reply_header(request, "Content-Language", request->chinese ? "zh" : "en");
    if (problem->status == 401)
        reply_header(request, "WWW-Authenticate", "Bearer");
    if (problem->status == 415)
        reply_header(request, "Accept", body_of(request)->accept ? body_of(request)->accept : "application/json");
    if (retry_after == 0 && (problem->status == 429 || problem->status == 503))
        retry_after = 1;
    if (retry_after > 0)
        reply_header(request, "Retry-After", LOG_NUMBER(retry_after));
}

void reply_problem_with(struct request *request, const char *code, json_t *members_taken)
{
    send_document(request, problem_called(code), members_taken);
}

void reply_problem(struct request *request, const char *code, const char *detail, json_t *errors_taken)
{
    reply_problem_with(request, code, json_pack("{s:s*, s:o*}", "detail", detail, "errors", errors_taken));
}

void reply_busy(struct request *request, const char *code, long retry_after)
{
    reply_problem_with(request, code, json_pack("{s:I}", "retry_after", (json_int_t)retry_after));
}

static void say_in_chinese(struct request *request, json_t *errors)
{
    size_t i;
    json_t *error;
    json_array_foreach(errors, i, error)
    {
        const char *said = json_string_value(json_object_get(error, "detail"));
        if (said)
            json_object_set_new(error, "detail", json_string(phrase_in_chinese(&request->arena, said)));
    }
}

/* A rule of ours said no: MESSAGE_DETAIL may be an object for the document. */
static void reply_rule(struct request *request, const PGresult *failed, const char *code)
{
    const char *detail = PQresultErrorField(failed, PG_DIAG_MESSAGE_DETAIL);
    json_t *members = detail && *detail == '{' ? json_loads(detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (members && strcmp(code, "proof_required") == 0)
        proof_complete(request, members);
    if (request->chinese)
        say_in_chinese(request, json_object_get(members, "errors"));
    reply_problem_with(request, code, members);
}

struct failure {
    const char *sqlstate; /* its beginning */
    const char *code;
};

static const struct failure failures[] = {
    {"22P02", "invalid_input"},
    {"22007", "invalid_input"},
    {"22008", "invalid_input"},
    {"22021", "invalid_input"},
    {"22003", "invalid_input"},
    {"57014", "took_too_long"},
    {"40", "busy"},
    {"53", "busy"},
    {"57", "database_unavailable"},
    {"08", "database_unavailable"},
    {"25006", "database_unavailable"},
};

static const char *code_of(const char *sqlstate)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (strncmp(sqlstate, failures[i].sqlstate, strlen(failures[i].sqlstate)) == 0)
            return failures[i].code;
    return NULL;
}

static const char *sqlstate_of(const PGresult *failed)
{
    const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
    return sqlstate ? sqlstate : "XX000";
}

void reply_failure(struct request *request, const PGresult *failed)
{
    const char *sqlstate = sqlstate_of(failed), *constraint = PQresultErrorField(failed, PG_DIAG_CONSTRAINT_NAME);
    request->sqlstate = arena_copy(&request->arena, sqlstate, strlen(sqlstate));
    if (constraint && strcmp(sqlstate, "EW000") == 0) {
        reply_rule(request, failed, constraint);
        return;
    }
    if (constraint && problem_exists(constraint)) {
        reply_problem(request, constraint, NULL, NULL);
        return;
    }
    const char *code = code_of(sqlstate);
    if (!code) /* the primary message names types and columns, never the row */
        log_event(LOG_ERROR, "a statement failed", "statement", request->query.statement->name, "sqlstate", sqlstate, "constraint",
                  constraint, "message", strncmp(sqlstate, "22", 2) ? PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY) : NULL, "request",
                  request->id, NULL);
    reply_problem(request, code ? code : "internal", NULL, NULL);
}

void reply_unanswered(struct request *request, enum query_failure failure)
{
    if (failure == QUERY_BUSY)
        reply_busy(request, "busy", 1);
    else
        reply_busy(request, failure == QUERY_UNKNOWN ? "outcome_unknown" : "database_unavailable", 2);
}
