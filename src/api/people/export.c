/* Everything that is held about a resident, with what is sealed opened: his own contact, and those he gave with single complaints. */
#include <jansson.h>
#include <string.h>
#include "api/people.h"
#include "base/secret.h"
#include "http/reply.h"
#include "sql.h"

const struct statement *const export_asks[] = {&sql_people_export_me, NULL};

/* NULL: there is none. */
static const char *cell(const PGresult *row, const char *name)
{
    int column = PQfnumber(row, name);
    return column < 0 || PQgetisnull(row, 0, column) ? NULL : PQgetvalue(row, 0, column);
}

static void add_contact(struct arena *arena, json_t *to, const char *sealed_for, const char *sealed)
{
    const char *opened = sealed && sealed_for ? secret_open(arena, sealed_for, sealed) : NULL;
    json_object_set_new(to, "contact", opened ? json_loads(opened, 0, NULL) : json_null());
}

static void add_contacts(struct arena *arena, json_t *complaints, const char *contacts)
{
    json_t *sealed = contacts ? json_loads(contacts, 0, NULL) : NULL, *complaint;
    size_t index;
    json_array_foreach(complaints, index, complaint)
    {
        const char *id = json_string_value(json_object_get(complaint, "id"));
        add_contact(arena, complaint, id, json_string_value(json_object_get(sealed, id)));
    }
    json_decref(sealed);
}

static void open_all(struct request *request, PGresult *taken)
{
    json_t *held = PQntuples(taken) > 0 ? json_loads(cell(taken, "body"), 0, NULL) : NULL;
    if (held) {
        add_contact(&request->arena, held, cell(taken, "sealed_for"), cell(taken, "sealed"));
        add_contacts(&request->arena, json_object_get(held, "complaints"), cell(taken, "contacts"));
        reply_text(request, 200, "application/json", json_dumps(held, JSON_COMPACT));
        reply_header(request, "Cache-Control", "no-store");
    } else
        reply_problem(request, "not_found", NULL, NULL);
    json_decref(held);
    PQclear(taken);
}

void export_me(struct request *request)
{
    request_ask(request, &sql_people_export_me, open_all);
}
