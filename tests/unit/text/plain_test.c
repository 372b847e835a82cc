/* How texts are looked through, and the way back to what was written. */
#include "../test.h"
#include "text/plain.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static const char *plain(const char *text)
{
    return text_plain(&arena, text).text;
}

/* Where the plain text's characters were written, then where the text ended. */
static const char *places(const char *text)
{
    struct plain plain = text_plain(&arena, text);
    const char *all = "";
    int shift = 0, last = 1;
    size_t step = 0;
    for (const char *at = plain.text; *at; at++)
        last += ((unsigned char)*at & 0xc0) != 0x80;
    for (int at = 1; at <= last; at++) {
        if (step < plain.step_count && plain.steps[step] == at) {
            shift = plain.steps[step + 1];
            step += 2;
        }
        all = arena_print(&arena, "%s%s%d", all, at == 1 ? "" : " ", at + shift);
    }
    return all;
}

static void blanks_stay_only_between_spelled_words(void **state)
{
    (void)state;
    assert_string_equal(plain(" 3 号\n楼 ， wi fi\t\n x "), "3号楼,wi fi x");
    assert_string_equal(plain("３号　楼"), "3号楼");
    assert_string_equal(plain("A - 17"), "a-17");
    assert_string_equal(plain(" \n"), "");
    assert_string_equal(plain(""), "");
}

static void what_is_invisible_is_not_there(void **state)
{
    (void)state;
    assert_string_equal(plain("水\xe2\x80\x8e 管\xe2\x80\x8f"), "水管"); /* marks of direction */
    assert_string_equal(plain("👨\xe2\x80\x8d👩 ☎\xef\xb8\x8f"), "👨👩☎");   /* joiner, variation selector */
    assert_string_equal(plain("e\xe2\x80\x8d\xcc\x81"), "é");            /* a joiner before an accent */
    assert_string_equal(plain("水\xc2\xad管\x01道"), "水管道");          /* soft hyphen, control character */
}

static void a_letter_and_its_marks_are_one(void **state)
{
    (void)state;
    assert_string_equal(plain("cafe\xcc\x81"), plain("CAF\xc3\x89"));
    assert_string_equal(plain("ﾀﾞﾑ"), "ダム");
    assert_string_equal(plain("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), "\xed\x95\x9c"); /* 한, of three parts and of one */
}

static void every_character_knows_where_it_was_written(void **state)
{
    (void)state;
    assert_string_equal(places("水管漏水"), "1 2 3 4 5");
    assert_string_equal(places(" 3 号"), "2 4 5");
    assert_string_equal(places("wi  fi"), "1 2 4 5 6 7");
    assert_string_equal(places("５㎡大"), "1 2 2 3 4");
    assert_string_equal(places("cafe\xcc\x81水"), "1 2 3 4 6 7");
    assert_string_equal(places("水 "), "1 3");
    assert_string_equal(places(""), "1");
    assert_int_equal(text_plain(&arena, "水管漏水，三天了ＡＢＣ").step_count, 0);
}

static void ten_thousand_of_anything_take_no_time(void **state)
{
    static const char *const kinds[] = {"\xcc\x81", "\xe2\x80\x8d", "水 ", "ﷺ", "😀", "Ａ"};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char *text = arena_take(&arena, 10000 * strlen(kinds[i]) + 1), *at = text;
        for (int count = 0; count < 10000; count++)
            at = stpcpy(at, kinds[i]);
        struct plain once = text_plain(&arena, text);
        assert_string_equal(plain(once.text), once.text);
        arena_release(&arena);
    }
}

static void a_heading_is_the_beginning(void **state)
{
    (void)state;
    assert_string_equal(text_heading(&arena, "漏水"), "漏水");
    const char *text = "";
    for (int i = 0; i < 150; i++)
        text = arena_print(&arena, "%s😀", text);
    assert_int_equal(strlen(text_heading(&arena, text)), 120 * strlen("😀"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(blanks_stay_only_between_spelled_words, end),
        cmocka_unit_test_teardown(what_is_invisible_is_not_there, end),
        cmocka_unit_test_teardown(a_letter_and_its_marks_are_one, end),
        cmocka_unit_test_teardown(every_character_knows_where_it_was_written, end),
        cmocka_unit_test_teardown(ten_thousand_of_anything_take_no_time, end),
        cmocka_unit_test_teardown(a_heading_is_the_beginning, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
