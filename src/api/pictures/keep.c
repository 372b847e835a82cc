/* From pictures as they were sent to pictures that are kept: looked at, rewritten by the confined process, given to the store. On a thread of
   its crew; the request waits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/log.h"
#include "http/phrase.h"
#include "http/reply.h"
#include "http/work.h"
#include "picture/header.h"
#include "picture/rewrite.h"
#include "upload.h"

struct keeping {
    struct work work;
    struct upload *upload; /* the request's, which gets it back */
    void (*next)(struct request *);
    const char *problem; /* NULL: all went well */
    int number;          /* of the picture that did not, from 1 */
    bool moves;          /* it is animated */
};

static const char *problem_of_store(enum store_end end)
{
    return end == STORED ? NULL : end == STORE_FULL ? "storage_full" : "store_unavailable";
}

/* Reads it where it lies; of a file that has no name nobody takes anything away meanwhile. */
static bool read_header(int file, off_t size, struct picture_header *header)
{
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return false;
    bool read = picture_read_header(bytes, (size_t)size, header);
    munmap(bytes, (size_t)size);
    return read;
}

static const char *look_at(struct keeping *keeping, const struct upload_file *file)
{
    struct picture_header header;
    if (!read_header(file->sent.file, file->size, &header))
        return "broken_picture";
    keeping->moves = header.moves;
    if (header.moves)
        return "unsupported_media_type";
    if ((unsigned long long)header.width * header.height > PICTURE_MOST_PIXELS)
        return "too_many_pixels";
    return NULL;
}

static const char *open_results(struct upload_file *file)
{
    if (store_temporary(&file->kept) && store_temporary(&file->small))
        return NULL;
    log_event(LOG_ERROR, "no temporary file for a picture", "error", strerror(errno), NULL);
    return errno == ENOSPC || errno == EDQUOT ? "storage_full" : "internal";
}

static const char *rewrite(struct upload_file *file)
{
    switch (picture_rewrite(file->sent.file, file->kept.file, file->small.file, work_is_stopping)) {
    case REWRITTEN:
        return NULL;
    case REWRITE_BROKEN:
        return "broken_picture";
    case REWRITE_FULL:
        return "storage_full";
    case REWRITE_GIVEN_UP:
        return "busy";
    default:
        return "internal";
    }
}

static bool hash_file(int file, off_t *size, char hex[65])
{
    crypto_hash_sha256_state state;
    unsigned char piece[16 * 1024], digest[32];
    ssize_t got;
    crypto_hash_sha256_init(&state);
    for (*size = 0; (got = pread(file, piece, sizeof piece, *size)) > 0; *size += got)
        crypto_hash_sha256_update(&state, piece, (size_t)got);
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    return got == 0 && *size > 0;
}

static bool is_jpeg_within(int file, off_t size, unsigned longest, struct picture_header *header)
{
    return read_header(file, size, header) && header->kind == PICTURE_JPEG && header->width <= longest && header->height <= longest;
}

/* The confined process is not believed: what it wrote must be what it was asked for. */
static const char *examine(struct upload_file *file)
{
    struct picture_header kept, small;
    if (!hash_file(file->kept.file, &file->kept_size, file->hash) || !hash_file(file->small.file, &file->small_size, file->small_hash) ||
        !is_jpeg_within(file->small.file, file->small_size, PICTURE_THUMBNAIL, &small) ||
        !is_jpeg_within(file->kept.file, file->kept_size, PICTURE_LONGEST, &kept)) {
        log_event(LOG_ERROR, "what came out of the process that decodes pictures is no picture", NULL);
        return "internal";
    }
    file->width = kept.width;
    file->height = kept.height;
    return NULL;
}

static const char *store(struct upload_file *file)
{
    char thumbnail[STORE_NAME];
    snprintf(thumbnail, sizeof thumbnail, "%s-thumbnail", file->hash);
    const char *problem = problem_of_store(store_put(thumbnail, &file->small, file->small_size, file->small_hash));
    return problem ? problem : problem_of_store(store_put(file->hash, &file->kept, file->kept_size, file->hash));
}

static const char *keep(struct keeping *keeping, struct upload_file *file)
{
    const char *problem = look_at(keeping, file);
    problem = problem ? problem : open_results(file);
    problem = problem ? problem : rewrite(file);
    problem = problem ? problem : examine(file);
    problem = problem ? problem : store(file);
    store_forget(&file->sent);
    store_forget(&file->kept);
    store_forget(&file->small);
    return problem;
}

static void run(struct work *work)
{
    struct keeping *keeping = (struct keeping *)work;
    struct upload *upload = keeping->upload;
    while (!keeping->problem && keeping->number < upload->count)
        keeping->problem = keep(keeping, &upload->files[keeping->number++]);
}

static void tell(struct request *request, const struct keeping *keeping)
{
    enum phrase phrase = keeping->moves                                 ? SAY_PICTURE_MOVES
                         : !strcmp(keeping->problem, "too_many_pixels") ? SAY_TOO_MANY_PIXELS
                                                                        : SAY_BROKEN_PICTURE;
    if (problem_status(keeping->problem) >= 500) {
        reply_problem(request, keeping->problem, NULL, NULL);
        return;
    }
    const char *detail = phrase_text(&request->arena, request->chinese, phrase, 0);
    const char *pointer = arena_print(&request->arena, "/%d", keeping->number);
    reply_problem(request, keeping->problem, NULL, json_pack("[{s:s, s:s}]", "pointer", pointer, "detail", detail));
}

static void done(struct work *work, struct request *request)
{
    struct keeping *keeping = (struct keeping *)work;
    request->upload = keeping->upload;
    keeping->upload = NULL;
    if (keeping->problem)
        tell(request, keeping);
    else
        keeping->next(request);
}

static void release(struct work *work)
{
    struct keeping *keeping = (struct keeping *)work;
    upload_free(keeping->upload);
    free(keeping);
}

void upload_rewrite(struct request *request, void (*next)(struct request *))
{
    struct keeping *keeping = calloc(1, sizeof *keeping);
    if (!keeping)
        abort();
    *keeping = (struct keeping){.work = {.run = run, .done = done, .release = release}, .upload = request->upload, .next = next};
    request->upload = NULL;
    request_work(request, CREW_PICTURES, &keeping->work);
}
