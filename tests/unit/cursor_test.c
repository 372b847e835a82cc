/* Cursors belong to one list, sessions end with a revocation. */
#include "key.h"
#include "http/cursor.h"
#include "http/session.h"

static const struct field fields[] = {
    {.name = "q", .type = TEXT}, {.name = "limit", .type = INTEGER}, {.name = "cursor", .type = CURSOR}, {0}};
static const struct route route = {.method = GET, .path = "/v1/things", .fields = fields};
static const struct endpoint endpoint = {.route = &route, .field_count = 3};
static const char *inputs[3];
static struct request request;

static int begin(void **state)
{
    (void)state;
    memset(inputs, 0, sizeof inputs);
    request = (struct request){.endpoint = &endpoint, .path = "/v1/things", .inputs = inputs, .caller.community = "wall"};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&request.arena);
    return 0;
}

static void a_cursor_leads_back_to_its_place(void **state)
{
    (void)state;
    inputs[0] = "water";
    const char *cursor = cursor_make(&request, "2026-11-22 05:42:16.123456+00", "0198-id");
    assert_int_equal(strspn(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"), strlen(cursor));
    inputs[1] = "50";
    assert_true(cursor_read(&request, cursor));
    assert_string_equal(request.after_key, "2026-11-22 05:42:16.123456+00");
    assert_string_equal(request.after_id, "0198-id");
}

static void a_cursor_of_another_list_is_foreign(void **state)
{
    (void)state;
    inputs[0] = "water";
    const char *cursor = cursor_make(&request, "k", "i");
    inputs[0] = "noise";
    assert_false(cursor_read(&request, cursor));
    inputs[0] = NULL;
    assert_false(cursor_read(&request, cursor));
    inputs[0] = "water";
    request.path = "/v1/others";
    assert_false(cursor_read(&request, cursor));
    request.path = "/v1/things";
    strcpy(request.caller.community, "other");
    assert_false(cursor_read(&request, cursor));
}

static void a_cursor_made_up_is_foreign(void **state)
{
    static const char *const wrong[] = {"", "abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAprCmk", "====", "a b"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(cursor_read(&request, wrong[i]));
}

static void a_link_carries_the_other_parameters(void **state)
{
    (void)state;
    inputs[0] = "a b&c";
    assert_string_equal(cursor_link(&request, "CUR"), "</v1/things?q=a%20b%26c&cursor=CUR>; rel=\"next\"");
}

static const char hash[] = "\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void a_caller_is_known_until_a_revocation(void **state)
{
    struct session_cache *cache = session_cache_new();
    struct caller caller = {.role = OFFICER, .actor = "amy"};
    (void)state;
    assert_null(session_find(cache, hash));
    session_keep(cache, hash, &caller, session_epoch());
    assert_string_equal(session_find(cache, hash)->actor, "amy");
    session_forget_all();
    assert_null(session_find(cache, hash));
    session_cache_free(cache);
}

static void an_answer_from_before_a_revocation_is_not_kept(void **state)
{
    struct session_cache *cache = session_cache_new();
    struct caller caller = {.role = OFFICER, .actor = "amy"};
    unsigned seen = session_epoch();
    (void)state;
    session_forget_all();
    session_keep(cache, hash, &caller, seen);
    assert_null(session_find(cache, hash));
    session_cache_free(cache);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cursor_leads_back_to_its_place, begin, end),
        cmocka_unit_test_setup_teardown(a_cursor_of_another_list_is_foreign, begin, end),
        cmocka_unit_test_setup_teardown(a_cursor_made_up_is_foreign, begin, end),
        cmocka_unit_test_setup_teardown(a_link_carries_the_other_parameters, begin, end),
        cmocka_unit_test(a_caller_is_known_until_a_revocation),
        cmocka_unit_test(an_answer_from_before_a_revocation_is_not_kept),
    };
    return cmocka_run_group_tests(tests, make_key, NULL);
}
