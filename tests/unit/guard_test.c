/* What must not reach a handler. */
#include "test.h"
#include "http/guard.h"

static const char *kept_twice(const char *name)
{
    struct headers headers = {0};
    assert_null(guard_keep(&headers, name, strlen(name), "1"));
    return guard_keep(&headers, name, strlen(name), "1");
}

static void a_header_that_decides_comes_once(void **state)
{
    static const char *const once[] = {"Content-Length", "content-length", "Transfer-Encoding", "HOST",
                                       "Authorization",  "Receipt",        "Community",         "Idempotency-Key"};
    static const char *const often[] = {"Accept", "Cookie", "X-Forwarded-For", "Accept-Language"};
    (void)state;
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        assert_non_null(kept_twice(once[i]));
    for (size_t i = 0; i < sizeof often / sizeof *often; i++)
        assert_null(kept_twice(often[i]));
}

static void headers_are_found_in_any_case(void **state)
{
    struct headers headers = {0};
    (void)state;
    assert_null(guard_keep(&headers, "if-NONE-match", 13, "\"1\""));
    assert_null(guard_keep(&headers, "If-None-Matcher", 15, "\"2\""));
    assert_string_equal(headers.if_none_match, "\"1\"");
}

static void a_name_is_a_token(void **state)
{
    static const char *const names[] = {"Content-Length ", "b@d", "na me", "", "x:", "\xc3\xa4"};
    (void)state;
    assert_null(guard_header_fault("X-Fine_1", 8, "a\tb \xe4\xb8\xad", 7));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(guard_header_fault(names[i], strlen(names[i]), "1", 1));
    assert_non_null(guard_header_fault("a\0b", 3, "1", 1));
}

static void a_value_has_no_control_character(void **state)
{
    (void)state;
    assert_non_null(guard_header_fault("X", 1, "a\x01", 2));
    assert_non_null(guard_header_fault("X", 1, "a\0b", 3));
    assert_non_null(guard_header_fault("X", 1, "a\r", 2));
    assert_non_null(guard_header_fault("X", 1, "\x7f", 1));
}

static void a_body_has_one_length(void **state)
{
    (void)state;
    assert_null(guard_framing_fault(&(struct headers){0}));
    assert_null(guard_framing_fault(&(struct headers){.content_length = "5"}));
    assert_null(guard_framing_fault(&(struct headers){.transfer_encoding = "Chunked"}));
    assert_non_null(guard_framing_fault(&(struct headers){.content_length = "5", .transfer_encoding = "chunked"}));
    assert_non_null(guard_framing_fault(&(struct headers){.transfer_encoding = "gzip, chunked"}));
    assert_non_null(guard_framing_fault(&(struct headers){.transfer_encoding = "xchunked"}));
    assert_non_null(guard_framing_fault(&(struct headers){.content_length = "+5"}));
    assert_non_null(guard_framing_fault(&(struct headers){.content_length = "5, 5"}));
}

static void a_target_hides_nothing(void **state)
{
    static const char *const targets[] = {"/echo%00x", "/a b", "/a\x01", "/a\x7f", "/?q=%00", "/\t"};
    (void)state;
    assert_null(guard_target_fault("/v1/complaints?q=%E4%B8%AD%0a"));
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        assert_non_null(guard_target_fault(targets[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_decides_comes_once),
        cmocka_unit_test(headers_are_found_in_any_case),
        cmocka_unit_test(a_name_is_a_token),
        cmocka_unit_test(a_value_has_no_control_character),
        cmocka_unit_test(a_body_has_one_length),
        cmocka_unit_test(a_target_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
