/* What a text is found by. */
#include "../test.h"
#include "text/fold.h"
#include "text/grams.h"
#include "text/plain.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* Readable: the grams with a bar between them. */
static const char *spelled(struct grams grams)
{
    const char *all = "";
    for (size_t i = 0; i < grams.count; i++) {
        const char *text = gram_text(&arena, grams.codes[i]);
        all = arena_print(&arena, "%s%s%s", all, i ? "|" : "", text ? text : "?");
    }
    return all;
}

static const char *pairs_of(const char *text)
{
    return spelled(grams_sequence(&arena, text_fold(&arena, text)));
}

static bool holds(struct grams whole, struct grams part)
{
    size_t at = 0;
    for (size_t i = 0; i < part.count; i++) {
        while (at < whole.count && whole.codes[at] < part.codes[i])
            at++;
        if (at == whole.count || whole.codes[at] != part.codes[i])
            return false;
    }
    return true;
}

static struct grams pairs(const char *text)
{
    return grams_pairs(&arena, text_fold(&arena, text));
}

static void neighbours_make_pairs_and_punctuation_parts_them(void **state)
{
    (void)state;
    assert_string_equal(pairs_of("水管漏水，三天了"), "水管|管漏|漏水|三天|天了");
    assert_string_equal(pairs_of("WiFi 断了"), "wi|if|fi|i断|断了");
    assert_string_equal(pairs_of("water pipe"), "wa|at|te|er|pi|ip|pe");
    assert_string_equal(pairs_of("，。！？……"), "");
    assert_string_equal(pairs_of("水"), "");
    assert_string_equal(pairs_of(""), "");
}

static void one_sign_within_a_name_is_passed_over(void **state)
{
    (void)state;
    assert_string_equal(pairs_of("A-17"), "a1|17");
    assert_string_equal(pairs_of("３＃楼"), "3楼");
    assert_string_equal(pairs_of("3—1"), "31");
    assert_string_equal(pairs_of("好--坏"), "");
    assert_string_equal(pairs_of("-水-"), "");
}

static void width_case_and_blanks_make_no_difference(void **state)
{
    (void)state;
    assert_string_equal(pairs_of("１２栋 Ａ座"), pairs_of("12栋a座"));
    assert_string_equal(pairs_of("3 号 楼"), "3号|号楼");
    assert_string_equal(pairs_of("12 34"), "12|34");
    assert_string_equal(pairs_of("水\xe2\x80\x8f管\xe2\x80\x8b漏\xef\xb8\x8f"),
                        "水管|管漏"); /* RTL mark, zero-width space, variation selector */
}

static void characters_beyond_the_basic_plane_are_found_too(void **state)
{
    (void)state;
    struct grams emoji = pairs("😀😀"), rare = pairs("𠮷野家");
    assert_int_equal(emoji.count, 1);
    assert_null(gram_text(&arena, emoji.codes[0]));
    assert_int_equal(rare.count, 2);
    assert_true(holds(pairs("我在𠮷野家😀😀吃饭"), rare));
    assert_true(holds(pairs("我在𠮷野家😀😀吃饭"), emoji));
    assert_false(holds(pairs("😀😁"), emoji));
    assert_string_equal(spelled(grams_singles(&arena, "😀a，😀水")), "a|水|😀");
}

static void the_numbers_stay_for_ever(void **state)
{
    (void)state;
    assert_string_equal(grams_as_array(&arena, pairs("漏水 ab")), "{6357090,1815347297,1863281716}");
    assert_string_equal(grams_as_array(&arena, pairs("😀a")), "{-550225845}");
    assert_string_equal(grams_as_array(&arena, grams_singles(&arena, "水")), "{27700}");
    assert_string_equal(grams_as_array(&arena, pairs("")), "{}");
}

static void sets_rise_and_hold_each_once(void **state)
{
    (void)state;
    struct grams set = grams_union(&arena, pairs("漏水漏水"), pairs("水管漏水"));
    assert_int_equal(set.count, 4);
    for (size_t i = 1; i < set.count; i++)
        assert_true(set.codes[i - 1] < set.codes[i]);
}

static void a_part_has_no_pair_that_the_whole_lacks(void **state)
{
    static const char *const whole = "Ａ-17 栋３＃楼：water  pipe 漏水😀😀，请𠮷师傅（138-0000）来修。";
    (void)state;
    const char *plain = text_plain(&arena, whole).text;
    for (const char *from = plain; *from; from++)
        for (const char *to = from; *to; to++)
            if (((unsigned char)*from & 0xc0) != 0x80 && ((unsigned char)*to & 0xc0) != 0x80)
                assert_true(holds(pairs(whole), pairs(arena_copy(&arena, from, (size_t)(to - from)))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(neighbours_make_pairs_and_punctuation_parts_them, end),
        cmocka_unit_test_teardown(one_sign_within_a_name_is_passed_over, end),
        cmocka_unit_test_teardown(width_case_and_blanks_make_no_difference, end),
        cmocka_unit_test_teardown(characters_beyond_the_basic_plane_are_found_too, end),
        cmocka_unit_test_teardown(the_numbers_stay_for_ever, end),
        cmocka_unit_test_teardown(sets_rise_and_hold_each_once, end),
        cmocka_unit_test_teardown(a_part_has_no_pair_that_the_whole_lacks, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
