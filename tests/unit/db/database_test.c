/* The asynchronous PostgreSQL of a worker, against a real one. */
#include "scratch.h"
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include "base/texts.h"
#include "db/blocking.h"
#include "db/database.h"
#include "db/migrate.h"

const struct embedded_text migration_texts[] = {{.name = "0001_things.sql",
                                                 .text =
                                                     "create table thing (id integer primary key deferrable initially deferred, name text);"
                                                     "create table odd (a integer);"
                                                     "create sequence attempt;"
                                                     "grant usage on schema wall to echo_wall_daemon;"
                                                     "grant all on all tables in schema wall to echo_wall_daemon;"
                                                     "grant all on all sequences in schema wall to echo_wall_daemon"},
                                                {0}};
const struct embedded_text rule_texts[] = {
    {.name = "01_rules.sql",
     .text =
         "create view published.thing as select name from wall.thing;"
         "grant usage on schema published, rules to echo_wall_public, echo_wall_daemon;"
         "grant select on published.thing to echo_wall_public;"
         "create function rules.fail_first(code text) returns bigint language plpgsql as $$"
         "declare n bigint := nextval('wall.attempt');"
         "begin if n % 2 = 1 then raise exception using errcode = code; end if; return n; end $$;"
         "create function rules.fail(code text) returns void language plpgsql as $$ begin raise exception using errcode = code; end $$"},
    {0}};
const struct embedded_text document_texts[] = {{0}};

#define STATEMENT(place, title, sql, count)                                                                                                \
    {                                                                                                                                      \
        .name = title, .text = sql, .parameter_count = count, .number = place                                                              \
    }
enum { ECHO, DIVIDE, MISSING, ADD, PREPARED, FAIL_FIRST, FAIL, ALL_ODD, FORGET, SLEEP, BACKEND, WHO, PUBLIC_THINGS, STATEMENTS };
static const struct statement statements[STATEMENTS] = {
    STATEMENT(ECHO, "echo", "select $1::text", 1),
    STATEMENT(DIVIDE, "divide", "select 10 / $1::integer", 1),
    STATEMENT(MISSING, "missing", "select count(*) from late", 0),
    STATEMENT(ADD, "add", "insert into thing (id, name) values ($1::integer, $2) returning name", 2),
    STATEMENT(PREPARED, "prepared", "select count(*) from pg_prepared_statements where statement = $1", 1),
    STATEMENT(FAIL_FIRST, "fail_first", "select fail_first($1)", 1),
    STATEMENT(FAIL, "fail", "select fail($1)", 1),
    STATEMENT(ALL_ODD, "all_odd", "select * from odd", 0),
    STATEMENT(FORGET, "forget", "deallocate all", 0),
    STATEMENT(SLEEP, "sleep", "select pg_sleep($1::float8), pg_backend_pid()", 1),
    STATEMENT(BACKEND, "backend", "select pg_backend_pid()", 0),
    STATEMENT(WHO, "who", "select current_user || ' ' || current_setting('search_path') || ' ' || current_setting('statement_timeout')", 0),
    STATEMENT(PUBLIC_THINGS, "public_things", "select count(*) from thing", 0),
};
const struct statement *const all_statements[] = {NULL};
const int statement_count = STATEMENTS;

/* One question and what came of it. */
struct question {
    struct query query;
    bool answered;
    char value[200], sqlstate[6];
};

static struct database database;
static int epoll, notices;
static PGconn *beside; /* another session */

static void notified(void *for_whom, const char *channel, const char *payload)
{
    assert_ptr_equal(for_whom, &notices);
    assert_true(strcmp(channel, "caller") == 0 || strcmp(channel, "classifier") == 0);
    (void)payload;
    notices++;
}

static void answered(struct query *query, PGresult *taken)
{
    struct question *question = (struct question *)query;
    const char *sqlstate = PQresultErrorField(taken, PG_DIAG_SQLSTATE);
    assert_false(question->answered);
    question->answered = true;
    if (PQntuples(taken) > 0)
        snprintf(question->value, sizeof question->value, "%s", PQgetvalue(taken, 0, 0));
    if (sqlstate)
        snprintf(question->sqlstate, sizeof question->sqlstate, "%s", sqlstate);
    PQclear(taken);
}

