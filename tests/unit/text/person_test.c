/* Whether a text says who somebody is. */
#include "../test.h"
#include "text/person.h"

static struct arena arena;

static void a_full_name_is_found_however_it_is_written(void **state)
{
    (void)state;
    assert_true(text_names(&arena, "尊敬的张三先生，您好", "张三"));
    assert_true(text_names(&arena, "张 三：您好", "张三"));
    assert_true(text_names(&arena, "张\xe2\x80\x8b三", "张三"));
    assert_true(text_names(&arena, "王芳您好", "王芳女士"));
    assert_true(text_names(&arena, "欧阳小明同志", " 欧阳小明 "));
    assert_true(text_names(&arena, "阿依古丽.买买提", "阿依古丽·买买提"));
    assert_true(text_names(&arena, "Dear JOHN Smith,", "John Smith"));
}

static void a_surname_and_other_words_name_nobody(void **state)
{
    (void)state;
    assert_false(text_names(&arena, "李先生您好", "李"));
    assert_false(text_names(&arena, "李先生您好", "李先生"));
    assert_false(text_names(&arena, "张师傅已修好三号楼", "张三"));
    assert_false(text_names(&arena, "oli nature", "Li Na"));
    assert_false(text_names(&arena, "", "张三"));
    assert_false(text_names(&arena, "您好", ""));
    assert_false(text_names(&arena, "您好", " "));
}

static void a_phone_number_is_found_however_it_is_grouped(void **state)
{
    (void)state;
    assert_true(text_holds_phone(&arena, "已致电138-1234-5678", "13812345678"));
    assert_true(text_holds_phone(&arena, "１３８ １２３４ ５６７８", "+8613812345678"));
    assert_true(text_holds_phone(&arena, "+86 13812345678。", "008613812345678"));
    assert_true(text_holds_phone(&arena, "(0731) 8888-1234", "073188881234"));
    assert_false(text_holds_phone(&arena, "13812345679", "13812345678"));
    assert_false(text_holds_phone(&arena, "138，12345678", "13812345678"));
    assert_false(text_holds_phone(&arena, "请拨打12345", "12345"));
    assert_false(text_holds_phone(&arena, "您好", ""));
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_name_is_found_however_it_is_written),
        cmocka_unit_test(a_surname_and_other_words_name_nobody),
        cmocka_unit_test(a_phone_number_is_found_however_it_is_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
