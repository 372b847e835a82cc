/* multipart/form-data, in whatever pieces it comes. */
#include "test.h"
#include <stdio.h>
#include <string.h>
#include "http/multipart.h"

static char heard[4096]; /* what was found, as text */

static bool begins(void *unused, bool file, const char *name)
{
    (void)unused;
    sprintf(heard + strlen(heard), "[%s%s:", file ? "file " : "", name);
    return true;
}

static bool comes(void *unused, const char *bytes, size_t size)
{
    (void)unused;
    sprintf(heard + strlen(heard), "%.*s", (int)size, bytes);
    return true;
}

static bool ends(void *unused)
{
    (void)unused;
    strcat(heard, "]");
    return true;
}

/* False: refused. Pieces of `step` bytes. */
static bool hear(const char *type, const char *body, size_t step, bool *complete)
{
    struct multipart multipart = {.begin = begins, .content = comes, .end = ends};
    size_t size = strlen(body);
    *heard = '\0';
    if (!multipart_start(&multipart, type))
        return false;
    for (size_t at = 0; at < size; at += step)
        if (!multipart_read(&multipart, body + at, step < size - at ? step : size - at))
            return false;
    *complete = multipart_is_complete(&multipart);
    return true;
}

static const char type[] = "multipart/form-data; charset=\"a;boundary=no\"; boundary=B-1";

static void expect(const char *body, const char *wanted)
{
    bool complete = false;
    for (size_t step = 1; step <= strlen(body); step++) {
        assert_true(hear(type, body, step, &complete));
        assert_true(complete);
        assert_string_equal(heard, wanted);
    }
}

#define HEAD(name_) "Content-Disposition: form-data; name=\"" name_ "\""
#define FILE_HEAD(name_, file_) HEAD(name_) "; filename=\"" file_ "\"\r\nContent-Type: image/png\r\n\r\n"

static void test_parts_are_found_whatever_the_pieces(void **state)
{
    (void)state;
    expect("--B-1\r\n" FILE_HEAD("a", "x;y.png") "one\r\n--B-1\r\n" HEAD("b") "\r\n\r\ntwo\r\n--B-1--\r\n", "[file a:one][b:two]");
    expect("a word before\r\n--B-1 \t\r\n" FILE_HEAD("a", "") "\r\n--B-1--and a word after", "[file a:]");
    expect("--B-1\r\ncontent-disposition: form-data; filename*=UTF-8''%E7; name=c\r\n\r\n1\r\n--B-1--", "[file c:1]");
}

static void test_what_only_looks_like_a_boundary_is_content(void **state)
{
    (void)state;
    expect("--B-1\r\n" FILE_HEAD("a", "f") "\r\r\n\r\n-\r\n--B-\r\n--B-\r\r\n--B-1--", "[file a:\r\r\n\r\n-\r\n--B-\r\n--B-\r]");
    expect("--B-1\r\n" FILE_HEAD("a", "f") "--B-1\n--B-1\r\n--B-1--", "[file a:--B-1\n--B-1]");
}

static void test_what_is_no_form_is_refused(void **state)
{
    static const char *const wrong[] = {"--B-1x\r\n", "--B-1-x", "--B-1\rx", "--B-1\r\nno end of a line that is longer than it may be"};
    bool complete = true;
    char longer[2000];
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_false(hear(type, wrong[i], 1, &complete));
    assert_true(hear(type, wrong[3], 3, &complete));
    assert_false(complete);
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "--B-1\r\n", 7);
    longer[sizeof longer - 1] = '\0';
    assert_false(hear(type, longer, 100, &complete));
    *longer = '\0';
    strcat(longer, "--B-1\r\n");
    for (int i = 0; i < MULTIPART_LINES + 1; i++)
        strcat(longer, "X: y\r\n");
    assert_false(hear(type, longer, 10, &complete));
}

static void test_boundaries_are_what_the_standard_allows(void **state)
{
    bool complete;
    char type_of_70[120] = "multipart/form-data; boundary=", type_of_71[130];
    (void)state;
    memset(type_of_70 + strlen(type_of_70), 'b', 70);
    snprintf(type_of_71, sizeof type_of_71, "%sb", type_of_70);
    assert_true(hear(type_of_70, "", 1, &complete));
    assert_false(hear(type_of_71, "", 1, &complete));
    assert_false(hear("multipart/form-data", "", 1, &complete));
    assert_false(hear("multipart/form-data; boundary=", "", 1, &complete));
    assert_false(hear("multipart/form-data; boundary=\"a\r\nb\"", "", 1, &complete));
    assert_false(hear(NULL, "", 1, &complete));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_found_whatever_the_pieces),
        cmocka_unit_test(test_what_only_looks_like_a_boundary_is_content),
        cmocka_unit_test(test_what_is_no_form_is_refused),
        cmocka_unit_test(test_boundaries_are_what_the_standard_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
