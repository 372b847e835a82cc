/* Bodies: what kind and how long they may be, collecting them, and reading the JSON ones. */
#include "http/body.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "http/caller.h"
#include "http/input.h"
#include "http/negotiate.h"
#include "http/reply.h"
#include "http/worker.h"

enum {
    MOST_DRAINED = 16 << 20, /* bytes read of a refused body, so that its sender hears why */
    MOST_PASSED = 128 << 20, /* the same where pictures are sent: browsers do not ask before */
    MOST_HELD = 32 << 20,    /* bytes of unfinished bodies in one worker */
    MOST_UPLOADED = 1 << 30, /* bytes of pictures on their way in one worker, on the disk */
    MOST_LEVELS = 32,        /* of nested JSON */
};

static const struct body json_body = {.limit = JSON_LIMIT, .media_types = "application/json", .finish = body_parse};
static const struct body patch_body = {
    .limit = JSON_LIMIT, .media_types = "application/json application/merge-patch+json", .finish = body_parse};

const struct body *body_of(const struct request *request)
{
    const struct route *route = request->endpoint->route;
    return route->body ? route->body : route->method == PATCH ? &patch_body : &json_body;
}

static bool charset_is_utf8(const char *parameters)
{
    const char *charset = strcasestr(parameters, "charset=");
    if (!charset)
        return true;
    charset += strlen("charset=");
    charset += *charset == '"';
    return strncasecmp(charset, "utf-8", 5) == 0 && (!charset[5] || strchr("\"; \t", charset[5]));
}

static bool type_is_taken(const struct request *request)
{
    const char *type = request->headers.content_type, *coding = request->headers.content_encoding;
    size_t length = type ? strcspn(type, "; \t") : 0;
    if (coding && strcasecmp(coding, "identity") != 0)
        return false;
    if (!body_of(request)->media_types)
        return true;
    return type && is_listed(body_of(request)->media_types, type, length) && charset_is_utf8(type + length);
}

static bool has_body(const struct request *request)
{
    const char *length = request->headers.content_length;
    return request->headers.transfer_encoding || (length && length[strspn(length, "0")]);
}

void body_expect(struct request *request)
{
    if (!has_body(request))
        return;
    const char *length = request->headers.content_length;
    if (!type_is_taken(request))
        request->body_fault = "unsupported_media_type";
    else if (length && strtoull(length, NULL, 10) > body_of(request)->limit)
        request->body_fault = "too_large";
}

static void let_go(struct request *request)
{
    request->worker->body_bytes -= request->room;
    free(request->bytes);
    request->bytes = NULL;
    request->room = request->size = 0;
}

void body_release(struct request *request)
{
    let_go(request);
    request->worker->upload_bytes -= request->arrived;
    if (request->endpoint && body_of(request)->release)
        body_of(request)->release(request);
}

static void make_room(struct request *request, size_t size)
{
    enum { FIRST = 1024 };
    size_t room = request->room ? request->room : FIRST;
    while (room < size)
        room *= 2;
    if (room == request->room)
        return;
    request->bytes = realloc(request->bytes, room);
    if (!request->bytes)
        abort();
    request->worker->body_bytes += room - request->room;
    request->room = room;
}

static void append(struct request *request, const char *piece, size_t size)
{
    if (request->size + size > body_of(request)->limit) {
        request->body_fault = "too_large";
        let_go(request);
        return;
    }
    if (request->worker->body_bytes > MOST_HELD) {
        reply_busy(request, "busy", 1);
        let_go(request);
        return;
    }
    make_room(request, request->size + size);
    memcpy(request->bytes + request->size, piece, size);
    request->size += size;
}

bool body_take(struct request *request, const char *piece, size_t size)
{
    const struct body *body = request->endpoint ? body_of(request) : &json_body;
    if (!request->response && !request->body_fault) {
        if (body->append) {
            request->arrived += size;
            request->worker->upload_bytes += size;
            if (request->worker->upload_bytes > MOST_UPLOADED)
                reply_busy(request, "busy", 5);
            return request->response || body->append(request, piece, size) || request->response;
        }
        append(request, piece, size);
        return true;
    }
    request->drained += size;
    return request->drained <= (body->append ? MOST_PASSED : MOST_DRAINED);
}

const char *body_depth_fault(const char *bytes, size_t size)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            quoted = !quoted;
        else if (!quoted && (bytes[i] == '{' || bytes[i] == '[')) {
            if (++depth > MOST_LEVELS)
                return "too deep";
        } else if (!quoted && (bytes[i] == '}' || bytes[i] == ']'))
            depth--;
    }
    return NULL;
}

static bool refuse(struct request *request, enum phrase phrase, long number)
{
    reply_problem(request, "malformed", phrase_text(&request->arena, request->chinese, phrase, number), NULL);
    return false;
}

/* Where the parser stopped; its words never hold what was sent, but for a token that we leave out, as we do its advice to programmers. */
static bool refuse_syntax(struct request *request, const json_error_t *error)
{
    size_t length = strcspn(error->text, "'\"");
    static const char *const ends[] = {" near ", " without JSON_"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(error->text, ends[i]);
        if (end && (size_t)(end - error->text) < length)
            length = (size_t)(end - error->text);
    }
    reply_problem(request, "malformed",
                  arena_print(&request->arena, "JSON, line %d, column %d: %.*s", error->line, error->column, (int)length, error->text),
                  NULL);
    return false;
}

bool body_parse(struct request *request)
{
    json_error_t error;
    if (request->size == 0) {
        request->json = json_object();
        return true;
    }
    if (body_depth_fault(request->bytes, request->size))
        return refuse(request, SAY_BODY_TOO_DEEP, MOST_LEVELS);
    request->json = json_loadb(request->bytes, request->size, JSON_REJECT_DUPLICATES, &error);
    if (!request->json)
        return refuse_syntax(request, &error);
    return json_is_object(request->json) || refuse(request, SAY_BODY_NO_OBJECT, 0);
}

const char *json_as_text(struct arena *arena, json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return arena_print(arena, "%.17g", json_real_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (!value || json_is_null(value))
        return NULL;
    char *text = json_dumps(value, JSON_COMPACT);
    const char *copy = arena_copy(arena, text, strlen(text));
    free(text);
    return copy;
}

static bool produces_what_is_accepted(const struct request *request)
{
    const char *produced = request->endpoint->route->produces;
    return accepts_media_type(request->headers.accept, produced ? produced : "application/json");
}

void body_blame(struct request *request)
{
    if (body_of(request)->blame)
        body_of(request)->blame(request);
    else
        reply_problem(request, request->body_fault, NULL, NULL);
}

bool body_is_usable(struct request *request)
{
    if (request->body_fault)
        body_blame(request);
    else if (!produces_what_is_accepted(request))
        reply_problem(request, "not_acceptable", NULL, NULL);
    else if (body_of(request)->finish)
        return body_of(request)->finish(request);
    return !request->response;
}