static void turn(int at_most)
{
    struct epoll_event events[64];
    int wish = database_flush(&database);
    int count = epoll_wait(epoll, events, 64, wish >= 0 && wish < at_most ? wish : at_most);
    for (int i = 0; i < count; i++)
        database_ready(events[i].data.ptr, events[i].events);
}

static void submit(struct question *question, enum lane lane, int statement, const char *first, const char *second)
{
    *question = (struct question){.query = {.statement = &statements[statement], .values = {first, second}, .done = answered}};
    database_submit(&database, lane, &question->query);
}

static void await(const struct question *question)
{
    for (int i = 0; i < 1500 && !question->answered; i++)
        turn(10);
    assert_true(question->answered);
}

static struct question ask(enum lane lane, int statement, const char *first, const char *second)
{
    struct question question;
    submit(&question, lane, statement, first, second);
    await(&question);
    return question;
}

static void run_beside(const char *sql)
{
    PGresult *result = blocking_run(beside, sql);
    assert_non_null(result);
    PQclear(result);
}

static void await_up(void)
{
    for (int i = 0; i < 1500 && (!database_is_up(&database) || !database_is_idle(&database)); i++)
        turn(10);
    assert_true(database_is_up(&database));
}

/* Connections of other lanes may still come up meanwhile, and ask for what they need first. */
static void await_idle(void)
{
    for (int i = 0; i < 1500 && !database_is_idle(&database); i++)
        turn(10);
    assert_true(database_is_idle(&database));
}

static int open_database(void **state)
{
    (void)state;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    settings.read_connections = 2;
    settings.write_connections = 1;
    database_open(&database, epoll, notified, &notices);
    beside = blocking_open(ROLE_OWNER);
    return beside ? 0 : -1;
}

static int close_database(void **state)
{
    (void)state;
    database_close(&database);
    close(epoll);
    PQfinish(beside);
    return 0;
}

static void what_is_asked_before_a_connection_is_up_waits_for_it(void **state)
{
    assert_false(database_is_up(&database));
    struct question question = ask(READ, ECHO, "早", NULL);
    assert_int_equal(question.query.failure, QUERY_FINE);
    assert_string_equal(question.value, "早");
    (void)state;
}

static void a_statement_is_prepared_at_its_first_use_and_once(void **state)
{
    assert_string_equal(ask(WRITE, PREPARED, "select $1::text", NULL).value, "0");
    for (int i = 0; i < 3; i++)
        ask(WRITE, ECHO, "x", NULL);
    assert_string_equal(ask(WRITE, PREPARED, "select $1::text", NULL).value, "1");
    (void)state;
}

static void an_error_stays_its_own(void **state)
{
    struct question before, broken, after;
    await_up();
    submit(&before, WRITE, DIVIDE, "5", NULL);
    submit(&broken, WRITE, DIVIDE, "0", NULL);
    submit(&after, WRITE, DIVIDE, "2", NULL);
    assert_false(database_is_idle(&database));
    await(&after);
    assert_string_equal(before.value, "2");
    assert_string_equal(broken.sqlstate, "22012");
    assert_string_equal(after.value, "5");
    await_idle();
    (void)state;
}

static void a_statement_that_cannot_be_prepared_is_prepared_again(void **state)
{
    struct question first, second;
    submit(&first, WRITE, MISSING, NULL, NULL);
    submit(&second, WRITE, MISSING, NULL, NULL);
    await(&second);
    assert_string_equal(first.sqlstate, "42P01");
    assert_string_equal(second.sqlstate, "42P01");
    run_beside("create table late (a integer); grant all on late to echo_wall_daemon");
    assert_string_equal(ask(WRITE, MISSING, NULL, NULL).value, "0");
    (void)state;
}

static void only_the_sync_commits(void **state)
{
    assert_string_equal(ask(WRITE, ADD, "1", "one").value, "one");
    struct question again = ask(WRITE, ADD, "1", "two"); /* the constraint is deferred: the row was there, then the Sync failed */
    assert_string_equal(again.sqlstate, "23505");
    assert_string_equal(again.value, "");
    (void)state;
}

