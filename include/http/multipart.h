#pragma once
#include <stdbool.h>
#include <stddef.h>

/*
 * multipart/form-data (RFC 7578) as it arrives: nothing of a part is held but its header lines. The reader owns no memory.
 */
enum { MULTIPART_BOUNDARY = 70, MULTIPART_LINE = 1024, MULTIPART_LINES = 16 };

struct multipart {
    /* what is found; each returns false to end the reading. `file`: the part has a file name */
    bool (*begin)(void *with, bool file, const char *name);
    bool (*content)(void *with, const char *bytes, size_t size);
    bool (*end)(void *with);
    void *with;
    /* the rest is the reader's */
    char delimiter[MULTIPART_BOUNDARY + 5]; /* CR LF -- boundary */
    size_t length, matched;                 /* of the delimiter, as far as the last bytes are its beginning */
    int state, lines;
    char line[MULTIPART_LINE], name[128];
    size_t line_size;
    bool file, in_part;
};

/* By the Content-Type; false: it names no boundary. The four members above are set by the caller before. */
bool multipart_start(struct multipart *, const char *content_type);
/* False: malformed, or one of the four said so. Nothing more may be read then. */
bool multipart_read(struct multipart *, const char *bytes, size_t size);
bool multipart_is_complete(const struct multipart *);
