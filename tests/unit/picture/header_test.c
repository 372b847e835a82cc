/* What a header says: kinds, sizes, orientations, and that nothing is believed beyond the bytes there are. */
#include "../test.h"
#include <stdlib.h>
#include <string.h>
#include "picture/header.h"

/* In memory of exactly its size, so that a byte read too far is seen. */
static bool read_exactly(const void *bytes, size_t size, struct picture_header *header)
{
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    bool read = picture_read_header(copy, size, header);
    free(copy);
    return read;
}

#define READ(bytes_, header_) read_exactly(bytes_, sizeof(bytes_) - 1, header_)

static const char jpeg[] = "\xff\xd8"
                           "\xff\xe0\0\x06JFIF"
                           "\xff\xc0\0\x0b\x08\0\x28\0\x40\x01\x01\x11\0"
                           "\xff\xda";
static const char png[] = "\x89PNG\r\n\x1a\n"
                          "\0\0\0\x0dIHDR\0\0\1\0\0\0\0\x80\x08\x02\0\0\0crc!"
                          "\0\0\0\0IENDcrc!";
static const char lossy[] = "RIFF\x1a\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\0";
static const char lossless[] = "RIFF\x1a\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x3f\xc0\x09\0\0\0\0\0\0";
static const char canvas[] = "RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x2b\1\0\xc7\0\0";

static void test_sizes_are_read_of_every_kind(void **state)
{
    struct picture_header header;
    (void)state;
    assert_true(READ(jpeg, &header));
    assert_int_equal(header.kind, PICTURE_JPEG);
    assert_true(header.width == 64 && header.height == 40 && header.orientation == 1);
    assert_true(READ(png, &header));
    assert_true(header.kind == PICTURE_PNG && header.width == 256 && header.height == 128);
    assert_true(READ(lossy, &header));
    assert_true(header.kind == PICTURE_WEBP && header.width == 320 && header.height == 240 && !header.moves);
    assert_true(READ(lossless, &header));
    assert_true(header.width == 64 && header.height == 40);
    assert_true(READ(canvas, &header));
    assert_true(header.width == 300 && header.height == 200 && header.moves);
}

static void test_a_header_that_is_cut_off_is_none(void **state)
{
    struct picture_header header;
    (void)state;
    for (size_t size = 0; size < sizeof jpeg - 10; size++)
        assert_false(read_exactly(jpeg, size, &header));
    for (size_t size = 0; size < 33; size++)
        assert_false(read_exactly(png, size, &header));
    for (size_t size = 0; size < sizeof lossy - 1; size++)
        assert_false(read_exactly(lossy, size, &header));
    for (size_t size = 0; size < sizeof canvas - 1; size++)
        assert_false(read_exactly(canvas, size, &header));
}

static void test_lengths_that_lie_are_not_followed(void **state)
{
    struct picture_header header;
    (void)state;
    assert_false(READ("\xff\xd8\xff\xe0\xff\xff\xff\xc0", &header));
    assert_false(READ("\xff\xd8\xff\xe0\0\0\xff\xc0\0\x0b\x08\0\x28\0\x40\1\1\x11\0\0", &header));
    assert_false(READ("\xff\xd8\xff\xe0\0\x06JFIF and no marker follows", &header));
    assert_false(READ("\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x40\1\1\x11\0\xff\xda", &header)); /* no height */
    assert_false(READ("\x89PNG\r\n\x1a\n\0\0\0\x0eIHDR\0\0\1\0\0\0\0\x80\x08\x02\0\0\0crc!", &header));
    assert_false(READ("RIFF\x1a\0\0\0WEBPVP8Z\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0", &header));
    assert_true(READ("RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff\x2f\x3f\xc0\x09\0\0\0\0\0\0", &header));
}

