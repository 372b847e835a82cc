/* What C reads out of texts, because PostgreSQL cannot or not as well; the rules decide what becomes of it. */
#include "http/reading.h"
#include "http/input.h"
#include "http/proof.h"
#include "http/proposer.h"
#include "http/value.h"
#include "http/worker.h"
#include "text/fold.h"
#include "text/grams.h"
#include "text/hollow.h"
#include "text/likeness.h"
#include "text/mask.h"
#include "text/plain.h"

/* The texts that others than the sender read, by the names of their fields. */
static const char *const texts[] = {"title", "text", "public_text"};
enum { TEXTS = sizeof texts / sizeof *texts };

const char *reading_text(const struct request *request, const json_t *reading, const char *field)
{
    const char *masked = json_string_value(json_object_get(json_object_get(reading, "masked"), field));
    return masked ? masked : request_input(request, field);
}

/* True: something in these members was made of asterisks. */
static bool mask_members(struct request *request, const struct field *fields, json_t *object, unsigned kinds)
{
    bool hidden = false;
    for (const struct field *field = fields; field->name; field++) {
        const char *text = field->type == TEXT ? json_string_value(json_object_get(object, field->name)) : NULL;
        const char *without = text ? mask_text(&request->arena, text, kinds) : NULL;
        if (without)
            json_object_set_new(object, field->name, json_string(without));
        hidden = hidden || without;
    }
    return hidden;
}

/* A list of objects with every TEXT in them as others may read it. NULL: there is nothing to hide. */
static json_t *masked_list(struct request *request, const struct field *field, unsigned kinds)
{
    json_t *list = json_deep_copy(json_object_get(request->json, field->name)), *object;
    bool hidden = false;
    size_t index;
    json_array_foreach(list, index, object)
    {
        hidden = mask_members(request, field->fields, object, kinds) || hidden;
    }
    if (hidden)
        return list;
    json_decref(list);
    return NULL;
}

/* A submission is a resident's, whoever files it; what staff say to it is an office's. */
static void read_masked(struct request *request, json_t *reading)
{
    static const char *const shown[] = {"title", "text", "place", "public_text", "public_reason", "plan", "elsewhere"};
    bool official = (request->caller.role & STAFF) && field_index(request->endpoint, "identity") < 0;
    unsigned kinds = official ? MASK_REPLY : MASK_RESIDENT;
    json_t *masked = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const char *text = request_input(request, shown[i]);
        const char *without = text ? mask_text(&request->arena, text, kinds) : NULL;
        if (without)
            json_object_set_new(masked, shown[i], json_string(without));
    }
    for (const struct field *field = request->endpoint->route->fields; field && field->name; field++) {
        json_t *list = field->type == LIST && field->fields ? masked_list(request, field, kinds) : NULL;
        if (list)
            json_object_set_new(masked, field->name, list);
    }
    json_object_set_new(reading, "masked", masked);
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

static json_t *as_list(struct grams grams)
{
    json_t *list = json_array();
    for (size_t i = 0; i < grams.count; i++)
        json_array_append_new(list, json_integer(grams.codes[i]));
    return list;
}

static json_t *as_object(struct plain plain)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < plain.step_count; i++)
        json_array_append_new(steps, json_integer(plain.steps[i]));
    return json_pack("{s:s, s:o}", "text", plain.text, "steps", steps);
}

void reading_add_search(struct arena *arena, json_t *reading, const char *title, const char *text)
{
    struct plain plain_text = text_plain(arena, text), plain_title = text_plain(arena, title ? title : "");
    const char *heading = text_heading(arena, title ? plain_title.text : plain_text.text);
    struct grams of_heading = grams_pairs(arena, heading);
    json_t *plain = json_pack("{s:i, s:o}", "version", GRAMS_VERSION, "text", as_object(plain_text));
    if (title)
        json_object_set_new(plain, "title", as_object(plain_title));
    json_object_set_new(reading, "plain", plain);
    json_object_set_new(reading, "grams", as_list(grams_union(arena, of_heading, grams_pairs(arena, plain_text.text))));
    json_object_set_new(reading, "title_grams", as_list(grams_union(arena, of_heading, grams_singles(arena, heading))));
}

