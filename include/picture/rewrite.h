#pragma once
#include <stdbool.h>

enum rewrite_end {
    REWRITTEN,
    REWRITE_BROKEN,   /* it cannot be decoded, or wanted more memory or time than any picture needs */
    REWRITE_FULL,     /* no room for what came out */
    REWRITE_UNABLE,   /* our fault, and logged */
    REWRITE_GIVEN_UP, /* the daemon ends */
};

/*
 * Decodes the picture that `source` holds in a confined process (picture/confined.h) and writes it anew, upright and without anything but its
 * pixels: a JPEG of at most PICTURE_LONGEST into `kept`, one of at most PICTURE_THUMBNAIL into `small`. All three are files open for
 * reading and writing, and stay the caller's. Waits for it, half a minute at most; `give_up` is asked ten times a second.
 */
enum rewrite_end picture_rewrite(int source, int kept, int small, bool (*give_up)(void));
