/* Folding makes what residents write in different ways comparable. */
#include "../test.h"
#include <unistr.h>
#include "text/fold.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void width_case_and_compatibility_forms_are_one(void **state)
{
    (void)state;
    assert_string_equal(text_fold(&arena, "ＡＢＣ１２３　ｶﾞ"), "abc123 ガ");
    assert_string_equal(text_fold(&arena, "WiFi ℡ ㎡ Straße"), "wifi tel m2 strasse");
    assert_string_equal(text_fold(&arena, "１２栋　电梯！"), "12栋 电梯!");
}

static void what_needs_no_folding_stays(void **state)
{
    (void)state;
    assert_string_equal(text_fold(&arena, ""), "");
    assert_string_equal(text_fold(&arena, "楼道水管漏水三天了👨‍👩‍👧"),
                        "楼道水管漏水三天了👨‍👩‍👧");
}

static void folding_again_changes_nothing(void **state)
{
    (void)state;
    for (ucs4_t point = 1; point < 0x110000; point++) {
        uint8_t text[7] = {0};
        if (u8_uctomb(text, point, 6) < 0)
            continue;
        const char *once = text_fold(&arena, (const char *)text);
        assert_string_equal(text_fold(&arena, once), once);
        if (point % 1000 == 0)
            arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(width_case_and_compatibility_forms_are_one, end),
        cmocka_unit_test_teardown(what_needs_no_folding_stays, end),
        cmocka_unit_test_teardown(folding_again_changes_nothing, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
