/*
 * Bodies that are pictures. They go to temporary files while they are hashed, never into memory as a whole; what kind they are is told by
 * their bytes, whatever the sender says. A fault on the way is told when the caller is known, as with every body.
 */
#include "upload.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/secret.h"
#include "http/phrase.h"
#include "http/reply.h"
#include "http/worker.h"
#include "picture/header.h"

#define ACCEPTED "image/jpeg, image/png, image/webp"

void upload_free(struct upload *upload)
{
    for (int i = 0; upload && i < PICTURE_PLACES; i++) {
        store_forget(&upload->files[i].sent);
        store_forget(&upload->files[i].kept);
        store_forget(&upload->files[i].small);
    }
    free(upload);
}

static struct upload *upload_of(struct request *request)
{
    if (request->upload)
        return request->upload;
    struct upload *upload = calloc(1, sizeof *upload);
    if (!upload)
        abort();
    for (int i = 0; i < PICTURE_PLACES; i++)
        upload->files[i].sent.file = upload->files[i].kept.file = upload->files[i].small.file = -1;
    request->upload = upload;
    return upload;
}

static void release(struct request *request)
{
    upload_free(request->upload);
    request->upload = NULL;
}

/* One picture comes */

static bool blame(struct upload *upload, const char *fault)
{
    upload->fault = fault;
    return false;
}

static bool blame_disk(struct upload *upload)
{
    int error = errno;
    log_event(LOG_ERROR, "a picture cannot be taken in", "error", strerror(error), NULL);
    return blame(upload, error == ENOSPC || error == EDQUOT || error == EFBIG ? "storage_full" : "internal");
}

static bool begin_file(struct upload *upload)
{
    if (upload->count == PICTURE_PLACES)
        return blame(upload, "too_many_pictures");
    crypto_hash_sha256_init(&upload->state);
    upload->coming = true;
    return store_temporary(&upload->files[upload->count].sent) || blame_disk(upload);
}

static bool add_to_file(struct upload *upload, const char *piece, size_t size)
{
    struct upload_file *file = &upload->files[upload->count];
    if ((size_t)file->size + size > PICTURE_MOST_BYTES)
        return blame(upload, "too_large");
    crypto_hash_sha256_update(&upload->state, (const unsigned char *)piece, size);
    file->size += (off_t)size;
    while (size > 0) {
        ssize_t put = write(file->sent.file, piece, size);
        if (put < 0)
            return blame_disk(upload);
        piece += put;
        size -= (size_t)put;
    }
    return true;
}

static void end_file(struct upload *upload)
{
    crypto_hash_sha256_final(&upload->state, upload->files[upload->count].digest);
    upload->coming = false;
    upload->count++;
}

static bool append_picture(struct request *request, const char *piece, size_t size)
{
    struct upload *upload = upload_of(request);
    bool fine = (upload->coming || begin_file(upload)) && add_to_file(upload, piece, size);
    if (!fine)
        request->body_fault = upload->fault;
    return true;
}

/* Several come, each a part with a file name */

static bool part_begins(void *with, bool file, const char *name)
{
    struct upload *upload = with;
    (void)name;
    return file ? begin_file(upload) : blame(upload, "invalid_input");
}

static bool part_comes(void *with, const char *bytes, size_t size)
{
    return add_to_file(with, bytes, size);
}

/* An empty one is a field of a form that nobody filled. */
static bool part_ends(void *with)
{
    struct upload *upload = with;
    if (upload->files[upload->count].size > 0)
        end_file(upload);
    else
        store_forget(&upload->files[upload->count].sent);
    upload->coming = false;
    return true;
}

static bool append_parts(struct request *request, const char *piece, size_t size)
{
    struct upload *upload = upload_of(request);
    struct multipart *multipart = &upload->multipart;
    if (!multipart->with) {
        *multipart = (struct multipart){.begin = part_begins, .content = part_comes, .end = part_ends, .with = upload};
        if (!multipart_start(multipart, request->headers.content_type))
            blame(upload, "malformed");
    }
    if (!upload->fault && !multipart_read(multipart, piece, size) && !upload->fault)
        blame(upload, "malformed");
    request->body_fault = upload->fault;
    return true;
}

/* All of them are here */

static bool refuse(struct request *request, const char *code, const char *pointer, enum phrase phrase, long number)
{
    const char *detail = phrase_text(&request->arena, request->chinese, phrase, number);
    reply_problem(request, code, NULL, json_pack("[{s:s, s:s}]", "pointer", pointer, "detail", detail));
    return false;
}

