/* Which category a text belongs to: the model, and what it tells. Explaining, learning and saving are in files of their own. */
#include "text/classifier.h"
#include <math.h>
#include <stdlib.h>
#include "classifier_model.h"

void *classifier_room(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

struct classifier *classifier_new(int categories, int rows)
{
    struct classifier *model = classifier_room(1, sizeof *model);
    model->categories = categories;
    model->rows = rows;
    model->bucket = classifier_room((size_t)rows, sizeof *model->bucket);
    model->idf = classifier_room((size_t)rows, sizeof *model->idf);
    model->weights = classifier_room((size_t)rows * (size_t)categories, sizeof *model->weights);
    return model;
}

void classifier_free(struct classifier *model)
{
    if (!model)
        return;
    free(model->bucket);
    free(model->idf);
    free(model->weights);
    free(model);
}

size_t classifier_row_size(int categories)
{
    return sizeof(uint16_t) + sizeof(float) + (size_t)categories * sizeof(int16_t);
}

/* Each gram has one of the buckets; those that share one are told apart by the company they keep. */
uint32_t classifier_bucket(int gram)
{
    uint64_t mixed = (uint32_t)gram + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((mixed ^ mixed >> 31) % CLASSIFIER_BUCKETS);
}

int classifier_compare_buckets(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* How often each bucket occurs: pairs as often as they stand there, single characters once. */
struct sight *classifier_count(struct arena *arena, const char *text)
{
    struct sight *sight = arena_take(arena, sizeof *sight);
    struct grams singles = grams_singles(arena, text);
    sight->pairs = grams_sequence(arena, text);
    size_t count = sight->pairs.count + singles.count;
    uint32_t *buckets = arena_take(arena, (count + 1) * sizeof *buckets);
    for (size_t i = 0; i < count; i++)
        buckets[i] = classifier_bucket(i < singles.count ? singles.codes[i] : sight->pairs.codes[i - singles.count]);
    qsort(buckets, count, sizeof *buckets, classifier_compare_buckets);
    sight->features = arena_take(arena, (count + 1) * sizeof *sight->features);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || buckets[i] != buckets[i - 1])
            sight->features[sight->count++].bucket = buckets[i];
        sight->features[sight->count - 1].value++;
    }
    return sight;
}

/* From counts to weights. A bucket that no lesson had says nothing. */
void classifier_weigh(const struct classifier *model, struct sight *sight)
{
    double square = 0;
    for (int i = 0; i < sight->count; i++) {
        struct feature *feature = &sight->features[i];
        uint32_t row = model->row[feature->bucket];
        feature->value = row ? (1 + logf(feature->value)) * model->idf[row - 1] : 0;
        square += (double)feature->value * feature->value;
    }
    for (int i = 0; i < sight->count && square > 0; i++)
        sight->features[i].value /= (float)sqrt(square);
}

const struct sight *classifier_look(const struct classifier *model, struct arena *arena, const char *text)
{
    struct sight *sight = classifier_count(arena, text);
    classifier_weigh(model, sight);
    return sight;
}

void classifier_tell(const struct classifier *model, const struct sight *sight, double probabilities[])
{
    double sums[CLASSIFIER_CATEGORIES] = {0}, all = 0;
    for (int i = 0; i < sight->count; i++) {
        uint32_t row = model->row[sight->features[i].bucket];
        if (row == 0)
            continue;
        const int16_t *weights = &model->weights[(size_t)(row - 1) * (size_t)model->categories];
        for (int k = 0; k < model->categories; k++)
            sums[k] += (double)sight->features[i].value * weights[k];
    }
    for (int k = 0; k < model->categories; k++) {
        probabilities[k] = 1 / (1 + exp(-sums[k] * (double)model->scale[k]));
        all += probabilities[k];
    }
    for (int k = 0; k < model->categories; k++)
        probabilities[k] /= all;
}

size_t classifier_size(const struct classifier *model)
{
    return sizeof *model + (size_t)model->rows * classifier_row_size(model->categories);
}

int classifier_category_count(const struct classifier *model)
{
    return model->categories;
}

const char *classifier_category(const struct classifier *model, int number)
{
    return model->names[number];
}
