/*
 * The clock thread: a turn is what the clock file says, then the jobs in the order of their table, then sleep until PostgreSQL's
 * next moment. What is settled carries its own moment, so nothing recorded depends on when the clock ran.
 */
#include "jobs/clock.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/monotonic.h"
#include "base/settings.h"
#include "http/worker.h"
#include "jobs/ask.h"
#include "jobs/background.h"
#include "sql.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE }; /* milliseconds */
enum { MILLION = 1000000 };                                       /* microseconds of a second */

/* What the clock does by itself. */
struct job {
    const char *name;
    const struct statement *statement;
    bool (*more)(const PGresult *); /* true: run it again at once; NULL: once is enough */
    long every;                     /* milliseconds; 0: whenever something is due */
};

/* A batch that could settle nothing waits for somebody's lock: better asked again in a moment than at once. */
static bool more_is_due(const PGresult *row)
{
    const char *settled = answered(row, "settled"), *more = answered(row, "more");
    return settled && strcmp(settled, "0") && more && *more == 't';
}

static bool day_was_taken(const PGresult *row)
{
    if (!answered(row, "day"))
        return false;
    log_event(LOG_INFO, "day taken", "community", answered(row, "community"), "day", answered(row, "day"), NULL);
    return true;
}

static bool somebody_was_forgotten(const PGresult *row)
{
    const char *forgotten = answered(row, "forgotten");
    return forgotten && strcmp(forgotten, "0");
}

/* The next community, until none is left. */
static bool one_was_done(const PGresult *row)
{
    return answered(row, "community") != NULL;
}

static const struct job jobs[] = {
    {.name = "settle what is due", .statement = &sql_jobs_settle_due, .more = more_is_due},
    {.name = "take days", .statement = &sql_jobs_take_day, .more = day_was_taken, .every = SECOND},
    {.name = "remind of supervision", .statement = &sql_jobs_settle_supervision, .every = SECOND},
    {.name = "retention", .statement = &sql_jobs_retain, .more = somebody_was_forgotten, .every = HOUR},
    {.name = "look for bursts", .statement = &sql_jobs_look_out, .more = one_was_done, .every = 10 * SECOND},
    {.name = "list the month", .statement = &sql_jobs_list_month, .more = one_was_done, .every = 10 * SECOND},
    {.name = "put new ones among their likes", .statement = &sql_jobs_place_new, .every = SECOND / 5},
    {.name = "sort grams in", .statement = &sql_jobs_sort_grams_in, .every = SECOND / 5},
    {.name = "weigh likeness", .statement = &sql_jobs_tidy_likeness, .every = 10 * SECOND},
    {.name = "sum figures up", .statement = &sql_jobs_sum_up, .more = one_was_done, .every = MINUTE},
    {.name = "housekeeping", .statement = &sql_jobs_housekeeping, .every = HOUR},
};

enum { JOBS = sizeof jobs / sizeof *jobs };

/* The clock thread's own; main prepares it before there is one. */
static struct {
    struct clock_setting setting; /* the line of the clock file that holds or is to hold */
    bool set;                     /* the database has it */
    bool followed;                /* all is settled by it and it is published */
    long long next[JOBS];         /* by monotonic_milliseconds() */
    int failures[JOBS];           /* in a row */
} state = {.set = true, .followed = true};

static atomic_llong looked;        /* when the clock last saw what is due, by monotonic_milliseconds(); 0: never */
static atomic_llong lateness;      /* milliseconds by which the oldest thing due was late then */
static char published[CLOCK_LINE]; /* one for the whole process: the clock writes it, each worker's /readyz reads it, hence the mutex */
static pthread_mutex_t publishing = PTHREAD_MUTEX_INITIALIZER;

void clock_line(char line[CLOCK_LINE])
{
    pthread_mutex_lock(&publishing);
    memcpy(line, published, CLOCK_LINE);
    pthread_mutex_unlock(&publishing);
}

double clock_lag(void)
{
    enum { USUAL = 2 * SECOND }; /* a clock that looks at least this often is not late itself */
    long long since = monotonic_milliseconds() - atomic_load(&looked);
    return (double)(atomic_load(&lateness) + (since > USUAL ? since - USUAL : 0)) / SECOND;
}

static void publish(void)
{
    workers_forget_callers();
    pthread_mutex_lock(&publishing);
    memcpy(published, state.setting.line, CLOCK_LINE);
    pthread_mutex_unlock(&publishing);
    state.followed = true;
    log_event(LOG_INFO, "clock set", "line", state.setting.line, NULL);
}

