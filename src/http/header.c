/* The headers that every answer has: safety, the request's id, caching, CORS. */
#include <string.h>
#include "base/settings.h"
#include "http/caller.h"
#include "http/negotiate.h"
#include "http/reply.h"
#include "http/worker.h"

#define EXPOSED "Link, ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Accept-Ranges, Content-Range"
#define TAKEN                                                                                                                              \
    "Authorization, Receipt, Community, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range, If-Range, Proof-Of-Work, "          \
    "X-Request-Id, traceparent"

void reply_header(struct request *request, const char *name, const char *value)
{
    if (value && request->response)
        MHD_add_response_header(request->response, name, value);
}

/* A handler may have said something better. */
static void reply_unless_given(struct request *request, const char *name, const char *value)
{
    if (!MHD_get_response_header(request->response, name))
        reply_header(request, name, value);
}

static bool is_sane_id(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(id);
    return length > 0 && length < MAX_REQUEST_ID && strspn(id, allowed) == length;
}

static bool origin_is_allowed(const struct request *request)
{
    const char *origin = request->headers.origin;
    return origin && is_listed(settings.cors_origins, origin, strlen(origin));
}

static void allow_origin(struct request *request)
{
    if (!origin_is_allowed(request))
        return;
    reply_header(request, "Access-Control-Allow-Origin", request->headers.origin);
    reply_header(request, "Access-Control-Expose-Headers", EXPOSED);
}

/* Both may differ with the origin only where origins are configured. */
static const char *vary(const struct request *request)
{
    if (!request->varies)
        return settings.cors_origins ? "Origin" : NULL;
    if (request->caller.role != PUBLIC)
        return settings.cors_origins ? "Authorization, Receipt, Community, Origin" : "Authorization, Receipt, Community";
    return settings.cors_origins ? "Authorization, Receipt, Community, Accept-Encoding, Origin"
                                 : "Authorization, Receipt, Community, Accept-Encoding";
}

void reply_complete(struct request *request)
{
    bool personal = request->caller.role != PUBLIC || !request->cacheable;
    reply_header(request, "X-Content-Type-Options", "nosniff");
    reply_unless_given(request, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    reply_header(request, "Referrer-Policy", "no-referrer");
    reply_header(request, "X-Request-Id", request->id);
    reply_unless_given(request, "Cache-Control", personal ? "no-store" : "no-cache");
    reply_header(request, "Vary", vary(request));
    reply_header(request, "RateLimit-Policy", request->rate_policy);
    reply_header(request, "RateLimit", request->rate_left);
    allow_origin(request);
    if (request->closing || workers_are_draining())
        reply_header(request, "Connection", "close");
}

void reply_options(struct request *request, const struct place *place)
{
    const char *allow = place ? place->allow : "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    reply_empty(request, MHD_HTTP_NO_CONTENT);
    reply_header(request, "Allow", allow);
    if (!request->headers.preflight || !origin_is_allowed(request))
        return;
    reply_header(request, "Access-Control-Allow-Methods", allow);
    reply_header(request, "Access-Control-Allow-Headers", TAKEN);
    reply_header(request, "Access-Control-Max-Age", "600");
}

/* A client's own id would tie an anonymous request to other traces of its sender. */
void reply_adopt_id(struct request *request)
{
    const char *id = request->headers.request_id;
    if (id && is_sane_id(id) && request->caller.role && !request_is_anonymous(request))
        strcpy(request->id, id);
}
