#include "text/grams.h"
#include <stdio.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>
#include <unistr.h>
#include "kind.h"
#include "text/plain.h"

enum { BASIC = 0xffff }; /* the last code point of the plane in which nearly all is written */

static int by_number(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;
    return (a > b) - (a < b);
}

static struct grams sorted(int *codes, size_t count)
{
    size_t kept = 0;
    qsort(codes, count, sizeof *codes, by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || codes[kept - 1] != codes[i])
            codes[kept++] = codes[i];
    return (struct grams){codes, kept};
}

/* Signs that stand within a name: A-17, 3#楼, a@b, 3·1; dashes of every length. */
static bool is_link(ucs4_t point)
{
    return (point < 128 && point > ' ' && strchr("-_./#@&+:'~*", (int)point)) || point == 0xb7 || (point >= 0x2010 && point <= 0x2015);
}

static int code_of_pair(ucs4_t first, ucs4_t second)
{
    enum { HASH_BITS = 27 };
    if (first <= BASIC && second <= BASIC)
        return (int)(first << 16 | second);
    uint64_t mixed = ((uint64_t)first << 21 | second) * 0x9e3779b97f4a7c15u;
    return (int)(0xd8000000u | (uint32_t)(mixed >> (64 - HASH_BITS)));
}

struct grams grams_sequence(struct arena *arena, const char *folded)
{
    const char *plain = text_plain(arena, folded).text;
    int *codes = arena_take(arena, (strlen(plain) + 1) * sizeof *codes);
    size_t count = 0;
    ucs4_t last = 0, point; /* none: nothing to pair with */
    bool linked = false;
    for (const uint8_t *at = u8_next(&point, (const uint8_t *)plain); at; at = u8_next(&point, at)) {
        if (kind_of(point) >= SPELLED) {
            if (last)
                codes[count++] = code_of_pair(last, point);
            last = point;
            linked = false;
            continue;
        }
        last = is_link(point) && !linked ? last : 0;
        linked = true;
    }
    return (struct grams){codes, count};
}

struct grams grams_pairs(struct arena *arena, const char *folded)
{
    struct grams pairs = grams_sequence(arena, folded);
    return sorted((int *)pairs.codes, pairs.count);
}

struct grams grams_singles(struct arena *arena, const char *folded)
{
    int *codes = arena_take(arena, (strlen(folded) + 1) * sizeof *codes);
    size_t count = 0;
    ucs4_t point;
    for (const uint8_t *at = u8_next(&point, (const uint8_t *)folded); at; at = u8_next(&point, at))
        if (kind_of(point) >= SPELLED)
            codes[count++] = (int)point;
    return sorted(codes, count);
}

struct grams grams_union(struct arena *arena, struct grams left, struct grams right)
{
    int *codes = arena_take(arena, (left.count + right.count + 1) * sizeof *codes);
    for (size_t i = 0; i < left.count; i++)
        codes[i] = left.codes[i];
    for (size_t i = 0; i < right.count; i++)
        codes[left.count + i] = right.codes[i];
    return sorted(codes, left.count + right.count);
}

const char *gram_text(struct arena *arena, int code)
{
    uint32_t number = (uint32_t)code;
    ucs4_t points[2] = {number >> 16, number & BASIC};
    size_t count = 2, size;
    if (points[0] >= 0xd800 && points[0] < 0xe000)
        return NULL;
    if (number < 0x110000)
        points[0] = number, count = 1;
    uint8_t *text = u32_to_u8(points, count, NULL, &size);
    const char *copy = text ? arena_copy(arena, (const char *)text, size) : NULL;
    free(text);
    return copy;
}

const char *grams_as_array(struct arena *arena, struct grams grams)
{
    enum { LONGEST = sizeof "-2147483648," };
    char *text = arena_take(arena, grams.count * LONGEST + sizeof "{}"), *at = text;
    *at++ = '{';
    for (size_t i = 0; i < grams.count; i++)
        at += sprintf(at, i ? ",%d" : "%d", grams.codes[i]);
    *at = '}';
    return text;
}
