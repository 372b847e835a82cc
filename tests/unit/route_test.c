/* Paths, methods, and what every statement is given. */
#include "test.h"
#include "http/match.h"
#include "http/value.h"

#define SOME_ID "0198a1b2-0000-7000-8000-000000000001"

static const struct endpoint *found(const char *method, const char *path)
{
    static char copy[200];
    strcpy(copy, path);
    struct match match = match_path(copy);
    return match.place ? match_method(match.place, method) : NULL;
}

static bool exists(const char *path)
{
    char copy[200];
    strcpy(copy, path);
    return match_path(copy).place;
}

static void every_route_is_found_and_every_name_is_known(void **state)
{
    (void)state;
    assert_true(route_start());
    assert_true(endpoint_count > 10);
}

static void words_win_over_arguments(void **state)
{
    (void)state;
    assert_string_equal(found("DELETE", "/v1/sessions/current")->route->path, "/v1/sessions/current");
    assert_string_equal(found("GET", "/v1/complaints/" SOME_ID)->route->path, "/v1/complaints/{complaint}");
    assert_string_equal(found("POST", "/v1/complaints/" SOME_ID "/answer")->action, "answer");
}

static void an_argument_of_the_wrong_form_is_no_path(void **state)
{
    (void)state;
    assert_false(exists("/v1/complaints/7"));
    assert_false(exists("/v1/complaints/" SOME_ID "x"));
    assert_false(exists("/v1/complaints/"));
    assert_false(exists("/v1//complaints"));
    assert_false(exists("/v1/complaints/" SOME_ID "/answer/"));
    assert_false(exists("v1/complaints"));
    assert_false(exists(""));
}

static void arguments_end_where_their_word_does(void **state)
{
    char path[] = "/v1/complaints/" SOME_ID "/answer";
    (void)state;
    struct match match = match_path(path);
    assert_int_equal(match.argument_count, 1);
    assert_string_equal(match.arguments[0], SOME_ID);
}

static void head_is_get_and_post_is_patchs_twin(void **state)
{
    (void)state;
    assert_ptr_equal(found("HEAD", "/v1/complaints"), found("GET", "/v1/complaints"));
    assert_int_equal(found("POST", "/v1/staff/" SOME_ID)->route->method, PATCH);
    assert_null(found("DELETE", "/v1/complaints"));
    assert_null(found("get", "/v1/complaints"));
    assert_true(method_is_known("HEAD"));
    assert_false(method_is_known("BREW"));
}

static void a_misspelt_name_is_not_offered(void **state)
{
    const struct endpoint *answer = found("POST", "/v1/complaints/" SOME_ID "/answer");
    struct slot slot;
    (void)state;
    assert_true(value_resolve(answer, "complaint", &slot));
    assert_true(value_resolve(answer, "input", &slot));
    assert_false(value_resolve(answer, "compliant", &slot));
    assert_false(value_resolve(answer, "after_key", &slot));
    assert_false(value_resolve(answer, "code_hash", &slot));
}

static void what_is_personal_is_offered_sealed_or_hashed_only(void **state)
{
    const struct endpoint *submit = found("POST", "/v1/complaints"), *hire = found("POST", "/v1/staff");
    struct slot slot;
    (void)state;
    assert_false(value_resolve(submit, "contact", &slot));
    assert_false(value_resolve(submit, "contact_phone", &slot));
    assert_true(value_resolve(submit, "contact_sealed", &slot));
    assert_true(value_resolve(submit, "contact_phone_hash", &slot));
    assert_false(value_resolve(hire, "password", &slot));
    assert_true(value_resolve(hire, "password_hash", &slot));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_found_and_every_name_is_known),
        cmocka_unit_test(words_win_over_arguments),
        cmocka_unit_test(an_argument_of_the_wrong_form_is_no_path),
        cmocka_unit_test(arguments_end_where_their_word_does),
        cmocka_unit_test(head_is_get_and_post_is_patchs_twin),
        cmocka_unit_test(a_misspelt_name_is_not_offered),
        cmocka_unit_test(what_is_personal_is_offered_sealed_or_hashed_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
