/* Which category a text belongs to, learned from texts whose category somebody has confirmed. */
#include "text/classifier.h"
#include <linear.h>
#include <math.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include "text/grams.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a saved model is little-endian");

enum { NAME = 33 };                          /* bytes of a category's code with its end */
static const double most_weight = INT16_MAX; /* a category's greatest weight is stored as this */

/* Buckets that no lesson has filled have no row: a community's first models are small. */
struct classifier {
    int categories, rows;
    char names[CLASSIFIER_CATEGORIES][NAME];
    float scale[CLASSIFIER_CATEGORIES]; /* of the weights of a category */
    uint32_t row[CLASSIFIER_BUCKETS];   /* 1 and up; 0: never seen */
    uint16_t *bucket;                   /* by row, ascending */
    float *idf;                         /* by row */
    int16_t *weights;                   /* by row, then category */
};

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

/* Each gram has one of the buckets; those that share one are told apart by the company they keep. */
static uint32_t bucket_of(int gram)
{
    uint64_t mixed = (uint32_t)gram + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((mixed ^ mixed >> 31) % CLASSIFIER_BUCKETS);
}

/* Features: each bucket of a text once, with what it weighs there. */

struct feature {
    uint32_t bucket;
    float value;
};

struct sight {
    struct grams pairs;       /* in the order of the text */
    struct feature *features; /* by bucket */
    int count;
};

static int compare_buckets(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* How often each bucket occurs: pairs as often as they stand there, single characters once. */
static struct sight *count_grams(struct arena *arena, const char *text)
{
    struct sight *sight = arena_take(arena, sizeof *sight);
    struct grams singles = grams_singles(arena, text);
    sight->pairs = grams_sequence(arena, text);
    size_t count = sight->pairs.count + singles.count;
    uint32_t *buckets = arena_take(arena, (count + 1) * sizeof *buckets);
    for (size_t i = 0; i < count; i++)
        buckets[i] = bucket_of(i < singles.count ? singles.codes[i] : sight->pairs.codes[i - singles.count]);
    qsort(buckets, count, sizeof *buckets, compare_buckets);
    sight->features = arena_take(arena, (count + 1) * sizeof *sight->features);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || buckets[i] != buckets[i - 1])
            sight->features[sight->count++].bucket = buckets[i];
        sight->features[sight->count - 1].value++;
    }
    return sight;
}

/* From counts to weights. A bucket that no lesson had says nothing. */
static void weigh(const struct classifier *model, struct sight *sight)
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
    struct sight *sight = count_grams(arena, text);
    weigh(model, sight);
    return sight;
}

