/* What in a text leads to a person, and what does not. */
#include "../test.h"
#include "text/mask.h"

static struct arena arena;

/* Pairs of a text and what becomes of it; NULL: nothing. */
struct pair {
    const char *text, *masked;
};

static void check(const struct pair *pairs, size_t count, unsigned kinds)
{
    for (size_t i = 0; i < count; i++) {
        const char *masked = mask_text(&arena, pairs[i].text, kinds);
        if (!masked != !pairs[i].masked)
            fail_msg("\"%s\" became \"%s\"", pairs[i].text, masked ? masked : "itself");
        if (masked)
            assert_string_equal(masked, pairs[i].masked);
    }
}

#define CHECK(pairs_, kinds_) check(pairs_, sizeof(pairs_) / sizeof *(pairs_), kinds_)

static void mobile_numbers_are_masked_however_they_are_written(void **state)
{
    static const struct pair pairs[] = {
        {"请联系13812345678谢谢", "请联系138********谢谢"},
        {"138 1234 5678", "138 **** ****"},
        {"138-1234-5678", "138-****-****"},
        {"138.1234.5678", "138.****.****"},
        {"1381234 5678。", "138**** ****。"},
        {"1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * * * * *"},
        {"138 12 34 56 78", "138 ** ** ** **"},
        {"+86 138 1234 5678", "+86 1** **** ****"},
        {"+8613812345678", "+861**********"},
        {"008613812345678", "008************"},
        {"013812345678", "013*********"},
        {"电话１３８１２３４５６７８", "电话１３８********"},
        {"①③⑧①②③④⑤⑥⑦⑧", "①③⑧********"},
        {"1\xe2\x80\x8b"
         "38\xe2\x80\x8f"
         "12345678",
         "1\xe2\x80\x8b"
         "38\xe2\x80\x8f"
         "********"},
        {"1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "1️⃣3️⃣8️⃣********"},
        {"一三八一二三四五六七八", "一三八********"},
        {"幺三八1234五六七八", "幺三八********"},
        {"13812345678/13987654321", "138********/139********"},
        {"13812345678 13987654321", "138******** 139********"},
        {"2026-11-22 13812345678", "2026-11-22 138********"},
        {"A13812345678", "A138********"},
    };
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
    CHECK(pairs, MASK_REPLY);
}

static void other_numbers_stay(void **state)
{
    static const struct pair pairs[] = {
        {"", NULL},
        {"楼道灯坏了", NULL},
        {"2026-11-22 13:45:56", NULL},
        {"2019年12月11日至2020年1月5日", NULL},
        {"20261123-0001", NULL},
        {"编号20261123-10001，20261123-0002", NULL},
        {"共计13800000000元", NULL},
        {"投资 13912345678 元", NULL},
        {"12.5万，130.50元，1,380,012,345元", NULL},
        {"12345、110、95598、12319", NULL},
        {"400-810-1234，4008101234，800-820-8888", NULL},
        {"3栋2单元1502室", NULL},
        {"138123456789", NULL}, /* twelve */
        {"1381234567", NULL},   /* ten */
        {"12812345678", NULL},  /* no network */
        {"1 3 5 7 9 11 13 15", NULL},
        {"一三五七九、二四六八十", NULL},
        {"一九四九一〇〇一", NULL},
        {"20190812123456789012", NULL},
        {"1998 2003 2008", NULL},
        {"户号0012345678", NULL},
        {"3, 13812, 345678", NULL},
        {"QQ群里都说", NULL},
        {"微信群 wechat payment", NULL},
        {"@物业", NULL},
        {"a@b", NULL},
        {"订单号：201811111234567890", NULL},
    };
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
}

static void landlines_are_masked_in_what_residents_write(void **state)
{
    static const struct pair pairs[] = {
        {"0731-88881234", "****-********"},
        {"（0731）88881234", "（****）********"},
        {"073188881234", "************"},
        {"0731-8888 1234", "****-**** ****"},
        {"010-65001234", "***-********"},
        {"010 6500 1234", "*** **** ****"},
        {"07358881234", "***********"},
        {"我家电话：88881234", "我家电话：********"},
        {"座机8888-1234", "座机****-****"},
        {"电话20190812打过", NULL},
        {"热线88881234", NULL},
        {"0731-12345", NULL},
    };
    static const struct pair replies[] = {{"请拨打0731-88881234", NULL}, {"电话：88881234", NULL}};
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
    CHECK(replies, MASK_REPLY);
}

static void identity_numbers_are_masked(void **state)
{
    static const struct pair pairs[] = {
        {"身份证11010519491231002X", "身份证******************"},
        {"11010519491231002x，", "******************，"},
        {"１１０１０５１９４９１２３１００２Ｘ", "******************"},
        {"440524188001010012", NULL}, /* nobody is that old */
        {"110105 19491231 002X", "****** ******** ****"},
        {"110105194912310021", NULL}, /* the check digit is wrong */
        {"身份证号：110105194912310021", "身份证号：******************"},
        {"130503670401001", "***************"},
        {"130503671301001", NULL}, /* no such month */
        {"990105194912310025", NULL},
    };
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
    CHECK(pairs, MASK_REPLY);
}

static void bank_cards_are_masked_by_their_check_digit(void **state)
{
    static const struct pair pairs[] = {
        {"6222 0212 3456 7890 125", NULL},
        {"4111111111111111", "****************"},
        {"4111 1111 1111 1111", "**** **** **** ****"},
        {"4111-1111-1111-1111", "****-****-****-****"},
        {"4111111111111112", NULL},
        {"1111111111111117", NULL},
    };
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
}

static void addresses_and_accounts_are_masked(void **state)
{
    static const struct pair pairs[] = {
        {"写信到zhang.san@example.com吧", "写信到*****.***@*******.***吧"},
        {"zhang＠163.com", "*****＠***.***"},
        {"微信号：zhangsan_88", "微信号：********_**"},
        {"微信zhang88san", "微信**********"},
        {"QQ：123456789", "QQ：*********"},
        {"加qq 12345678", "加qq ********"},
        {"微信公众号", NULL},
        {"用微信 payment 付款", NULL},
    };
    static const struct pair replies[] = {{"office@example.com", NULL}};
    (void)state;
    CHECK(pairs, MASK_RESIDENT);
    CHECK(replies, MASK_REPLY);
}

static void masking_again_changes_nothing(void **state)
{
    const char *masked = mask_text(&arena, "138 1234 5678，0731-88881234，11010519491231002X", MASK_RESIDENT);
    (void)state;
    assert_non_null(masked);
    assert_null(mask_text(&arena, masked, MASK_RESIDENT));
}

static void what_is_found_is_told_by_kind_and_place(void **state)
{
    size_t count;
    struct mask_found *found = mask_find(&arena, "我13812345678", MASK_RESIDENT, &count);
    (void)state;
    assert_int_equal(count, 1);
    assert_int_equal(found->kind, MASK_MOBILE);
    assert_int_equal(found->start, 3);
    assert_int_equal(found->size, 11);
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
        cmocka_unit_test(mobile_numbers_are_masked_however_they_are_written),
        cmocka_unit_test(other_numbers_stay),
        cmocka_unit_test(landlines_are_masked_in_what_residents_write),
        cmocka_unit_test(identity_numbers_are_masked),
        cmocka_unit_test(bank_cards_are_masked_by_their_check_digit),
        cmocka_unit_test(addresses_and_accounts_are_masked),
        cmocka_unit_test(masking_again_changes_nothing),
        cmocka_unit_test(what_is_found_is_told_by_kind_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