static void a_serialization_failure_is_asked_again_once(void **state)
{
    run_beside("alter sequence attempt restart");
    assert_string_equal(ask(WRITE, FAIL_FIRST, "40001", NULL).value, "2");
    assert_string_equal(ask(WRITE, FAIL, "40P01", NULL).sqlstate, "40P01");
    assert_string_equal(ask(WRITE, FAIL_FIRST, "23505", NULL).sqlstate, "23505");
    (void)state;
}

static void an_outdated_plan_is_prepared_anew(void **state)
{
    run_beside("drop table odd; create table odd (a integer); insert into odd values (7); grant all on odd to echo_wall_daemon");
    assert_string_equal(ask(WRITE, ALL_ODD, NULL, NULL).value, "7");
    run_beside("alter table odd add column b integer");
    assert_string_equal(ask(WRITE, ALL_ODD, NULL, NULL).value, "7");
    run_beside("alter table odd drop column b");
    assert_string_equal(ask(WRITE, ALL_ODD, NULL, NULL).value, "7");
    (void)state;
}

static void a_lost_preparation_is_made_anew(void **state)
{
    ask(WRITE, ECHO, "x", NULL);
    ask(WRITE, FORGET, NULL, NULL);
    assert_string_equal(ask(WRITE, ECHO, "y", NULL).value, "y");
    (void)state;
}

static void a_server_that_only_reads_is_left(void **state)
{
    char before[200];
    snprintf(before, sizeof before, "%s", ask(WRITE, BACKEND, NULL, NULL).value);
    struct question question = ask(WRITE, FAIL, "25006", NULL);
    assert_int_equal(question.query.failure, QUERY_UNAVAILABLE);
    await_up();
    assert_string_not_equal(ask(WRITE, BACKEND, NULL, NULL).value, before);
    (void)state;
}

