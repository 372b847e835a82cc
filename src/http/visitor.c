/*
 * Connections that take for ever. A client may send one byte each few seconds and never be silent; the sweep ends what did not arrive in
 * settings.request_timeout, whatever state libmicrohttpd has it in, by closing the socket under it.
 */
#include "http/visitor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/log.h"
#include "base/settings.h"
#include "http/reply.h"

enum { MILLISECONDS = 1000 };

static void arrive(struct worker *worker, struct MHD_Connection *connection, void **socket_context)
{
    struct visitor *visitor = calloc(1, sizeof *visitor);
    if (!visitor)
        abort();
    *visitor = (struct visitor){.next = worker->visitors, .link = &worker->visitors, .connection = connection};
    visitor->since = monotonic_milliseconds();
    if (visitor->next)
        visitor->next->link = &visitor->next;
    worker->visitors = visitor;
    atomic_fetch_add_explicit(&worker->connections, 1, memory_order_relaxed);
    *socket_context = visitor;
}

static void leave(struct worker *worker, struct visitor *visitor)
{
    *visitor->link = visitor->next;
    if (visitor->next)
        visitor->next->link = visitor->link;
    atomic_fetch_sub_explicit(&worker->connections, 1, memory_order_relaxed);
    free(visitor);
}

void visitor_notice(void *worker, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        arrive(worker, connection, socket_context);
    else if (*socket_context)
        leave(worker, *socket_context);
}

void visitor_begins(struct request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    request->visitor = info->socket_context;
    request->visitor->request = request;
    request->visitor->since = monotonic_milliseconds();
}

void visitor_ends(struct request *request)
{
    request->visitor->request = NULL;
    request->visitor->since = monotonic_milliseconds();
}

/* libmicrohttpd takes no answer in the middle of a body, so this one goes straight to the socket: nothing else was sent on it yet. */
static void tell_too_slow(const struct request *request, int socket)
{
    static const char body[] = "{\"type\":\"/problems/too_slow\",\"title\":\"The request took too long to arrive\",\"status\":408}";
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
                          "X-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\nContent-Length: %zu\r\n\r\n%s",
                          request->id, sizeof body - 1, body);
    if (send(socket, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        log_event(LOG_DEBUG, "a slow client is gone", NULL);
}

static void cut(struct visitor *visitor)
{
    int socket = MHD_get_connection_info(visitor->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    visitor->cut = true;
    if (visitor->request) {
        visitor->request->status = problem_status("too_slow");
        tell_too_slow(visitor->request, socket);
    }
    shutdown(socket, SHUT_RDWR);
}

static bool takes_too_long(const struct visitor *visitor, long long now)
{
    enum { SLOWEST = 16 * 1024 }; /* bytes of a picture a second that still count as coming */
    long long limit = settings.request_timeout * MILLISECONDS;
    if (visitor->request) {
        limit += (long long)(visitor->request->arrived / SLOWEST) * MILLISECONDS;
        return visitor->request->arriving && now - visitor->since > limit;
    }
    /* A silent one is ended by libmicrohttpd; beyond this it is not silent and yet brings no request line. */
    return now - visitor->since > limit + settings.idle_timeout * MILLISECONDS;
}

void visitors_sweep(struct worker *worker, long long now)
{
    for (struct visitor *visitor = worker->visitors; visitor; visitor = visitor->next)
        if (!visitor->cut && takes_too_long(visitor, now))
            cut(visitor);
}

bool visitors_are_busy(const struct worker *worker)
{
    for (const struct visitor *visitor = worker->visitors; visitor; visitor = visitor->next)
        if (visitor->request && !visitor->cut)
            return true;
    return false;
}

void visitors_give_up(struct worker *worker)
{
    for (struct visitor *visitor = worker->visitors; visitor; visitor = visitor->next)
        if (visitor->request)
            request_give_up(visitor->request);
}
