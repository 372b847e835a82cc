/* What a text is about. */
#include "../test.h"
#include "text/fold.h"
#include "text/likeness.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* How much a pair of characters weighs; 0: it does not occur. */
static int weight_of(struct likeness about, const char *pair)
{
    int code = grams_sequence(&arena, pair).codes[0];
    for (size_t i = 0; i < about.count; i++)
        if (about.codes[i] == code)
            return about.weights[i];
    return 0;
}

static struct likeness about(const char *title, const char *text)
{
    return likeness_of(&arena, title ? text_fold(&arena, title) : NULL, text_fold(&arena, text));
}

static void a_title_counts_three_times(void **state)
{
    (void)state;
    struct likeness found = about("路灯不亮", "三号楼路灯坏了，路灯一直不亮");
    assert_int_equal(weight_of(found, "路灯"), 5);
    assert_int_equal(weight_of(found, "灯不"), 3);
    assert_int_equal(weight_of(found, "三号"), 1);
    assert_int_equal(weight_of(found, "电梯"), 0);
}

static void codes_rise_and_each_is_there_once(void **state)
{
    (void)state;
    struct likeness found = about("路灯路灯路灯", "灯路灯路，路灯");
    assert_true(found.count > 0);
    for (size_t i = 1; i < found.count; i++)
        assert_true(found.codes[i - 1] < found.codes[i]);
}

static void of_the_body_the_first_120_characters_count(void **state)
{
    (void)state;
    char text[2048] = "";
    for (int i = 0; i < 59; i++)
        strcat(text, "水管");
    strcat(text, "漏水路灯");
    struct likeness found = about(NULL, text);
    assert_int_equal(weight_of(found, "水管"), 59);
    assert_int_equal(weight_of(found, "漏水"), 1);
    assert_int_equal(weight_of(found, "路灯"), 0);
}

static void a_text_of_signs_is_about_nothing(void **state)
{
    (void)state;
    assert_int_equal(about("！？", "……").count, 0);
    assert_int_equal(about(NULL, "").count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_counts_three_times),
        cmocka_unit_test(codes_rise_and_each_is_there_once),
        cmocka_unit_test(of_the_body_the_first_120_characters_count),
        cmocka_unit_test(a_text_of_signs_is_about_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
