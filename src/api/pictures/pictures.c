/* Pictures of complaints: their reporter adds them, whoever sees the complaint sees them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "api/resources.h"
#include "base/log.h"
#include "http/reply.h"
#include "http/work.h"
#include "sql.h"
#include "upload.h"

/* Adding: may he? - then rewritten and kept - then it is the complaint's. */

static void rewritten(struct request *request)
{
    request_ask(request, &sql_pictures_add, reply_row);
}

/* A body is the complaint that has all of them already. */
static void admitted(struct request *request, PGresult *taken)
{
    struct upload *upload = request->upload;
    const char *began = PQgetvalue(taken, 0, PQfnumber(taken, "began"));
    if (!*began) {
        reply_row(request, taken);
        return;
    }
    snprintf(upload->began, sizeof upload->began, "%s", began);
    PQclear(taken);
    upload_rewrite(request, rewritten);
}

static void take_in(struct request *request)
{
    request_ask(request, &sql_pictures_admit, admitted);
}

/* Showing */

struct showing {
    struct work work;
    char name[STORE_NAME], etag[STORE_NAME + 2];
    bool shared;
    enum store_end end;
    int file; /* -1: not open, or the answer's by now */
    off_t size;
};

static const char *cache_control(bool shared)
{
    return shared ? "public, max-age=31536000, immutable" : "private, no-store";
}

static void answer(struct request *request, struct showing *showing)
{
    if (showing->end == STORE_MISSING)
        log_event(LOG_ERROR, "a picture is not in the store", "name", showing->name, NULL);
    if (showing->end != STORED) {
        reply_problem(request, showing->end == STORE_MISSING ? "not_found" : "store_unavailable", NULL, NULL);
        return;
    }
    request->varies = request->cacheable = true;
    reply_file(request, &(struct file_answer){.file = showing->file,
                                              .size = (unsigned long long)showing->size,
                                              .media_type = request->endpoint->route->produces,
                                              .etag = showing->etag,
                                              .cache_control = cache_control(showing->shared)});
    showing->file = -1;
    reply_header(request, "Content-Disposition", "inline");
}

static void fetch(struct work *work)
{
    struct showing *showing = (struct showing *)work;
    showing->end = store_open(showing->name, &showing->file, &showing->size);
}

static void fetched(struct work *work, struct request *request)
{
    answer(request, (struct showing *)work);
}

static void release(struct work *work)
{
    struct showing *showing = (struct showing *)work;
    if (showing->file >= 0)
        close(showing->file);
    free(showing);
}

static bool is_true(PGresult *taken, const char *column)
{
    return *PQgetvalue(taken, 0, PQfnumber(taken, column)) == 't';
}

/* A disk answers at once, a store somewhere else has a crew that waits for it. */
static void show(struct request *request, struct showing *showing)
{
    if (store_waits()) {
        request_work(request, CREW_STORE, &showing->work);
        return;
    }
    fetch(&showing->work);
    answer(request, showing);
    release(&showing->work);
}

static void found(struct request *request, PGresult *taken)
{
    struct showing *showing = calloc(1, sizeof *showing);
    bool known = PQntuples(taken) > 0, thumbnail = strcmp(request_input(request, "size"), "thumbnail") == 0;
    if (!showing)
        abort();
    showing->work = (struct work){.run = fetch, .done = fetched, .release = release};
    showing->file = -1;
    showing->shared = known && is_true(taken, "shared");
    PQclear(taken);
    snprintf(showing->name, sizeof showing->name, "%s%s", request->arguments[0], thumbnail ? "-thumbnail" : "");
    snprintf(showing->etag, sizeof showing->etag, "\"%s\"", showing->name);
    if (known && !reply_unchanged(request, showing->etag)) {
        show(request, showing);
        return;
    }
    if (!known)
        reply_problem(request, "not_found", NULL, NULL);
    else {
        request->varies = request->cacheable = true;
        reply_header(request, "Cache-Control", cache_control(showing->shared));
    }
    release(&showing->work);
}

static void find(struct request *request)
{
    request_ask(request, &sql_pictures_find, found);
}

/* Tables, a row a line. */
/* clang-format off */

static const char *const sizes[] = {"full", "thumbnail", NULL};

static const struct field nothing[] = {{0}};
static const struct field size[] = {{.name = "size", .type = CHOICE, .choices = sizes, .otherwise = "full"}, {0}};

static const struct statement *const adding[] = {&sql_pictures_admit, &sql_pictures_add, NULL};
static const struct statement *const showing[] = {&sql_pictures_find, NULL};

static const struct route routes[] = {
    {.method = PUT, .path = "/v1/complaints/{complaint}/pictures/{n}", .access = RECEIPT | SIGNED_IN, .fields = nothing, .body = &picture_body,
     .handle = take_in, .asks = adding, .success = 201, .lane = WRITE},
    {.method = POST, .path = "/v1/complaints/{complaint}/pictures", .access = RECEIPT | SIGNED_IN, .fields = nothing, .body = &pictures_body,
     .handle = take_in, .asks = adding, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/pictures/{hash}", .access = ANYONE, .fields = size, .handle = find, .asks = showing, .produces = "image/jpeg"},
    {0}};

/* clang-format on */

const struct resource pictures_api = {routes};
