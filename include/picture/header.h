#pragma once
#include <stdbool.h>
#include <stddef.h>

/*
 * What the first bytes of a file say of a picture, without decoding anything: pure functions over bytes that somebody sent.
 * Sources: ITU-T T.81 annex B (JPEG), W3C PNG 5.2 and 11.2.2, RFC 9649 (WebP), CIPA DC-008 4.6 (EXIF).
 */
enum picture_kind { PICTURE_UNKNOWN, PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP, PICTURE_OTHER };

/* What is accepted of them; OTHER: known by its signature, but not taken. */
struct picture_header {
    enum picture_kind kind;
    unsigned width, height; /* as stored, before it is turned upright */
    int orientation;        /* 1 to 8, as EXIF counts; 1 where nothing is said */
    bool moves;             /* an animated WebP */
};

enum { PICTURE_SIGNATURE = 32 }; /* bytes by which every kind can be told */

/* By its signature; `name`, unless NULL, is then what people call it ("HEIC"), NULL where nobody knows it. */
enum picture_kind picture_kind(const unsigned char *bytes, size_t size, const char **name);
/* False: no JPEG, PNG or WebP, or one without a size of at least 1 x 1. */
bool picture_read_header(const unsigned char *bytes, size_t size, struct picture_header *);
/* The orientation in a TIFF structure as EXIF has it, "Exif\0\0" before it or not; 1 where it holds none. */
int picture_orientation(const unsigned char *exif, size_t size);
