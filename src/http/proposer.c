#include "http/proposer.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/settings.h"
#include "http/worker.h"
#include "text/fold.h"

enum { CHAINS = 512 };

static const long long life = 60000000; /* microseconds until it is looked at again, should a notification have been lost */

struct known {
    struct known *next;
    char community[MAX_COMMUNITY];
    char *state;
    struct proposer *proposer;
    size_t size;
    long long asked, used; /* microseconds, monotonic; asked 0: in doubt */
};

struct proposers {
    struct known *chains[CHAINS];
    size_t size;
};

/* One proposer. */

static struct lexicon *read_lexicon(const json_t *list)
{
    struct arena arena = {0};
    struct word *words = arena_take(&arena, (json_array_size(list) + 1) * sizeof *words);
    int count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        const char *word = json_string_value(json_array_get(row, 0)), *category = json_string_value(json_array_get(row, 1));
        if (word && category)
            words[count++] = (struct word){
                .word = text_fold(&arena, word), .category = category, .weight = (int)json_integer_value(json_array_get(row, 2))};
    }
    struct lexicon *lexicon = lexicon_new(words, count);
    arena_release(&arena);
    return lexicon;
}

static struct classifier *read_model(const char *base64)
{
    size_t room = strlen(base64), size;
    unsigned char *bytes = malloc(room + 1);
    if (!bytes)
        abort();
    struct classifier *model = NULL;
    if (sodium_base642bin(bytes, room, base64, room, "\n", &size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0)
        model = classifier_load(bytes, size);
    free(bytes);
    if (!model)
        log_event(LOG_ERROR, "a stored model cannot be read; the lexicon speaks alone", NULL);
    return model;
}

struct proposer *proposer_new(const json_t *lexicon, const char *model)
{
    struct proposer *proposer = calloc(1, sizeof *proposer);
    if (!proposer)
        abort();
    proposer->lexicon = read_lexicon(lexicon);
    proposer->classifier = model ? read_model(model) : NULL;
    return proposer;
}

void proposer_free(struct proposer *proposer)
{
    if (!proposer)
        return;
    lexicon_free(proposer->lexicon);
    classifier_free(proposer->classifier);
    free(proposer);
}

/* All of a worker's. */

struct proposers *proposers_new(void)
{
    struct proposers *proposers = calloc(1, sizeof *proposers);
    if (!proposers)
        abort();
    return proposers;
}

static void forget(struct proposers *proposers, struct known **link)
{
    struct known *known = *link;
    *link = known->next;
    proposers->size -= known->size;
    proposer_free(known->proposer);
    free(known->state);
    free(known);
}

void proposers_free(struct proposers *proposers)
{
    for (int i = 0; proposers && i < CHAINS; i++)
        while (proposers->chains[i])
            forget(proposers, &proposers->chains[i]);
    free(proposers);
}

static struct known **find(struct proposers *proposers, const char *community)
{
    unsigned hash = 5381;
    for (const char *at = community; *at; at++)
        hash = hash * 33 + (unsigned char)*at;
    struct known **link = &proposers->chains[hash % CHAINS];
    while (*link && strcmp((*link)->community, community) != 0)
        link = &(*link)->next;
    return link;
}

bool proposers_are_fresh(struct proposers *proposers, const char *community)
{
    const struct known *known = *find(proposers, community);
    return known && known->asked != 0 && monotonic_microseconds() - known->asked <= life;
}

const struct proposer *proposers_find(struct proposers *proposers, const char *community)
{
    struct known *known = *find(proposers, community);
    if (!known)
        return NULL;
    known->used = monotonic_microseconds();
    return known->proposer;
}

const char *proposers_state(struct proposers *proposers, const char *community)
{
    const struct known *known = *find(proposers, community);
    return known ? known->state : NULL;
}

/* The one that was used longest ago goes first; the newest stays, however large it is. */
static void make_room(struct proposers *proposers, const struct known *newest)
{
    const size_t most = (size_t)settings.model_memory * 1024 * 1024 / (size_t)settings.workers;
    while (proposers->size > most) {
        struct known **oldest = NULL;
        for (int i = 0; i < CHAINS; i++)
            for (struct known **link = &proposers->chains[i]; *link; link = &(*link)->next)
                if (*link != newest && (!oldest || (*link)->used < (*oldest)->used))
                    oldest = link;
        if (!oldest)
            return;
        forget(proposers, oldest);
    }
}

static const char *cell(const PGresult *row, const char *column)
{
    int number = PQfnumber(row, column);
    return PQntuples(row) == 0 || PQgetisnull(row, 0, number) ? NULL : PQgetvalue(row, 0, number);
}

static struct known *new_known(const char *community, const char *state, struct proposer *proposer)
{
    struct known *known = calloc(1, sizeof *known);
    if (!known || !(known->state = strdup(state)))
        abort();
    strncpy(known->community, community, MAX_COMMUNITY - 1);
    known->proposer = proposer;
    known->size = sizeof *known + lexicon_size(proposer->lexicon) + (proposer->classifier ? classifier_size(proposer->classifier) : 0);
    return known;
}

static void replace(struct proposers *proposers, struct known **link, struct known *known)
{
    if (*link)
        forget(proposers, link);
    known->next = *link;
    *link = known;
    proposers->size += known->size;
    make_room(proposers, known);
}

void proposers_keep(struct proposers *proposers, const char *community, const PGresult *row)
{
    struct known **link = find(proposers, community);
    const char *lexicon = cell(row, "lexicon"), *version = cell(row, "version");
    json_t *words = lexicon ? json_loads(lexicon, 0, NULL) : NULL;
    long long now = monotonic_microseconds();
    if (words) {
        struct proposer *proposer = proposer_new(words, cell(row, "model"));
        proposer->version = version && proposer->classifier ? strtol(version, NULL, 10) : 0;
        struct known *known = new_known(community, cell(row, "state"), proposer);
        known->used = known->asked = now;
        replace(proposers, link, known);
    } else if (*link)
        (*link)->asked = now;
    json_decref(words);
}

void proposers_doubt(struct proposers *proposers, const char *community)
{
    for (int i = 0; i < CHAINS; i++)
        for (struct known *known = proposers->chains[i]; known; known = known->next)
            if (!*community || strcmp(known->community, community) == 0)
                known->asked = 0;
}
