/* One value against its field. */
#include "test.h"
#include "http/input.h"

static struct arena arena;

static enum phrase fault_of(struct field field, const char *text)
{
    const char *normal = NULL;
    enum phrase phrase = field_check_text(&arena, &field, text, &normal).phrase;
    arena_release(&arena);
    return phrase;
}

static void lengths_are_code_points(void **state)
{
    const struct field field = {.type = TEXT, .min = 2, .max = 3};
    (void)state;
    assert_int_equal(fault_of(field, "\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd"), FINE);
    assert_int_equal(fault_of(field, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), FINE);
    assert_int_equal(fault_of(field, "\xe5\xa5\xbd"), SAY_TOO_SHORT);
    assert_int_equal(fault_of(field, "abcd"), SAY_TOO_LONG);
}

static void blanks_are_no_text(void **state)
{
    const struct field field = {.type = TEXT, .min = 1, .max = 9};
    (void)state;
    assert_int_equal(fault_of(field, ""), SAY_EMPTY);
    assert_int_equal(fault_of(field, " \n"), SAY_EMPTY);
    assert_int_equal(fault_of(field, "\xe3\x80\x80\xe2\x80\x8b"), SAY_EMPTY);
    assert_int_equal(fault_of(field, " a "), FINE);
    assert_int_equal(fault_of((struct field){.type = TEXT}, ""), FINE);
}

static void a_line_has_no_line_feed_and_no_text_has_control_characters(void **state)
{
    (void)state;
    assert_int_equal(fault_of((struct field){.type = TEXT}, "a\nb"), FINE);
    assert_int_equal(fault_of((struct field){.type = LINE}, "a\nb"), SAY_CONTROL);
    assert_int_equal(fault_of((struct field){.type = TEXT}, "a\r\n\tb"), FINE);
    assert_int_equal(fault_of((struct field){.type = LINE}, "a\tb"), SAY_CONTROL);
    assert_int_equal(fault_of((struct field){.type = TEXT}, "a\x0b"), SAY_CONTROL);
    assert_int_equal(fault_of((struct field){.type = TEXT}, "a\xc2\x85"), SAY_CONTROL);
}

static void a_line_turns_no_direction_beyond_itself_and_no_text_piles_up_marks(void **state)
{
    const struct field field = {.type = TEXT, .min = 1, .max = 99};
    char pile[64] = "a";
    (void)state;
    assert_int_equal(fault_of((struct field){.type = LINE}, "\xe2\x80\xae"
                                                            "abc"),
                     SAY_DIRECTION);
    assert_int_equal(fault_of((struct field){.type = LINE}, "\xe2\x80\xae"
                                                            "abc\xe2\x80\xac"),
                     FINE);
    assert_int_equal(fault_of(field, "\xe2\x80\xae"
                                     "abc"),
                     FINE);
    assert_int_equal(fault_of(field, "\xe2\x80\xae"
                                     "abc\xe2\x80\xac"),
                     FINE);
    assert_int_equal(fault_of(field, "\xe2\x80\x8f"
                                     "abc"),
                     FINE);
    for (int i = 0; i < 16; i++)
        strcat(pile, "\xcc\x81");
    assert_int_equal(fault_of(field, pile), FINE);
    assert_int_equal(fault_of(field, strcat(pile, "\xe2\x80\x8b")), SAY_MARKS);
    assert_int_equal(fault_of((struct field){.type = LINE}, "a\xe2\x80\xa8"
                                                            "b"),
                     SAY_CONTROL);
    assert_int_equal(fault_of(field, "a\xef\xbf\xbf"), SAY_CONTROL);
}