static void read_search(struct request *request, json_t *reading)
{
    const char *text = reading_text(request, reading, "text");
    if (field_index(request->endpoint, "title") >= 0 && text)
        reading_add_search(&request->arena, reading, reading_text(request, reading, "title"), text);
}

static void read_exposed(struct request *request, json_t *reading)
{
    if (request->exposed)
        json_object_set_new(reading, "exposed", json_string(request->exposed));
}

void reading_add_likeness(struct arena *arena, json_t *reading, const char *title, const char *text)
{
    struct likeness about = likeness_of(arena, title, text);
    struct grams codes = {about.codes, about.count}, weights = {about.weights, about.count};
    json_object_set_new(reading, "likeness", json_pack("{s:o, s:o}", "codes", as_list(codes), "weights", as_list(weights)));
}

static void read_likeness(struct request *request, json_t *reading)
{
    const json_t *folded = json_object_get(reading, "folded");
    const char *title = json_string_value(json_object_get(folded, "title")), *text = json_string_value(json_object_get(folded, "text"));
    if (field_index(request->endpoint, "title") >= 0 && text)
        reading_add_likeness(&request->arena, reading, title, text);
}

static void read_proof(struct request *request, json_t *reading)
{
    json_t *proof = proof_read(request);
    if (proof)
        json_object_set_new(reading, "proof", proof);
}

const char *reading_reply(struct request *request)
{
    const char *public_text = request_input(request, "public_text"), *private_text = request_input(request, "private_text");
    if (public_text && private_text)
        return arena_print(&request->arena, "%s\n%s", public_text, private_text);
    return public_text ? public_text : private_text;
}

static void read_hollow(struct request *request, json_t *reading)
{
    const char *text = field_index(request->endpoint, "insist") < 0 ? NULL : reading_reply(request);
    if (!text)
        return;
    struct hollow read = hollow_read(&request->arena, text);
    json_t *hollow = json_pack("{s:I, s:I, s:b, s:i}", "letters", (json_int_t)read.letters, "rest", (json_int_t)read.rest, "undated",
                               read.undated, "copied", request->copied);
    json_object_set_new(reading, "hollow", hollow);
}

static json_t *proposal_json(const struct proposal *proposal)
{
    json_t *because = json_array();
    for (int i = 0; i < proposal->reasons; i++)
        json_array_append_new(because, json_string(proposal->because[i]));
    return json_pack("{s:s, s:f, s:o}", "category", proposal->category, "probability", proposal->probability, "because", because);
}

/* Title and text together, the title as the first line. */
static const char *whole_text(struct request *request, json_t *reading)
{
    const json_t *folded = json_object_get(reading, "folded");
    const char *title = json_string_value(json_object_get(folded, "title")), *text = json_string_value(json_object_get(folded, "text"));
    return title && text ? arena_print(&request->arena, "%s\n%s", title, text) : text ? text : title;
}

static void read_categories(struct request *request, json_t *reading)
{
    struct proposal proposals[PROPOSALS];
    if (!request->endpoint->route->classifies)
        return;
    const struct proposer *proposer = proposers_find(request->worker->proposers, request->caller.community);
    const char *text = whole_text(request, reading);
    int count = proposer && text ? propose(proposer, &request->arena, text, proposals) : 0;
    json_t *categories = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(categories, proposal_json(&proposals[i]));
    json_object_set_new(reading, "categories", categories);
    if (proposer && proposer->version > 0)
        json_object_set_new(reading, "model", json_integer(proposer->version));
}

/* Each adds its members; in this order, for a later one may use what an earlier one has read. */
static void (*const readers[])(struct request *, json_t *reading) = {
    read_proof, read_masked, read_exposed, read_folded, read_search, read_likeness, read_categories, read_hollow,
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
