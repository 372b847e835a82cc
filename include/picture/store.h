#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "picture/temporary.h"

/*
 * Where pictures are kept, under the hash of their bytes: below `pictures/` in the data folder, or in an S3-compatible store
 * (settings.picture_store). A name is 64 hexadecimal digits, a thumbnail's has "-thumbnail" behind them. Any thread may call any of these.
 */
enum store_end { STORED, STORE_FULL, STORE_AWAY, STORE_MISSING };

enum { STORE_NAME = 80 };

bool store_start(void); /* makes the folder and sweeps what was never whole; false after logging why not */
bool store_waits(void); /* for the network: then open, put and remove are not for a worker's thread */

/* A file that is no picture yet. */
bool store_temporary(struct temporary *); /* false: errno */
void store_forget(struct temporary *);

/* Keeps what the file holds: `size` bytes with this SHA-256, in hexadecimal. It is there, whole, when this returns STORED. */
enum store_end store_put(const char *name, struct temporary *, off_t size, const char *sha256);
/* Opens for reading; *file is the caller's to close. */
enum store_end store_open(const char *name, int *file, off_t *size);
/* Fine when it is not there. */
enum store_end store_remove(const char *name);
/* Names what nobody has written for `seconds`; `each` returns false to end it. */
enum store_end store_list(long seconds, bool (*each)(void *, const char *name), void *);
