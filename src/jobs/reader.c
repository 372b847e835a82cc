#include "jobs/reader.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/log.h"
#include "http/reading.h"
#include "jobs/ask.h"
#include "jobs/background.h"
#include "sql.h"
#include "text/fold.h"
#include "text/grams.h"
#include "text/mask.h"

static bool asked_anew; /* the reader thread's own: everything that another version has read is asked for */

/* A text as everybody may read it; where that differs from what there is, it is noted. */
static const char *shown(struct arena *arena, const PGresult *unread, int row, const char *name, json_t *masked)
{
    const char *text = answered_in(unread, row, name), *without = text ? mask_text(arena, text, MASK_RESIDENT) : NULL;
    if (without)
        json_object_set_new(masked, name, json_string(without));
    return without ? without : text;
}

/* One complaint as it is filed. Those from before there were masks get them here. */
static json_t *read_one(const PGresult *unread, int row)
{
    struct arena arena = {0};
    json_t *reading = json_object(), *masked = json_object();
    const char *title = shown(&arena, unread, row, "title", masked), *text = shown(&arena, unread, row, "text", masked);
    shown(&arena, unread, row, "place", masked);
    reading_add_search(&arena, reading, title, text);
    reading_add_likeness(&arena, reading, title ? text_fold(&arena, title) : NULL, text_fold(&arena, text));
    json_object_set_new(reading, "masked", masked);
    arena_release(&arena);
    return json_pack("{s:s, s:s, s:s, s:o}", "community", answered_in(unread, row, "community"), "complaint",
                     answered_in(unread, row, "complaint"), "mark", answered_in(unread, row, "mark"), "reading", reading);
}

static bool file(PGconn *pg, const PGresult *unread)
{
    json_t *readings = json_array();
    for (int row = 0; row < PQntuples(unread); row++)
        json_array_append_new(readings, read_one(unread, row));
    char *text = json_dumps(readings, JSON_COMPACT);
    PGresult *filed = ask(pg, &sql_jobs_file_texts, (struct given[]){{"readings", text}, {0}});
    free(text);
    json_decref(readings);
    PQclear(filed);
    return filed;
}

static bool ask_anew(PGconn *pg)
{
    char version[16];
    snprintf(version, sizeof version, "%d", GRAMS_VERSION);
    PGresult *row = ask(pg, &sql_jobs_read_anew, (struct given[]){{"version", version}, {0}});
    asked_anew = row;
    PQclear(row);
    return asked_anew;
}

/* A batch; after it at once the next, or after a while a look whether there is something again. */
static long take_turn(const struct background *background, PGconn *pg)
{
    enum { BETWEEN_LOOKS = 2000, AT_ONCE = 0 }; /* milliseconds */
    (void)background;
    if (!asked_anew && !ask_anew(pg))
        return -1;
    PGresult *unread = ask(pg, &sql_jobs_unread, (struct given[]){{"limit", "100"}, {0}});
    if (!unread)
        return -1;
    int count = PQntuples(unread);
    bool filed = count == 0 || file(pg, unread);
    PQclear(unread);
    if (!filed)
        return -1;
    return count > 0 ? AT_ONCE : BETWEEN_LOOKS;
}

static struct background thread = {.name = "reader", .turn = take_turn};

bool reader_start(void)
{
    return background_start(&thread);
}

void reader_stop(void)
{
    background_stop(&thread);
}
