/* The line that says what time it is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "jobs/clock_file.h"

static void an_offset_is_understood(void **state)
{
    static const struct {
        const char *line, *shift;
    } lines[] = {{"+25h", "90000 seconds"},        {"-90m", "-5400 seconds"},   {"+0s", "0 seconds"},
                 {"+1d2h", "93600 seconds"},       {"-1d2h", "-93600 seconds"}, {"+1d2h3m4s", "93784 seconds"},
                 {"+36525d", "3155760000 seconds"}};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct clock_setting setting;
        assert_true(clock_read_line(lines[i].line, &setting));
        assert_string_equal(setting.shift, lines[i].shift);
        assert_string_equal(setting.instant, "");
        assert_string_equal(setting.line, lines[i].line);
    }
}

static void an_instant_is_understood(void **state)
{
    static const char *const lines[] = {"2026-11-22T05:42:16Z",      "2026-11-22T05:42:16.123456Z", "2026-11-22T23:59:59.9+08:00",
                                        "2024-02-29T00:00:00-05:30", "2000-02-29T00:00:00Z",        "9999-12-31T23:59:59Z"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct clock_setting setting;
        assert_true(clock_read_line(lines[i], &setting));
        assert_string_equal(setting.instant, lines[i]);
        assert_string_equal(setting.shift, "0 seconds");
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const lines[] = {"",
                                        "+",
                                        "-",
                                        "25h",
                                        "+25",
                                        "+h",
                                        "+25H",
                                        "+25h ",
                                        " +25h",
                                        "+2h1d",
                                        "+1h1h",
                                        "+1.5h",
                                        "++1h",
                                        "+1h-1m",
                                        "+99999999999s",
                                        "+99999999d",
                                        "-36601d",
                                        "2026-11-22",
                                        "2026-11-22T05:42:16",
                                        "2026-11-22 05:42:16Z",
                                        "2026-11-22T05:42Z",
                                        "2026-11-22T24:00:00Z",
                                        "2026-11-22T05:60:00Z",
                                        "2026-11-22T05:42:60Z",
                                        "2026-02-29T00:00:00Z",
                                        "1900-02-29T00:00:00Z",
                                        "2026-04-31T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "0000-01-01T00:00:00Z",
                                        "2026-11-22T05:42:16.Z",
                                        "2026-11-22T05:42:16.1234567Z",
                                        "2026-11-22T05:42:16+8:00",
                                        "2026-11-22T05:42:16+0800",
                                        "2026-11-22T05:42:16+15:00",
                                        "2026-11-22T05:42:16+08:60",
                                        "2026-11-22T05:42:16Z x",
                                        "2026-11-22T05:42:16Z\n+1h",
                                        "2026-11-22t05:42:16z",
                                        "now",
                                        "infinity",
                                        "epoch"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct clock_setting setting = {.line = "kept"};
        if (clock_read_line(lines[i], &setting))
            fail_msg("\"%s\" was understood", lines[i]);
        assert_string_equal(setting.line, "kept");
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void the_file_tells_when_its_line_is_another(void **state)
{
    char path[] = "/tmp/echo-wall-clock-XXXXXX";
    struct clock_setting setting = {0};
    (void)state;
    close(mkstemp(path));
    assert_int_equal(clock_file_read(path, &setting), CLOCK_UNREADABLE); /* empty: somebody is about to write it */
    write_file(path, "+1h\n");
    assert_int_equal(clock_file_read(path, &setting), CLOCK_CHANGED);
    assert_int_equal(clock_file_read(path, &setting), CLOCK_SAME);
    write_file(path, "+1h \r\n");
    assert_int_equal(clock_file_read(path, &setting), CLOCK_SAME);
    write_file(path, "tomorrow\n");
    assert_int_equal(clock_file_read(path, &setting), CLOCK_UNREADABLE);
    assert_string_equal(setting.line, "+1h");
    write_file(path, "2026-11-22T05:42:16Z");
    assert_int_equal(clock_file_read(path, &setting), CLOCK_CHANGED);
    assert_string_equal(setting.instant, "2026-11-22T05:42:16Z");
    unlink(path);
    assert_int_equal(clock_file_read(path, &setting), CLOCK_UNREADABLE);
    assert_string_equal(setting.line, "2026-11-22T05:42:16Z");
}

static bool has_news(int watch)
{
    return poll(&(struct pollfd){.fd = watch, .events = POLLIN}, 1, 0) == 1;
}

static void who_watches_hears_of_a_new_line_at_once(void **state)
{
    char folder[] = "/tmp/echo-wall-watch-XXXXXX", path[64], beside[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/clock", folder);
    snprintf(beside, sizeof beside, "%s/new", folder);
    write_file(beside, "+1h\n");
    int watch = clock_file_watch(path);
    assert_true(watch > 0);
    assert_false(has_news(watch));
    assert_int_equal(rename(beside, path), 0);
    assert_true(has_news(watch));
    clock_file_looked(watch);
    assert_false(has_news(watch));
    close(watch);
    unlink(path);
    rmdir(folder);
    assert_int_equal(clock_file_watch(path), 0); /* no folder: looking must do */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_is_understood),
        cmocka_unit_test(an_instant_is_understood),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(the_file_tells_when_its_line_is_another),
        cmocka_unit_test(who_watches_hears_of_a_new_line_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
