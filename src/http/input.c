/* What the client gave, against the fields of the route: all faults at once. */
#include "http/input.h"
#include <string.h>
#include "http/body.h"
#include "http/cursor.h"
#include "http/reply.h"

enum { MOST_FAULTS = 100, LONGEST_NAME = 64, MOST_ENTRIES = 50 };

/* A check of one request on its way. */
struct check {
    struct request *request;
    json_t *errors;
    bool foreign_cursor;
};

static const char *escaped(struct arena *arena, const char *name)
{
    char *text = arena_take(arena, 2 * strlen(name) + 1), *at = text;
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *at++ = '~';
            *at++ = *name == '~' ? '0' : '1';
        } else
            *at++ = *name;
    }
    return text;
}

static void blame(struct check *check, const char *parent, const char *name, struct fault fault)
{
    struct request *request = check->request;
    if (fault.phrase == FINE || json_array_size(check->errors) >= MOST_FAULTS)
        return;
    const char *detail = phrase_text(&request->arena, request->chinese, fault.phrase, fault.number);
    const char *pointer = arena_print(&request->arena, "%s/%s", parent, escaped(&request->arena, name));
    json_array_append_new(check->errors, json_pack("{s:s, s:s}", "pointer", pointer, "detail", detail));
}

static void blame_unknown(struct check *check, const char *parent, const char *name)
{
    size_t length = strlen(name);
    if (length > LONGEST_NAME) /* cut where a code point begins */
        for (length = LONGEST_NAME; ((unsigned char)name[length] & 0xc0) == 0x80;)
            length--;
    blame(check, parent, arena_copy(&check->request->arena, name, length), (struct fault){SAY_UNKNOWN, 0});
}

static const struct field *field_called(const struct field *fields, const char *name)
{
    for (const struct field *field = fields; field && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static enum phrase wrong_type(const struct field *field)
{
    switch (field->type) {
    case INTEGER:
        return SAY_NOT_INTEGER;
    case NUMBER:
        return SAY_NOT_NUMBER;
    case BOOLEAN:
        return SAY_NOT_BOOLEAN;
    case OBJECT:
        return SAY_NOT_OBJECT;
    case LIST:
        return SAY_NOT_LIST;
    default:
        return SAY_NOT_TEXT;
    }
}

/* 4.0 is an integer (JSON Schema 6.1.1), as far as a double knows one from the next. */
static bool is_whole(double value)
{
    static const double exact = 9007199254740992; /* 2^53 */
    return value >= -exact && value <= exact && value == (double)(long)value;
}

static bool fits_type(const struct field *field, const json_t *value)
{
    switch (field->type) {
    case INTEGER:
        return json_is_integer(value) || (json_is_real(value) && is_whole(json_real_value(value)));
    case NUMBER:
        return json_is_number(value);
    case BOOLEAN:
        return json_is_boolean(value);
    case OBJECT:
        return json_is_object(value);
    case LIST:
        return json_is_array(value);
    default:
        return json_is_string(value);
    }
}

/* What one value says, in its normal form where it has one: numbers as SQL reads them, phones as digits. A new reference; NULL: it stays. */
static json_t *check_scalar(struct check *check, const char *parent, const char *name, const struct field *field, json_t *value)
{
    struct arena *arena = &check->request->arena;
    const char *normal = NULL;
    if (!fits_type(field, value)) {
        blame(check, parent, name, (struct fault){wrong_type(field), 0});
        return NULL;
    }
    json_t *whole = field->type == INTEGER && json_is_real(value) ? json_integer((json_int_t)json_real_value(value)) : NULL;
    struct fault fault = field_check_text(arena, field, json_as_text(arena, whole ? whole : value), &normal);
    blame(check, parent, name, fault);
    return whole ? whole : fault.phrase == FINE && normal ? json_string(normal) : NULL;
}

static struct fault check_count(const struct field *field, size_t count)
{
    bool objects = field->entry == OBJECT;
    long most = objects && field->max > 0 ? field->max : MOST_ENTRIES;
    if (count > (size_t)most)
        return (struct fault){SAY_LIST_TOO_LONG, most};
    return objects && count < (size_t)field->min ? (struct fault){SAY_LIST_TOO_SHORT, field->min} : (struct fault){FINE, 0};
}

/* How many there are, and what each says by itself; what stands in objects comes later. */
static void check_list(struct check *check, const char *parent, const struct field *field, json_t *list)
{
    struct arena *arena = &check->request->arena;
    const struct field entry = {
        .type = field->entry, .min = field->entry == TEXT ? 1 : field->min, .max = field->max, .choices = field->choices};
    const char *pointer = arena_print(arena, "%s/%s", parent, field->name);
    blame(check, parent, field->name, check_count(field, json_array_size(list)));
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *value = json_array_get(list, i);
        if (entry.type == OBJECT && json_is_object(value))
            continue;
        json_t *normal = check_scalar(check, pointer, arena_print(arena, "%zu", i), &entry, value);
        if (normal)
            json_array_set_new(list, i, normal);
    }
}

/* Absent, or null where null takes a value away: there is nothing to check but whether it may be missing. */
static bool is_given(struct check *check, const char *parent, const struct field *field, const json_t *value)
{
    bool merges = check->request->endpoint->route->method == PATCH;
    if (!value && field->required)
        blame(check, parent, field->name, (struct fault){SAY_REQUIRED, 0});
    return value && !(json_is_null(value) && merges && !field->required);
}

static void check_member(struct check *check, const char *parent, const struct field *field, json_t *object, json_t *value)
{
    if (field->type == LIST && json_is_array(value)) {
        check_list(check, parent, field, value);
        return;
    }
    if (field->type == OBJECT && json_is_object(value))
        return;
    json_t *normal = check_scalar(check, parent, field->name, field, value);
    if (normal)
        json_object_set_new(object, field->name, normal);
}

/* The objects of a member with fields of its own: itself, or the entries of a list. */
static size_t objects_in(const struct field *field, const json_t *value)
{
    return field->type == OBJECT ? json_is_object(value) : field->type == LIST && field->entry == OBJECT ? json_array_size(value) : 0;
}

static json_t *object_in(const struct field *field, json_t *value, size_t i)
{
    return field->type == OBJECT ? value : json_array_get(value, i);
}

static void blame_strangers(struct check *check, const char *parent, const struct field *fields, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (!field_called(fields, name))
            blame_unknown(check, parent, name);
    }
}

