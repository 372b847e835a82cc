/*
 * What staff say in public must not say who complained, and an answer should not be one of those given before. Names and phones can be opened only here, so the sealed ones are asked for first;
 * the text that holds one is named to the rules, which refuse it when everything else is in order. Nothing opened is kept.
 */
#include "speak.h"
#include <jansson.h>
#include "base/log.h"
#include "base/secret.h"
#include "http/reading.h"
#include "http/reply.h"
#include "http/value.h"
#include "sql.h"
#include "text/hollow.h"
#include "text/person.h"

static const char *const public_texts[] = {"public_text", "text", "public_reason", "plan", "elsewhere"};

const struct statement *const speak_asks[] = {&sql_actions_reporters, &sql_actions_earlier, &sql_actions_act, NULL};

static bool says_who(struct arena *arena, const char *text, const json_t *person)
{
    const char *name = json_string_value(json_object_get(person, "name")), *phone = json_string_value(json_object_get(person, "phone"));
    return (name && text_names(arena, text, name)) || (phone && text_holds_phone(arena, text, phone));
}

static void look_for(struct request *request, const json_t *person)
{
    for (size_t i = 0; i < sizeof public_texts / sizeof *public_texts; i++) {
        const char *text = request_input(request, public_texts[i]);
        if (text && says_who(&request->arena, text, person))
            request->exposed = arena_print(&request->arena, "/%s", public_texts[i]);
    }
}

static void look_for_reporter(struct request *request, const char *sealed, const char *sealed_for)
{
    const char *opened = secret_open(&request->arena, sealed_for, sealed);
    json_t *person = opened ? json_loads(opened, 0, NULL) : NULL;
    if (person)
        look_for(request, person);
    else
        log_event(LOG_ERROR, "a sealed value cannot be opened with this key", "request", request->id, NULL);
    json_decref(person);
}

static void look_for_copy(struct request *request, const char *earlier)
{
    const char *text = reading_reply(request);
    int copied = text ? hollow_copied(&request->arena, text, earlier) : 0;
    request->copied = copied > request->copied ? copied : request->copied;
}

/* Each row is somebody (sealed, sealed_for), or an answer given before (text). */
static void look_and_go_on(struct request *request, PGresult *taken)
{
    for (int row = 0; row < PQntuples(taken); row++) {
        if (!PQgetisnull(taken, row, 0))
            look_for_reporter(request, PQgetvalue(taken, row, 0), PQgetvalue(taken, row, 1));
        else
            look_for_copy(request, PQgetvalue(taken, row, 2));
    }
    PQclear(taken);
    request_ask(request, &sql_actions_act, reply_row);
}

/* Only answers and their corrections can be insisted on, so only they are compared with those before. */
void speak_with_care(struct request *request)
{
    bool compared = field_index(request->endpoint, "insist") >= 0;
    request_ask(request, compared ? &sql_actions_earlier : &sql_actions_reporters, look_and_go_on);
}
