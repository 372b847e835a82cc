#include "signs.h"
#include <string.h>

static size_t decode(const unsigned char *at, uint32_t *code)
{
    size_t size = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc0 ? 2 : 1;
    *code = size == 1 ? *at : *at & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 1;
        *code = *code << 6 | (at[i] & 0x3fu);
    }
    return size;
}

static bool is_invisible(uint32_t code)
{
    return code == 0xad || (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) ||
           (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff || code == 0x20e3;
}

static int digit_of(uint32_t code)
{
    static const struct {
        uint32_t from, to, zero;
    } rows[] = {{'0', '9', '0'},
                {0xff10, 0xff19, 0xff10},     /* full-width */
                {0x2460, 0x2468, 0x245f},     /* in circles */
                {0x2776, 0x277e, 0x2775},     /* in black circles */
                {0x2080, 0x2089, 0x2080},     /* below the line */
                {0x2074, 0x2079, 0x2070},     /* above it */
                {0x1d7ce, 0x1d7ff, 0x1d7ce}}; /* mathematical, five rows of ten */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (code >= rows[i].from && code <= rows[i].to)
            return (int)((code - rows[i].zero) % 10);
    return code == 0x24ea || code == 0x2070 ? 0 : code == 0xb9 ? 1 : code == 0xb2 ? 2 : code == 0xb3 ? 3 : NO_DIGIT;
}

static int chinese_digit_of(uint32_t code)
{
    static const struct {
        uint32_t code;
        int digit;
    } known[] = {{0x96f6, 0}, {0x3007, 0}, {0x25cb, 0}, {0x4e00, 1}, {0x5e7a, 1}, {0x58f9, 1}, {0x4e8c, 2}, {0x8d30, 2},
                 {0x4e09, 3}, {0x53c1, 3}, {0x56db, 4}, {0x8086, 4}, {0x4e94, 5}, {0x4f0d, 5}, {0x516d, 6}, {0x9646, 6},
                 {0x4e03, 7}, {0x67d2, 7}, {0x516b, 8}, {0x634c, 8}, {0x4e5d, 9}, {0x7396, 9}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return known[i].digit;
    return NO_DIGIT;
}

static enum gap gap_of(uint32_t code)
{
    if (code == ' ' || code == '\t' || code == 0xa0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f)
        return GAP_BLANK;
    if (code == '-' || code == '_' || code == 0xff0d || code == 0x2212 || (code >= 0x2010 && code <= 0x2015) || code == 0x30fc)
        return GAP_DASH;
    if (code == '.' || code == 0xff0e || code == 0xb7)
        return GAP_STOP;
    return code == ')' || code == 0xff09 ? GAP_BRACKET : GAP_NONE;
}

static struct sign sign_of(size_t start, size_t size, uint32_t code)
{
    return (struct sign){.start = start,
                         .size = size,
                         .code = code,
                         .digit = (signed char)digit_of(code),
                         .chinese = (signed char)chinese_digit_of(code),
                         .gap = gap_of(code)};
}

struct signs signs_read(struct arena *arena, const char *bytes)
{
    size_t size = strlen(bytes), used;
    struct signs text = {.all = arena_take(arena, (size + 1) * sizeof *text.all)};
    uint32_t code;
    for (size_t at = 0; at < size; at += used) {
        used = decode((const unsigned char *)bytes + at, &code);
        if (is_invisible(code) && text.count > 0)
            text.all[text.count - 1].size += used;
        else
            text.all[text.count++] = sign_of(at, used, code);
    }
    return text;
}

bool sign_is_digit(const struct signs *text, size_t at)
{
    return at < text->count && text->all[at].digit != NO_DIGIT;
}

uint32_t sign_code(const struct signs *text, size_t at)
{
    uint32_t code = at < text->count ? text->all[at].code : 0;
    if (code >= 0xff01 && code <= 0xff5e) /* full-width */
        code -= 0xfee0;
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

bool sign_is_letter(uint32_t code)
{
    return code >= 'a' && code <= 'z';
}

bool signs_word_ends(const struct signs *text, size_t end, const char *word)
{
    uint32_t codes[16], code;
    size_t length = 0;
    for (size_t at = 0; word[at]; at += decode((const unsigned char *)word + at, &code)) {
        decode((const unsigned char *)word + at, &code);
        codes[length++] = code;
    }
    if (length > end)
        return false;
    for (size_t i = 0; i < length; i++)
        if (sign_code(text, end - length + i) != codes[i])
            return false;
    return true;
}
