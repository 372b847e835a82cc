/* Values that are made for a request: who asks, new ids, receipts, tokens, codes, keyed hashes. Each is made once. */
#include <string.h>
#include "base/secret.h"
#include "base/settings.h"
#include "http/caller.h"
#include "http/input.h"
#include "http/negotiate.h"
#include "http/reading.h"
#include "http/value.h"
#include "text/sought.h"

static const char *unless_empty(const char *text)
{
    return *text ? text : NULL;
}

static const char *community(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->caller.community;
}

static const char *caller(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->caller.literal;
}

static const char *actor(struct request *request, const struct slot *slot)
{
    (void)slot;
    return unless_empty(request->caller.actor);
}

static const char *role(struct request *request, const struct slot *slot)
{
    (void)slot;
    return role_name(request->caller.role);
}

static const char *office(struct request *request, const struct slot *slot)
{
    (void)slot;
    return unless_empty(request->caller.office);
}

static const char *opened(struct request *request, const struct slot *slot)
{
    (void)slot;
    return unless_empty(request->caller.opened);
}

static const char *action(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->endpoint->action;
}

static const char *all_input(struct request *request, const struct slot *slot)
{
    (void)slot;
    return input_as_json(request);
}

static const char *reading(struct request *request, const struct slot *slot)
{
    (void)slot;
    return reading_as_json(request);
}

/* What `q` looks for: {phrase, words, pairs, singles}; of the last two one is empty. Null without a query. */
static const char *sought(struct request *request, const struct slot *slot)
{
    struct sought sought;
    const char *query = request_input(request, "q");
    (void)slot;
    if (!query || !text_seek(&request->arena, query, &sought))
        return NULL;
    json_t *words = json_array();
    for (size_t i = 0; i < sought.word_count; i++)
        json_array_append_new(words, json_string(sought.words[i]));
    const char *pairs = grams_as_array(&request->arena, sought.pairs), *singles = grams_as_array(&request->arena, sought.singles);
    json_t *object = json_pack("{s:s, s:o, s:s, s:s}", "phrase", sought.phrase, "words", words, "pairs", pairs, "singles", singles);
    const char *text = json_as_text(&request->arena, object);
    json_decref(object);
    return text;
}

/* The kinds of channels (rules/15_hooks.sql) for which this daemon has no server; an array of PostgreSQL. */
static const char *beyond_reach(struct request *request, const struct slot *slot)
{
    (void)slot;
    const char *mail = settings.smtp_url ? "" : "mail", *sms = settings.sms_url ? "" : "sms";
    return arena_print(&request->arena, "{%s%s%s}", mail, *mail && *sms ? "," : "", sms);
}

static const char *version(struct request *request, const struct slot *slot)
{
    const char *if_match = request->headers.if_match;
    (void)slot;
    if (!if_match || strcmp(if_match, "*") == 0)
        return NULL;
    return arena_print(&request->arena, "%ld", etag_version(if_match));
}

const char *value_new_id(struct request *request, const struct slot *slot)
{
    (void)slot;
    if (!request->new_id) {
        char *id = arena_take(&request->arena, UUID_TEXT);
        const char *rounded = request_input(request, "round_times");
        if (rounded && strcmp(rounded, "true") == 0)
            uuid_v7_of_hour(id);
        else
            uuid_v7(id);
        request->new_id = id;
    }
    return request->new_id;
}

static const char *body_hash(struct request *request, const struct slot *slot)
{
    (void)slot;
    return secret_hash(&request->arena, request->bytes ? request->bytes : "", request->size);
}

/* A stranger's key must find nothing: where no actor stands for the sender, the body does. */
static const char *idempotency(struct request *request, const struct slot *slot)
{
    const char *key = request->headers.idempotency_key;
    if (!key)
        return NULL;
    bool anonymous = request_is_anonymous(request);
    const char *scope =
        arena_print(&request->arena, "%s\n%s\n%s %s\n%s\n%s", request->caller.community, anonymous ? "-" : request->caller.actor,
                    request->method, request->path, anonymous ? body_hash(request, slot) : "", key);
    return secret_keyed_hash(&request->arena, FOR_IDEMPOTENCY, scope, strlen(scope));
}

