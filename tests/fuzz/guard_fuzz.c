/* The request guard: a target, then headers as "name: value" lines. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "http/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What passed must be what it promises, seen another way. */
static void check_target(const char *target)
{
    if (guard_target_fault(target))
        return;
    if (strstr(target, "%00") || strchr(target, ' ') || strchr(target, '\n'))
        abort();
}

static void check_framing(const struct headers *headers)
{
    if (!guard_framing_fault(headers) && headers->content_length && headers->transfer_encoding)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1), *rest = text;
    struct headers headers = {0};
    if (!text)
        abort();
    memcpy(text, data, size);
    check_target(strsep(&rest, "\n"));
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *value = strchr(line, ':');
        size_t name_size = value ? (size_t)(value - line) : strlen(line);
        value = value ? value + 1 : line + name_size;
        if (!guard_header_fault(line, name_size, value, strlen(value)))
            guard_keep(&headers, line, name_size, value);
    }
    check_framing(&headers);
    free(text);
    return 0;
}