/* What came until then was refused; of a form it is told which part it was. */
static void tell_fault(struct request *request)
{
    static const struct {
        const char *fault;
        enum phrase detail, why; /* FINE: none */
    } told[] = {{.fault = "too_large", .detail = SAY_PICTURE_SIZE, .why = SAY_PICTURE_TOO_LARGE},
                {.fault = "invalid_input", .why = SAY_NO_FILE},
                {.fault = "malformed", .detail = SAY_NO_PARTS}};
    const struct upload *upload = request->upload;
    const char *detail = NULL;
    json_t *errors = NULL;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (strcmp(request->body_fault, told[i].fault) != 0)
            continue;
        if (told[i].detail != FINE)
            detail = phrase_text(&request->arena, request->chinese, told[i].detail, 0);
        if (told[i].why != FINE && upload)
            errors = json_pack("[{s:s, s:s}]", "pointer", arena_print(&request->arena, "/%d", upload->count + 1), "detail",
                               phrase_text(&request->arena, request->chinese, told[i].why, 0));
    }
    reply_problem(request, request->body_fault, detail, errors);
}

static bool refuse_kind(struct request *request, int number, const char *name)
{
    const char *why = phrase_text(&request->arena, request->chinese, SAY_PICTURE_KIND, 0);
    const char *detail = name ? arena_print(&request->arena, "%s: %s", why, name) : why;
    const char *pointer = arena_print(&request->arena, "/%d", number);
    reply_problem(request, "unsupported_media_type", phrase_text(&request->arena, request->chinese, SAY_PICTURES_TAKEN, 0),
                  json_pack("[{s:s, s:s}]", "pointer", pointer, "detail", detail));
    return false;
}

static bool kinds_are_accepted(struct request *request, const struct upload *upload)
{
    for (int i = 0; i < upload->count; i++) {
        unsigned char bytes[PICTURE_SIGNATURE];
        const char *name;
        ssize_t size = pread(upload->files[i].sent.file, bytes, sizeof bytes, 0);
        enum picture_kind kind = picture_kind(bytes, size < 0 ? 0 : (size_t)size, &name);
        if (kind == PICTURE_UNKNOWN || kind == PICTURE_OTHER)
            return refuse_kind(request, i + 1, name);
    }
    return true;
}

static bool finish_picture(struct request *request)
{
    int n = atoi(request->arguments[1]);
    struct upload *upload = upload_of(request);
    if (n < 1)
        return refuse(request, "invalid_input", "/n", SAY_TOO_SMALL, 1);
    if (n > PICTURE_PLACES)
        return refuse(request, "invalid_input", "/n", SAY_TOO_GREAT, PICTURE_PLACES);
    if (!upload->coming)
        return refuse(request, "broken_picture", "/1", SAY_EMPTY, 0);
    end_file(upload);
    return kinds_are_accepted(request, upload);
}

static bool finish_parts(struct request *request)
{
    struct upload *upload = upload_of(request);
    if (upload->multipart.with && !multipart_is_complete(&upload->multipart)) {
        reply_problem(request, "malformed", phrase_text(&request->arena, request->chinese, SAY_PARTS_INCOMPLETE, 0), NULL);
        return false;
    }
    if (upload->count == 0)
        return refuse(request, "invalid_input", "/1", SAY_REQUIRED, 0);
    return kinds_are_accepted(request, upload);
}

/* What SQL asks of them */

static json_t *picture_json(struct request *request, const struct upload_file *file)
{
    const char *source = secret_keyed_hash(&request->arena, FOR_PICTURE, file->digest, sizeof file->digest);
    return json_pack("{s:s, s:s, s:i, s:i, s:I}", "source", source, "hash", file->hash, "width", (int)file->width, "height",
                     (int)file->height, "size", (json_int_t)file->kept_size);
}

static const char *pictures_as_json(struct request *request, const struct upload *upload)
{
    json_t *all = json_array();
    for (int i = 0; i < upload->count; i++)
        json_array_append_new(all, picture_json(request, &upload->files[i]));
    char *text = json_dumps(all, JSON_COMPACT);
    const char *copy = arena_copy(&request->arena, text, strlen(text));
    free(text);
    json_decref(all);
    return copy;
}

static const char *value(struct request *request, const char *name)
{
    const struct upload *upload = request->upload;
    if (strcmp(name, "place") == 0)
        return request->endpoint->argument_count > 1 ? request->arguments[1] : NULL;
    if (strcmp(name, "pictures") == 0)
        return pictures_as_json(request, upload);
    return upload->began;
}

static const char *const names[] = {"pictures", "place", "began", NULL};

const struct body picture_body = {.limit = PICTURE_MOST_BYTES,
                                  .accept = ACCEPTED,
                                  .names = names,
                                  .append = append_picture,
                                  .finish = finish_picture,
                                  .value = value,
                                  .blame = tell_fault,
                                  .release = release};

enum { AROUND = 1 << 20 }; /* bytes of boundaries and headers of parts */

const struct body pictures_body = {.limit = PICTURE_PLACES * PICTURE_MOST_BYTES + AROUND,
                                   .media_types = "multipart/form-data",
                                   .accept = "multipart/form-data, " ACCEPTED,
                                   .names = names,
                                   .append = append_parts,
                                   .finish = finish_parts,
                                   .value = value,
                                   .blame = tell_fault,
                                   .release = release};
