#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A picture as red, green and blue of each pixel, a byte each, row by row without gaps. Made and used in the confined process only. */
struct pixels {
    unsigned width, height;
    unsigned char *rgb; /* malloc'ed */
};

/* Each takes over what it is given and may return the same. Out of memory: rgb is NULL, and so is every result made of it. */
struct pixels pixels_within(struct pixels taken, unsigned longest); /* shrunk so that no side is longer */
struct pixels pixels_upright(struct pixels taken, int orientation); /* as EXIF counts, 1 to 8 */
struct pixels pixels_copy_within(const struct pixels *, unsigned longest);
void pixels_free(struct pixels *);

/* Decodes a JPEG, PNG or WebP whose larger side is brought towards `longest` while decoding where the format can; see-through pixels
   come to stand on white. rgb is NULL: it cannot be read. */
struct pixels pixels_decode(const unsigned char *bytes, size_t size, unsigned longest);