static void check_object(struct check *check, const char *parent, const struct field *fields, json_t *object)
{
    struct arena *arena = &check->request->arena;
    blame_strangers(check, parent, fields, object);
    for (const struct field *field = fields; field && field->name; field++) {
        json_t *value = json_object_get(object, field->name);
        if (!is_given(check, parent, field, value))
            continue;
        check_member(check, parent, field, object, value);
        const char *pointer = arena_print(arena, "%s/%s", parent, field->name);
        for (size_t i = 0; i < objects_in(field, value); i++) {
            json_t *below = object_in(field, value, i);
            if (json_is_object(below))
                check_object(check, field->type == LIST ? arena_print(arena, "%s/%zu", pointer, i) : pointer, field->fields, below);
        }
    }
}

void input_check(struct request *request, const struct field *fields, json_t *object, json_t *errors)
{
    struct check check = {.request = request, .errors = errors};
    check_object(&check, "", fields, object);
}

static void keep_members(struct request *request)
{
    const struct field *fields = request->endpoint->route->fields;
    for (int i = 0; i < request->endpoint->field_count; i++) {
        const char *text = json_as_text(&request->arena, json_object_get(request->json, fields[i].name));
        request->inputs[i] = text ? text : fields[i].otherwise;
    }
}

static bool is_query_of_route(const struct route *route)
{
    return route->method == GET || route->method == DELETE;
}

static enum MHD_Result read_parameter(void *argument, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct check *check = argument;
    struct request *request = check->request;
    const struct route *route = request->endpoint->route;
    const struct field *field = is_query_of_route(route) ? field_called(route->fields, name) : NULL;
    (void)kind;
    if (!text_is_utf8(name, strlen(name)))
        blame(check, "", "", (struct fault){SAY_NOT_UTF8, 0});
    else if (!field)
        blame_unknown(check, "", name);
    else if (request->inputs[field - route->fields])
        blame(check, "", name, (struct fault){SAY_TWICE, 0});
    else
        request->inputs[field - route->fields] = value ? value : "";
    return MHD_YES;
}

static void check_parameter(struct check *check, const struct field *field, const char **input)
{
    const char *normal = NULL;
    if (!*input) {
        if (field->required)
            blame(check, "", field->name, (struct fault){SAY_REQUIRED, 0});
        *input = field->otherwise;
        return;
    }
    struct fault fault = field_check_text(&check->request->arena, field, *input, &normal);
    if (fault.phrase == FINE && normal)
        *input = normal;
    if (fault.phrase == SAY_FOREIGN_CURSOR)
        check->foreign_cursor = true;
    else
        blame(check, "", field->name, fault);
}

static void check_query(struct check *check)
{
    struct request *request = check->request;
    const struct route *route = request->endpoint->route;
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, read_parameter, check);
    for (int i = 0; is_query_of_route(route) && i < request->endpoint->field_count; i++)
        check_parameter(check, &route->fields[i], &request->inputs[i]);
}

/* A cursor needs the other inputs: it belongs to one list with its filters. */
static bool cursors_are_ours(struct request *request)
{
    const struct field *fields = request->endpoint->route->fields;
    for (int i = 0; i < request->endpoint->field_count; i++)
        if (fields[i].type == CURSOR && request->inputs[i] && !cursor_read(request, request->inputs[i]))
            return false;
    return true;
}

static bool refuse_cursor(struct request *request)
{
    reply_problem(request, "malformed", phrase_text(&request->arena, request->chinese, SAY_FOREIGN_CURSOR, 0), NULL);
    return false;
}

bool input_read(struct request *request)
{
    const struct route *route = request->endpoint->route;
    struct check check = {.request = request, .errors = json_array()};
    request->inputs = arena_take(&request->arena, ((size_t)request->endpoint->field_count + 1) * sizeof *request->inputs);
    check_query(&check);
    if (request->json)
        input_check(request, is_query_of_route(route) ? NULL : route->fields, request->json, check.errors);
    if (request->json && !is_query_of_route(route))
        keep_members(request);
    if (json_array_size(check.errors) > 0) {
        reply_problem(request, "invalid_input", NULL, check.errors);
        return false;
    }
    json_decref(check.errors);
    return (!check.foreign_cursor && cursors_are_ours(request)) || refuse_cursor(request);
}

/* Takes out what is personal: sealed fields, passwords, and such members of objects. */
static void open_up(const struct field *fields, json_t *object)
{
    for (const struct field *field = fields; field && field->name; field++) {
        json_t *value = json_object_get(object, field->name);
        if (field->sealed || field->type == PASSWORD) {
            json_object_del(object, field->name);
            continue;
        }
        for (size_t i = 0; i < objects_in(field, value); i++)
            open_up(field->fields, object_in(field, value, i));
    }
}

const char *input_as_json(struct request *request)
{
    if (!request->json || is_query_of_route(request->endpoint->route))
        return "{}";
    json_t *open = json_deep_copy(request->json);
    open_up(request->endpoint->route->fields, open);
    const char *text = json_as_text(&request->arena, open);
    json_decref(open);
    return text;
}
