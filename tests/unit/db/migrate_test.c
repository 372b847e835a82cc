#include "scratch.h"
#include "../listening.h"
#include <pthread.h>
#include "base/texts.h"
#include "db/blocking.h"
#include "db/migrate.h"

/* The texts are changed by the tests, as another version of the program would have others. */
static char second_name[32] = "0002_second.sql", second_text[200], rule_text[200];

const struct embedded_text migration_texts[] = {{.name = "0001_first.sql", .text = "create table first (a integer)", .size = 30},
                                                {.name = second_name, .text = second_text, .size = sizeof second_text},
                                                {0}};
const struct embedded_text rule_texts[] = {{.name = "01_rule.sql", .text = rule_text, .size = sizeof rule_text}, {0}};
const struct embedded_text document_texts[] = {{0}};
const struct statement *const all_statements[] = {NULL};
const int statement_count = 0;

static bool migrate_quietly(void)
{
    listen_to_stderr();
    bool fine = migrate();
    hear();
    return fine;
}

static const char *value_of(const char *sql)
{
    static char value[200];
    PGconn *pg = blocking_open(ROLE_OWNER);
    assert_non_null(pg);
    PGresult *result = blocking_run(pg, sql);
    assert_non_null(result);
    snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(pg);
    return value;
}

static int make_texts(void **state)
{
    (void)state;
    snprintf(second_name, sizeof second_name, "0002_second.sql");
    snprintf(second_text, sizeof second_text, "create table second (b integer)");
    snprintf(rule_text, sizeof rule_text, "create function rules.one() returns integer language sql as 'select 1'");
    return 0;
}

/* Back to a database without anything; the roles belong to the cluster and stay. */
static int make_empty(void **state)
{
    value_of("drop schema if exists published, rules, wall cascade");
    return make_texts(state);
}

static void an_empty_database_is_brought_up_to_date(void **state)
{
    assert_true(migrate_quietly());
    assert_string_equal(said, "");
    assert_string_equal(value_of("select string_agg(name, ' ' order by number) from migration"), "0001_first.sql 0002_second.sql");
    assert_string_equal(value_of("select one() + count(*) from second"), "1");
    assert_string_equal(value_of("select tableowner from pg_tables where tablename = 'second'"), "echo_wall_owner");
    assert_string_equal(value_of("select count(*) from pg_namespace where nspname in ('wall', 'rules', 'published') and "
                                 "pg_get_userbyid(nspowner) = 'echo_wall_owner'"),
                        "3");
    (void)state;
}

static void a_second_time_nothing_is_done(void **state)
{
    char before[200];
    assert_true(migrate_quietly());
    snprintf(before, sizeof before, "%s",
             value_of("select oid::text || (select max(applied) from wall.migration) from pg_proc where proname = 'one'"));
    assert_true(migrate_quietly());
    assert_string_equal(value_of("select oid::text || (select max(applied) from wall.migration) from pg_proc where proname = 'one'"),
                        before);
    (void)state;
}

static void changed_rules_are_made_anew(void **state)
{
    assert_true(migrate_quietly());
    snprintf(rule_text, sizeof rule_text, "create function rules.one() returns text language sql as $$ select 'eins' $$");
    assert_true(migrate_quietly());
    assert_string_equal(value_of("select one()"), "eins");
    (void)state;
}

static void rules_that_fail_leave_the_old_ones(void **state)
{
    assert_true(migrate_quietly());
    snprintf(rule_text, sizeof rule_text, "create function rules.two() returns integer language sql as 'select 2'; select nonsense");
    assert_false(migrate_quietly());
    assert_string_equal(said,
                        "echo-wall: rules 01_rule.sql failed: column \"nonsense\" does not exist (SQLSTATE 42703, at character 80)\n");
    assert_string_equal(value_of("select one()"), "1");
    (void)state;
}

static void rules_stand_in_the_way_of_no_migration(void **state)
{
    snprintf(rule_text, sizeof rule_text,
             "create function rules.one(f wall.first default null) returns integer language sql as 'select 1'");
    assert_true(migrate_quietly());
    value_of("drop table second; delete from migration where number = 2");
    snprintf(second_text, sizeof second_text, "alter table first add column b integer[] not null default '{}'");
    assert_true(migrate_quietly());
    assert_string_equal(value_of("select one() || name from migration where number = 2"), "10002_second.sql");
    (void)state;
}

