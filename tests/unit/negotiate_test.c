/* What a client prefers. */
#include "test.h"
#include "http/negotiate.h"

static void media_types_are_chosen_by_the_most_exact_range(void **state)
{
    (void)state;
    assert_true(accepts_media_type(NULL, "application/json"));
    assert_true(accepts_media_type("", "application/json"));
    assert_true(accepts_media_type("text/html, application/*;q=0.1", "application/json"));
    assert_true(accepts_media_type("Application/JSON; charset=utf-8", "application/json"));
    assert_true(accepts_media_type("*/*", "text/plain; version=0.0.4"));
    assert_false(accepts_media_type("text/html", "application/json"));
    assert_false(accepts_media_type("application/json;q=0, */*", "application/json"));
    assert_false(accepts_media_type("application/jsonx", "application/json"));
}

static void gzip_is_used_only_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_true(accepts_gzip("deflate, gzip;q=0.5"));
    assert_true(accepts_gzip("*"));
    assert_false(accepts_gzip(NULL));
    assert_false(accepts_gzip("identity"));
    assert_false(accepts_gzip("gzip;q=0, *"));
}

static void chinese_is_spoken_to_who_prefers_it(void **state)
{
    (void)state;
    assert_true(prefers_chinese("zh-CN,zh;q=0.9,en;q=0.8"));
    assert_true(prefers_chinese("zh"));
    assert_false(prefers_chinese(NULL));
    assert_false(prefers_chinese("en-GB,zh;q=0.5"));
    assert_false(prefers_chinese("zha"));
    assert_false(prefers_chinese("zh;q=0"));
}

static void etags_are_compared_weakly(void **state)
{
    (void)state;
    assert_true(etag_is_listed("\"1-a\"", "\"1-a\""));
    assert_true(etag_is_listed("\"0-b\", W/\"1-a\"", "\"1-a\""));
    assert_true(etag_is_listed("*", "\"1-a\""));
    assert_false(etag_is_listed("\"1-ab\"", "\"1-a\""));
    assert_false(etag_is_listed("\"1-a", "\"1-a\""));
    assert_false(etag_is_listed("", "\"1-a\""));
}

static void a_version_is_what_stands_before_the_dash(void **state)
{
    (void)state;
    assert_int_equal(etag_version("\"17-00ff\""), 17);
    assert_int_equal(etag_version("W/\"3-00ff\""), 3);
    assert_int_equal(etag_version("\"8\""), 8);
    assert_int_equal(etag_version("17"), -1);
    assert_int_equal(etag_version("\"x-1\""), -1);
    assert_int_equal(etag_version("\"12345678901-1\""), -1);
    assert_int_equal(etag_version("\"1-1"), -1);
    assert_int_equal(etag_version(""), -1);
}

static void words_are_found_whole(void **state)
{
    (void)state;
    assert_true(is_listed("a.example  b.example", "B.example", 9));
    assert_false(is_listed("a.example", "a.exampl", 8));
    assert_false(is_listed(NULL, "a", 1));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(media_types_are_chosen_by_the_most_exact_range),
        cmocka_unit_test(gzip_is_used_only_where_it_is_asked_for),
        cmocka_unit_test(chinese_is_spoken_to_who_prefers_it),
        cmocka_unit_test(etags_are_compared_weakly),
        cmocka_unit_test(a_version_is_what_stands_before_the_dash),
        cmocka_unit_test(words_are_found_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
