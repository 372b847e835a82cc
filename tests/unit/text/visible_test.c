/* What of a text is seen. */
#include <string.h>
#include "../test.h"
#include "text/visible.h"

static void blanks_of_every_kind_show_nothing(void **state)
{
    static const unsigned long blanks[] = {' ',    '\t',   '\n',   0xa0,   0xad,   0x115f, 0x1680, 0x180e, 0x2003, 0x200b,
                                           0x200f, 0x202e, 0x2066, 0x2800, 0x3000, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xe0020};
    static const unsigned long seen[] = {'a', '.', 0x4e2d, 0x1f600, 0x3002, 0xff0c, 0x627, 0xe000};
    (void)state;
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        assert_true(text_is_blank(blanks[i]));
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        assert_false(text_is_blank(seen[i]));
}

static void marks_take_no_place_of_their_own(void **state)
{
    static const unsigned long marks[] = {0xad, 0x300, 0x36f, 0x483, 0x5b0, 0x64b, 0xe34, 0x200b, 0x200d, 0x202e, 0x20dd, 0xfe0f, 0xe0061};
    static const unsigned long others[] = {'a', ' ', '\n', 0x4e2d, 0x1f468, 0x1f3fb, 0x903, 0xac00, 0x3000};
    (void)state;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        assert_true(text_is_mark(marks[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(text_is_mark(others[i]));
}

/* E and R embed, O overrides, I isolates; p and i close; n ends a paragraph. */
static bool is_in_order(const char *steps)
{
    static const char letters[] = "EROIpinx";
    static const unsigned long points[] = {0x202a, 0x202b, 0x202e, 0x2067, 0x202c, 0x2069, '\n', 'x'};
    struct directions directions = {0};
    for (; *steps; steps++)
        if (!directions_step(&directions, points[strchr(letters, *steps) - letters]))
            return false;
    return directions.depth == 0;
}

static void directions_are_closed_in_order_within_their_paragraph(void **state)
{
    static const char *const right[] = {"", "xnx", "Exp", "OxpIxi", "IxRxpxi", "EOIippxn", "ExpnExp"};
    static const char *const wrong[] = {"E", "O", "I", "p", "i", "Ei", "Ip", "IEip", "Exnp", "Inxi", "Exppx", "xOxn"};
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(is_in_order(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(is_in_order(wrong[i]));
}

static void nesting_has_an_end(void **state)
{
    struct directions directions = {0};
    (void)state;
    for (int i = 0; i < 32; i++)
        assert_true(directions_step(&directions, 0x2067));
    assert_false(directions_step(&directions, 0x2067));
    for (int i = 0; i < 32; i++)
        assert_true(directions_step(&directions, 0x2069));
    assert_int_equal(directions.depth, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_of_every_kind_show_nothing),
        cmocka_unit_test(marks_take_no_place_of_their_own),
        cmocka_unit_test(directions_are_closed_in_order_within_their_paragraph),
        cmocka_unit_test(nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
