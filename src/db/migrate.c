/*
 * Brings the database up to date. Everything happens under one advisory lock of the session, so that of several daemons that start at once
 * one works and the others find it done.
 */
#include "db/migrate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/secret.h"
#include "base/texts.h"
#include "base/log.h"
#include "db/blocking.h"

/* One run. */
struct migration {
    PGconn *pg;
    struct arena arena;
};

static bool run(struct migration *migration, const char *sql, const char *what)
{
    PGresult *result = PQexec(migration->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!fine) {
        const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE),
                   *place = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
        const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        log_complain("%s failed: %s (SQLSTATE %s%s%s)", what, message ? message : PQerrorMessage(migration->pg),
                     sqlstate ? sqlstate : "08006", place ? ", at character " : "", place ? place : "");
    }
    PQclear(result);
    return fine;
}

/* The rows, or NULL after complaining. */
static PGresult *ask(struct migration *migration, const char *sql, const char *const *values, int count)
{
    PGresult *result = PQexecParams(migration->pg, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    log_complain("the database refused to be looked at: %s", PQresultErrorMessage(result));
    PQclear(result);
    return NULL;
}

static bool run_with(struct migration *migration, const char *sql, const char *const *values, int count)
{
    PGresult *result = ask(migration, sql, values, count);
    PQclear(result);
    return result;
}

/* Roles belong to the whole cluster, where another database may be made ready at the same time: who comes second is content. */
static const char make_roles[] = "do $$\n"
                                 "declare wanted text;\n"
                                 "begin\n"
                                 "    foreach wanted in array array['echo_wall_owner', 'echo_wall_daemon', 'echo_wall_public'] loop\n"
                                 "        if not exists (select from pg_roles where rolname = wanted) then\n"
                                 "            begin execute format('create role %I nologin', wanted);\n"
                                 "            exception when duplicate_object or unique_violation then null; end;\n"
                                 "        end if;\n"
                                 "        if not pg_has_role(current_user, wanted, 'member') then\n"
                                 "            for attempt in 1 .. 10 loop\n"
                                 "                begin execute format('grant %I to %I', wanted, current_user); exit;\n"
                                 "                exception when internal_error or unique_violation then perform pg_sleep(0.05); end;\n"
                                 "            end loop;\n"
                                 "        end if;\n"
                                 "    end loop;\n"
                                 "    if not has_database_privilege('echo_wall_owner', current_database(), 'create') then\n"
                                 "        execute format('grant create on database %I to echo_wall_owner', current_database());\n"
                                 "    end if;\n"
                                 "    if to_regnamespace('wall') is null then\n"
                                 "        create schema wall authorization echo_wall_owner;\n"
                                 "    end if;\n"
                                 "end $$";

static const char make_tables[] = "set role echo_wall_owner;\n"
                                  "set search_path = wall, rules;\n"
                                  "set timezone = 'UTC';\n"
                                  "create table if not exists wall.migration (\n"
                                  "    number integer primary key,\n"
                                  "    name text not null,\n"
                                  "    checksum text not null,\n"
                                  "    applied timestamptz not null default clock_timestamp()\n"
                                  ");\n"
                                  "create table if not exists wall.rule_version (\n"
                                  "    one boolean primary key default true check (one),\n"
                                  "    checksum text not null,\n"
                                  "    applied timestamptz not null default clock_timestamp()\n"
                                  ")";

static const char *checksum_of(struct migration *migration, const struct embedded_text *text)
{
    return secret_hash(&migration->arena, text->text, text->size) + 2; /* without the \x of a bytea */
}

/* Another failure than the statement's own would hide it: the transaction's end is not looked at. */
static bool roll_back(struct migration *migration)
{
    PQclear(PQexec(migration->pg, "rollback"));
    return false;
}

/* What rules are made of stands in the way of changing tables (a function may name the type of their rows), and is made anew afterwards. */
static const char empty_rules[] =
    "drop schema if exists published cascade; drop schema if exists rules cascade; delete from wall.rule_version";

static bool apply(struct migration *migration, const struct embedded_text *text)
{
    const char *values[] = {arena_print(&migration->arena, "%d", atoi(text->name)), text->name, checksum_of(migration, text)};
    if (!run(migration, "begin", text->name))
        return false;
    if (!run(migration, empty_rules, "emptying the rules"))
        return roll_back(migration);
    if (!run(migration, text->text, arena_print(&migration->arena, "migration %s", text->name)))
        return roll_back(migration);
    if (!run_with(migration, "insert into wall.migration (number, name, checksum) values ($1, $2, $3)", values, 3))
        return roll_back(migration);
    log_event(LOG_INFO, "migration applied", "name", text->name, NULL);
    return run(migration, "commit", text->name);
}

static bool is_as_applied(struct migration *migration, const struct embedded_text *text, const PGresult *applied, int row)
{
    if (strcmp(PQgetvalue(applied, row, 1), text->name) != 0)
        return log_complain("migration %s is known to the database as %s", text->name, PQgetvalue(applied, row, 1));
    if (strcmp(PQgetvalue(applied, row, 2), checksum_of(migration, text)) != 0)
        return log_complain("migration %s was edited after it was applied; migrations only go forward", text->name);
    return true;
}

static bool apply_pending(struct migration *migration, const PGresult *applied)
{
    int row = 0, rows = PQntuples(applied), last = 0;
    for (const struct embedded_text *text = migration_texts; text->name; text++) {
        int number = atoi(text->name);
        if (number <= last)
            return log_complain("migration %s: the numbers must grow", text->name);
        last = number;
        bool is_applied = row < rows && atoi(PQgetvalue(applied, row, 0)) == number;
        if (is_applied && !is_as_applied(migration, text, applied, row++))
            return false;
        if (!is_applied && row < rows)
            return log_complain("migration %s is missing below migration %s, which is applied", text->name, PQgetvalue(applied, row, 1));
        if (!is_applied && !apply(migration, text))
            return false;
    }
    return true;
}

/* Looked at before anything is changed: a newer database must not be touched. */
static bool is_known(const PGresult *applied)
{
    int last = 0, rows = PQntuples(applied);
    for (const struct embedded_text *text = migration_texts; text->name; text++)
        last = atoi(text->name);
    if (rows > 0 && atoi(PQgetvalue(applied, rows - 1, 0)) > last)
        return log_complain("the database has migration %s, which this program does not know: a newer echo-wall made it",
                            PQgetvalue(applied, rows - 1, 1));
    return true;
}

static bool migrate_tables(struct migration *migration)
{
    PGresult *applied = ask(migration, "select number, name, checksum from wall.migration order by number", NULL, 0);
    bool fine = applied && is_known(applied) && apply_pending(migration, applied);
    PQclear(applied);
    return fine;
}

/* Of names and texts, in their order. */
static const char *rules_checksum(struct migration *migration)
{
    char *all = arena_copy(&migration->arena, "", 0);
    for (const struct embedded_text *text = rule_texts; text->name; text++)
        all = arena_print(&migration->arena, "%s %s %s", all, text->name, checksum_of(migration, text));
    return secret_hash(&migration->arena, all, strlen(all)) + 2;
}

static bool make_rules(struct migration *migration, const char *checksum)
{
    if (!run(migration, "begin", "the rules") || !run(migration, empty_rules, "emptying the rules") ||
        !run(migration, "create schema rules; create schema published", "making the schemas of the rules"))
        return roll_back(migration);
    for (const struct embedded_text *text = rule_texts; text->name; text++)
        if (!run(migration, text->text, arena_print(&migration->arena, "rules %s", text->name)))
            return roll_back(migration);
    if (!run_with(migration, "insert into wall.rule_version (checksum) values ($1)", &checksum, 1))
        return roll_back(migration);
    log_event(LOG_INFO, "rules made anew", NULL);
    return run(migration, "commit", "the rules");
}

static bool renew_rules(struct migration *migration)
{
    const char *checksum = rules_checksum(migration);
    PGresult *same = ask(migration, "select from wall.rule_version where checksum = $1", &checksum, 1);
    bool is_same = same && PQntuples(same) == 1;
    bool fine = same && (is_same || make_rules(migration, checksum));
    PQclear(same);
    return fine;
}

static void ignore_notice(void *unused, const PGresult *notice)
{
    (void)unused, (void)notice;
}

/* As the login itself, without a role: the roles may not be there yet. */
static bool open_connection(struct migration *migration)
{
    char *conninfo = database_conninfo(NULL, 0);
    migration->pg = PQconnectdb(conninfo);
    free(conninfo);
    PQsetNoticeReceiver(migration->pg, ignore_notice, NULL);
    if (PQstatus(migration->pg) == CONNECTION_OK)
        return true;
    const char *message = PQerrorMessage(migration->pg);
    return log_complain("the database cannot be reached: %.*s", (int)strcspn(message, "\n"), message);
}

bool migrate(void)
{
    struct migration migration = {0};
    bool fine = open_connection(&migration) &&
                run(&migration, "select pg_advisory_lock(hashtextextended('echo-wall migrate', 0))", "waiting for the lock") &&
                run(&migration, make_roles, "making the roles echo_wall_owner, echo_wall_daemon and echo_wall_public") &&
                run(&migration, make_tables, "making wall.migration") && migrate_tables(&migration) && renew_rules(&migration);
    PQfinish(migration.pg);
    arena_release(&migration.arena);
    return fine;
}
