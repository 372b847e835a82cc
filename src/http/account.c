/* What became of a request: one line in the log, and counters that /metrics sums over the workers. */
#include "http/account.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"

static const unsigned statuses[] = {200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408,
                                    409, 412, 413, 414, 415, 422, 428, 429, 500, 501, 503, 0 /* any other */};
static const long limits[] = {1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000}; /* microseconds */

enum { STATUSES = sizeof statuses / sizeof *statuses, LIMITS = sizeof limits / sizeof *limits };

/* Of one endpoint on one worker: written by it alone, read by whoever prints. */
struct counter {
    atomic_ulong by_status[STATUSES];
    atomic_ulong faster[LIMITS + 1]; /* the last: slower than all limits */
    atomic_ullong microseconds;
};

struct counters {
    struct counter unmatched; /* no route was found */
    struct counter matched[];
};

struct counters *counters_new(void)
{
    struct counters *counters = calloc(1, sizeof *counters + (size_t)endpoint_count * sizeof *counters->matched);
    if (!counters)
        abort();
    return counters;
}

void counters_free(struct counters *counters)
{
    free(counters);
}

static int place_of_status(unsigned status)
{
    int i = 0;
    while (statuses[i] && statuses[i] != status)
        i++;
    return i;
}

static void count(struct counter *counter, unsigned status, long long microseconds)
{
    int place = 0;
    while (place < LIMITS && microseconds > limits[place])
        place++;
    atomic_fetch_add_explicit(&counter->by_status[place_of_status(status)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->faster[place], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->microseconds, (unsigned long long)microseconds, memory_order_relaxed);
}

/* The trace id of "00-<32 hex>-<16 hex>-<2 hex>" (W3C Trace Context); NULL: none to be taken up. */
static const char *trace_of(struct request *request)
{
    const char *text = request->headers.traceparent;
    if (!text || request->caller.role == PUBLIC || !request->caller.role || request_is_anonymous(request))
        return NULL;
    static const char hex[] = "0123456789abcdef";
    bool fits = strlen(text) == 55 && strncmp(text, "00-", 3) == 0 && strspn(text + 3, hex) == 32 && text[35] == '-' &&
                strspn(text + 36, hex) == 16 && text[52] == '-' && strspn(text + 53, hex) == 2 && strspn(text + 3, "0") < 32;
    return fits ? arena_copy(&request->arena, text + 3, 32) : NULL;
}

static void tell(struct request *request, long long microseconds)
{
    const struct route *route = request->endpoint ? request->endpoint->route : NULL;
    char milliseconds[32];
    enum log_level level = request->status == 500 ? LOG_ERROR : route && route->quiet && request->status < 500 ? LOG_DEBUG : LOG_INFO;
    snprintf(milliseconds, sizeof milliseconds, "%lld.%03lld", microseconds / 1000, microseconds % 1000);
    log_event(level, "request", "method", route ? method_name(route->method) : NULL, "route", route ? route->path : "none", "status",
              LOG_NUMBER(request->status), "ms", milliseconds, "request", request->id, "sqlstate", request->sqlstate, "statement",
              request->sqlstate && request->query.statement ? request->query.statement->name : NULL, "trace", trace_of(request), NULL);
}

void account_for(struct request *request)
{
    long long microseconds = monotonic_microseconds() - request->since;
    struct counters *counters = request->worker->counters;
    if (!request->status)
        return; /* the client left before anything was decided */
    count(request->endpoint ? &counters->matched[request->endpoint->number] : &counters->unmatched, request->status, microseconds);
    tell(request, microseconds);
}

static const struct counter *counter_of(const struct counters *counters, int endpoint)
{
    return endpoint < 0 ? &counters->unmatched : &counters->matched[endpoint];
}

static void print_label(FILE *out, int endpoint)
{
    if (endpoint < 0)
        fputs("route=\"none\",method=\"none\"", out);
    else
        fprintf(out, "route=\"%s\",method=\"%s\"", endpoints[endpoint].route->path, method_name(endpoints[endpoint].route->method));
}

static void print_statuses(FILE *out, struct counters *const *all, int workers, int endpoint)
{
    for (int i = 0; i < STATUSES; i++) {
        unsigned long sum = 0;
        for (int worker = 0; worker < workers; worker++)
            sum += atomic_load_explicit(&counter_of(all[worker], endpoint)->by_status[i], memory_order_relaxed);
        if (sum == 0)
            continue;
        fputs("echo_wall_http_requests_total{", out);
        print_label(out, endpoint);
        if (statuses[i])
            fprintf(out, ",status=\"%u\"} %lu\n", statuses[i], sum);
        else
            fprintf(out, ",status=\"other\"} %lu\n", sum);
    }
}

static void print_durations(FILE *out, struct counters *const *all, int workers, int endpoint)
{
    static const char name[] = "echo_wall_http_request_duration_seconds";
    unsigned long long microseconds = 0;
    unsigned long faster[LIMITS + 1] = {0}, total = 0;
    for (int worker = 0; worker < workers; worker++) {
        const struct counter *counter = counter_of(all[worker], endpoint);
        for (int i = 0; i <= LIMITS; i++)
            faster[i] += atomic_load_explicit(&counter->faster[i], memory_order_relaxed);
        microseconds += atomic_load_explicit(&counter->microseconds, memory_order_relaxed);
    }
    for (int i = 0; i <= LIMITS; i++)
        total += faster[i];
    if (total == 0)
        return;
    unsigned long so_far = 0;
    for (int i = 0; i <= LIMITS; i++) {
        so_far += faster[i];
        fprintf(out, "%s_bucket{", name);
        print_label(out, endpoint);
        if (i < LIMITS)
            fprintf(out, ",le=\"%g\"} %lu\n", (double)limits[i] / 1e6, so_far);
        else
            fprintf(out, ",le=\"+Inf\"} %lu\n", so_far);
    }
    fprintf(out, "%s_sum{", name);
    print_label(out, endpoint);
    fprintf(out, "} %.6f\n%s_count{", (double)microseconds / 1e6, name);
    print_label(out, endpoint);
    fprintf(out, "} %lu\n", total);
}

void counters_print(FILE *out, struct counters *const *all, int workers)
{
    fputs("# HELP echo_wall_http_requests_total Requests answered, by route and status.\n# TYPE echo_wall_http_requests_total counter\n",
          out);
    for (int endpoint = -1; endpoint < endpoint_count; endpoint++)
        print_statuses(out, all, workers, endpoint);
    fputs("# HELP echo_wall_http_request_duration_seconds From the request line to the end of the answer.\n"
          "# TYPE echo_wall_http_request_duration_seconds histogram\n",
          out);
    for (int endpoint = -1; endpoint < endpoint_count; endpoint++)
        print_durations(out, all, workers, endpoint);
}
