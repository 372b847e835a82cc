/* What a reply amounts to. */
#include "../test.h"
#include "text/hollow.h"

static struct arena arena;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void nothing_is_left_of_stock_phrases(void **state)
{
    static const char *const empty[] = {"已收悉。",
                                        "您好！您反映的问题已收悉，正在处理中，请耐心等待。",
                                        "收到，谢谢！",
                                        "已转交相关部门，尽快处理。",
                                        "Thank you for your feedback. We will look into it.",
                                        "尊敬的 业主：您好，我们高度重视，感谢您的反馈"};
    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        if (hollow_read(&arena, empty[i]).rest >= 5 || hollow_read(&arena, empty[i]).letters <= hollow_read(&arena, empty[i]).rest)
            fail_msg("\"%s\" leaves %ld", empty[i], hollow_read(&arena, empty[i]).rest);
}

static void what_was_done_is_left(void **state)
{
    (void)state;
    assert_true(hollow_read(&arena, "您好，三号楼水管已更换，谢谢反映。").rest >= 8);
    assert_int_equal(hollow_read(&arena, "已修好。").rest, 3);
    assert_int_equal(hollow_read(&arena, "已修好。").letters, 3);
    assert_int_equal(hollow_read(&arena, "……！？").letters, 0);
}

static void a_promise_needs_a_day(void **state)
{
    (void)state;
    assert_true(hollow_read(&arena, "我们会尽快派人维修路灯。").undated);
    assert_true(hollow_read(&arena, "The lamp will be replaced soon.").undated);
    assert_false(hollow_read(&arena, "我们会尽快派人维修路灯，最迟周五。").undated);
    assert_false(hollow_read(&arena, "争取11月28日前完工。").undated);
    assert_false(hollow_read(&arena, "路灯已修好，今后会尽快响应。").undated);
    assert_true(hollow_read(&arena, "我们会尽快安排人来修好车库的水泵。").undated);
    assert_true(hollow_read(&arena, "将会抓紧完成维修。").undated);
    assert_false(hollow_read(&arena, "维修完成，今后会尽快响应。").undated);
    assert_false(hollow_read(&arena, "水管换好了。").undated);
}

static void copying_is_measured_in_what_was_said_before(void **state)
{
    const char *earlier = "您反映的三号楼路灯不亮，经电工现场查看系线路老化，已于今日更换完毕。";
    (void)state;
    assert_int_equal(hollow_copied(&arena, earlier, earlier), 100);
    assert_true(hollow_copied(&arena, "您反映的五号楼路灯不亮，经电工现场查看系线路老化，已于今日更换完毕。", earlier) >= 90);
    assert_true(hollow_copied(&arena, "垃圾桶已增加两只，每天清运两次。", earlier) < 30);
    assert_int_equal(hollow_copied(&arena, "。", earlier), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_is_left_of_stock_phrases, end),
        cmocka_unit_test_teardown(what_was_done_is_left, end),
        cmocka_unit_test_teardown(a_promise_needs_a_day, end),
        cmocka_unit_test_teardown(copying_is_measured_in_what_was_said_before, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