static void a_migration_that_fails_is_rolled_back_and_named(void **state)
{
    snprintf(second_text, sizeof second_text, "create table third (c integer); select 1/0");
    assert_false(migrate_quietly());
    assert_string_equal(said, "echo-wall: migration 0002_second.sql failed: division by zero (SQLSTATE 22012)\n");
    assert_string_equal(value_of("select string_agg(name, ' ') from migration"), "0001_first.sql");
    assert_string_equal(value_of("select coalesce(to_regclass('wall.third')::text, 'none')"), "none");
    make_texts(state);
    assert_true(migrate_quietly());
}

static void an_edited_migration_stops_the_start(void **state)
{
    assert_true(migrate_quietly());
    snprintf(second_text, sizeof second_text, "create table second (b bigint)");
    assert_false(migrate_quietly());
    assert_string_equal(said, "echo-wall: migration 0002_second.sql was edited after it was applied; migrations only go forward\n");
    (void)state;
}

static void a_renamed_migration_stops_the_start(void **state)
{
    assert_true(migrate_quietly());
    snprintf(second_name, sizeof second_name, "0002_other.sql");
    assert_false(migrate_quietly());
    (void)state;
}

static void a_newer_database_is_not_touched(void **state)
{
    assert_true(migrate_quietly());
    value_of("insert into migration (number, name, checksum) values (3, '0003_future.sql', 'x')");
    snprintf(rule_text, sizeof rule_text, "select 1");
    assert_false(migrate_quietly());
    assert_string_equal(
        said, "echo-wall: the database has migration 0003_future.sql, which this program does not know: a newer echo-wall made it\n");
    assert_string_equal(value_of("select one()"), "1");
    (void)state;
}

static void *migrate_beside(void *fine)
{
    *(bool *)fine = migrate();
    return NULL;
}

static void of_several_at_once_one_works_and_all_are_content(void **state)
{
    enum { SEVERAL = 6 };
    pthread_t threads[SEVERAL];
    bool fine[SEVERAL] = {false};
    for (int i = 0; i < SEVERAL; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_beside, &fine[i]), 0);
    for (int i = 0; i < SEVERAL; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SEVERAL; i++)
        assert_true(fine[i]);
    assert_string_equal(value_of("select count(*) from migration"), "2");
    (void)state;
}

static void a_database_that_is_away_is_one_line(void **state)
{
    const char *there = settings.database;
    settings.database = "host=/nowhere dbname=x";
    assert_false(migrate_quietly());
    assert_int_equal(strncmp(said, "echo-wall: the database cannot be reached: ", 42), 0);
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    settings.database = there;
    (void)state;
}

static void hosts_and_options_of_the_setting_go_through(void **state)
{
    const char *there = settings.database;
    settings.database = "postgresql://a:1,b:2/x?target_session_attrs=read-write&options=-c%20work_mem%3D1MB&password=it's";
    char *conninfo = database_conninfo("echo_wall_public", 10);
    assert_non_null(strstr(conninfo, "host='a,b'"));
    assert_non_null(strstr(conninfo, "port='1,2'"));
    assert_non_null(strstr(conninfo, "target_session_attrs='read-write'"));
    assert_non_null(strstr(conninfo, "password='it\\'s'"));
    assert_non_null(strstr(conninfo, "options='-c work_mem=1MB -c "));
    assert_non_null(strstr(conninfo, "-c role=echo_wall_public"));
    free(conninfo);
    settings.database = "nonsense";
    conninfo = database_conninfo(NULL, 0);
    assert_string_equal(conninfo, "");
    free(conninfo);
    settings.database = there;
    (void)state;
}

#define empty(test) cmocka_unit_test_setup(test, make_empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_database_is_brought_up_to_date, make_texts),
        empty(a_second_time_nothing_is_done),
        empty(changed_rules_are_made_anew),
        empty(rules_that_fail_leave_the_old_ones),
        empty(rules_stand_in_the_way_of_no_migration),
        empty(a_migration_that_fails_is_rolled_back_and_named),
        empty(an_edited_migration_stops_the_start),
        empty(a_renamed_migration_stops_the_start),
        empty(a_newer_database_is_not_touched),
        empty(of_several_at_once_one_works_and_all_are_content),
        empty(a_database_that_is_away_is_one_line),
        cmocka_unit_test(hosts_and_options_of_the_setting_go_through),
    };
    if (!scratch_begin())
        return SKIPPED;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_end();
    return failed;
}
