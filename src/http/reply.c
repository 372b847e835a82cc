/* A row becomes an answer. Where nothing is joined to its body, the answer owns the row and nothing is copied. */
#include "http/reply.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "http/compress.h"
#include "http/cursor.h"
#include "http/negotiate.h"

enum { WORTH_COMPRESSING = 1024 };

/* Bytes to be sent, and how they are let go. */
struct content {
    char *start;
    size_t size;
    void (*release)(void *);
    void *owner;
};

/* The columns that mean something; NULL: absent or null. */
struct row {
    const char *problem, *body, *location, *version, *media_type, *next_key, *next_id, *sealed, *sealed_for;
    size_t body_size;
    bool is_page;       /* has the columns of a cursor */
    const char *cursor; /* made of them */
};

static void free_row(void *row)
{
    PQclear(row);
}

static bool is_text(const char *media_type)
{
    return strncmp(media_type, "text/", 5) == 0 || strncmp(media_type, "application/", 12) == 0;
}

/* Only what everybody may read: compressing secrets beside somebody's text tells their length. */
static bool may_compress(const struct request *request, const struct content *content, const char *media_type)
{
    return request->varies && request->caller.role == PUBLIC && content->size > WORTH_COMPRESSING && is_text(media_type) &&
           accepts_gzip(request->headers.accept_encoding);
}

static bool compress(struct content *content)
{
    size_t size;
    char *compressed = gzip_of(content->start, content->size, &size);
    if (!compressed)
        return false;
    content->release(content->owner);
    *content = (struct content){.start = compressed, .size = size, .release = free, .owner = compressed};
    return true;
}

static bool respond(struct request *request, unsigned status, const char *media_type, struct content content)
{
    if (request->response) {
        content.release(content.owner);
        return false;
    }
    bool compressed = may_compress(request, &content, media_type) && compress(&content);
    request->status = status;
    request->response = MHD_create_response_from_buffer_with_free_callback_cls(content.size, content.start, content.release, content.owner);
    if (!request->response)
        abort();
    reply_header(request, "Content-Type", media_type);
    if (compressed)
        reply_header(request, "Content-Encoding", "gzip");
    return compressed;
}

static void keep(void *constant)
{
    (void)constant;
}

