/* Learning from texts whose category somebody has confirmed. */
#include <linear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "classifier_model.h"

static const double most_weight = INT16_MAX; /* a category's greatest weight is stored as this */

/* Which categories have lessons: `numbers` says what each is called in the model, -1 for those that have none. */
static int number_categories(const struct lesson *lessons, int count, int numbers[], int category_count)
{
    int numbered = 0;
    for (int k = 0; k < category_count; k++) {
        numbers[k] = -1;
        for (int i = 0; i < count && numbers[k] < 0; i++)
            if (lessons[i].category == k)
                numbers[k] = numbered++;
    }
    return numbered;
}

/* A row for each bucket that occurs, and how rare it is. */
static struct classifier *begin_model(struct sight **sights, int count, int categories)
{
    uint32_t *texts = classifier_room(CLASSIFIER_BUCKETS, sizeof *texts);
    int rows = 0;
    for (int i = 0; i < count; i++)
        for (int f = 0; f < sights[i]->count; f++)
            rows += texts[sights[i]->features[f].bucket]++ == 0;
    struct classifier *model = classifier_new(categories, rows);
    rows = 0;
    for (int bucket = 0; bucket < CLASSIFIER_BUCKETS; bucket++)
        if (texts[bucket] > 0) {
            model->bucket[rows] = (uint16_t)bucket;
            model->idf[rows] = logf((1 + (float)count) / (1 + (float)texts[bucket])) + 1;
            model->row[bucket] = (uint32_t)++rows;
        }
    free(texts);
    return model;
}

static struct feature_node *nodes_of(const struct classifier *model, const struct sight *sight)
{
    struct feature_node *nodes = classifier_room((size_t)sight->count + 1, sizeof *nodes);
    for (int f = 0; f < sight->count; f++)
        nodes[f] = (struct feature_node){.index = (int)model->row[sight->features[f].bucket], .value = (double)sight->features[f].value};
    nodes[sight->count].index = -1;
    return nodes;
}

/* What LIBLINEAR calls `model` has its weights by feature, then label; of two labels it keeps the first one's, of which the other's are the
   opposite. Here 16 bits hold more of them than the lessons know. */
static double found_weight(const struct model *found, int row, int label)
{
    if (found->nr_class > 2)
        return found->w[(size_t)row * (size_t)found->nr_class + (size_t)label];
    return label == 0 ? found->w[row] : -found->w[row];
}

static void keep_weights(struct classifier *model, const struct model *found)
{
    for (int label = 0; label < found->nr_class; label++) {
        int category = found->label[label];
        double greatest = 1e-9;
        for (int row = 0; row < model->rows; row++)
            greatest = fmax(greatest, fabs(found_weight(found, row, label)));
        model->scale[category] = (float)(greatest / most_weight);
        for (int row = 0; row < model->rows; row++)
            model->weights[(size_t)row * (size_t)model->categories + (size_t)category] =
                (int16_t)lrint(found_weight(found, row, label) / greatest * most_weight);
    }
}

static void ignore(const char *said)
{
    (void)said;
}

static void learn(struct classifier *model, struct feature_node **nodes, double *labels, int count)
{
    struct problem problem = {.l = count, .n = model->rows, .y = labels, .x = nodes, .bias = -1};
    struct parameter parameter = {.solver_type = L2R_LR_DUAL, .C = 10, .eps = 0.1};
    set_print_string_function(ignore);
    struct model *found = train(&problem, &parameter);
    keep_weights(model, found);
    free_and_destroy_model(&found);
}

static struct classifier *learn_all(struct sight **sights, const int numbers[], int categories, const struct lesson *lessons, int count)
{
    struct classifier *model = begin_model(sights, count, categories);
    struct feature_node **nodes = classifier_room((size_t)count, sizeof *nodes);
    double *labels = classifier_room((size_t)count, sizeof *labels);
    for (int i = 0; i < count; i++) {
        classifier_weigh(model, sights[i]);
        nodes[i] = nodes_of(model, sights[i]);
        labels[i] = numbers[lessons[i].category];
    }
    learn(model, nodes, labels, count);
    for (int i = 0; i < count; i++)
        free(nodes[i]);
    free(nodes);
    free(labels);
    return model;
}

struct classifier *classifier_train(const char *const categories[], int category_count, const struct lesson *lessons, int count)
{
    int numbers[CLASSIFIER_CATEGORIES];
    int numbered = number_categories(lessons, count, numbers, category_count);
    if (numbered < 2)
        return NULL;
    struct arena arena = {0};
    struct sight **sights = classifier_room((size_t)count, sizeof *sights);
    for (int i = 0; i < count; i++)
        sights[i] = classifier_count(&arena, lessons[i].text);
    struct classifier *model = learn_all(sights, numbers, numbered, lessons, count);
    for (int k = 0; k < category_count; k++)
        if (numbers[k] >= 0)
            snprintf(model->names[numbers[k]], NAME, "%s", categories[k]);
    free(sights);
    arena_release(&arena);
    return model;
}
