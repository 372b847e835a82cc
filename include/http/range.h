#pragma once

/* A part of something, as the Range header asks for it (RFC 9110, 14). */
enum range { RANGE_ALL, RANGE_PART, RANGE_BEYOND };

struct part {
    unsigned long long first, last; /* bytes, both included */
};

/* ALL: no header, another unit, several parts, or nonsense, all of which mean the whole; BEYOND: it lies outside of the `size` bytes there are. */
enum range range_of(const char *header, unsigned long long size, struct part *);
