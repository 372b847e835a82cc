/* Which passages of a text speak for a category. */
#include <stdlib.h>
#include <unictype.h>
#include <unistr.h>
#include "classifier_model.h"

static double weight_of(const struct classifier *model, uint32_t bucket, int category)
{
    uint32_t row = model->row[bucket];
    return row ? model->weights[(size_t)(row - 1) * (size_t)model->categories + (size_t)category] * (double)model->scale[category] : 0;
}

/* Pairs from the one to the other, each overlapping the one before it. */
struct passage {
    size_t from, until;
    double weight;
};

static float value_in(const struct sight *sight, uint32_t bucket)
{
    const struct feature *found = bsearch(&bucket, sight->features, (size_t)sight->count, sizeof *found, classifier_compare_buckets);
    return found ? found->value : 0;
}

static int compare_weights(const void *left, const void *right)
{
    const struct passage *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return (a->from > b->from) - (a->from < b->from);
}

static int compare_places(const void *left, const void *right)
{
    const struct passage *a = left, *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

/* Both characters of the pair are letters. */
static bool is_word(struct arena *arena, int pair)
{
    const char *text = gram_text(arena, pair);
    ucs4_t point;
    for (const uint8_t *at = (const uint8_t *)text; at && (at = u8_next(&point, at));)
        if (!uc_is_general_category_withtable(point, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M))
            return false;
    return text;
}

static bool is_known(const struct sight *sight, const struct passage *passages, int count, int pair)
{
    for (int i = 0; i < count; i++)
        if (sight->pairs.codes[passages[i].from] == pair)
            return true;
    return false;
}

/* Into its place among the strongest, of which the weakest may fall out. Returns how many there are. */
static int insert(struct passage passages[], int count, int most, struct passage one)
{
    int at = count < most ? count : most - 1;
    for (; at > 0 && passages[at - 1].weight < one.weight; at--)
        passages[at] = passages[at - 1];
    passages[at] = one;
    return count < most ? count + 1 : most;
}

/* The pairs that speak for the category most, each once. */
static int strongest(const struct classifier *model, struct arena *arena, const struct sight *sight, int category,
                     struct passage passages[], int most)
{
    int count = 0;
    for (size_t i = 0; i < sight->pairs.count; i++) {
        int pair = sight->pairs.codes[i];
        double weight = weight_of(model, classifier_bucket(pair), category);
        if (weight <= 0)
            continue;
        weight *= (double)value_in(sight, classifier_bucket(pair));
        bool is_strong = weight > 0 && (count < most || weight > passages[count - 1].weight);
        if (is_strong && !is_known(sight, passages, count, pair) && is_word(arena, pair))
            count = insert(passages, count, most, (struct passage){.from = i, .until = i, .weight = weight});
    }
    return count;
}

/* The first pair ends with the character that the next one begins with. */
static bool overlap(const struct sight *sight, size_t first, size_t next)
{
    return next == first + 1 && (sight->pairs.codes[first] & 0xffff) == (int)((uint32_t)sight->pairs.codes[next] >> 16);
}

static int join(const struct sight *sight, struct passage passages[], int count)
{
    int kept = 0;
    qsort(passages, (size_t)count, sizeof *passages, compare_places);
    for (int i = 0; i < count; i++)
        if (kept > 0 && overlap(sight, passages[kept - 1].until, passages[i].from)) {
            passages[kept - 1].until = passages[i].until;
            passages[kept - 1].weight += passages[i].weight;
        } else
            passages[kept++] = passages[i];
    qsort(passages, (size_t)kept, sizeof *passages, compare_weights);
    return kept;
}

static const char *passage_text(struct arena *arena, const struct sight *sight, const struct passage *passage)
{
    const char *text = gram_text(arena, sight->pairs.codes[passage->from]);
    for (size_t i = passage->from + 1; i <= passage->until; i++) {
        const char *pair = gram_text(arena, sight->pairs.codes[i]);
        text = arena_print(arena, "%s%s", text, pair + u8_strmblen((const uint8_t *)pair));
    }
    return text;
}

int classifier_explain(const struct classifier *model, struct arena *arena, const struct sight *sight, int category, const char *because[],
                       int most)
{
    struct passage *passages = arena_take(arena, (size_t)(2 * most) * sizeof *passages);
    int count = join(sight, passages, strongest(model, arena, sight, category, passages, 2 * most));
    for (int i = 0; i < count && i < most; i++)
        because[i] = passage_text(arena, sight, &passages[i]);
    return count < most ? count : most;
}
