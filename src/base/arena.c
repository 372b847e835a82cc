#include "base/arena.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 4096 - 64 }; /* with its header and malloc's still within a page */

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static struct arena_block *block_new(struct arena_block *older, size_t size)
{
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        abort();
    block->older = older;
    block->size = size;
    return block;
}

static void *take_from(struct arena_block *block, size_t size)
{
    void *taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

void *arena_take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *newest = arena->newest;
    if (newest && newest->size - newest->used >= size)
        return take_from(newest, size);
    if (newest && size > BLOCK_SIZE) { /* a large thing goes behind the newest block, whose rest stays in use */
        newest->older = block_new(newest->older, size);
        return take_from(newest->older, size);
    }
    arena->newest = block_new(newest, size > BLOCK_SIZE ? size : BLOCK_SIZE);
    return take_from(arena->newest, size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    char *text = arena_take(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void arena_release(struct arena *arena)
{
    for (struct arena_block *block = arena->newest, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    arena->newest = NULL;
}