/* Waits until so many sleep, then ends their sessions. */
static void kill_sleepers(const char *how_many)
{
    const char *values[] = {how_many};
    bool asleep = false;
    run_beside("set role none"); /* the login sees its own sessions, the owner does not */
    for (int i = 0; i < 500 && !asleep; i++) {
        PGresult *result = PQexecParams(beside, "select count(*) = $1::integer from pg_stat_activity where wait_event = 'PgSleep'", 1, NULL,
                                        values, NULL, NULL, 0);
        asleep = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
        PQclear(result);
        turn(5);
    }
    assert_true(asleep);
    run_beside("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
}

static void a_read_whose_connection_is_lost_is_asked_on_another(void **state)
{
    struct question question;
    await_up();
    submit(&question, READ, SLEEP, "0.5", NULL);
    kill_sleepers("1");
    await(&question);
    assert_int_equal(question.query.failure, QUERY_FINE);
    assert_true(PQTRANS_IDLE == PQtransactionStatus(beside));
    (void)state;
}

static void of_a_write_whose_connection_is_lost_nobody_knows(void **state)
{
    struct question asleep, behind;
    await_up();
    submit(&asleep, WRITE, SLEEP, "5", NULL);
    submit(&behind, WRITE, ADD, "77", "x");
    kill_sleepers("1");
    await(&behind);
    assert_int_equal(asleep.query.failure, QUERY_UNKNOWN);
    assert_int_equal(behind.query.failure, QUERY_UNKNOWN);
    await_up();
    assert_string_equal(ask(WRITE, ECHO, "again", NULL).value, "again");
    (void)state;
}

static void too_many_waiting_are_refused(void **state)
{
    static struct question questions[17];
    await_up();
    for (int i = 0; i < 16; i++)
        submit(&questions[i], SLOW, SLEEP, "0.01", NULL);
    submit(&questions[16], SLOW, SLEEP, "0.01", NULL);
    assert_true(questions[16].answered);
    assert_int_equal(questions[16].query.failure, QUERY_BUSY);
    await(&questions[15]);
    assert_int_equal(questions[15].query.failure, QUERY_FINE);
    (void)state;
}

static void a_notification_arrives_and_a_missed_one_is_made_up_for(void **state)
{
    await_up();
    notices = 0;
    for (int i = 0; i < 500 && notices == 0; i++) {
        if (i % 50 == 0) /* the first may go by before the connection listens */
            run_beside("notify caller");
        turn(10);
    }
    assert_true(notices > 0);
    run_beside("set role none; select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'");
    int before = notices;
    for (int i = 0; i < 500 && notices == before; i++)
        turn(10);
    assert_true(notices > before);
    (void)state;
}

static void a_lane_has_its_role_path_and_timeout(void **state)
{
    await_up();
    settings.statement_timeout = 5000;
    assert_string_equal(ask(READ, WHO, NULL, NULL).value, "echo_wall_daemon wall,rules 5s");
    assert_string_equal(ask(SLOW, WHO, NULL, NULL).value, "echo_wall_daemon wall,rules 30s");
    assert_string_equal(ask(PUBLIC_READ, WHO, NULL, NULL).value, "echo_wall_public published,rules 5s");
    assert_string_equal(ask(PUBLIC_SLOW, PUBLIC_THINGS, NULL, NULL).sqlstate, "");
    (void)state;
}

static void without_a_server_the_answer_comes_at_once_and_with_one_again_it_comes_back(void **state)
{
    struct question question;
    await_up();
    PQfinish(beside);
    beside = NULL;
    embedded_stop();
    for (int i = 0; i < 300 && database_is_up(&database); i++)
        turn(10);
    usleep(2100000); /* no longer young */
    turn(0);
    submit(&question, WRITE, ECHO, "x", NULL);
    assert_true(question.answered);
    assert_int_equal(question.query.failure, QUERY_UNAVAILABLE);
    assert_true(embedded_start());
    await_up();
    assert_string_equal(ask(WRITE, ECHO, "back", NULL).value, "back");
    (void)state;
}

static void a_server_that_hangs_is_given_up(void **state)
{
    await_up();
    pid_t backend = (pid_t)atol(ask(WRITE, BACKEND, NULL, NULL).value);
    kill(backend, SIGSTOP);
    struct question question = ask(WRITE, ECHO, "x", NULL);
    kill(backend, SIGCONT);
    assert_int_equal(question.query.failure, QUERY_UNKNOWN);
    (void)state;
}

static int open_hasty_database(void **state)
{
    settings.statement_timeout = 500;
    return open_database(state);
}

static void who_still_waits_at_the_end_is_told(void **state)
{
    struct question read, write;
    await_up();
    submit(&read, READ, SLEEP, "5", NULL);
    submit(&write, WRITE, SLEEP, "5", NULL);
    database_close(&database);
    assert_int_equal(read.query.failure, QUERY_UNAVAILABLE);
    assert_int_equal(write.query.failure, QUERY_UNKNOWN);
    assert_true(database_is_idle(&database));
    (void)state;
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, open_database, close_database)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fresh(what_is_asked_before_a_connection_is_up_waits_for_it),
        fresh(a_statement_is_prepared_at_its_first_use_and_once),
        fresh(an_error_stays_its_own),
        fresh(a_statement_that_cannot_be_prepared_is_prepared_again),
        fresh(only_the_sync_commits),
        fresh(a_serialization_failure_is_asked_again_once),
        fresh(an_outdated_plan_is_prepared_anew),
        fresh(a_lost_preparation_is_made_anew),
        fresh(a_server_that_only_reads_is_left),
        fresh(a_read_whose_connection_is_lost_is_asked_on_another),
        fresh(of_a_write_whose_connection_is_lost_nobody_knows),
        fresh(too_many_waiting_are_refused),
        fresh(a_notification_arrives_and_a_missed_one_is_made_up_for),
        fresh(a_lane_has_its_role_path_and_timeout),
        fresh(without_a_server_the_answer_comes_at_once_and_with_one_again_it_comes_back),
        fresh(who_still_waits_at_the_end_is_told),
        cmocka_unit_test_setup_teardown(a_server_that_hangs_is_given_up, open_hasty_database, close_database),
    };
    if (!scratch_begin())
        return SKIPPED;
    int failed = migrate() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    scratch_end();
    return failed;
}
