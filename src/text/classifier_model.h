#pragma once
#include <stdint.h>
#include "text/classifier.h"
#include "text/grams.h"

/* What the files of the classifier share: the model, and a text as it sees it. */

enum { NAME = 33 }; /* bytes of a category's code with its end */

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

/* calloc'ed memory, never NULL. */
void *classifier_room(size_t count, size_t size);
struct classifier *classifier_new(int categories, int rows);

uint32_t classifier_bucket(int gram);
int classifier_compare_buckets(const void *left, const void *right); /* of what begins with a bucket, for qsort() and bsearch() */
struct sight *classifier_count(struct arena *, const char *text);    /* how often each bucket occurs */
void classifier_weigh(const struct classifier *, struct sight *);    /* from counts to weights */
size_t classifier_row_size(int categories);                          /* bytes of a row, in memory and saved */
