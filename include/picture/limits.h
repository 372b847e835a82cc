#pragma once

/* What of pictures is promised to everybody (README, openapi.yaml, domain.md section 11). */
enum {
    PICTURE_MOST_BYTES = 10 * 1000 * 1000,  /* as it is sent */
    PICTURE_MOST_PIXELS = 50 * 1000 * 1000, /* by its header */
    PICTURE_LONGEST = 4096,                 /* pixels of the longer side that are kept */
    PICTURE_THUMBNAIL = 480,                /* of the thumbnail's */
    PICTURE_PLACES = 9,                     /* in a complaint */
};
