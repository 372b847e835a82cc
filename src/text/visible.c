#include "text/visible.h"
#include <unictype.h>

enum { FIRST_MARK = 0x300, SOFT_HYPHEN = 0xad, FIRST_HAN = 0x3400, LAST_HAN = 0x9fff, BRAILLE_BLANK = 0x2800 };

/* Nearly every character of nearly every text. */
static bool is_plain(unsigned long point)
{
    return (point < FIRST_MARK && point != SOFT_HYPHEN) || (point >= FIRST_HAN && point <= LAST_HAN);
}

bool text_is_mark(unsigned long point)
{
    static const uint32_t marks = UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me;
    ucs4_t character = (ucs4_t)point;
    return !is_plain(point) &&
           (uc_is_property_default_ignorable_code_point(character) || uc_is_general_category_withtable(character, marks));
}

bool text_is_blank(unsigned long point)
{
    ucs4_t character = (ucs4_t)point;
    if (point > ' ' && point < 127)
        return false;
    return point == BRAILLE_BLANK || uc_is_property_white_space(character) || uc_is_property_default_ignorable_code_point(character);
}

static bool open_level(struct directions *directions, bool isolate)
{
    enum { DEEPEST = 32 };
    if (directions->depth == DEEPEST)
        return false;
    unsigned long bit = 1UL << directions->depth++;
    directions->isolates = isolate ? directions->isolates | bit : directions->isolates & ~bit;
    return true;
}

static bool close_level(struct directions *directions, bool isolate)
{
    if (directions->depth == 0)
        return false;
    directions->depth--;
    return (directions->isolates >> directions->depth & 1) == isolate;
}

bool directions_step(struct directions *directions, unsigned long point)
{
    switch (point) {
    case 0x202a: /* embeddings */
    case 0x202b:
    case 0x202d: /* overrides */
    case 0x202e:
        return open_level(directions, false);
    case 0x2066:
    case 0x2067:
    case 0x2068:
        return open_level(directions, true);
    case 0x202c:
        return close_level(directions, false);
    case 0x2069:
        return close_level(directions, true);
    case '\n':
    case '\r':
    case 0x2029:
        return directions->depth == 0;
    default:
        return true;
    }
}
