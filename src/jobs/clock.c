/*
 * The clock is two threads. The first keeps the deadlines: a turn is what the clock file says, then its jobs in the order of their table, then
 * sleep until PostgreSQL's next moment. The second does what may last, so that no breach waits for it. What is settled carries its own moment, so
 * nothing recorded depends on when either ran.
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
#include "jobs/roster.h"
#include "sql.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE }; /* milliseconds */
enum { MILLION = 1000000 };                                       /* microseconds of a second */

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

static const struct job prompt[] = {
    {.name = "settle what is due", .statement = &sql_jobs_settle_due, .more = more_is_due},
    {.name = "take days", .statement = &sql_jobs_take_day, .more = day_was_taken, .every = SECOND},
    {.name = "remind of supervision", .statement = &sql_jobs_settle_supervision, .every = SECOND},
    {0},
};

static const struct job lasting[] = {
    {.name = "put new ones among their likes", .statement = &sql_jobs_place_new, .every = SECOND / 5},
    {.name = "sort grams in", .statement = &sql_jobs_sort_grams_in, .every = SECOND / 5},
    {.name = "look for bursts", .statement = &sql_jobs_look_out, .more = one_was_done, .every = 10 * SECOND},
    {.name = "list the month", .statement = &sql_jobs_list_month, .more = one_was_done, .every = 10 * SECOND},
    {.name = "retention", .statement = &sql_jobs_retain, .more = somebody_was_forgotten, .every = HOUR},
    {.name = "weigh likeness", .statement = &sql_jobs_tidy_likeness, .every = 10 * SECOND},
    {.name = "sum figures up", .statement = &sql_jobs_sum_up, .more = one_was_done, .every = 2 * SECOND},
    {.name = "housekeeping", .statement = &sql_jobs_housekeeping, .every = HOUR},
    {0},
};

_Static_assert(sizeof lasting / sizeof *lasting <= ROSTER_MOST + 1, "a roster holds fewer jobs");

/* The first thread's own; main prepares it before there is one. */
static struct {
    struct roster jobs;
    struct clock_setting setting; /* the line of the clock file that holds or is to hold */
    bool set;                     /* the database has it */
    bool settled;                 /* the first thread's jobs have followed it */
} deadlines = {.jobs = {.jobs = prompt}, .set = true, .settled = true};

/* The second thread's own. */
static struct {
    struct roster jobs;
    char line[CLOCK_LINE]; /* that its jobs are to follow; empty: none */
} chores = {.jobs = {.jobs = lasting, .in_turn = true}};

/* Lines of the clock file between threads. */
static struct {
    pthread_mutex_t mutex;
    char settled[CLOCK_LINE];   /* handed by the first thread to the second; empty: taken */
    char published[CLOCK_LINE]; /* by which everything is done: the second writes it, each worker's /readyz reads it */
} lines = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static atomic_llong looked;   /* when the clock last saw what is due, by monotonic_milliseconds(); 0: never */
static atomic_llong lateness; /* milliseconds by which the oldest thing due was late then */

void clock_line(char line[CLOCK_LINE])
{
    pthread_mutex_lock(&lines.mutex);
    memcpy(line, lines.published, CLOCK_LINE);
    pthread_mutex_unlock(&lines.mutex);
}

double clock_lag(void)
{
    enum { USUAL = 2 * SECOND }; /* a clock that looks at least this often is not late itself */
    long long since = monotonic_milliseconds() - atomic_load(&looked);
    return (double)(atomic_load(&lateness) + (since > USUAL ? since - USUAL : 0)) / SECOND;
}

static bool set_clock(PGconn *pg)
{
    const char *instant = *deadlines.setting.instant ? deadlines.setting.instant : NULL;
    PGresult *set = ask(pg, &sql_jobs_set_clock, (struct given[]){{"instant", instant}, {"shift", deadlines.setting.shift}, {0}});
    deadlines.set = set != NULL;
    PQclear(set);
    return deadlines.set;
}

static void begin_to_follow(void)
{
    deadlines.set = deadlines.settled = false;
    roster_want_all(&deadlines.jobs);
}

static bool follow_file(const struct background *background, PGconn *pg)
{
    clock_file_looked(background->watched);
    if (settings.clock_file && clock_file_read(settings.clock_file, &deadlines.setting) == CLOCK_CHANGED)
        begin_to_follow();
    return deadlines.set || set_clock(pg);
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

static long sleep_for(long long wait)
{
    enum { SHORTEST = 50, LONGEST = SECOND, WATCHING = 100 }; /* at most a second: another server may have added what is due earlier */
    long long longest = settings.clock_file ? WATCHING : LONGEST, milliseconds = wait / 1000 + 1;
    if (milliseconds < SHORTEST)
        return SHORTEST;
    return (long)(milliseconds < longest ? milliseconds : longest);
}

static void publish(void)
{
    workers_forget_callers();
    pthread_mutex_lock(&lines.mutex);
    memcpy(lines.published, chores.line, CLOCK_LINE);
    pthread_mutex_unlock(&lines.mutex);
    log_event(LOG_INFO, "clock set", "line", chores.line, NULL);
    *chores.line = '\0';
}

/* A line that was settled is taken over: all is to be done by it. */
static void take_over(void)
{
    pthread_mutex_lock(&lines.mutex);
    bool is_new = *lines.settled;
    if (is_new)
        memcpy(chores.line, lines.settled, CLOCK_LINE);
    *lines.settled = '\0';
    pthread_mutex_unlock(&lines.mutex);
    if (is_new)
        roster_want_all(&chores.jobs);
}

static long do_chores(const struct background *background, PGconn *pg)
{
    take_over();
    roster_run(&chores.jobs, background, pg, false);
    if (*chores.line && roster_is_done(&chores.jobs))
        publish();
    return roster_wait(&chores.jobs);
}

static struct background second = {.name = "chores", .turn = do_chores};

static void hand_over(void)
{
    pthread_mutex_lock(&lines.mutex);
    memcpy(lines.settled, deadlines.setting.line, CLOCK_LINE);
    pthread_mutex_unlock(&lines.mutex);
    background_wake(&second);
    deadlines.settled = true;
}

static long keep_deadlines(const struct background *background, PGconn *pg)
{
    long long wait;
    if (!follow_file(background, pg) || !look(pg, &wait))
        return -1;
    roster_run(&deadlines.jobs, background, pg, wait <= 0);
    if (!look(pg, &wait))
        return -1;
    if (!deadlines.settled && wait > 0 && roster_is_done(&deadlines.jobs))
        hand_over();
    return sleep_for(wait);
}

static struct background first = {.name = "clock", .turn = keep_deadlines};

bool clock_prepare(void)
{
    if (!settings.clock_file)
        return true;
    if (clock_file_read(settings.clock_file, &deadlines.setting) != CLOCK_CHANGED) {
        log_event(LOG_ERROR, "the clock file cannot be read or says no time", "file", settings.clock_file, NULL);
        return false;
    }
    begin_to_follow();
    PGconn *pg = blocking_open(ROLE_DAEMON);
    bool set = pg && set_clock(pg);
    PQfinish(pg);
    return set;
}

bool clock_start(void)
{
    atomic_store(&looked, monotonic_milliseconds());
    first.watched = settings.clock_file ? clock_file_watch(settings.clock_file) : 0;
    return background_start(&second) && background_start(&first);
}

void clock_stop(void)
{
    background_stop(&first); /* which wakes the second */
    background_stop(&second);
    if (first.watched)
        close(first.watched);
}
