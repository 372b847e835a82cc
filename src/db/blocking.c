#include "db/blocking.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/settings.h"

/* What holds unless settings.database says otherwise: a dead host is noticed, a slow one does not hold up the start. */
static const struct {
    const char *keyword, *value;
} defaults[] = {
    {"client_encoding", "UTF8"}, {"fallback_application_name", "echo-wall"},
    {"connect_timeout", "5"},    {"tcp_user_timeout", "5000"},
    {"keepalives_idle", "10"},   {"keepalives_interval", "5"},
    {"keepalives_count", "3"},   {"gssencmode", "disable"},
};

static void put_pair(FILE *out, const char *keyword, const char *value)
{
    fprintf(out, "%s='", keyword);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            putc('\\', out);
        putc(*value, out);
    }
    fputs("' ", out);
}

static void put_defaults(FILE *out, const PQconninfoOption *options)
{
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        for (const PQconninfoOption *option = options; option->keyword; option++)
            if (strcmp(option->keyword, defaults[i].keyword) == 0 && !option->val)
                put_pair(out, defaults[i].keyword, defaults[i].value);
}

static void put_options(FILE *out, const char *given, const char *role, long statement_timeout)
{
    char options[1024];
    bool is_public = role && strcmp(role, "echo_wall_public") == 0;
    snprintf(
        options, sizeof options,
        "%s -c TimeZone=UTC -c IntervalStyle=iso_8601 -c jit=off -c plan_cache_mode=force_generic_plan -c statement_timeout=%ld%s%s%s%s",
        given ? given : "", statement_timeout, settings.clock_file ? " -c echo_wall.clock=table" : "", role ? " -c role=" : "",
        role ? role : "",
        !role       ? ""
        : is_public ? " -c search_path=published,rules"
                    : " -c search_path=wall,rules");
    put_pair(out, "options", options);
}

char *database_conninfo(const char *role, long statement_timeout_ms)
{
    char *error = NULL, *conninfo = NULL;
    const char *given = NULL;
    size_t size;
    PQconninfoOption *options = PQconninfoParse(settings.database, &error);
    if (!options) {
        log_event(LOG_ERROR, "the database setting is neither a URI nor a conninfo",
                  NULL); /* without libpq's words: they quote the password */
        PQfreemem(error);
        return strdup("");
    }
    FILE *out = open_memstream(&conninfo, &size);
    if (!out)
        abort();
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "options") == 0)
            given = option->val;
        else if (option->val)
            put_pair(out, option->keyword, option->val);
    }
    put_defaults(out, options);
    put_options(out, given, role, statement_timeout_ms);
    fclose(out);
    PQconninfoFree(options);
    return conninfo;
}

static void ignore_notice(void *unused, const PGresult *notice)
{
    (void)unused, (void)notice;
}

PGconn *blocking_open(enum database_role role)
{
    char *conninfo = role == ROLE_OWNER ? database_conninfo("echo_wall_owner", 0)
                                        : database_conninfo("echo_wall_daemon", settings.slow_statement_timeout);
    PGconn *pg = PQconnectdb(conninfo);
    free(conninfo);
    if (PQstatus(pg) == CONNECTION_OK) {
        PQsetNoticeReceiver(pg, ignore_notice, NULL);
        return pg;
    }
    log_event(LOG_WARNING, "database cannot be reached", "reason", PQerrorMessage(pg), NULL);
    PQfinish(pg);
    return NULL;
}

/* The server's message stays out of the log, as it may quote what somebody wrote; but for class 42, which speaks of the statement alone. */
static PGresult *checked(PGconn *pg, PGresult *result, const char *name)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    log_event(LOG_ERROR, "statement failed", "statement", name, "sqlstate", sqlstate ? sqlstate : "08006", "lost",
              PQstatus(pg) == CONNECTION_BAD ? "true" : NULL, "message",
              sqlstate && strncmp(sqlstate, "42", 2) == 0 ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL, NULL);
    PQclear(result);
    return NULL;
}

PGresult *blocking_ask(PGconn *pg, const struct statement *statement, const char *const *values)
{
    return checked(pg, PQexecParams(pg, statement->text, statement->parameter_count, NULL, values, NULL, NULL, 0), statement->name);
}

PGresult *blocking_run(PGconn *pg, const char *sql)
{
    return checked(pg, PQexec(pg, sql), "plain");
}
