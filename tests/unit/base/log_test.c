#include "../test.h"
#include "base/log.h"

static int old_stderr, ends[2];
static char line[8192];

static int catch_stderr(void **state)
{
    (void)state;
    old_stderr = dup(STDERR_FILENO);
    return pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
    (void)state;
    dup2(old_stderr, STDERR_FILENO);
    close(old_stderr);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* The one line that was written, without the time it begins with. */
static const char *written(void)
{
    ssize_t length = read(ends[0], line, sizeof line - 1);
    assert_true(length > 0);
    line[length] = '\0';
    assert_int_equal(strncmp(line, "at=", 3), 0);
    assert_int_equal(line[strlen("at=2026-11-22T05:42:16.123456")], 'Z');
    return line + strlen("at=2026-11-22T05:42:16.123456Z ");
}

static void a_line_holds_time_level_event_and_pairs(void **state)
{
    log_event(LOG_INFO, "listening", "address", "127.0.0.1:8080", "workers", LOG_NUMBER(2), NULL);
    assert_string_equal(written(), "level=info event=\"listening\" address=127.0.0.1:8080 workers=2\n");
    (void)state;
}

static void a_value_that_could_be_misread_is_quoted(void **state)
{
    log_event(LOG_ERROR, "said \"no\"", "a", "two words", "b", "x=y", "c", "line\nfeed\x01", "d", "", "e", "back\\slash", NULL);
    assert_string_equal(
        written(), "level=error event=\"said \\\"no\\\"\" a=\"two words\" b=\"x=y\" c=\"line\\nfeed\\x01\" d=\"\" e=\"back\\\\slash\"\n");
    (void)state;
}

static void a_null_value_leaves_its_pair_out(void **state)
{
    log_event(LOG_WARNING, "lost", "gone", NULL, "lane", "read", NULL);
    assert_string_equal(written(), "level=warning event=\"lost\" lane=read\n");
    (void)state;
}

static void a_line_that_grows_too_long_is_still_one_line(void **state)
{
    char value[6000];
    memset(value, ' ', sizeof value);
    value[sizeof value - 1] = '\0';
    log_event(LOG_INFO, "long", "value", value, "next", "dropped", NULL);
    const char *text = written();
    assert_int_equal(strlen(line), 2048);
    assert_string_equal(text + strlen(text) - 2, "\"\n");
    memset(value, 'x', sizeof value - 1);
    log_event(LOG_INFO, "long", "value", value, "next", value, NULL);
    written();
    assert_true(strlen(line) <= 2048 && line[strlen(line) - 1] == '\n' && strchr(line, '\n') == line + strlen(line) - 1);
    (void)state;
}

static void what_is_less_important_than_the_threshold_is_not_written(void **state)
{
    log_threshold(LOG_ERROR);
    log_event(LOG_WARNING, "unheard", NULL);
    log_event(LOG_ERROR, "heard", NULL);
    assert_string_equal(written(), "level=error event=\"heard\"\n");
    log_threshold(LOG_INFO);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_holds_time_level_event_and_pairs, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_value_that_could_be_misread_is_quoted, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_null_value_leaves_its_pair_out, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(a_line_that_grows_too_long_is_still_one_line, catch_stderr, release_stderr),
        cmocka_unit_test_setup_teardown(what_is_less_important_than_the_threshold_is_not_written, catch_stderr, release_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
