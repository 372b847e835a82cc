#pragma once
#include <sodium.h>
#include "http/multipart.h"
#include "http/request.h"
#include "picture/limits.h"
#include "picture/store.h"

/* A picture on its way: as it was sent, then what was made of it. */
struct upload_file {
    struct temporary sent, kept, small;
    off_t size, kept_size, small_size;
    unsigned char digest[32];      /* of what was sent */
    char hash[65], small_hash[65]; /* of what is kept */
    unsigned width, height;
};

/* The pictures of one request; its body's `append` makes it. */
struct upload {
    struct upload_file files[PICTURE_PLACES];
    int count; /* that are whole, but for the one that is just coming */
    bool coming;
    crypto_hash_sha256_state state; /* of the one that is coming */
    struct multipart multipart;
    const char *fault; /* problem code, told once the caller is known */
    char began[40];    /* before any of them was given to the store, by the database's time */
};

extern const struct body picture_body;  /* PUT: one picture as it is */
extern const struct body pictures_body; /* POST: multipart/form-data */

/* Rewrites the pictures of the request and keeps them; then `next`, or the problem there is. */
void upload_rewrite(struct request *, void (*next)(struct request *));
void upload_free(struct upload *);
