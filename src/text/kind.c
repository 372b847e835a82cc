#include "kind.h"
#include <stdbool.h>
#include <unictype.h>

static bool is_blank(ucs4_t point)
{
    return (point >= '\t' && point <= '\r') || point == 0x85 || uc_is_property_white_space(point);
}

static bool is_kana(ucs4_t point)
{
    return (point >= 0x3031 && point <= 0x3035) || (point >= 0x3040 && point <= 0x30ff) || (point >= 0x31f0 && point <= 0x31ff);
}

enum kind kind_of(ucs4_t point)
{
    enum { FIRST_HAN = 0x4e00, LAST_HAN = 0x9fff };
    const uint32_t word = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N;
    const uint32_t unseen = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs;
    if (point >= FIRST_HAN && point <= LAST_HAN)
        return DRAWN;
    if (is_blank(point))
        return BLANK;
    if (uc_is_property_default_ignorable_code_point(point) || uc_is_general_category_withtable(point, unseen))
        return INVISIBLE;
    if (uc_is_general_category_withtable(point, UC_CATEGORY_MASK_So) || uc_is_property_ideographic(point) || is_kana(point))
        return DRAWN;
    return uc_is_general_category_withtable(point, word) ? SPELLED : POINT;
}
