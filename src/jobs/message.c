/* What a message says, as one line of JSON. Only here is opened what the database holds sealed. */
#include <jansson.h>
#include <stdlib.h>
#include "base/secret.h"
#include "jobs/outbox.h"

static bool add_members(json_t *into, const char *object)
{
    json_t *members = json_loads(object, JSON_REJECT_DUPLICATES, NULL);
    bool added = json_is_object(members) && !json_object_update_missing(into, members);
    json_decref(members);
    return added;
}

/* Of what was sealed only what it takes to reach the receiver: nobody needs a name to deliver. */
static bool add_address(json_t *into, const char *opened)
{
    static const char *const members[] = {"phone", "code", "external_id"};
    json_t *known = json_loads(opened, JSON_REJECT_DUPLICATES, NULL);
    bool fine = json_is_object(known);
    for (size_t i = 0; fine && i < sizeof members / sizeof *members; i++) {
        json_t *member = json_object_get(known, members[i]);
        if (member && !json_object_get(into, members[i]))
            json_object_set(into, members[i], member);
    }
    json_decref(known);
    return fine;
}

static bool add_all(json_t *into, struct arena *arena, const struct message *message)
{
    if (message->payload && !add_members(into, message->payload))
        return false;
    if (!message->sealed)
        return true;
    const char *opened = message->sealed_for ? secret_open(arena, message->sealed_for, message->sealed) : NULL;
    return opened && add_address(into, opened);
}

char *message_line(struct arena *arena, const struct message *message)
{
    json_t *line = json_pack("{ss ss ss}", "id", message->id, "community", message->community, "event", message->event);
    char *printed = line && add_all(line, arena, message) ? json_dumps(line, JSON_COMPACT) : NULL;
    char *kept = printed ? arena_print(arena, "%s", printed) : NULL;
    free(printed);
    json_decref(line);
    return kept;
}
