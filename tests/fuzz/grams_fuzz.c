/* Any text, made plain and into grams; and any part of it, whose grams must be among them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "http/input.h"
#include "text/fold.h"
#include "text/grams.h"
#include "text/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(struct grams set)
{
    for (size_t i = 1; i < set.count; i++)
        if (set.codes[i - 1] >= set.codes[i])
            abort();
}

static void check_part(struct arena *arena, struct grams whole, const char *part)
{
    struct grams pairs = grams_pairs(arena, part);
    if (grams_union(arena, whole, pairs).count != whole.count)
        abort();
}

static const char *next_character(const char *at)
{
    while (((unsigned char)*++at & 0xc0) == 0x80)
        continue;
    return at;
}

/* The first byte says where the part begins, the second how long it is. */
static void check_grams(struct arena *arena, const char *text, unsigned char skipped, unsigned char length)
{
    const char *plain = text_plain(arena, text).text, *from = plain, *to;
    struct grams pairs = grams_pairs(arena, plain), singles = grams_singles(arena, plain);
    if (strcmp(text_plain(arena, plain).text, plain) != 0)
        abort();
    check_set(pairs);
    check_set(singles);
    for (; skipped && *from; skipped--)
        from = next_character(from);
    for (to = from; length && *to; length--)
        to = next_character(to);
    check_part(arena, pairs, arena_copy(arena, from, (size_t)(to - from)));
    grams_pairs(arena, text_fold(arena, text));
    grams_as_array(arena, pairs);
    for (size_t i = 0; i < pairs.count; i++)
        gram_text(arena, pairs.codes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    if (size < 2 || memchr(data, '\0', size) || !text_is_utf8((const char *)data + 2, size - 2))
        return 0;
    check_grams(&arena, arena_copy(&arena, (const char *)data + 2, size - 2), data[0], data[1]);
    arena_release(&arena);
    return 0;
}
