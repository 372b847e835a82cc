#pragma once
#include <stddef.h>
#include "base/arena.h"

/*
 * A model that tells categories by the characters and pairs of characters of a text: LIBLINEAR's logistic regression (dual, one against the
 * rest, C = 10) over hashed grams, (1 + log tf) idf, texts of length one. It holds weights and no text, and does not change once it is made, so any
 * number of threads may read it. Texts are those of text_fold().
 */
struct classifier;

enum { CLASSIFIER_CATEGORIES = 64, CLASSIFIER_BUCKETS = 1 << 16 };

/* What is known of one text: the number of its category. */
struct lesson {
    const char *text;
    int category;
};

/* Learns. Only categories that have lessons are in the model; fewer than two: NULL. Takes seconds, and memory of some 40 bytes a gram: for a
   process of its own. */
struct classifier *classifier_train(const char *const categories[], int category_count, const struct lesson *, int count);
void classifier_free(struct classifier *); /* NULL: no-op */

/* As bytes: format, checksum, categories, weights. malloc'ed, the caller's. */
void *classifier_save(const struct classifier *, size_t *size);
/* NULL: the bytes are damaged, or of another format. They are copied. */
struct classifier *classifier_load(const void *bytes, size_t size);
size_t classifier_size(const struct classifier *); /* bytes of memory */

int classifier_category_count(const struct classifier *);
const char *classifier_category(const struct classifier *, int number);

/* A text as the model sees it: what each of its grams weighs. The arena's. */
struct sight;
const struct sight *classifier_look(const struct classifier *, struct arena *, const char *text);
/* The probability of each of the model's categories; their sum is one. */
void classifier_tell(const struct classifier *, const struct sight *, double probabilities[]);
/* The passages of the text that speak for a category, the strongest first: pairs of letters, joined where they overlap. Numbers are left out, for
   they may be somebody's. Returns how many, at most `most`; the texts are the arena's. */
int classifier_explain(const struct classifier *, struct arena *, const struct sight *, int category, const char *because[], int most);
