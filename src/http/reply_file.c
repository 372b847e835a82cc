/* A file as an answer: the kernel sends it, no byte of it comes into the daemon's memory. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "http/range.h"
#include "http/reply.h"

/* If-Range: the part only if it is still of the same thing; a date never says so here. */
static bool wants_part(const struct request *request, const char *etag)
{
    const char *condition = request->headers.if_range;
    return !request->head && request->headers.range && (!condition || strcmp(condition, etag) == 0);
}

static void refuse_range(struct request *request, const struct file_answer *answer)
{
    close(answer->file);
    reply_problem(request, "range_not_satisfiable", NULL, NULL);
    reply_header(request, "Content-Range", arena_print(&request->arena, "bytes */%llu", answer->size));
}

static void put(struct request *request, const struct file_answer *answer, const struct part *part, bool partial)
{
    unsigned long long count = part->last + 1 - part->first;
    request->response = MHD_create_response_from_fd_at_offset64(count, answer->file, part->first);
    if (!request->response)
        abort();
    request->status = partial ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK;
    if (partial)
        reply_header(request, "Content-Range", arena_print(&request->arena, "bytes %llu-%llu/%llu", part->first, part->last, answer->size));
    reply_header(request, "Content-Type", answer->media_type);
    reply_header(request, "Accept-Ranges", "bytes");
    reply_header(request, "ETag", answer->etag);
    reply_header(request, "Cache-Control", answer->cache_control);
}

void reply_file(struct request *request, const struct file_answer *answer)
{
    struct part part = {.last = answer->size - 1};
    bool asked = wants_part(request, answer->etag);
    enum range range = asked ? range_of(request->headers.range, answer->size, &part) : RANGE_ALL;
    if (request->response)
        close(answer->file);
    else if (range == RANGE_BEYOND)
        refuse_range(request, answer);
    else
        put(request, answer, &part, range == RANGE_PART);
}
