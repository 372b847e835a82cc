#pragma once
#include <stdbool.h>
#include "base/arena.h"

/*
 * What a reply amounts to, whatever its length: how much of it is left without the phrases that say nothing (已收悉, 正在处理), whether it
 * promises something without saying until when, and how much of it was said before. The rules decide what is too little.
 */
struct hollow {
    long letters; /* letters, digits and characters; neither points nor blanks */
    long rest;    /* of those, what is left without stock phrases */
    bool undated; /* says that something will be done (尽快, soon), neither that it was nor when */
};

/* Well-formed UTF-8. */
struct hollow hollow_read(struct arena *, const char *text);
/* How much of a text was said in an earlier one: 0 to 100, the share of its pairs of characters (text/grams.h) that are there as well. */
int hollow_copied(struct arena *, const char *text, const char *earlier);
