/* A JSON body against its fields: objects in lists, lists in objects in lists. */
#include "test.h"
#include "http/input.h"

static const struct field option[] = {{.name = "text", .type = LINE, .required = true, .min = 1, .max = 3}, {0}};
static const struct field question[] = {{.name = "n", .type = INTEGER, .required = true, .min = 1, .max = 9},
                                        {.name = "picked", .type = LIST, .entry = INTEGER, .min = 1, .max = 9},
                                        {.name = "call", .type = PHONE, .sealed = true},
                                        {.name = "options", .type = LIST, .entry = OBJECT, .min = 2, .max = 3, .fields = option},
                                        {0}};
static const struct field fields[] = {{.name = "questions", .type = LIST, .entry = OBJECT, .min = 1, .max = 2, .fields = question},
                                      {.name = "contact", .type = OBJECT, .fields = question},
                                      {.name = "phones", .type = LIST, .entry = PHONE},
                                      {0}};
static const struct route post = {.method = POST, .path = "/v1/things", .fields = fields};
static const struct route patch = {.method = PATCH, .path = "/v1/things", .fields = fields};

/* A request with this body, checked; `faults` gets "pointer detail" of each fault, a line each. */
struct checked {
    struct endpoint endpoint;
    struct request request;
    char faults[2000];
};

static struct checked *check(const struct route *route, const char *body)
{
    static struct checked checked;
    json_t *errors = json_array(), *fault;
    size_t index;
    checked = (struct checked){.endpoint = {.route = route, .field_count = 3}};
    checked.request = (struct request){.endpoint = &checked.endpoint, .json = json_loads(body, 0, NULL)};
    assert_non_null(checked.request.json);
    input_check(&checked.request, fields, checked.request.json, errors);
    json_array_foreach(errors, index, fault)
    {
        size_t used = strlen(checked.faults);
        snprintf(checked.faults + used, sizeof checked.faults - used, "%s %s\n", json_string_value(json_object_get(fault, "pointer")),
                 json_string_value(json_object_get(fault, "detail")));
    }
    json_decref(errors);
    return &checked;
}

static void let_go(struct checked *checked)
{
    json_decref(checked->request.json);
    arena_release(&checked->request.arena);
}

static void expect(const struct route *route, const char *body, const char *faults)
{
    struct checked *checked = check(route, body);
    assert_string_equal(checked->faults, faults);
    let_go(checked);
}

static void a_fault_is_pointed_at_wherever_it_is(void **state)
{
    (void)state;
    expect(&post, "{\"questions\": [{\"n\": 1}, {\"n\": 2, \"options\": [{\"text\": \"yes\"}, {\"text\": \"no\"}]}]}", "");
    expect(&post, "{\"questions\": [{\"n\": 1}, {\"n\": 99, \"options\": [{\"text\": \"yes\"}, {\"text\": \"maybe\"}]}]}",
           "/questions/1/n is greater than 9\n/questions/1/options/1/text is longer than 3 characters\n");
    expect(&post, "{\"contact\": {\"n\": 1, \"options\": [{}, {\"text\": \"\"}]}}",
           "/contact/options/0/text is required\n/contact/options/1/text is empty\n");
    expect(&post, "{\"questions\": [{\"n\": 1, \"picked\": [1, 0, \"2\"]}]}",
           "/questions/0/picked/1 is less than 1\n/questions/0/picked/2 is not a whole number\n");
}

static void what_is_unknown_is_refused_at_every_depth(void **state)
{
    (void)state;
    expect(&post, "{\"questions\": [{\"n\": 1, \"m\": 1, \"options\": [{\"text\": \"a\", \"a/b\": 1}, {\"text\": \"b\"}]}]}",
           "/questions/0/m is not known here\n/questions/0/options/0/a~1b is not known here\n");
}

static void a_list_of_objects_has_its_own_bounds(void **state)
{
    (void)state;
    expect(&post, "{\"questions\": []}", "/questions has fewer than 1 entries\n");
    expect(&post, "{\"questions\": [{\"n\": 1}, {\"n\": 2}, {\"n\": 3}]}", "/questions has more than 2 entries\n");
    expect(&post, "{\"questions\": [{\"n\": 1, \"options\": [{\"text\": \"a\"}]}]}", "/questions/0/options has fewer than 2 entries\n");
}

static void entries_of_other_types_are_no_objects(void **state)
{
    (void)state;
    expect(&post, "{\"questions\": [1, null, [], {\"n\": 1}]}",
           "/questions has more than 2 entries\n/questions/0 is not an object\n/questions/1 is not an object\n"
           "/questions/2 is not an object\n");
    expect(&post, "{\"questions\": {\"n\": 1}, \"contact\": [{\"n\": 1}]}", "/questions is not a list\n/contact is not an object\n");
}

static void null_is_a_value_unless_it_takes_one_away(void **state)
{
    static const char body[] = "{\"questions\": [{\"n\": 1, \"options\": null}]}";
    (void)state;
    expect(&post, body, "/questions/0/options is not a list\n");
    expect(&patch, body, "");
    expect(&patch, "{\"questions\": [{\"n\": null}]}", "/questions/0/n is not a whole number\n");
}

static void values_get_their_normal_form_in_lists_too(void **state)
{
    (void)state;
    struct checked *checked = check(&post, "{\"questions\": [{\"n\": 1.0, \"picked\": [2.0, 3]}], \"phones\": [\"+86 138-0013-8000\"]}");
    assert_string_equal(checked->faults, "");
    assert_string_equal(input_as_json(&checked->request), "{\"questions\":[{\"n\":1,\"picked\":[2,3]}],\"phones\":[\"+8613800138000\"]}");
    let_go(checked);
}

static void what_is_sealed_is_in_no_open_part(void **state)
{
    (void)state;
    struct checked *checked = check(&post, "{\"questions\": [{\"n\": 1, \"call\": \"13800138000\"}, {\"n\": 2}], \"contact\": {\"n\": 3, "
                                           "\"call\": \"13800138000\"}}");
    assert_string_equal(checked->faults, "");
    assert_string_equal(input_as_json(&checked->request), "{\"questions\":[{\"n\":1},{\"n\":2}],\"contact\":{\"n\":3}}");
    let_go(checked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_pointed_at_wherever_it_is),     cmocka_unit_test(what_is_unknown_is_refused_at_every_depth),
        cmocka_unit_test(a_list_of_objects_has_its_own_bounds),     cmocka_unit_test(entries_of_other_types_are_no_objects),
        cmocka_unit_test(null_is_a_value_unless_it_takes_one_away), cmocka_unit_test(values_get_their_normal_form_in_lists_too),
        cmocka_unit_test(what_is_sealed_is_in_no_open_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
