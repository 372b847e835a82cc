#pragma once
#include "picture/store.h"

/* One kind of store; what its members do is what picture/store.h promises. */
struct store {
    bool (*start)(void);
    enum store_end (*put)(const char *name, struct temporary *, off_t size, const char *sha256);
    enum store_end (*open)(const char *name, int *file, off_t *size);
    enum store_end (*remove)(const char *name);
    enum store_end (*list)(long seconds, bool (*each)(void *, const char *name), void *);
    bool waits;
};

extern const struct store disk_store, s3_store;

const char *store_folder(void);                 /* absolute */
enum store_end store_failed(const char *doing); /* by errno, logged */
bool store_is_name(const char *name);
