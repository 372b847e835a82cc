/* What each :name of a statement stands for, decided once at start: at a request only pointers are copied. */
#include "http/value.h"
#include <stdlib.h>
#include <string.h>
#include "base/secret.h"
#include "http/input.h"

static const char *argument(struct request *request, const struct slot *slot)
{
    return request->arguments[slot->index];
}

static const char *input(struct request *request, const struct slot *slot)
{
    return request->inputs[slot->index];
}

static json_t *member_of(const struct request *request, const struct slot *slot)
{
    return json_object_get(json_object_get(request->json, slot->field->name), slot->member->name);
}

/* The text of a field or of a member of an object. */
static const char *text_of(struct request *request, const struct slot *slot)
{
    if (!slot->member)
        return request->inputs[slot->index];
    const char *text = json_as_text(&request->arena, member_of(request, slot));
    return text ? text : slot->member->otherwise;
}

static const char *password_hash(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->password_hash;
}

static const char *hash(struct request *request, const struct slot *slot)
{
    const struct field *field = slot->member ? slot->member : slot->field;
    const char *text = text_of(request, slot);
    if (!text)
        return NULL;
    if (field->type == PHONE)
        return value_phone_hash(request, text);
    text = arena_print(&request->arena, "%s=%s", field->name, text);
    return secret_keyed_hash(&request->arena, FOR_PHONE, text, strlen(text));
}

/* An object is sealed as it is, anything else as the one member of an object. */
static const char *sealed(struct request *request, const struct slot *slot)
{
    const struct field *field = slot->member ? slot->member : slot->field;
    const char *text = text_of(request, slot);
    if (!text)
        return NULL;
    if (field->type != OBJECT) {
        json_t *object = json_pack("{s:s}", field->name, text);
        text = json_as_text(&request->arena, object);
        json_decref(object);
    }
    return secret_seal(&request->arena, value_new_id(request, slot), text);
}

static const char *from_body(struct request *request, const struct slot *slot)
{
    return request->endpoint->route->body->value(request, slot->name);
}

int field_index(const struct endpoint *endpoint, const char *name)
{
    for (int i = 0; i < endpoint->field_count; i++)
        if (strcmp(endpoint->route->fields[i].name, name) == 0)
            return i;
    return -1;
}

static bool resolve_argument(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    for (int i = 0; i < endpoint->argument_count; i++)
        if (strlen(name) == endpoint->arguments[i].length && strncmp(name, endpoint->arguments[i].name, strlen(name)) == 0) {
            *slot = (struct slot){.value = argument, .index = i};
            return true;
        }
    return false;
}

static bool is_open(const struct field *field)
{
    return !field->sealed && field->type != PASSWORD && field->type != CURSOR;
}

static bool resolve_field(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    int index = field_index(endpoint, name);
    if (index < 0 || !is_open(&endpoint->route->fields[index]))
        return false;
    *slot = (struct slot){.value = input, .index = index, .field = &endpoint->route->fields[index]};
    return true;
}

/* The field or <object>_<member> of this name. */
static bool find(const struct endpoint *endpoint, const char *name, size_t length, struct slot *slot)
{
    for (int i = 0; i < endpoint->field_count; i++) {
        const struct field *field = &endpoint->route->fields[i];
        size_t own = strlen(field->name);
        if (strncmp(name, field->name, own) != 0)
            continue;
        *slot = (struct slot){.index = i, .field = field};
        if (own == length)
            return true;
        for (slot->member = field->type == OBJECT ? field->fields : NULL; name[own] == '_' && slot->member && slot->member->name;
             slot->member++)
            if (strlen(slot->member->name) == length - own - 1 && strncmp(slot->member->name, name + own + 1, length - own - 1) == 0)
                return true;
    }
    return false;
}

static bool resolve_derived(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    static const char seal[] = "_sealed", digest[] = "_hash";
    size_t length = strlen(name);
    if (length > strlen(seal) && strcmp(name + length - strlen(seal), seal) == 0 && find(endpoint, name, length - strlen(seal), slot)) {
        slot->value = sealed;
        return true;
    }
    if (length > strlen(digest) && strcmp(name + length - strlen(digest), digest) == 0 &&
        find(endpoint, name, length - strlen(digest), slot)) {
        slot->value = !slot->member && slot->field->type == PASSWORD ? password_hash : hash;
        return true;
    }
    if (!find(endpoint, name, length, slot) || !slot->member || !is_open(slot->member) || slot->field->sealed)
        return false;
    slot->value = text_of;
    return true;
}

static bool resolve_body(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    const struct body *body = endpoint->route->body;
    for (const char *const *offered = body ? body->names : NULL; offered && *offered; offered++)
        if (strcmp(*offered, name) == 0) {
            *slot = (struct slot){.value = from_body, .name = *offered};
            return true;
        }
    return false;
}

bool value_resolve(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    return resolve_argument(endpoint, name, slot) || resolve_field(endpoint, name, slot) || value_resolve_made(endpoint, name, slot) ||
           resolve_derived(endpoint, name, slot) || resolve_body(endpoint, name, slot);
}
