/* What the file channel writes. */
#include "key.h"
#include "jobs/outbox.h"

static const char CONTEXT[] = "0198a000-0000-7000-8000-000000000001";

static void a_line_holds_the_payload_and_what_was_sealed(void **state)
{
    struct arena arena = {0};
    struct message message = {.id = "7",
                              .community = "default",
                              .channel = "file",
                              .event = "code",
                              .payload = "{\"at\": \"2026-11-22T05:42:16Z\", \"text\": \"一\\n二\"}",
                              .sealed_for = CONTEXT};
    (void)state;
    message.sealed = secret_seal(&arena, CONTEXT, "{\"phone\": \"+8613800000000\", \"code\": \"123456\"}");
    assert_string_equal(message_line(&arena, &message),
                        "{\"id\":\"7\",\"community\":\"default\",\"event\":\"code\",\"at\":\"2026-11-22T05:42:16Z\",\"text\":\"一\\n二\","
                        "\"phone\":\"+8613800000000\",\"code\":\"123456\"}");
    arena_release(&arena);
}

static void no_name_is_needed_to_deliver(void **state)
{
    struct arena arena = {0};
    struct message message = {.id = "7", .community = "default", .event = "answer", .sealed_for = CONTEXT};
    (void)state;
    message.sealed = secret_seal(&arena, CONTEXT, "{\"name\": \"王秀英\", \"phone\": \"13800000000\", \"building\": \"3\"}");
    assert_string_equal(message_line(&arena, &message),
                        "{\"id\":\"7\",\"community\":\"default\",\"event\":\"answer\",\"phone\":\"13800000000\"}");
    arena_release(&arena);
}

static void a_payload_cannot_pretend_another_id(void **state)
{
    struct arena arena = {0};
    struct message message = {.id = "7", .community = "default", .event = "code", .payload = "{\"id\":\"8\",\"event\":\"x\",\"n\":1}"};
    (void)state;
    assert_string_equal(message_line(&arena, &message), "{\"id\":\"7\",\"community\":\"default\",\"event\":\"code\",\"n\":1}");
    arena_release(&arena);
}

static void what_cannot_be_opened_is_no_line(void **state)
{
    struct arena arena = {0};
    char *sealed = secret_seal(&arena, CONTEXT, "{\"phone\":\"1\"}");
    (void)state;
    assert_null(
        message_line(&arena, &(struct message){.id = "7", .community = "c", .event = "e", .sealed = sealed, .sealed_for = "other"}));
    assert_null(message_line(&arena, &(struct message){.id = "7", .community = "c", .event = "e", .sealed = sealed}));
    assert_null(message_line(&arena, &(struct message){.id = "7", .community = "c", .event = "e", .payload = "[1]"}));
    assert_null(message_line(&arena, &(struct message){.id = "7", .community = "c", .event = "e", .payload = "{"}));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_holds_the_payload_and_what_was_sealed),
        cmocka_unit_test(no_name_is_needed_to_deliver),
        cmocka_unit_test(a_payload_cannot_pretend_another_id),
        cmocka_unit_test(what_cannot_be_opened_is_no_line),
    };
    return cmocka_run_group_tests(tests, make_key, NULL);
}
