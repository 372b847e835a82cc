#include "jobs/learning.h"
#include <stdlib.h>
#include "base/log.h"
#include "base/settings.h"
#include "jobs/ask.h"
#include "jobs/child.h"
#include "sql.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, LONGEST = 1800 /* seconds a child may take */ };
enum { AGAIN = 10 * MINUTE }; /* what fails is costly to try */

static void say_what_came(const char *community, const PGresult *row)
{
    const char *version = answered(row, "version"), *published = answered(row, "published");
    if (version)
        log_event(LOG_INFO, "learned", "community", community, "version", version, "published", *published == 't' ? "true" : "false", NULL);
}

/* A child that failed leaves a report of nothing: what it was to learn from is learned from with what comes next. */
static bool teach(const struct background *background, PGconn *pg, const char *community, const char *began, const char *lessons)
{
    char *report = child_run(background, "--train", lessons, LONGEST);
    if (background_is_stopping(background)) {
        free(report);
        return false;
    }
    PGresult *row = ask(pg, &sql_jobs_have_learned,
                        (struct given[]){{"community", community}, {"began", began}, {"report", report ? report : "{}"}, {0}});
    free(report);
    if (row)
        say_what_came(community, row);
    PQclear(row);
    PGresult *ended = ask(pg, &sql_jobs_end_learning, (struct given[]){{0}});
    PQclear(ended);
    return row && ended;
}

static long take_turn(const struct background *background, PGconn *pg)
{
    for (bool more = true; more && !background_is_stopping(background);) {
        PGresult *row = ask(pg, &sql_jobs_next_to_learn, (struct given[]){{0}});
        if (!row)
            return -1;
        more = PQntuples(row) > 0;
        bool taught = !more || teach(background, pg, answered(row, "community"), answered(row, "began"), answered(row, "lessons"));
        PQclear(row);
        if (!taught)
            return AGAIN;
    }
    return settings.clock_file ? SECOND : MINUTE;
}

static struct background thread = {.name = "learning", .turn = take_turn};

bool learning_start(void)
{
    return background_start(&thread);
}

void learning_stop(void)
{
    background_stop(&thread);
}
