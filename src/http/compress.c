#include "http/compress.h"
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { QUICK = 4, GZIP_WINDOW = 15 + 16, MEMORY = 8 };

char *gzip_of(const char *text, size_t size, size_t *compressed)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)size};
    char *out = malloc(size);
    if (!out || deflateInit2(&stream, QUICK, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(out);
        return NULL;
    }
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)size;
    int ended = deflate(&stream, Z_FINISH);
    *compressed = stream.total_out;
    deflateEnd(&stream);
    if (ended == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}
