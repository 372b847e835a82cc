/* What C reads out of texts, because PostgreSQL cannot or not as well; the rules decide what becomes of it. */
#include "http/reading.h"
#include "http/input.h"
#include "text/fold.h"

/* The texts that others than the sender read, by the names of their fields. */
static const char *const texts[] = {"title", "text", "public_text"};
enum { TEXTS = sizeof texts / sizeof *texts };

const char *reading_text(const struct request *request, const json_t *reading, const char *field)
{
    const char *masked = json_string_value(json_object_get(json_object_get(reading, "masked"), field));
    return masked ? masked : request_input(request, field);
}

static void read_folded(struct request *request, json_t *reading)
{
    json_t *folded = json_object();
    for (int i = 0; i < TEXTS; i++) {
        const char *text = reading_text(request, reading, texts[i]);
        if (text)
            json_object_set_new(folded, texts[i], json_string(text_fold(&request->arena, text)));
    }
    json_object_set_new(reading, "folded", folded);
}

/* Each adds its members; in this order, for a later one may use what an earlier one has read. */
static void (*const readers[])(struct request *, json_t *reading) = {
    read_folded,
};

const char *reading_as_json(struct request *request)
{
    json_t *reading = json_object();
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        readers[i](request, reading);
    const char *text = json_as_text(&request->arena, reading);
    json_decref(reading);
    return text;
}
