/* Turning and shrinking pixels. */
#include "../test.h"
#include <stdlib.h>
#include <string.h>
#include "picture/pixels.h"

/* 3 x 2, each pixel a letter:  a b c / d e f. */
static struct pixels letters(void)
{
    struct pixels pixels = {.width = 3, .height = 2, .rgb = malloc(18)};
    assert_non_null(pixels.rgb);
    for (int i = 0; i < 6; i++)
        memset(pixels.rgb + 3 * i, 'a' + i, 3);
    return pixels;
}

static void expect(struct pixels taken, unsigned width, const char *wanted)
{
    assert_int_equal(taken.width, width);
    assert_int_equal(taken.width * taken.height, strlen(wanted));
    for (size_t i = 0; i < strlen(wanted); i++)
        assert_int_equal(taken.rgb[3 * i], wanted[i]);
    pixels_free(&taken);
}

static void test_every_orientation_comes_upright(void **state)
{
    static const struct {
        unsigned width;
        const char *wanted;
    } turned[] = {{3, "abcdef"}, {3, "cbafed"}, {3, "fedcba"}, {3, "defabc"}, {2, "adbecf"}, {2, "daebfc"}, {2, "fcebda"}, {2, "cfbead"}};
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++)
        expect(pixels_upright(letters(), orientation), turned[orientation - 1].width, turned[orientation - 1].wanted);
    expect(pixels_upright(letters(), 0), 3, "abcdef");
    expect(pixels_upright(letters(), 9), 3, "abcdef");
}

static struct pixels flat(unsigned width, unsigned height, unsigned char value)
{
    struct pixels pixels = {.width = width, .height = height, .rgb = malloc((size_t)width * height * 3)};
    assert_non_null(pixels.rgb);
    memset(pixels.rgb, value, (size_t)width * height * 3);
    return pixels;
}

static void test_shrinking_keeps_the_shape_and_the_light(void **state)
{
    static const unsigned sizes[][4] = {{1000, 500, 480, 240}, {500, 1000, 240, 480}, {481, 480, 480, 479},
                                        {5000, 3, 480, 1},     {1, 5000, 1, 480},     {480, 480, 480, 480}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pixels small = pixels_within(flat(sizes[i][0], sizes[i][1], 201), 480);
        assert_int_equal(small.width, sizes[i][2]);
        assert_int_equal(small.height, sizes[i][3]);
        for (size_t at = 0; at < (size_t)small.width * small.height * 3; at++)
            assert_int_equal(small.rgb[at], 201);
        pixels_free(&small);
    }
}

static void test_a_pixel_is_the_mean_of_those_it_stands_for(void **state)
{
    struct pixels four = flat(4, 2, 0);
    (void)state;
    memset(four.rgb + 6, 200, 6); /* the third and fourth of the first row */
    struct pixels two = pixels_copy_within(&four, 2);
    assert_int_equal(two.width, 2);
    assert_int_equal(two.height, 1);
    assert_int_equal(two.rgb[0], 0);
    assert_int_equal(two.rgb[3], 100);
    pixels_free(&two);
    pixels_free(&four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_orientation_comes_upright),
        cmocka_unit_test(test_shrinking_keeps_the_shape_and_the_light),
        cmocka_unit_test(test_a_pixel_is_the_mean_of_those_it_stands_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
