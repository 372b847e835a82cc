/* Blanks mean nothing beside characters that need none between them, and people put them there or not. */
#include "text/plain.h"
#include <stdbool.h>
#include <string.h>
#include <unistr.h>
#include "kind.h"

const char *text_plain(struct arena *arena, const char *folded)
{
    char *plain = arena_take(arena, strlen(folded) + 1), *end = plain;
    enum kind last = BLANK;
    bool parted = false; /* a blank stood since then */
    ucs4_t point;
    for (const uint8_t *at = (const uint8_t *)folded, *next; (next = u8_next(&point, at)); at = next) {
        enum kind kind = kind_of(point);
        parted = parted || kind == BLANK;
        if (kind == INVISIBLE || kind == BLANK)
            continue;
        if (parted && last == SPELLED && kind == SPELLED)
            *end++ = ' ';
        end = mempcpy(end, at, (size_t)(next - at));
        last = kind;
        parted = false;
    }
    return plain;
}

const char *text_heading(struct arena *arena, const char *text)
{
    enum { LONGEST = 120 };
    const char *end = text;
    for (int count = 0; count < LONGEST && *end; count++)
        end += u8_strmblen((const uint8_t *)end);
    return arena_copy(arena, text, (size_t)(end - text));
}
