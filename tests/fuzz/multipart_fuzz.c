/* The reader of forms: the same parts, in whatever pieces they come. The first byte is the length of the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was found: every byte of it and every end, folded into one number. */
static bool begins(void *found, bool file, const char *name)
{
    *(uint64_t *)found = *(uint64_t *)found * 31 + file + (uint8_t)*name;
    return true;
}

static bool comes(void *found, const char *bytes, size_t size)
{
    while (size-- > 0)
        *(uint64_t *)found = *(uint64_t *)found * 31 + (uint8_t)*bytes++;
    return true;
}

static bool ends(void *found)
{
    *(uint64_t *)found = *(uint64_t *)found * 31 + 7;
    return true;
}

static uint64_t read_in_pieces(const uint8_t *data, size_t size, size_t step)
{
    uint64_t found = 0;
    struct multipart multipart = {.begin = begins, .content = comes, .end = ends, .with = &found};
    if (!multipart_start(&multipart, "multipart/form-data; boundary=B"))
        abort();
    for (size_t at = 0; at < size; at += step)
        if (!multipart_read(&multipart, (const char *)data + at, step < size - at ? step : size - at))
            return found + 1;
    return found * 2 + multipart_is_complete(&multipart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (read_in_pieces(data + 1, size - 1, size) != read_in_pieces(data + 1, size - 1, (size_t)*data + 1))
        abort();
    return 0;
}