static void durations_are_of_certain_length(void **state)
{
    const struct field field = {.type = DURATION, .min = 60, .max = 90000};
    static const char *const right[] = {"PT1M", "PT60S", "P1D", "P0DT1H", "P1DT1H", "PT24H59M60S", "PT0H1M"};
    static const char *const wrong[] = {"",       "P",     "PT",     "P1",   "1D",  "P1M",  "P1Y",   "P1W",
                                        "PT1.5H", "PT-1H", "PT1S1M", "P1DT", "P1H", "pt1h", "PT1Hx", "PT1234567890S"};
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_int_equal(fault_of(field, right[i]), FINE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of(field, wrong[i]), SAY_NOT_DURATION);
    assert_int_equal(fault_of(field, "PT59S"), SAY_TOO_BRIEF);
    assert_int_equal(fault_of(field, "P1DT1H1S"), SAY_TOO_LASTING);
}

static void times_are_of_a_day(void **state)
{
    const struct field field = {.type = TIME};
    static const char *const wrong[] = {"", "24:00", "7:00", "07", "07:60", "07:00:60", "07:00:0", "07:00:00Z", "07-00"};
    (void)state;
    assert_int_equal(fault_of(field, "00:00"), FINE);
    assert_int_equal(fault_of(field, "23:59:59"), FINE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of(field, wrong[i]), SAY_NOT_TIME);
}

static void text_is_utf8_or_nothing(void **state)
{
    static const char *const wrong[] = {
        "\xff", "\xc3", "\xe4\xb8", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xf8\x88\x80\x80\x80"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(text_is_utf8(wrong[i], strlen(wrong[i])));
        assert_int_equal(fault_of((struct field){.type = TEXT}, wrong[i]), SAY_NOT_UTF8);
    }
    assert_true(text_is_utf8("\xe4\xb8\xad\xf4\x8f\xbf\xbf", 7));
}

static void whole_numbers_are_decimal_and_bounded(void **state)
{
    const struct field field = {.type = INTEGER, .min = 1, .max = 100};
    static const char *const wrong[] = {"", "1.0", "1e1", "0x1", " 1", "1 ", "--1", "9999999999999999999"};
    (void)state;
    assert_int_equal(fault_of(field, "100"), FINE);
    assert_int_equal(fault_of(field, "0"), SAY_TOO_SMALL);
    assert_int_equal(fault_of(field, "101"), SAY_TOO_GREAT);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of(field, wrong[i]), SAY_NOT_INTEGER);
}

static void numbers_are_finite(void **state)
{
    const struct field field = {.type = NUMBER, .min = -90, .max = 90};
    static const char *const wrong[] = {"", "nan", "inf", "0x1p3", "1e999", "1,5", "1.5x"};
    (void)state;
    assert_int_equal(fault_of(field, "-89.999"), FINE);
    assert_int_equal(fault_of(field, "90.1"), SAY_TOO_GREAT);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of(field, wrong[i]), SAY_NOT_NUMBER);
}

static void days_exist(void **state)
{
    (void)state;
    assert_true(text_is_day("2028-02-29"));
    assert_false(text_is_day("2026-02-29"));
    assert_false(text_is_day("2100-02-29"));
    assert_false(text_is_day("2026-13-01"));
    assert_false(text_is_day("2026-00-10"));
    assert_false(text_is_day("0000-01-01"));
    assert_false(text_is_day("2026-1-1"));
    assert_false(text_is_day("2026-01-01x"));
    assert_false(text_is_day(""));
}