void reply_empty(struct request *request, unsigned status)
{
    if (request->response)
        return;
    request->status = status;
    request->response = MHD_create_response_from_buffer(0, (char *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    if (!request->response)
        abort();
}

void reply_text(struct request *request, unsigned status, const char *media_type, char *text_taken)
{
    if (!text_taken)
        abort();
    request->varies = false;
    respond(request, status, media_type,
            (struct content){.start = text_taken, .size = strlen(text_taken), .release = free, .owner = text_taken});
}

/* Multiplied and folded, eight bytes a step: the same on every server, and nobody gains by a collision. */
static unsigned long long hash_of(const char *bytes, size_t size)
{
    unsigned long long hash = size, word;
    for (size_t at = 0; at < size; at += sizeof word) {
        size_t left = size - at;
        word = 0;
        memcpy(&word, bytes + at, left < sizeof word ? left : sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool is_read(const struct request *request)
{
    return strcmp(request->method, "GET") == 0 || request->head;
}

/* True: the client has it already and was told so. */
bool reply_unchanged(struct request *request, const char *etag)
{
    if (!is_read(request) || !request->headers.if_none_match || !etag_is_listed(request->headers.if_none_match, etag))
        return false;
    reply_empty(request, MHD_HTTP_NOT_MODIFIED);
    reply_header(request, "ETag", etag);
    return true;
}

/* A compressed body is other bytes: its ETag is weak. */
static void add_etag(struct request *request, const char *etag, bool compressed)
{
    reply_header(request, "ETag", compressed ? arena_print(&request->arena, "W/%s", etag) : etag);
}

void reply_constant(struct request *request, const char *media_type, const char *text, size_t size)
{
    const char *etag = arena_print(&request->arena, "\"%016llx\"", hash_of(text, size));
    request->varies = request->cacheable = true;
    if (reply_unchanged(request, etag))
        return;
    add_etag(request, etag,
             respond(request, MHD_HTTP_OK, media_type, (struct content){.start = (char *)(uintptr_t)text, .size = size, .release = keep}));
}

static void read_column(struct row *row, const char *name, const char *value, size_t size)
{
    const struct {
        const char *name, **to;
    } known[] = {{"body", &row->body},         {"problem", &row->problem},       {"version", &row->version},
                 {"location", &row->location}, {"next_key", &row->next_key},     {"next_id", &row->next_id},
                 {"sealed", &row->sealed},     {"media_type", &row->media_type}, {"sealed_for", &row->sealed_for}};
    if (strcmp(name, "next_key") == 0)
        row->is_page = true;
    for (size_t i = 0; value && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            *known[i].to = value;
    if (value && value == row->body)
        row->body_size = size;
}

static struct row read_row(const PGresult *result)
{
    struct row row = {0};
    for (int i = 0; i < PQnfields(result); i++) {
        char *value = PQgetisnull(result, 0, i) ? NULL : PQgetvalue(result, 0, i);
        read_column(&row, PQfname(result, i), value, (size_t)PQgetlength(result, 0, i));
    }
    return row;
}

static const char *with_text(struct request *request, const char *so_far, const char *name, const char *text)
{
    return text ? arena_print(&request->arena, "%s,\"%s\":\"%s\"", so_far, name, text) : so_far;
}

static const char *with_page(struct request *request, const char *so_far, const struct row *row)
{
    if (!row->is_page)
        return so_far;
    if (!row->cursor)
        return arena_print(&request->arena, "%s,\"next\":null", so_far);
    return with_text(request, so_far, "next", row->cursor);
}

/* Of what was sealed, a front end may have known more than anybody needs to call back. */
static const char *with_contact(struct request *request, const char *so_far, const struct row *row)
{
    if (!row->sealed || !row->sealed_for)
        return so_far;
    const char *opened = secret_open(&request->arena, row->sealed_for, row->sealed);
    if (!opened)
        log_event(LOG_ERROR, "a sealed value cannot be opened with this key", "request", request->id, NULL);
    json_t *known = opened ? json_loads(opened, 0, NULL) : NULL;
    json_t *contact = json_pack("{s:O*, s:O*}", "name", json_object_get(known, "name"), "phone", json_object_get(known, "phone"));
    char *text = json_dumps(contact, JSON_COMPACT);
    const char *joined = arena_print(&request->arena, "%s,\"contact\":%s", so_far, known ? text : "null");
    free(text);
    json_decref(contact);
    json_decref(known);
    return joined;
}

/* What joins the body, each member with a comma before it. */
static const char *joined_members(struct request *request, const struct row *row)
{
    const char *joined = with_text(request, "", "receipt", request->new_receipt);
    joined = with_text(request, joined, "token", request->new_token);
    joined = with_text(request, joined, "key", request->new_key);
    joined = with_text(request, joined, "secret", request->new_secret);
    joined = with_contact(request, joined, row);
    return with_page(request, joined, row);
}

/* Before the body's last bracket; NULL: it is no object. */
static char *spliced(const char *body, size_t size, const char *joined)
{
    size_t end = size, extra = strlen(joined);
    while (end > 0 && strchr(" \t\r\n", body[end - 1]))
        end--;
    if (end < 2 || body[end - 1] != '}')
        return NULL;
    end--;
    size_t last = end;
    while (last > 0 && strchr(" \t\r\n", body[last - 1]))
        last--;
    size_t skipped = last > 0 && body[last - 1] == '{'; /* no member before: no comma */
    char *text = malloc(end + extra + 2);
    if (!text)
        abort();
    memcpy(text, body, end);
    memcpy(text + end, joined + skipped, extra - skipped);
    strcpy(text + end + extra - skipped, "}");
    return text;
}

static struct content content_of(struct request *request, const struct row *row, PGresult *result_taken)
{
    struct content content = {.start = (char *)(uintptr_t)row->body, .size = row->body_size, .release = free_row, .owner = result_taken};
    const char *joined = joined_members(request, row);
    char *text = *joined ? spliced(row->body, row->body_size, joined) : NULL;
    if (text) /* the row stays until the headers are made of it */
        content = (struct content){.start = text, .size = strlen(text), .release = free, .owner = text};
    return content;
}

static void reply_body(struct request *request, const struct row *row, PGresult *result_taken)
{
    const struct route *route = request->endpoint->route;
    const char *media_type = row->media_type ? row->media_type : route->produces ? route->produces : "application/json";
    const char *location = row->location ? arena_copy(&request->arena, row->location, strlen(row->location)) : NULL;
    const char *link = row->cursor ? cursor_link(request, row->cursor) : NULL;
    struct content content = content_of(request, row, result_taken);
    const char *etag =
        row->version ? arena_print(&request->arena, "\"%s-%016llx\"", row->version, hash_of(content.start, content.size)) : NULL;
    media_type = arena_copy(&request->arena, media_type, strlen(media_type));
    request->varies = request->cacheable = is_read(request);
    if (content.owner != result_taken)
        PQclear(result_taken);
    if (etag && reply_unchanged(request, etag)) {
        content.release(content.owner);
        return;
    }
    bool compressed = respond(request, route->success ? route->success : MHD_HTTP_OK, media_type, content);
    if (etag)
        add_etag(request, etag, compressed);
    reply_header(request, "Location", location);
    reply_header(request, "Link", link);
}

static void reply_row_problem(struct request *request, const struct row *row)
{
    json_t *members = row->body ? json_loads(row->body, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (members && !json_is_object(members)) {
        json_decref(members);
        members = NULL;
    }
    reply_problem_with(request, row->problem, members);
}

/* A row without a body, or a route that promises none. */
static void reply_done(struct request *request, const struct row *row)
{
    unsigned success = request->endpoint->route->success;
    reply_empty(request, success ? success : MHD_HTTP_NO_CONTENT);
    reply_header(request, "Location", row->location);
}

void reply_row(struct request *request, PGresult *taken)
{
    struct row row = PQntuples(taken) > 0 ? read_row(taken) : (struct row){0};
    if (PQntuples(taken) == 0)
        reply_problem(request, "not_found", NULL, NULL);
    else if (row.problem)
        reply_row_problem(request, &row);
    else if (!row.body || request->endpoint->route->success == MHD_HTTP_NO_CONTENT)
        reply_done(request, &row);
    else {
        if (row.next_key && row.next_id)
            row.cursor = cursor_make(request, row.next_key, row.next_id);
        reply_body(request, &row, taken);
        return;
    }
    PQclear(taken);
}