static bool set_clock(PGconn *pg)
{
    const char *instant = *state.setting.instant ? state.setting.instant : NULL;
    PGresult *set = ask(pg, &sql_jobs_set_clock, (struct given[]){{"instant", instant}, {"shift", state.setting.shift}, {0}});
    state.set = set != NULL;
    PQclear(set);
    return state.set;
}

static bool follow_file(const struct background *background, PGconn *pg)
{
    clock_file_looked(background->watched);
    if (settings.clock_file && clock_file_read(settings.clock_file, &state.setting) == CLOCK_CHANGED)
        state.set = state.followed = false;
    return state.set || set_clock(pg);
}

/* Microseconds until there is something to do; none or less: there is. Time may stand still right before it. */
static bool look(PGconn *pg, long long *wait)
{
    PGresult *row = ask(pg, &sql_jobs_next_due, (struct given[]){{0}});
    if (!row)
        return false;
    double seconds = answered(row, "wait") ? strtod(answered(row, "wait"), NULL) : HOUR / SECOND;
    *wait = (long long)(seconds * MILLION + (seconds < 0 ? -0.5 : 0.5));
    PQclear(row);
    atomic_store(&looked, monotonic_milliseconds());
    atomic_store(&lateness, *wait < 0 ? -*wait / 1000 : 0);
    return true;
}

static bool run(const struct background *background, PGconn *pg, const struct job *job)
{
    static const struct given inputs[] = {{"limit", "200"}, {0}}; /* a batch of 200 holds its locks for some 8 ms */
    for (bool more = true; more && !background_is_stopping(background);) {
        PGresult *row = ask(pg, job->statement, inputs);
        if (!row)
            return false;
        more = job->more && job->more(row);
        PQclear(row);
    }
    return true;
}

/* A job that fails is left alone for a while, longer each time, so that it neither holds up the others nor floods the log. */
static void plan(int number, bool fine)
{
    enum { FIRST = 250, SLOWEST = 7 }; /* milliseconds; doubled so often, 32 seconds */
    int failures = fine ? 0 : state.failures[number] + 1;
    long pause = fine ? jobs[number].every : FIRST << (failures < SLOWEST ? failures : SLOWEST);
    if (failures == 1)
        log_event(LOG_ERROR, "a job fails", "job", jobs[number].name, NULL);
    if (fine && state.failures[number])
        log_event(LOG_INFO, "a job works again", "job", jobs[number].name, NULL);
    state.failures[number] = failures;
    state.next[number] = monotonic_milliseconds() + pause;
}

static bool is_wanted(int number, bool due)
{
    bool held_back = state.next[number] > monotonic_milliseconds();
    if (!state.followed && !state.failures[number])
        return true;
    return !held_back && (due || jobs[number].every);
}

/* True when all of them ran without a failure. */
static bool run_jobs(const struct background *background, PGconn *pg, bool due)
{
    bool all_fine = true;
    for (int number = 0; number < JOBS; number++) {
        if (is_wanted(number, due))
            plan(number, run(background, pg, &jobs[number]));
        all_fine = all_fine && !state.failures[number];
    }
    return all_fine && !background_is_stopping(background);
}

static long sleep_for(long long wait)
{
    enum { SHORTEST = 50, LONGEST = SECOND, WATCHING = 100 }; /* at most a second: another server may have added what is due earlier */
    long long longest = settings.clock_file ? WATCHING : LONGEST, milliseconds = wait / 1000 + 1;
    if (milliseconds < SHORTEST)
        return SHORTEST;
    return (long)(milliseconds < longest ? milliseconds : longest);
}

static long take_turn(const struct background *background, PGconn *pg)
{
    long long wait;
    if (!follow_file(background, pg) || !look(pg, &wait))
        return -1;
    bool fine = run_jobs(background, pg, wait <= 0);
    if (!look(pg, &wait))
        return -1;
    if (!state.followed && fine && wait > 0)
        publish();
    return sleep_for(wait);
}

static struct background thread = {.name = "clock", .listen = "listen due", .turn = take_turn};

bool clock_prepare(void)
{
    if (!settings.clock_file)
        return true;
    if (clock_file_read(settings.clock_file, &state.setting) != CLOCK_CHANGED) {
        log_event(LOG_ERROR, "the clock file cannot be read or says no time", "file", settings.clock_file, NULL);
        return false;
    }
    state.followed = false;
    PGconn *pg = blocking_open(ROLE_DAEMON);
    bool set = pg && set_clock(pg);
    PQfinish(pg);
    return set;
}

bool clock_start(void)
{
    atomic_store(&looked, monotonic_milliseconds());
    thread.watched = settings.clock_file ? clock_file_watch(settings.clock_file) : 0;
    return background_start(&thread);
}

void clock_stop(void)
{
    background_stop(&thread);
    if (thread.watched)
        close(thread.watched);
}