static void instants_have_an_offset(void **state)
{
    static const char *const right[] = {"2026-11-22T05:42:16Z", "2026-11-22t05:42:16.5+08:00", "2026-11-22 23:59:60z",
                                        "2026-11-22T05:42:16.123456789-03:30"};
    static const char *const wrong[] = {"2026-11-22",
                                        "2026-11-22T05:42:16",
                                        "2026-11-22T24:00:00Z",
                                        "2026-11-22T05:60:00Z",
                                        "2026-11-22T05:42:16.Z",
                                        "2026-11-22T05:42:16+8:00",
                                        "2026-11-22T05:42:16+08:00x",
                                        ""};
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(text_is_instant(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(text_is_instant(wrong[i]));
}

static void a_phone_becomes_digits(void **state)
{
    const struct field field = {.type = PHONE};
    const char *normal = NULL;
    (void)state;
    assert_int_equal(field_check_text(&arena, &field, "+86 138-0000 0000", &normal).phrase, FINE);
    assert_string_equal(normal, "+8613800000000");
    arena_release(&arena);
    assert_int_equal(fault_of(field, "1234"), SAY_NOT_PHONE);
    assert_int_equal(fault_of(field, "123456789012345678901"), SAY_NOT_PHONE);
    assert_int_equal(fault_of(field, "138+0000"), SAY_NOT_PHONE);
    assert_int_equal(fault_of(field, "call me"), SAY_NOT_PHONE);
}

static void a_mail_address_can_stand_in_a_header(void **state)
{
    static const char *const fine[] = {"li@example.cn", "a.b+c@x", "o'neil_%1@mail.example.co.uk"};
    static const char *const wrong[] = {"li",    "@example.cn", "li@",    "li@@x",  "li@x@y",   "li@.x",
                                        "li@x.", "li@x..y",     "li@-x",  "-li@x",  "\"li\"@x", "li@x\r\nBcc: y@z",
                                        "li @x", "李@x",        "li@x y", "<li@x>", ""};
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_int_equal(fault_of((struct field){.type = MAIL}, fine[i]), FINE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of((struct field){.type = MAIL}, wrong[i]), SAY_NOT_MAIL);
}

static void a_url_leads_somewhere_without_a_user(void **state)
{
    static const char *const fine[] = {"https://x", "http://[::1]:80/a?b=c@d#e", "https://example.cn/%E4%BD%A0"};
    static const char *const wrong[] = {"",
                                        "https://",
                                        "https:///x",
                                        "http://:80",
                                        "ftp://x",
                                        "HTTPS://x",
                                        "http://u@x/",
                                        "http://u:p@x",
                                        "http://x y",
                                        "http://x\r\nHost: y",
                                        "http://例子.cn",
                                        "http://x/{a}",
                                        "javascript:alert(1)"};
    (void)state;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_int_equal(fault_of((struct field){.type = URL}, fine[i]), FINE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of((struct field){.type = URL}, wrong[i]), SAY_NOT_URL);
}

static void codes_and_choices_are_exact(void **state)
{
    static const char *const choices[] = {"yes", "no", NULL};
    (void)state;
    assert_int_equal(fault_of((struct field){.type = CHOICE, .choices = choices}, "no"), FINE);
    assert_int_equal(fault_of((struct field){.type = CHOICE, .choices = choices}, "No"), SAY_NOT_CHOICE);
    assert_true(text_is_code("a-b_9"));
    assert_false(text_is_code("A"));
    assert_false(text_is_code(""));
    assert_false(text_is_code("123456789012345678901234567890123"));
}

static void json_is_at_most_32_deep(void **state)
{
    char deep[80];
    (void)state;
    memset(deep, '[', 33);
    assert_null(body_depth_fault(deep, 32));
    assert_non_null(body_depth_fault(deep, 33));
    assert_null(body_depth_fault("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"", 43));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_code_points),
        cmocka_unit_test(blanks_are_no_text),
        cmocka_unit_test(a_line_has_no_line_feed_and_no_text_has_control_characters),
        cmocka_unit_test(a_line_turns_no_direction_beyond_itself_and_no_text_piles_up_marks),
        cmocka_unit_test(durations_are_of_certain_length),
        cmocka_unit_test(times_are_of_a_day),
        cmocka_unit_test(text_is_utf8_or_nothing),
        cmocka_unit_test(whole_numbers_are_decimal_and_bounded),
        cmocka_unit_test(numbers_are_finite),
        cmocka_unit_test(days_exist),
        cmocka_unit_test(instants_have_an_offset),
        cmocka_unit_test(a_phone_becomes_digits),
        cmocka_unit_test(a_mail_address_can_stand_in_a_header),
        cmocka_unit_test(a_url_leads_somewhere_without_a_user),
        cmocka_unit_test(codes_and_choices_are_exact),
        cmocka_unit_test(json_is_at_most_32_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