/* A repeat with the same Idempotency-Key and body shows the same secret again, though it is stored nowhere. False: no key came. */
static bool derive_secret(struct request *request, const struct slot *slot, unsigned char bytes[32])
{
    const char *scope = idempotency(request, slot);
    if (!scope)
        return false;
    scope = arena_print(&request->arena, "%s %s", scope, body_hash(request, slot));
    secret_keyed_bytes(FOR_RECEIPT_DERIVED, scope, strlen(scope), bytes);
    return true;
}

static void make_receipt(struct request *request, const struct slot *slot)
{
    unsigned char bytes[32];
    char *normal = arena_take(&request->arena, 18);
    bool derived = derive_secret(request, slot, bytes);
    request->new_receipt = derived ? secret_receipt(&request->arena, bytes) : secret_receipt_random(&request->arena);
    if (secret_receipt_normal(request->new_receipt, normal))
        request->receipt_normal = normal;
    request->nonce = secret_nonce(&request->arena);
}

static const char *receipt_hash(struct request *request, const struct slot *slot)
{
    if (!request->new_receipt)
        make_receipt(request, slot);
    return secret_keyed_hash(&request->arena, FOR_RECEIPT, request->receipt_normal, strlen(request->receipt_normal));
}

static const char *receipt_nonce(struct request *request, const struct slot *slot)
{
    if (!request->new_receipt)
        make_receipt(request, slot);
    return request->nonce;
}

static const char *receipt_commitment(struct request *request, const struct slot *slot)
{
    if (!request->new_receipt)
        make_receipt(request, slot);
    return secret_commitment(&request->arena, request->nonce, request->receipt_normal);
}

/* Whoever is known already needs no receipt: null, and none is shown. */
static const char *stranger_receipt_hash(struct request *request, const struct slot *slot)
{
    return request->caller.role == PUBLIC ? receipt_hash(request, slot) : NULL;
}

static const char *stranger_receipt_nonce(struct request *request, const struct slot *slot)
{
    return request->caller.role == PUBLIC ? receipt_nonce(request, slot) : NULL;
}

static const char *stranger_receipt_commitment(struct request *request, const struct slot *slot)
{
    return request->caller.role == PUBLIC ? receipt_commitment(request, slot) : NULL;
}

/* With it the rules mark what a suggestion shows, so that only who was shown it can name it. */
static const char *suggestion_key(struct request *request, const struct slot *slot)
{
    (void)slot;
    return secret_keyed_hash(&request->arena, FOR_SUGGESTION, request->caller.community, strlen(request->caller.community));
}

/* With it the rules know whose an answer to a survey is, which the database alone does not. */
static const char *survey_key(struct request *request, const struct slot *slot)
{
    (void)slot;
    return secret_keyed_hash(&request->arena, FOR_SURVEY, request->caller.community, strlen(request->caller.community));
}

static const char *new_token_hash(struct request *request, const struct slot *slot)
{
    (void)slot;
    if (!request->new_token)
        request->new_token = secret_token(&request->arena, request->caller.community);
    return secret_hash(&request->arena, request->new_token, strlen(request->new_token));
}

static const char *new_key_hash(struct request *request, const struct slot *slot)
{
    unsigned char bytes[32];
    const char *community = request->caller.community;
    if (!request->new_key)
        request->new_key = derive_secret(request, slot, bytes) ? secret_token_of(&request->arena, community, bytes)
                                                               : secret_token(&request->arena, community);
    return secret_hash(&request->arena, request->new_key, strlen(request->new_key));
}

/* Of a webhook: sealed for the one that the path names, else for the one that is made. */
static const char *new_secret_sealed(struct request *request, const struct slot *slot)
{
    unsigned char bytes[32];
    struct arena *arena = &request->arena;
    const char *hook = request->endpoint->argument_count > 0 ? uuid_small(arena, request->arguments[0]) : value_new_id(request, slot);
    if (!request->new_secret)
        request->new_secret = derive_secret(request, slot, bytes) ? secret_signing_of(arena, bytes) : secret_signing(arena);
    return secret_seal(arena, hook, arena_print(arena, "{\"secret\":\"%s\"}", request->new_secret));
}

