/* A JSON body against a route with a field of every type: it is refused with a problem, or each input keeps what its field promises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "http/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = {"yes", "no", NULL};
static const struct field contact[] = {
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60}, {.name = "phone", .type = PHONE, .sealed = true}, {0}};
static const struct field fields[] = {{.name = "text", .type = TEXT, .min = 1, .max = 50},
                                      {.name = "line", .type = LINE, .max = 9},
                                      {.name = "whole", .type = INTEGER, .min = -5, .max = 5},
                                      {.name = "number", .type = NUMBER, .min = -90, .max = 90},
                                      {.name = "flag", .type = BOOLEAN},
                                      {.name = "choice", .type = CHOICE, .choices = choices, .otherwise = "no"},
                                      {.name = "id", .type = ID},
                                      {.name = "code", .type = CODE},
                                      {.name = "day", .type = DAY},
                                      {.name = "instant", .type = INSTANT},
                                      {.name = "phone", .type = PHONE},
                                      {.name = "password", .type = PASSWORD},
                                      {.name = "list", .type = LIST, .max = 5},
                                      {.name = "contact", .type = OBJECT, .fields = contact},
                                      {.name = "contacts", .type = LIST, .entry = OBJECT, .min = 1, .max = 3, .fields = contact},
                                      {0}};
static const struct route route = {.method = POST, .path = "/v1/things", .fields = fields};
static const struct endpoint endpoint = {.route = &route, .field_count = sizeof fields / sizeof *fields - 1};

static void check_input(const struct request *request)
{
    for (int i = 0; i < endpoint.field_count; i++)
        if (request->inputs[i] && !text_is_utf8(request->inputs[i], strlen(request->inputs[i])))
            abort();
    if (request->inputs[2] && labs(strtol(request->inputs[2], NULL, 10)) > 5)
        abort();
}

static void check_open_part(struct request *request)
{
    json_t *open = json_loads(input_as_json(request), JSON_REJECT_DUPLICATES, NULL), *one;
    size_t index;
    if (!open || json_object_get(open, "password") || json_object_get(json_object_get(open, "contact"), "phone"))
        abort();
    json_array_foreach(json_object_get(open, "contacts"), index, one)
    {
        if (!json_object_get(one, "name") || json_object_get(one, "phone"))
            abort();
    }
    json_decref(open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {
        .endpoint = &endpoint, .method = "POST", .path = "/v1/things", .bytes = malloc(size ? size : 1), .size = size};
    if (!request.bytes)
        abort();
    memcpy(request.bytes, data, size);
    bool usable = body_parse(&request) && input_read(&request);
    if (usable == (request.response != NULL))
        abort();
    if (usable) {
        check_input(&request);
        check_open_part(&request);
    } else
        MHD_destroy_response(request.response);
    json_decref(request.json);
    free(request.bytes);
    arena_release(&request.arena);
    return 0;
}