static void test_kinds_are_told_by_their_bytes(void **state)
{
    static const struct {
        const char *bytes, *name;
        enum picture_kind kind;
    } known[] = {{"\xff\xd8\xff\xe0", "JPEG", PICTURE_JPEG},
                 {"\x89PNG\r\n\x1a\n", "PNG", PICTURE_PNG},
                 {"RIFFxxxxWEBPVP8 ", "WebP", PICTURE_WEBP},
                 {"RIFFxxxxWAVEfmt ", NULL, PICTURE_UNKNOWN},
                 {"xxxxftypheicxxxx", "HEIC", PICTURE_OTHER},
                 {"xxxxftypmif1xxxx", "HEIC", PICTURE_OTHER},
                 {"xxxxftypavifxxxx", "AVIF", PICTURE_OTHER},
                 {"xxxxftypisomxxxx", "MP4", PICTURE_OTHER},
                 {"GIF89a", "GIF", PICTURE_OTHER},
                 {"%PDF-1.7", "PDF", PICTURE_OTHER},
                 {"<svg xmlns", "SVG", PICTURE_OTHER},
                 {"#!/bin/sh", NULL, PICTURE_UNKNOWN},
                 {"", NULL, PICTURE_UNKNOWN},
                 {"\xff\xd8", NULL, PICTURE_UNKNOWN}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *name = "not set";
        assert_int_equal(picture_kind((const unsigned char *)known[i].bytes, strlen(known[i].bytes), &name), known[i].kind);
        if (known[i].name)
            assert_string_equal(name, known[i].name);
        else
            assert_null(name);
    }
}

/* EXIF with one directory of two entries, the second of which is the orientation. */
static size_t make_exif(unsigned char into[64], bool big, unsigned orientation)
{
    static const unsigned char little_end[] = {'I', 'I', '*', 0,    8, 0, 0, 0, 2, 0, 0x0f, 1, 2, 0, 4, 0, 0, 0, 'a',
                                               'b', 'c', 0,   0x12, 1, 3, 0, 1, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 0};
    static const unsigned char big_end[] = {'M', 'M', 0, '*', 0,    0, 0, 8, 0, 2, 1, 0x0f, 0, 2, 0, 0, 0, 4, 'a',
                                            'b', 'c', 0, 1,   0x12, 0, 3, 0, 0, 0, 1, 0,    0, 0, 0, 0, 0, 0, 0};
    memcpy(into, big ? big_end : little_end, sizeof big_end);
    into[big ? 31 : 30] = (unsigned char)orientation;
    return sizeof big_end;
}

static void test_every_orientation_is_found_in_either_order_of_bytes(void **state)
{
    unsigned char exif[64], with_name[70] = "Exif\0";
    (void)state;
    for (int big = 0; big <= 1; big++)
        for (unsigned orientation = 0; orientation <= 9; orientation++) {
            size_t size = make_exif(exif, big, orientation);
            int expected = orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
            assert_int_equal(picture_orientation(exif, size), expected);
            memcpy(with_name + 6, exif, size);
            assert_int_equal(picture_orientation(with_name, size + 6), expected);
        }
}

static void test_an_orientation_that_is_cut_off_or_elsewhere_is_upright(void **state)
{
    unsigned char exif[64];
    size_t size = make_exif(exif, false, 6);
    (void)state;
    for (size_t cut = 0; cut < 34; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, exif, cut);
        assert_int_equal(picture_orientation(copy, cut), 1);
        free(copy);
    }
    for (unsigned wrong = 0; wrong < 8; wrong++) { /* a directory that lies outside, or over the header */
        exif[4] = (unsigned char)(wrong < 7 ? wrong : 250);
        assert_int_equal(picture_orientation(exif, size), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_are_read_of_every_kind),
        cmocka_unit_test(test_a_header_that_is_cut_off_is_none),
        cmocka_unit_test(test_lengths_that_lie_are_not_followed),
        cmocka_unit_test(test_kinds_are_told_by_their_bytes),
        cmocka_unit_test(test_every_orientation_is_found_in_either_order_of_bytes),
        cmocka_unit_test(test_an_orientation_that_is_cut_off_or_elsewhere_is_upright),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
