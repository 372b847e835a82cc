/* What a query looks for. */
#include "../test.h"
#include "text/sought.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* The words with bars between them, then the phrase; NULL: nothing can be found. */
static const char *seek(const char *query)
{
    struct sought sought;
    if (!text_seek(&arena, query, &sought))
        return NULL;
    const char *all = "";
    for (size_t i = 0; i < sought.word_count; i++)
        all = arena_print(&arena, "%s%s|", all, sought.words[i]);
    return arena_print(&arena, "%s %s", all, sought.phrase);
}

static void blanks_part_words_and_quotation_marks_hold_them_together(void **state)
{
    (void)state;
    assert_string_equal(seek("水管漏水"), "水管漏水| 水管漏水");
    assert_string_equal(seek(" 水管　漏水 "), "水管|漏水| 水管漏水");
    assert_string_equal(seek("\"water pipe\" leaks"), "water pipe|leaks| water pipe leaks");
    assert_string_equal(seek("电梯“三 号楼”坏了"), "电梯|三号楼|坏了| 电梯三号楼坏了");
    assert_string_equal(seek("水 水 WiFi ｗｉｆｉ"), "水|wifi| 水水wifi wifi");
}

static void a_quotation_that_is_not_closed_ends_with_the_text(void **state)
{
    (void)state;
    assert_string_equal(seek("漏水 \"三 号楼"), "漏水|三号楼| 漏水三号楼");
    assert_string_equal(seek("\"water pipe"), "water pipe| water pipe");
    assert_string_equal(seek("他说\"好"), "他说|好| 他说好");
    assert_string_equal(seek("“三 号楼\"漏水"), "三号楼|漏水| 三号楼漏水");
    assert_string_equal(seek("漏水\""), "漏水| 漏水");
    assert_string_equal(seek("漏水”"), "漏水| 漏水");
    assert_string_equal(seek("＂三 号楼＂漏水＂"), "三号楼|漏水| 三号楼漏水");
}

static void all_else_is_literal(void **state)
{
    (void)state;
    assert_string_equal(seek("100%_\\"), "100%_\\| 100%_\\");
    assert_string_equal(seek("漏水 %"), "漏水|%| 漏水%");
    assert_string_equal(seek("\"\" 漏水"), "漏水| 漏水");
}

static void what_cannot_be_found_is_said_to_be_so(void **state)
{
    static const char *const nothing[] = {"", " ", "，。！", "%", "\"\"", "“ ”", "\xe2\x80\x8f", "- - -", "…… ！！"};
    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_null(seek(nothing[i]));
}

static void single_characters_are_kept_where_no_word_has_a_pair(void **state)
{
    struct sought sought;
    (void)state;
    assert_true(text_seek(&arena, "水 😀", &sought));
    assert_int_equal(sought.pairs.count, 0);
    assert_string_equal(grams_as_array(&arena, sought.singles), "{27700,128512}");
    assert_true(text_seek(&arena, "3 号楼", &sought));
    assert_int_equal(sought.pairs.count, 1);
    assert_int_equal(sought.singles.count, 0);
}

static void a_long_query_has_few_grams(void **state)
{
    struct sought sought;
    const char *query = "";
    (void)state;
    for (int i = 0; i < 199; i++)
        query = arena_print(&arena, "%s%c%s", query, 'a' + i % 26, i % 7 ? "" : "水");
    assert_true(text_seek(&arena, query, &sought));
    assert_int_equal(sought.pairs.count, 16);
    for (size_t i = 1; i < sought.pairs.count; i++)
        assert_true(sought.pairs.codes[i - 1] < sought.pairs.codes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(blanks_part_words_and_quotation_marks_hold_them_together, end),
        cmocka_unit_test_teardown(a_quotation_that_is_not_closed_ends_with_the_text, end),
        cmocka_unit_test_teardown(all_else_is_literal, end),
        cmocka_unit_test_teardown(what_cannot_be_found_is_said_to_be_so, end),
        cmocka_unit_test_teardown(single_characters_are_kept_where_no_word_has_a_pair, end),
        cmocka_unit_test_teardown(a_long_query_has_few_grams, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