static const char *token_hash(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->token_hash;
}

const char *value_phone_hash(struct request *request, const char *phone)
{
    return secret_keyed_hash(&request->arena, FOR_PHONE, phone, strlen(phone));
}

/* Of the code given, where the route has such a field, else of one made now. */
static const char *code_of(struct request *request)
{
    const char *given = request_input(request, "code");
    if (given || field_index(request->endpoint, "code") >= 0)
        return given;
    if (!request->new_code)
        request->new_code = secret_code(&request->arena);
    return request->new_code;
}

static const char *code_hash(struct request *request, const struct slot *slot)
{
    const char *phone = request_input(request, "phone"), *code = code_of(request);
    (void)slot;
    if (!phone || !code)
        return NULL;
    const char *text = arena_print(&request->arena, "%s %s", value_phone_hash(request, phone), code);
    return secret_keyed_hash(&request->arena, FOR_CODE, text, strlen(text));
}

static const char *code_sealed(struct request *request, const struct slot *slot)
{
    const char *phone = request_input(request, "phone"), *code = code_of(request);
    if (!phone || !code)
        return NULL;
    json_t *message = json_pack("{s:s, s:s}", "phone", phone, "code", code);
    const char *text = json_as_text(&request->arena, message);
    json_decref(message);
    return secret_seal(&request->arena, value_new_id(request, slot), text);
}

static const char *after_key(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->after_key;
}

static const char *after_id(struct request *request, const struct slot *slot)
{
    (void)slot;
    return request->after_id;
}

struct made {
    const char *name;
    const char *(*value)(struct request *, const struct slot *);
    const char *needs; /* field without which the route does not offer it */
};

static const struct made all_made[] = {
    {.name = "community", .value = community},
    {.name = "caller", .value = caller},
    {.name = "actor", .value = actor},
    {.name = "role", .value = role},
    {.name = "office", .value = office},
    {.name = "opened", .value = opened},
    {.name = "action", .value = action},
    {.name = "input", .value = all_input},
    {.name = "reading", .value = reading},
    {.name = "sought", .value = sought, .needs = "q"},
    {.name = "beyond_reach", .value = beyond_reach},
    {.name = "version", .value = version},
    {.name = "new_id", .value = value_new_id},
    {.name = "receipt_hash", .value = receipt_hash},
    {.name = "receipt_nonce", .value = receipt_nonce},
    {.name = "receipt_commitment", .value = receipt_commitment},
    {.name = "stranger_receipt_hash", .value = stranger_receipt_hash},
    {.name = "stranger_receipt_nonce", .value = stranger_receipt_nonce},
    {.name = "stranger_receipt_commitment", .value = stranger_receipt_commitment},
    {.name = "suggestion_key", .value = suggestion_key},
    {.name = "survey_key", .value = survey_key},
    {.name = "new_token_hash", .value = new_token_hash},
    {.name = "new_key_hash", .value = new_key_hash},
    {.name = "new_secret_sealed", .value = new_secret_sealed},
    {.name = "token_hash", .value = token_hash},
    {.name = "code_hash", .value = code_hash, .needs = "phone"},
    {.name = "code_sealed", .value = code_sealed, .needs = "phone"},
    {.name = "idempotency", .value = idempotency},
    {.name = "body_hash", .value = body_hash},
    {.name = "after_key", .value = after_key, .needs = "cursor"},
    {.name = "after_id", .value = after_id, .needs = "cursor"},
};

bool value_resolve_made(const struct endpoint *endpoint, const char *name, struct slot *slot)
{
    for (size_t i = 0; i < sizeof all_made / sizeof *all_made; i++)
        if (strcmp(all_made[i].name, name) == 0) {
            *slot = (struct slot){.value = all_made[i].value};
            return !all_made[i].needs || field_index(endpoint, all_made[i].needs) >= 0;
        }
    return false;
}
