/*
 * A worker: one thread that turns. Each turn takes what is ready - connections of clients and of the database, finished work of the crews -
 * lets libmicrohttpd run, and ends by sending together what its requests asked of the database.
 */
#include "http/worker.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "http/account.h"
#include "http/proposer.h"
#include "http/session.h"
#include "http/visitor.h"
#include "http/work.h"

enum {
    LONGEST_WAIT = 1000, /* milliseconds between two turns: the sweep, and the watchdog's proof of life */
    CONNECTION_MEMORY = 32 * 1024,
    MOST_EVENTS = 64,
};

void worker_wake(struct worker *worker)
{
    eventfd_write(worker->wake, 1);
}

static void watch(struct worker *worker, int fd, void *owner)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
    if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        log_event(LOG_ERROR, "epoll refuses a socket", "error", strerror(errno), NULL);
}

/* What libmicrohttpd says about clients that hang up or speak gibberish is of interest only to who looks for it. */
__attribute__((format(printf, 2, 0))) static void pass_on(void *unused, const char *format, va_list arguments)
{
    char text[256];
    (void)unused;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    log_event(LOG_DEBUG, "libmicrohttpd", "says", text, NULL);
}

static void notified(void *worker, const char *channel, const char *payload)
{
    if (strcmp(channel, "caller") == 0)
        session_forget_all();
    if (strcmp(channel, "classifier") == 0)
        proposers_doubt(((struct worker *)worker)->proposers, payload);
}

bool worker_open(struct worker *worker)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    worker->http = MHD_start_daemon(flags, 0, NULL, NULL, request_step, worker, MHD_OPTION_EXTERNAL_LOGGER, pass_on, NULL,
                                    MHD_OPTION_LISTEN_SOCKET, worker->listener, MHD_OPTION_URI_LOG_CALLBACK, request_begin, worker,
                                    MHD_OPTION_NOTIFY_COMPLETED, request_end, worker, MHD_OPTION_NOTIFY_CONNECTION, visitor_notice, worker,
                                    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)settings.idle_timeout, MHD_OPTION_CONNECTION_LIMIT,
                                    (unsigned)settings.max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
                                    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (!worker->http) {
        log_event(LOG_ERROR, "a worker cannot start its HTTP daemon", NULL);
        return false;
    }
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->epoll < 0 || worker->wake < 0 || getrandom(&worker->id_prefix, sizeof worker->id_prefix, 0) < 0) {
        log_event(LOG_ERROR, "a worker cannot start", "error", strerror(errno), NULL);
        return false;
    }
    worker->sessions = session_cache_new();
    worker->proposers = proposers_new();
    worker->counters = counters_new();
    watch(worker, MHD_get_daemon_info(worker->http, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, NULL);
    watch(worker, worker->wake, worker);
    database_open(&worker->database, worker->epoll, notified, worker);
    return true;
}

static int time_to_wait(struct worker *worker, int wish)
{
    MHD_UNSIGNED_LONG_LONG milliseconds;
    int wait = wish >= 0 && wish < LONGEST_WAIT ? wish : LONGEST_WAIT;
    if (MHD_get_timeout(worker->http, &milliseconds) == MHD_YES && milliseconds < (unsigned)wait)
        wait = (int)milliseconds;
    return wait;
}

static void receive(struct worker *worker, int wait)
{
    struct epoll_event ready[MOST_EVENTS];
    eventfd_t unused;
    int count = epoll_wait(worker->epoll, ready, MOST_EVENTS, wait);
    for (int i = 0; i < count; i++) {
        if (ready[i].data.ptr == worker)
            eventfd_read(worker->wake, &unused);
        else if (ready[i].data.ptr) /* NULL: libmicrohttpd's own */
            database_ready(ready[i].data.ptr, ready[i].events);
    }
}

static void sweep(struct worker *worker)
{
    long long now = monotonic_milliseconds();
    atomic_store_explicit(&worker->turned, (long)now, memory_order_relaxed);
    if (now - worker->swept < LONGEST_WAIT)
        return;
    worker->swept = now;
    visitors_sweep(worker, now);
}

/* Returns the milliseconds until the database wants to be called again. */
static int turn(struct worker *worker, int wish)
{
    receive(worker, time_to_wait(worker, wish));
    work_deliver(worker);
    MHD_run(worker->http);
    sweep(worker);
    wish = database_flush(&worker->database);
    atomic_store_explicit(&worker->database_up, database_is_up(&worker->database), memory_order_relaxed);
    log_flush();
    return wish;
}

/* Nothing new comes in; what is under way gets the time to end. */
static void drain(struct worker *worker, int wish)
{
    long long deadline = monotonic_microseconds() + settings.drain_timeout * 1000000LL;
    MHD_socket listener = MHD_quiesce_daemon(worker->http);
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
    while (visitors_are_busy(worker) && monotonic_microseconds() < deadline)
        wish = turn(worker, wish);
}

/* No connection may be suspended when libmicrohttpd stops, and no query may outlive its request. */
static void end(struct worker *worker)
{
    database_close(&worker->database);
    visitors_give_up(worker);
    MHD_run(worker->http);
    MHD_run(worker->http);
    MHD_stop_daemon(worker->http);
}

void *worker_run(void *argument)
{
    struct worker *worker = argument;
    int wish = database_flush(&worker->database);
    log_gather();
    while (!workers_are_draining())
        wish = turn(worker, wish);
    drain(worker, wish);
    end(worker);
    log_flush();
    return NULL;
}
