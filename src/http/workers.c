/* All workers together: started, drained and joined; what the rest of the program may ask of them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "http/account.h"
#include "http/address.h"
#include "http/bucket.h"
#include "http/listen.h"
#include "http/proposer.h"
#include "http/session.h"
#include "http/work.h"

static struct worker *workers;
static int count;
static atomic_bool draining;

/* Each connection is an open file; the soft limit of 1024 is for programs that use select(). */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < (rlim_t)(settings.workers * settings.max_connections))
        log_event(LOG_WARNING, "fewer files may be open than connections are allowed", "files", LOG_NUMBER((long long)limit.rlim_cur),
                  NULL);
}

static bool open_all(void)
{
    int *sockets = calloc((size_t)count, sizeof *sockets);
    if (!sockets)
        abort();
    bool opened = listen_start(count, sockets);
    for (int i = 0; i < count && opened; i++) {
        workers[i].number = i;
        workers[i].listener = sockets[i];
        opened = worker_open(&workers[i]);
    }
    free(sockets);
    return opened;
}

static bool run_all(void)
{
    for (int i = 0; i < count; i++) {
        int error = pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]);
        if (error) {
            log_event(LOG_ERROR, "a worker cannot start", "error", strerror(error), NULL);
            return false;
        }
        pthread_setname_np(workers[i].thread, "worker");
        workers[i].started = true;
    }
    return true;
}

bool workers_start(void)
{
    count = (int)settings.workers;
    workers = calloc((size_t)count, sizeof *workers);
    if (!workers)
        abort();
    atomic_store(&draining, false);
    json_object_seed(0);
    bucket_start();
    raise_file_limit();
    if (!address_start() || !route_start() || !work_start() || !open_all() || !run_all())
        return false;
    log_event(LOG_INFO, "listening", "address", settings.listen, "workers", LOG_NUMBER(count), NULL);
    return true;
}

void workers_drain(void)
{
    atomic_store(&draining, true);
    for (int i = 0; i < count; i++)
        if (workers[i].started)
            worker_wake(&workers[i]);
}

static void dispose(struct worker *worker)
{
    session_cache_free(worker->sessions);
    proposers_free(worker->proposers);
    counters_free(worker->counters);
    if (worker->started) {
        close(worker->epoll);
        close(worker->wake);
    }
}

void workers_join(void)
{
    for (int i = 0; i < count; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    work_stop(); /* they may still hand something to a worker that has ended */
    for (int i = 0; i < count; i++) {
        work_deliver(&workers[i]);
        dispose(&workers[i]);
    }
    listen_end();
    free(workers);
    workers = NULL;
    count = 0;
}

bool workers_are_draining(void)
{
    return atomic_load_explicit(&draining, memory_order_relaxed);
}

bool workers_have_database(void)
{
    for (int i = 0; i < count; i++)
        if (!atomic_load_explicit(&workers[i].database_up, memory_order_relaxed))
            return false;
    return count > 0;
}

long workers_stalled(void)
{
    long oldest = LONG_MAX;
    for (int i = 0; i < count; i++) {
        long turned = atomic_load_explicit(&workers[i].turned, memory_order_relaxed);
        if (turned > 0 && turned < oldest)
            oldest = turned;
    }
    return oldest == LONG_MAX ? 0 : (long)monotonic_milliseconds() - oldest;
}

void workers_forget_callers(void)
{
    session_forget_all();
}

void workers_metrics(FILE *out)
{
    struct counters **counters = calloc((size_t)count + 1, sizeof *counters);
    unsigned connections = 0;
    if (!counters)
        abort();
    for (int i = 0; i < count; i++) {
        counters[i] = workers[i].counters;
        connections += atomic_load_explicit(&workers[i].connections, memory_order_relaxed);
    }
    counters_print(out, counters, count);
    fprintf(out,
            "# HELP echo_wall_http_connections Open connections of clients.\n# TYPE echo_wall_http_connections gauge\n"
            "echo_wall_http_connections %u\n",
            connections);
    free(counters);
}
