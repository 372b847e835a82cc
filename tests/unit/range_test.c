#include "test.h"
#include "http/range.h"

static void expect(const char *header, enum range wanted, unsigned long long first, unsigned long long last)
{
    struct part part = {0};
    assert_int_equal(range_of(header, 1000, &part), wanted);
    if (wanted == RANGE_PART) {
        assert_int_equal(part.first, first);
        assert_int_equal(part.last, last);
    }
}

static void test_parts_that_lie_inside(void **state)
{
    (void)state;
    expect("bytes=0-0", RANGE_PART, 0, 0);
    expect("Bytes= 10-19 ", RANGE_PART, 10, 19);
    expect("bytes=990-", RANGE_PART, 990, 999);
    expect("bytes=-10", RANGE_PART, 990, 999);
    expect("bytes=-5000", RANGE_PART, 0, 999);
    expect("bytes=999-99999999999999999999999", RANGE_PART, 999, 999);
}

static void test_parts_that_lie_outside(void **state)
{
    (void)state;
    expect("bytes=1000-", RANGE_BEYOND, 0, 0);
    expect("bytes=99999999999999999999999-", RANGE_BEYOND, 0, 0);
    expect("bytes=-0", RANGE_BEYOND, 0, 0);
}

static void test_anything_else_means_the_whole(void **state)
{
    static const char *const others[] = {"",          "bytes",         "bytes=",  "bytes=-",   "bytes=a-b",
                                         "bytes=2-1", "bytes=1-2,4-5", "bytes=1", "lines=1-2", "bytes=1-2x"};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        expect(others[i], RANGE_ALL, 0, 0);
    expect(NULL, RANGE_ALL, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_that_lie_inside),
        cmocka_unit_test(test_parts_that_lie_outside),
        cmocka_unit_test(test_anything_else_means_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
