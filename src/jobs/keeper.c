/*
 * The keeper of the pictures. A picture is in the store before a row says whose it is, and stays there when the row is erased; what is
 * nobody's and has not been written for an hour leaves. leave_pictures() sees to it that nobody comes to rely on what is leaving.
 */
#include "jobs/keeper.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "jobs/ask.h"
#include "jobs/background.h"
#include "picture/store.h"
#include "sql.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE }; /* milliseconds */
enum { GRACE = 3600 };                           /* seconds that something may be nobody's: an upload takes less */
enum { BATCH = 500, DIGITS = 64 };

/* Names that were found, as PostgreSQL reads a list. */
struct batch {
    const struct background *background;
    PGconn *pg;
    int count, removed;
    bool failed;
    char hashes[BATCH * (DIGITS + 1) + 3];
};

static bool take_out(const char *hash)
{
    char thumbnail[STORE_NAME];
    snprintf(thumbnail, sizeof thumbnail, "%s-thumbnail", hash);
    return store_remove(hash) == STORED && store_remove(thumbnail) == STORED;
}

static void add(struct batch *batch, const char *name)
{
    size_t used = batch->count ? strlen(batch->hashes) - 1 : 1;
    snprintf(batch->hashes + used, sizeof batch->hashes - used, "%s%.*s}", batch->count ? "," : "", DIGITS, name);
    batch->count++;
}

/* What is marked as leaving leaves; only then it has left. */
static bool remove_all(struct batch *batch, PGresult *leaving)
{
    struct batch left = {.hashes = "{"};
    bool removed = leaving;
    for (int i = 0; removed && i < PQntuples(leaving); i++) {
        removed = take_out(answered_in(leaving, i, "hash"));
        if (removed)
            add(&left, answered_in(leaving, i, "hash"));
    }
    PQclear(leaving);
    PGresult *done = left.count ? ask(batch->pg, &sql_jobs_pictures_left, (struct given[]){{"hashes", left.hashes}, {0}}) : NULL;
    removed = removed && (done || !left.count);
    PQclear(done);
    batch->removed += left.count;
    batch->failed = batch->failed || !removed;
    return removed;
}

static bool flush(struct batch *batch)
{
    bool fine =
        !batch->count || remove_all(batch, ask(batch->pg, &sql_jobs_leave_pictures, (struct given[]){{"hashes", batch->hashes}, {0}}));
    batch->count = 0;
    strcpy(batch->hashes, "{");
    return fine;
}

static bool found(void *argument, const char *name)
{
    struct batch *batch = argument;
    add(batch, name);
    return (batch->count < BATCH || flush(batch)) && !background_is_stopping(batch->background);
}

static bool sweep(struct batch *batch)
{
    PGresult *unfinished = ask(batch->pg, &sql_jobs_leaving_pictures, (struct given[]){{"limit", "500"}, {0}});
    if (!unfinished || !remove_all(batch, unfinished) || store_list(GRACE, found, batch) != STORED || batch->failed || !flush(batch))
        return false;
    if (batch->removed)
        log_event(LOG_INFO, "pictures that nobody has are removed", "count", LOG_NUMBER(batch->removed), NULL);
    return true;
}

/* One server sweeps at a time: the end of one's removing says nothing of another's. */
static long take_turn(const struct background *background, PGconn *pg)
{
    PGresult *begun = ask(pg, &sql_jobs_sweep_begin, (struct given[]){{0}});
    if (!begun)
        return -1;
    bool ours = *answered(begun, "ours") == 't';
    PQclear(begun);
    if (!ours)
        return MINUTE;
    struct batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        abort();
    *batch = (struct batch){.background = background, .pg = pg, .hashes = "{"};
    bool swept = sweep(batch);
    free(batch);
    PGresult *ended = ask(pg, &sql_jobs_sweep_end, (struct given[]){{0}});
    PQclear(ended);
    return swept && ended ? HOUR : -1;
}

static struct background thread = {.name = "keeper", .listen = "listen pictures", .turn = take_turn};

bool keeper_start(void)
{
    return background_start(&thread);
}

void keeper_stop(void)
{
    background_stop(&thread);
}
