#include "jobs/roster.h"
#include "base/log.h"
#include "base/monotonic.h"
#include "jobs/ask.h"

/* Returns how it stands then. */
static int run(const struct roster *roster, const struct background *background, PGconn *pg, const struct job *job)
{
    static const struct given inputs[] = {{"limit", "200"}, {0}}; /* a batch of 200 that are due holds its locks for some 8 ms */
    while (!background_is_stopping(background)) {
        PGresult *row = ask(pg, job->statement, inputs);
        if (!row)
            return JOB_FAILED;
        bool more = job->more && job->more(row);
        PQclear(row);
        if (!more)
            return JOB_DONE;
        if (roster->in_turn)
            break;
    }
    return JOB_WANTED;
}

static void plan(struct roster *roster, int number, int stands)
{
    enum { FIRST = 250, SLOWEST = 7 }; /* milliseconds; doubled so often, 32 seconds */
    const struct job *job = &roster->jobs[number];
    bool failed = stands == JOB_FAILED;
    int before = roster->now[number].failures, failures = failed ? before + 1 : 0;
    long pause = failed ? FIRST << (failures < SLOWEST ? failures : SLOWEST) : job->every;
    if (failures == 1)
        log_event(LOG_ERROR, "a job fails", "job", job->name, NULL);
    if (before && !failed)
        log_event(LOG_INFO, "a job works again", "job", job->name, NULL);
    roster->now[number].stands = stands;
    roster->now[number].failures = failures;
    roster->now[number].next = monotonic_milliseconds() + pause;
}

static bool is_wanted(const struct roster *roster, int number, bool due)
{
    if (roster->now[number].stands == JOB_WANTED)
        return true;
    bool again = due || roster->jobs[number].every || roster->now[number].stands == JOB_FAILED;
    return again && roster->now[number].next <= monotonic_milliseconds();
}

void roster_run(struct roster *roster, const struct background *background, PGconn *pg, bool due)
{
    for (int number = 0; roster->jobs[number].name; number++)
        if (is_wanted(roster, number, due))
            plan(roster, number, run(roster, background, pg, &roster->jobs[number]));
}

void roster_want_all(struct roster *roster)
{
    for (int number = 0; roster->jobs[number].name; number++)
        if (roster->now[number].stands != JOB_FAILED)
            roster->now[number].stands = JOB_WANTED;
}

bool roster_is_done(const struct roster *roster)
{
    for (int number = 0; roster->jobs[number].name; number++)
        if (roster->now[number].stands != JOB_DONE)
            return false;
    return true;
}

long roster_wait(const struct roster *roster)
{
    long long now = monotonic_milliseconds(), soonest = now + 60 * 1000;
    for (int number = 0; roster->jobs[number].name; number++) {
        if (roster->now[number].stands == JOB_WANTED)
            return 0;
        if (roster->now[number].next < soonest)
            soonest = roster->now[number].next;
    }
    return soonest > now ? (long)(soonest - now) : 0;
}
