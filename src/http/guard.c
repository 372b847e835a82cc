/*
 * The request guard. Tried with raw sockets against libmicrohttpd 0.9.75: each of these reaches the handler, and most let a second
 * request hide in the first one's body. They get one 400 and a closed connection.
 */
#include "http/guard.h"
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct known_header {
    size_t place;
    const char *name;
    size_t length;
    bool once; /* twice is a fault: somebody between us may read the other one */
};

#define KNOWN(member_, name_, once_)                                                                                                       \
    {                                                                                                                                      \
        .place = offsetof(struct headers, member_), .name = name_, .length = sizeof(name_) - 1, .once = once_                              \
    }
static const struct known_header known_headers[] = {
    KNOWN(host, "Host", true),
    KNOWN(accept, "Accept", false),
    KNOWN(content_length, "Content-Length", true),
    KNOWN(transfer_encoding, "Transfer-Encoding", true),
    KNOWN(authorization, "Authorization", true),
    KNOWN(content_type, "Content-Type", true),
    KNOWN(receipt, "Receipt", true),
    KNOWN(community, "Community", true),
    KNOWN(content_encoding, "Content-Encoding", true),
    KNOWN(expect, "Expect", true),
    KNOWN(accept_encoding, "Accept-Encoding", false),
    KNOWN(accept_language, "Accept-Language", false),
    KNOWN(if_match, "If-Match", true),
    KNOWN(if_none_match, "If-None-Match", true),
    KNOWN(idempotency_key, "Idempotency-Key", true),
    KNOWN(proof_of_work, "Proof-Of-Work", true),
    KNOWN(range, "Range", true),
    KNOWN(if_range, "If-Range", true),
    KNOWN(origin, "Origin", true),
    KNOWN(preflight, "Access-Control-Request-Method", true),
    KNOWN(request_id, "X-Request-Id", false),
    KNOWN(traceparent, "traceparent", false),
};
#undef KNOWN

const char *guard_keep(struct headers *headers, const char *name, size_t name_size, const char *value)
{
    for (size_t i = 0; i < sizeof known_headers / sizeof *known_headers; i++) {
        const struct known_header *known = &known_headers[i];
        if (known->length != name_size || strncasecmp(known->name, name, name_size) != 0)
            continue;
        const char **kept = (const char **)((char *)headers + known->place);
        if (*kept && known->once)
            return "a header that decides came twice";
        if (!*kept)
            *kept = value;
        return NULL;
    }
    return NULL;
}

static bool is_token(const char *name, size_t size)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (!c || !strchr(marks, c)))
            return false;
    }
    return size > 0;
}

static bool has_control(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < ' ' && c != '\t') || c == 127)
            return true;
    }
    return false;
}

const char *guard_header_fault(const char *name, size_t name_size, const char *value, size_t value_size)
{
    if (!is_token(name, name_size))
        return "a header's name is not a token";
    if (has_control(value, value_size))
        return "a header holds a control character";
    return NULL;
}

const char *guard_framing_fault(const struct headers *headers)
{
    if (headers->content_length && headers->transfer_encoding)
        return "Content-Length beside Transfer-Encoding";
    if (headers->transfer_encoding && strcasecmp(headers->transfer_encoding, "chunked") != 0)
        return "the only transfer coding is chunked";
    if (headers->content_length && headers->content_length[strspn(headers->content_length, "0123456789")])
        return "Content-Length is not a number";
    return NULL;
}

const char *guard_target_fault(const char *target)
{
    for (const char *at = target; *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == 127)
            return "the request target holds a blank or a control character";
        if (strncmp(at, "%00", 3) == 0)
            return "the request target holds %00";
    }
    return NULL;
}

/* What the walk over the headers found. */
struct walk {
    struct headers *headers;
    const char *fault;
};

static enum MHD_Result look_at(void *argument, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value,
                               size_t value_size)
{
    struct walk *walk = argument;
    (void)kind;
    if (!value) {
        value = "";
        value_size = 0;
    }
    walk->fault = guard_header_fault(name, name_size, value, value_size);
    if (!walk->fault)
        walk->fault = guard_keep(walk->headers, name, name_size, value);
    return walk->fault ? MHD_NO : MHD_YES;
}

const char *guard_headers(struct request *request)
{
    struct walk walk = {.headers = &request->headers};
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, look_at, &walk);
    return walk.fault ? walk.fault : guard_framing_fault(&request->headers);
}
