#pragma once
#include <stddef.h>

/* Memory with one owner and one end: whatever is taken from an arena dies with it. */
struct arena {
    struct arena_block *newest;
};

void *arena_take(struct arena *, size_t size); /* zeroed, aligned for anything, never NULL */
char *arena_copy(struct arena *, const char *text, size_t length);
char *arena_print(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *);