static double weight_of(const struct classifier *model, uint32_t bucket, int category)
{
    uint32_t row = model->row[bucket];
    return row ? model->weights[(size_t)(row - 1) * (size_t)model->categories + (size_t)category] * (double)model->scale[category] : 0;
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

/* Explaining. */

/* Pairs from the one to the other, each overlapping the one before it. */
struct passage {
    size_t from, until;
    double weight;
};

static float value_in(const struct sight *sight, uint32_t bucket)
{
    const struct feature *found = bsearch(&bucket, sight->features, (size_t)sight->count, sizeof *found, compare_buckets);
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
        double weight = weight_of(model, bucket_of(pair), category);
        if (weight <= 0)
            continue;
        weight *= (double)value_in(sight, bucket_of(pair));
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

/* Learning. */

static struct classifier *new_model(int categories, int rows)
{
    struct classifier *model = room(1, sizeof *model);
    model->categories = categories;
    model->rows = rows;
    model->bucket = room((size_t)rows, sizeof *model->bucket);
    model->idf = room((size_t)rows, sizeof *model->idf);
    model->weights = room((size_t)rows * (size_t)categories, sizeof *model->weights);
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
    uint32_t *texts = room(CLASSIFIER_BUCKETS, sizeof *texts);
    int rows = 0;
    for (int i = 0; i < count; i++)
        for (int f = 0; f < sights[i]->count; f++)
            rows += texts[sights[i]->features[f].bucket]++ == 0;
    struct classifier *model = new_model(categories, rows);
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
    struct feature_node *nodes = room((size_t)sight->count + 1, sizeof *nodes);
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
    struct feature_node **nodes = room((size_t)count, sizeof *nodes);
    double *labels = room((size_t)count, sizeof *labels);
    for (int i = 0; i < count; i++) {
        weigh(model, sights[i]);
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
    struct sight **sights = room((size_t)count, sizeof *sights);
    for (int i = 0; i < count; i++)
        sights[i] = count_grams(&arena, lessons[i].text);
    struct classifier *model = learn_all(sights, numbers, numbered, lessons, count);
    for (int k = 0; k < category_count; k++)
        if (numbers[k] >= 0)
            snprintf(model->names[numbers[k]], NAME, "%s", categories[k]);
    free(sights);
    arena_release(&arena);
    return model;
}

/* As bytes: a head, then the names and scales of the categories, then the rows. */

struct head {
    char format[8];
    unsigned char checksum[16]; /* of all that follows the head */
    uint32_t grams;             /* GRAMS_VERSION: with other numbers the buckets mean nothing */
    uint32_t categories, rows;
};

static const char format[8] = "EWALL01";

static size_t row_size(int categories)
{
    return sizeof(uint16_t) + sizeof(float) + (size_t)categories * sizeof(int16_t);
}

static size_t saved_size(const struct head *head)
{
    return sizeof *head + head->categories * (NAME + sizeof(float)) + head->rows * row_size((int)head->categories);
}

static void add_checksum(struct head *head, const void *bytes, size_t size)
{
    crypto_generichash(head->checksum, sizeof head->checksum, (const unsigned char *)bytes + sizeof *head, size - sizeof *head, NULL, 0);
}

/* The parts of a saved model in their order: copies each to, or from, its place. */
static void pass_parts(struct classifier *model, unsigned char *bytes, bool saving)
{
    const size_t rows = (size_t)model->rows, categories = (size_t)model->categories;
    const struct {
        void *part;
        size_t size;
    } parts[] = {{model->names, categories * NAME},
                 {model->scale, categories * sizeof *model->scale},
                 {model->bucket, rows * sizeof *model->bucket},
                 {model->idf, rows * sizeof *model->idf},
                 {model->weights, rows * categories * sizeof *model->weights}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; bytes += parts[i++].size)
        memcpy(saving ? bytes : parts[i].part, saving ? parts[i].part : bytes, parts[i].size);
}

void *classifier_save(const struct classifier *model, size_t *size)
{
    struct head head = {.grams = GRAMS_VERSION, .categories = (uint32_t)model->categories, .rows = (uint32_t)model->rows};
    memcpy(head.format, format, sizeof format);
    *size = saved_size(&head);
    unsigned char *bytes = room(*size, 1);
    pass_parts((struct classifier *)model, bytes + sizeof head, true);
    add_checksum(&head, bytes, *size);
    memcpy(bytes, &head, sizeof head);
    return bytes;
}

static bool head_fits(const struct head *head, const void *bytes, size_t size)
{
    struct head again = *head;
    if (memcmp(head->format, format, sizeof format) != 0 || head->grams != GRAMS_VERSION || head->categories < 2 ||
        head->categories > CLASSIFIER_CATEGORIES || head->rows > CLASSIFIER_BUCKETS || saved_size(head) != size)
        return false;
    add_checksum(&again, bytes, size);
    return memcmp(again.checksum, head->checksum, sizeof again.checksum) == 0;
}

struct classifier *classifier_load(const void *bytes, size_t size)
{
    struct head head;
    if (size < sizeof head)
        return NULL;
    memcpy(&head, bytes, sizeof head);
    if (!head_fits(&head, bytes, size))
        return NULL;
    struct classifier *model = new_model((int)head.categories, (int)head.rows);
    pass_parts(model, (unsigned char *)bytes + sizeof head, false);
    for (int row = 0; row < model->rows; row++)
        model->row[model->bucket[row]] = (uint32_t)row + 1;
    return model;
}

size_t classifier_size(const struct classifier *model)
{
    return sizeof *model + (size_t)model->rows * row_size(model->categories);
}

int classifier_category_count(const struct classifier *model)
{
    return model->categories;
}

const char *classifier_category(const struct classifier *model, int number)
{
    return model->names[number];
}
