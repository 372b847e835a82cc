#pragma once
#include <stdbool.h>

/*
 * The reader: complaints that are not found by their words yet - filed before there was a search, or by another version of the grams, or changed
 * since - are read in batches, beside everything else, and put among those that others are compared with. Any number of servers may read: each text is filed once.
 */
bool reader_start(void);
void reader_stop(void);
