/* The picture header reader: it reads no byte too many, and what it says is what it promises. */
#include <stdint.h>
#include <stdlib.h>
#include "picture/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture_header header;
    const char *name;
    bool read = picture_read_header(data, size, &header);
    if (header.kind != picture_kind(data, size, &name) || header.orientation < 1 || header.orientation > 8)
        abort();
    if (read && (header.kind == PICTURE_UNKNOWN || header.kind == PICTURE_OTHER || header.width == 0 || header.height == 0))
        abort();
    int orientation = picture_orientation(data, size);
    if (orientation < 1 || orientation > 8)
        abort();
    return 0;
}
