#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "http/caller.h"
#include "http/match.h"

static const char *const type_names[] = {
    [TEXT] = "text",       [LINE] = "line",       [INTEGER] = "integer", [NUMBER] = "number",
    [BOOLEAN] = "boolean", [CHOICE] = "choice",   [ID] = "id",           [CODE] = "code",
    [DAY] = "day",         [INSTANT] = "instant", [PHONE] = "phone",     [PASSWORD] = "password",
    [OBJECT] = "object",   [LIST] = "list",       [CURSOR] = "cursor",   [DURATION] = "duration",
    [TIME] = "time",       [MAIL] = "mail",       [URL] = "url",         [SEARCH] = "search",
};

static void print_roles(enum role access)
{
    const char *between = "";
    if (access == ANYONE) {
        fputs("anyone", stdout);
        return;
    }
    for (unsigned role = PUBLIC; role <= KEY; role <<= 1)
        if (access & role) {
            printf("%s%s", between, role_name(role));
            between = ",";
        }
}

static void print_fields(const struct field *fields, const char *before)
{
    for (const struct field *field = fields; field && field->name; field++) {
        printf("%s%s:%s", before, field->name, type_names[field->type]);
        if (field->type == CHOICE)
            for (const char *const *choice = field->choices; choice && *choice; choice++)
                printf("%c%s", choice == field->choices ? '=' : '|', *choice);
        if (field->fields) {
            putchar('(');
            print_fields(field->fields, "");
            putchar(')');
        }
        if (field->required)
            putchar('!');
        before = *before ? before : ",";
    }
}

static int by_path(const void *one, const void *other)
{
    const struct route *a = *(const struct route *const *)one, *b = *(const struct route *const *)other;
    int order = strcmp(a->path, b->path);
    return order ? order : (int)a->method - (int)b->method;
}

void routes_print(void)
{
    size_t count = 0;
    const struct route **sorted = NULL;
    for (const struct resource *const *resource = resources; *resource; resource++)
        for (const struct route *route = (*resource)->routes; route->path; route++) {
            sorted = realloc(sorted, (count + 1) * sizeof *sorted);
            if (!sorted)
                abort();
            sorted[count++] = route;
        }
    if (count > 0)
        qsort(sorted, count, sizeof *sorted, by_path);
    for (size_t i = 0; i < count; i++) {
        printf("%s %s ", method_name(sorted[i]->method), sorted[i]->path);
        print_roles(sorted[i]->access);
        print_fields(sorted[i]->fields, " ");
        putchar('\n');
    }
    free(sorted);
}
