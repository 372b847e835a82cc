/* The page that /docs makes of the contract. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/api/health/documents.h"

static const char CONTRACT[] = "openapi: 3.1.0\n"
                               "paths:\n"
                               "  # people\n"
                               "  /v1/complaints/{complaint}:\n"
                               "    parameters:\n"
                               "      - $ref: '#/x'\n"
                               "    get:\n"
                               "      operationId: show\n"
                               "      summary: \"One <complaint> & its company\"\n"
                               "      responses:\n"
                               "        '200':\n"
                               "          summary: not this\n"
                               "    delete:\n"
                               "      operationId: silent\n"
                               "\n"
                               "  '/v1/me':\n"
                               "    get:\n"
                               "      summary: Who am I\n"
                               "components:\n"
                               "  /not/a/path:\n"
                               "    get:\n"
                               "      summary: nothing\n";

static size_t occurrences(const char *text, const char *of)
{
    size_t count = 0;
    for (text = strstr(text, of); text; text = strstr(text + 1, of))
        count++;
    return count;
}

static void every_endpoint_stands_there_once(void **state)
{
    char *page = endpoints_page(CONTRACT, strlen(CONTRACT));
    (void)state;
    assert_int_equal(occurrences(page, "<tr>"), 3);
    assert_non_null(strstr(page, "<code>get</code><td><code>/v1/complaints/{complaint}</code><td>One &lt;complaint> &amp; its company\n"));
    assert_non_null(strstr(page, "<code>delete</code><td><code>/v1/complaints/{complaint}</code><td>\n"));
    assert_non_null(strstr(page, "<code>get</code><td><code>/v1/me</code><td>Who am I\n"));
    free(page);
}

static void the_page_needs_nothing_from_elsewhere(void **state)
{
    char *page = endpoints_page("", 0);
    (void)state;
    assert_null(strstr(page, "http://"));
    assert_null(strstr(page, "https://"));
    assert_null(strstr(page, "<script"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_endpoint_stands_there_once),
        cmocka_unit_test(the_page_needs_nothing_from_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
