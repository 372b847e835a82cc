/*
 * Routes become a tree of path words at start, so that finding one costs a few comparisons and no memory. A word in braces takes what its
 * type allows; a path with anything else in that place does not exist.
 */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "http/caller.h"
#include "http/input.h"
#include "http/value.h"

struct node {
    const char *word; /* inside a path; an argument's name where `is_argument` */
    size_t length;
    bool is_argument;
    struct node *child, *sibling; /* words before arguments */
    struct place *place;          /* NULL: no path ends here */
};

static const char *const method_names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

static struct node root;
struct endpoint *endpoints;
int endpoint_count;

static void *take_memory(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

const char *method_name(enum method method)
{
    return method_names[method];
}

bool method_is_known(const char *name)
{
    for (int i = 0; i < METHODS; i++)
        if (strcmp(method_names[i], name) == 0)
            return true;
    return strcmp(name, "HEAD") == 0 || strcmp(name, "OPTIONS") == 0;
}

static bool is_argument_named(const struct node *node, const char *name)
{
    return node->length == strlen(name) && memcmp(node->word, name, node->length) == 0;
}

/* What lies beyond its limits is refused with them named, by the route. */
static bool text_is_number(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 3 && strspn(text, "0123456789") == length;
}

static bool text_is_hash(const char *text)
{
    enum { DIGITS = 64 }; /* SHA-256 in hexadecimal */
    return strlen(text) == DIGITS && strspn(text, "0123456789abcdef") == DIGITS;
}

static bool argument_fits(const struct node *node, const char *text)
{
    if (is_argument_named(node, "day"))
        return strcmp(text, "today") == 0 || text_is_day(text);
    if (is_argument_named(node, "code") || is_argument_named(node, "figure") || is_argument_named(node, "list"))
        return text_is_code(text);
    if (is_argument_named(node, "n"))
        return text_is_number(text);
    if (is_argument_named(node, "month"))
        return true; /* what is no month is refused by the rules */
    if (is_argument_named(node, "hash"))
        return text_is_hash(text);
    return uuid_is(text);
}

/* Words before arguments: /sessions/current wins over /sessions/{session}. */
static const struct place *walk(const struct node *parent, char *path, struct match *match)
{
    char *end = strchrnul(path, '/'), *rest = *end ? end + 1 : NULL;
    size_t length = (size_t)(end - path);
    for (const struct node *node = parent->child; node; node = node->sibling) {
        if (node->is_argument ? length == 0 : node->length != length || memcmp(node->word, path, length) != 0)
            continue;
        int count = match->argument_count;
        *end = '\0';
        bool fits = !node->is_argument || (count < MAX_ARGUMENTS && argument_fits(node, path));
        *end = rest ? '/' : '\0';
        if (!fits)
            continue;
        if (node->is_argument)
            match->arguments[match->argument_count++] = path;
        const struct place *place = rest ? walk(node, rest, match) : node->place;
        if (place) {
            *end = '\0';
            return place;
        }
        match->argument_count = count;
    }
    return NULL;
}

struct match match_path(char *path)
{
    struct match match = {0};
    if (*path == '/')
        match.place = walk(&root, path + 1, &match);
    return match;
}

const struct endpoint *match_method(const struct place *place, const char *method)
{
    if (strcmp(method, "HEAD") == 0)
        return place->methods[GET];
    if (strcmp(method, "POST") == 0 && !place->methods[POST])
        return place->methods[PATCH];
    for (int i = 0; i < METHODS; i++)
        if (strcmp(method_names[i], method) == 0)
            return place->methods[i];
    return NULL;
}

static struct node *node_for(struct node *parent, const char *word, size_t length)
{
    bool is_argument = *word == '{';
    if (is_argument) {
        word++;
        length -= 2;
    }
    struct node **link = &parent->child;
    while (*link && ((*link)->is_argument != is_argument || (*link)->length != length || memcmp((*link)->word, word, length) != 0)) {
        if ((*link)->is_argument && !is_argument)
            break;
        link = &(*link)->sibling;
    }
    if (*link && (*link)->is_argument == is_argument && (*link)->length == length && memcmp((*link)->word, word, length) == 0)
        return *link;
    struct node *node = take_memory(1, sizeof *node);
    *node = (struct node){.word = word, .length = length, .is_argument = is_argument, .sibling = *link};
    *link = node;
    return node;
}

static struct place *place_for(const char *path)
{
    struct node *node = &root;
    for (const char *word = path + 1;;) {
        size_t length = strcspn(word, "/");
        node = node_for(node, word, length);
        if (!word[length])
            break;
        word += length + 1;
    }
    if (!node->place)
        node->place = take_memory(1, sizeof *node->place);
    return node->place;
}

static void append_allowed(struct place *place, const char *name)
{
    if (*place->allow)
        strcat(place->allow, ", ");
    strcat(place->allow, name);
}

static void write_allow(struct place *place)
{
    *place->allow = '\0';
    for (int i = 0; i < METHODS; i++) {
        bool is_twin = i == POST && place->methods[PATCH];
        if (!place->methods[i] && !is_twin)
            continue;
        append_allowed(place, method_names[i]);
        if (i == GET)
            append_allowed(place, "HEAD");
    }
    append_allowed(place, "OPTIONS");
}

static bool refuse(const struct route *route, const char *why, const char *what)
{
    log_event(LOG_ERROR, "a route is wrong", "method", method_names[route->method], "path", route->path, "why", why, "what", what, NULL);
    return false;
}

static bool read_arguments(struct endpoint *endpoint)
{
    const struct route *route = endpoint->route;
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at, '{')) {
        if (endpoint->argument_count == MAX_ARGUMENTS)
            return refuse(route, "too many arguments", NULL);
        endpoint->arguments[endpoint->argument_count].name = ++at;
        endpoint->arguments[endpoint->argument_count++].length = strcspn(at, "}");
    }
    endpoint->action = strrchr(route->path, '/') + 1;
    return true;
}

