/* A model as bytes: a head, then the names and scales of the categories, then the rows. */
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include "classifier_model.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a saved model is little-endian");

struct head {
    char format[8];
    unsigned char checksum[16]; /* of all that follows the head */
    uint32_t grams;             /* GRAMS_VERSION: with other numbers the buckets mean nothing */
    uint32_t categories, rows;
};

static const char format[8] = "EWALL01";

static size_t saved_size(const struct head *head)
{
    return sizeof *head + head->categories * (NAME + sizeof(float)) + head->rows * classifier_row_size((int)head->categories);
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
    unsigned char *bytes = classifier_room(*size, 1);
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
    struct classifier *model = classifier_new((int)head.categories, (int)head.rows);
    pass_parts(model, (unsigned char *)bytes + sizeof head, false);
    for (int row = 0; row < model->rows; row++)
        model->row[model->bucket[row]] = (uint32_t)row + 1;
    return model;
}