static bool read_fields(struct endpoint *endpoint)
{
    endpoint->password = -1;
    for (const struct field *field = endpoint->route->fields; field && field->name; field++) {
        if (field->type == PASSWORD && endpoint->password >= 0)
            return refuse(endpoint->route, "two passwords", field->name);
        if (field->type == PASSWORD)
            endpoint->password = endpoint->field_count;
        endpoint->field_count++;
    }
    return true;
}

static bool bind_statement(struct endpoint *endpoint, const struct statement *statement)
{
    struct binding *binding = &endpoint->bindings[endpoint->binding_count++];
    binding->statement = statement;
    for (int i = 0; i < statement->parameter_count; i++)
        if (!value_resolve(endpoint, statement->parameters[i], &binding->slots[i])) {
            log_event(LOG_ERROR, "a statement wants what its route does not offer", "statement", statement->name, "wants",
                      statement->parameters[i], "method", method_names[endpoint->route->method], "path", endpoint->route->path, NULL);
            return false;
        }
    return true;
}

static bool bind_statements(struct endpoint *endpoint)
{
    const struct route *route = endpoint->route;
    size_t count = route->sql ? 1 : 0;
    for (const struct statement *const *asked = route->asks; asked && *asked; asked++)
        count++;
    endpoint->bindings = take_memory(count, sizeof *endpoint->bindings);
    if (!route->sql && !route->handle)
        return refuse(route, "neither sql nor handle", NULL);
    if (route->sql && !bind_statement(endpoint, route->sql))
        return false;
    for (const struct statement *const *asked = route->asks; asked && *asked; asked++)
        if (!bind_statement(endpoint, *asked))
            return false;
    return true;
}

static bool add(const struct route *route)
{
    struct endpoint *endpoint = &endpoints[endpoint_count];
    *endpoint = (struct endpoint){.route = route, .number = endpoint_count};
    endpoint_count++;
    struct place *place = place_for(route->path);
    if (place->methods[route->method])
        return refuse(route, "two routes in one place", NULL);
    place->methods[route->method] = endpoint;
    write_allow(place);
    return read_arguments(endpoint) && read_fields(endpoint) && bind_statements(endpoint);
}

bool route_start(void)
{
    size_t count = 0;
    for (const struct resource *const *resource = resources; *resource; resource++)
        for (const struct route *route = (*resource)->routes; route->path; route++)
            count++;
    endpoints = take_memory(count, sizeof *endpoints);
    endpoint_count = 0;
    for (const struct resource *const *resource = resources; *resource; resource++)
        for (const struct route *route = (*resource)->routes; route->path; route++)
            if (!add(route))
                return false;
    return caller_start();
}
