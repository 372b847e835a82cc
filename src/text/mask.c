/*
 * Finding numbers that lead to a person. The text becomes a row of signs (a character with the invisible ones behind it); a number is a row
 * of digits with the same gap between its groups; each kind of number says how many digits from a group's first on are one of its kind.
 */
#include "text/mask.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { NO_DIGIT = -1, LONGEST = 24 }; /* digits of a number that is looked at */

enum gap { NO_GAP, BLANK, DASH, STOP, BRACKET };

struct sign {
    size_t start, size; /* bytes of the text, with the invisible characters behind */
    uint32_t code;
    signed char digit;   /* Arabic, whatever its form */
    signed char chinese; /* a digit in Chinese */
    enum gap gap;
};

struct text {
    struct arena *arena;
    struct sign *signs;
    size_t count;
    struct mask_found *found;
    size_t found_count, found_room;
};

/* Digits that stand together, with gaps of one kind between groups. */
struct number {
    const struct text *text;
    size_t count;
    size_t place[LONGEST + 1]; /* of each digit among the signs */
    signed char digit[LONGEST + 1];
    bool ends[LONGEST + 1];    /* a group ends after this digit */
    enum gap gap[LONGEST + 1]; /* what stands behind it */
};

/* Signs */

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
        return BLANK;
    if (code == '-' || code == '_' || code == 0xff0d || code == 0x2212 || (code >= 0x2010 && code <= 0x2015) || code == 0x30fc)
        return DASH;
    if (code == '.' || code == 0xff0e || code == 0xb7)
        return STOP;
    return code == ')' || code == 0xff09 ? BRACKET : NO_GAP;
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

static struct text read_text(struct arena *arena, const char *bytes)
{
    size_t size = strlen(bytes), used;
    struct text text = {.arena = arena, .signs = arena_take(arena, (size + 1) * sizeof *text.signs)};
    uint32_t code;
    for (size_t at = 0; at < size; at += used) {
        used = decode((const unsigned char *)bytes + at, &code);
        if (is_invisible(code) && text.count > 0)
            text.signs[text.count - 1].size += used;
        else
            text.signs[text.count++] = sign_of(at, used, code);
    }
    return text;
}

static bool is_digit(const struct text *text, size_t at)
{
    return at < text->count && text->signs[at].digit != NO_DIGIT;
}

static uint32_t code_at(const struct text *text, size_t at)
{
    uint32_t code = at < text->count ? text->signs[at].code : 0;
    if (code >= 0xff01 && code <= 0xff5e) /* full-width */
        code -= 0xfee0;
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

static bool is_letter(uint32_t code)
{
    return code >= 'a' && code <= 'z';
}

/* Notes what was found at the signs [from, until). */
static void note(struct text *text, enum mask kind, size_t from, size_t until)
{
    if (text->found_count == text->found_room) {
        size_t room = text->found_room ? 2 * text->found_room : 8;
        struct mask_found *found = arena_take(text->arena, room * sizeof *found);
        if (text->found_count)
            memcpy(found, text->found, text->found_count * sizeof *found);
        text->found = found;
        text->found_room = room;
    }
    size_t start = text->signs[from].start, end = text->signs[until - 1].start + text->signs[until - 1].size;
    text->found[text->found_count++] = (struct mask_found){.kind = kind, .start = start, .size = end - start};
}

/* Words before a number */

/* The word, in UTF-8 and lower case, ends before the sign `end`. */
static bool word_ends_at(const struct text *text, size_t end, const char *word)
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
        if (code_at(text, end - length + i) != codes[i])
            return false;
    return true;
}

/* One of the words ends within `reach` signs before `at`, in the same sentence and with no number between. */
static bool follows(const struct text *text, size_t at, const char *const *words, size_t reach)
{
    for (size_t back = 0; back <= reach && back < at; back++) {
        for (const char *const *word = words; *word; word++)
            if (word_ends_at(text, at - back, *word))
                return true;
        uint32_t code = code_at(text, at - back - 1);
        if (code == '\n' || code == 0x3002 || code == 0xff0c || code == ',' || is_digit(text, at - back - 1))
            return false;
    }
    return false;
}

/* Numbers */

static struct number number_from(const struct text *text, size_t at)
{
    struct number number = {.text = text};
    while (number.count < LONGEST && is_digit(text, at)) {
        size_t behind = at + 1, gaps = 0;
        while (gaps < 2 && behind < text->count && text->signs[behind].gap != NO_GAP) {
            behind++;
            gaps++;
        }
        number.place[number.count] = at;
        number.digit[number.count] = text->signs[at].digit;
        number.ends[number.count] = !is_digit(text, at + 1);
        number.gap[number.count++] = gaps ? text->signs[at + 1].gap : NO_GAP;
        at = behind;
    }
    return number;
}

static size_t groups_in(const struct number *number, size_t count)
{
    size_t groups = 0;
    for (size_t i = 0; i < count; i++)
        groups += number->ends[i];
    return groups;
}

static size_t first_group(const struct number *number)
{
    size_t size = 0;
    while (size < number->count && !number->ends[size])
        size++;
    return size + 1;
}

/* The first `count` digits are whole groups with one kind of gap between them. */
static bool is_even(const struct number *number, size_t count)
{
    enum gap gap = NO_GAP;
    if (count > number->count || !number->ends[count - 1])
        return false;
    for (size_t i = 0; i + 1 < count; i++) {
        if (!number->ends[i])
            continue;
        if (number->gap[i] == BRACKET || (gap != NO_GAP && number->gap[i] != gap))
            return false;
        gap = number->gap[i];
    }
    return true;
}

static long value_of(const struct number *number, size_t from, size_t count)
{
    long value = 0;
    for (size_t i = from; i < from + count; i++)
        value = 10 * value + number->digit[i];
    return value;
}

/* 138 1234 5678, 1 3 8 ..., 138-12-34-56-78: few groups that begin with three digits or more, or each digit for itself. */
static bool is_grouped_like_a_phone(const struct number *number, size_t prefix, size_t count)
{
    size_t groups = groups_in(number, count) - groups_in(number, prefix), size = 0;
    if (groups == count - prefix)
        return true;
    for (size_t i = prefix; i < count; i++) {
        size++;
        if (!number->ends[i])
            continue;
        if (size < (i + 1 - size == prefix ? 3 : 2))
            return false;
        size = 0;
    }
    return groups <= 5;
}

static bool is_amount(const struct text *text, size_t behind)
{
    static const uint32_t units[] = {0x5143, 0x4e07, 0x4ebf, 0x5757, '%'}; /* 元 万 亿 块 */
    while (code_at(text, behind) == ' ')
        behind++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (code_at(text, behind) == units[i])
            return true;
    return false;
}

static size_t mobile(const struct number *number)
{
    static const struct {
        long prefix;
        size_t digits;
    } prefixes[] = {{0, 0}, {0, 1}, {86, 2}, {86, 4}, {17951, 5}};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t before = prefixes[i].digits, count = before + 11;
        if (number->count < count || !number->ends[count - 1] || value_of(number, 0, before) != prefixes[i].prefix)
            continue;
        struct number rest = *number;
        rest.ends[before ? before - 1 : 0] = before ? false : rest.ends[0];
        if (number->digit[before] == 1 && number->digit[before + 1] >= 3 && is_even(&rest, count) &&
            is_grouped_like_a_phone(number, before, count) && !is_amount(number->text, number->place[count - 1] + 1))
            return count;
    }
    return 0;
}

/* 010 and 020 to 029 with eight digits, 0310 to 0999 with seven or eight; the first is none of 0 and 1. */
static size_t landline(const struct number *number)
{
    if (number->digit[0] != 0 || number->count < 10)
        return 0;
    size_t area = number->digit[1] <= 2 ? 3 : 4;
    if (number->digit[1] == 0 || (number->digit[1] == 1 && number->digit[2] != 0) || number->digit[area] < 2)
        return 0;
    for (size_t count = area + 8; count >= area + (area == 3 ? 8 : 7); count--) {
        size_t first = first_group(number);
        if (count <= number->count && number->ends[count - 1] && (first == area || first >= count || first == area + 4) &&
            groups_in(number, count) <= 3)
            return count;
    }
    return 0;
}

/* Without an area code: only behind a word that says so, and no date. */
static size_t local_number(const struct number *number)
{
    static const char *const words[] = {"电话", "座机", "固话", "tel", "phone", NULL};
    for (size_t count = 8; count >= 7; count--)
        if (is_even(number, count) && groups_in(number, count) <= 2 && first_group(number) >= 3 && number->digit[0] >= 2 &&
            (value_of(number, 0, 4) < 2000 || value_of(number, 0, 4) > 2099) && follows(number->text, number->place[0], words, 4))
            return count;
    return 0;
}

static size_t any_landline(const struct number *number)
{
    size_t count = landline(number);
    return count ? count : local_number(number);
}

static bool is_place(long province)
{
    static const char known[] =
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91 ";
    for (const char *at = known; *at; at += 3)
        if ((at[0] - '0') * 10 + at[1] - '0' == province)
            return true;
    return false;
}

static bool is_date(long year, long month, long day)
{
    return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* ISO 7064 MOD 11-2 over 17 digits, as GB 11643 has it: the eighteenth, 10 for X. */
static int check_digit(const struct number *number)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += weights[i] * number->digit[i];
    return (12 - sum % 11) % 11;
}

static size_t identity(const struct number *number)
{
    static const char *const words[] = {"身份证", "证件", "id", NULL};
    if (number->count < 15 || !is_place(value_of(number, 0, 2)))
        return 0;
    if (is_even(number, 15) && groups_in(number, 15) == 1)
        return is_date(1900 + value_of(number, 6, 2), value_of(number, 8, 2), value_of(number, 10, 2)) ? 15 : 0;
    if (number->count < 17 || !is_date(value_of(number, 6, 4), value_of(number, 10, 2), value_of(number, 12, 2)))
        return 0;
    bool named = follows(number->text, number->place[0], words, 6);
    if (is_even(number, 18))
        return named || number->digit[17] == check_digit(number) ? 18 : 0;
    bool ends_with_x = is_even(number, 17) && code_at(number->text, number->place[16] + 1) == 'x';
    return ends_with_x && (named || check_digit(number) == 10) ? 17 : 0;
}

static bool fits_luhn(const struct number *number, size_t count)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = number->digit[count - 1 - i];
        digit = i % 2 ? 2 * digit : digit;
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

/* One row, or groups of four of which the last may be shorter. */
static bool is_grouped_like_a_card(const struct number *number, size_t count)
{
    if (groups_in(number, count) == 1)
        return true;
    for (size_t i = 0; i + 1 < count; i++)
        if (number->ends[i] != (i % 4 == 3))
            return false;
    return true;
}

static size_t card(const struct number *number)
{
    if (number->count < 16 || ((number->digit[0] < 3 || number->digit[0] > 6) && value_of(number, 0, 4) != 9558))
        return 0;
    for (size_t count = number->count < 19 ? number->count : 19; count >= 16; count--)
        if (is_even(number, count) && is_grouped_like_a_card(number, count) && fits_luhn(number, count))
            return count;
    return 0;
}

static const struct {
    enum mask kind;
    size_t (*count)(const struct number *); /* digits of this kind from the first on, 0: it is none; the last one ends a group */
} kinds_of_numbers[] = {{MASK_IDENTITY, identity}, {MASK_CARD, card}, {MASK_MOBILE, mobile}, {MASK_LANDLINE, any_landline}};

/* What begins with this digit is noted. Returns the sign behind it, or behind the digit's group. */
static size_t look_at_number(struct text *text, size_t at, unsigned kinds)
{
    struct number number = number_from(text, at);
    for (size_t i = 0; i < sizeof kinds_of_numbers / sizeof *kinds_of_numbers; i++) {
        size_t count = kinds_of_numbers[i].kind & kinds ? kinds_of_numbers[i].count(&number) : 0;
        if (!count)
            continue;
        size_t behind = number.place[count - 1] + 1;
        behind += kinds_of_numbers[i].kind == MASK_IDENTITY && count == 17;
        note(text, kinds_of_numbers[i].kind, at, behind);
        return behind;
    }
    while (is_digit(text, at))
        at++;
    return at;
}

static void find_numbers(struct text *text, unsigned kinds)
{
    for (size_t at = 0; at < text->count;)
        at = is_digit(text, at) ? look_at_number(text, at, kinds) : at + 1;
}

/* Exactly eleven digits in a row of which some are Chinese, and the eleven are a mobile number. */
static void find_spelt_numbers(struct text *text)
{
    for (size_t at = 0, end; at < text->count; at = end + 1) {
        int second = NO_DIGIT, first = NO_DIGIT, digit, spelt = 0;
        for (end = at; end < text->count; end++) {
            const struct sign *sign = &text->signs[end];
            digit = sign->digit != NO_DIGIT ? sign->digit : sign->chinese;
            if (digit == NO_DIGIT)
                break;
            first = end == at ? digit : first;
            second = end == at + 1 ? digit : second;
            spelt += sign->digit == NO_DIGIT;
        }
        if (end - at == 11 && spelt > 0 && first == 1 && second >= 3)
            note(text, MASK_MOBILE, at, end);
    }
}

/* Addresses and accounts */

static bool is_of_address(uint32_t code)
{
    return is_letter(code) || (code >= '0' && code <= '9') || code == '.' || code == '-' || code == '_' || code == '+' || code == '%';
}

static void find_addresses(struct text *text)
{
    for (size_t at = 1; at + 1 < text->count; at++) {
        if (code_at(text, at) != '@')
            continue;
        size_t from = at, until = at + 1, stop = 0;
        while (from > 0 && is_of_address(code_at(text, from - 1)))
            from--;
        for (; until < text->count && is_of_address(code_at(text, until)); until++)
            if (code_at(text, until) == '.')
                stop = until;
        if (from < at && stop > at + 1 && is_letter(code_at(text, stop + 1)))
            note(text, MASK_EMAIL, from, until);
    }
}

static bool is_of_account(uint32_t code)
{
    return is_letter(code) || (code >= '0' && code <= '9') || code == '-' || code == '_';
}

/* Where an account begins behind 微信, 微信号 and the like; `said`: more than a blank says that it is one. */
static size_t account_behind(const struct text *text, size_t at, bool *said)
{
    static const uint32_t words[] = {':', '=', 0x53f7, 0x7801, 0x662f, 0x4e3a}; /* 号 码 是 为 */
    bool goes_on = true;
    *said = false;
    while (goes_on) {
        uint32_t code = code_at(text, at);
        goes_on = at < text->count && text->signs[at].gap == BLANK;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (code == words[i])
                *said = goes_on = true;
        at += goes_on;
    }
    return at;
}

static void look_for_account(struct text *text, size_t at, size_t least, size_t most, bool digits)
{
    bool said;
    size_t from = account_behind(text, at, &said), until = from;
    while (digits ? is_digit(text, until) : is_of_account(code_at(text, until))) {
        said = said || is_digit(text, until);
        until++;
    }
    if (said && until - from >= least && until - from <= most)
        note(text, MASK_ACCOUNT, from, until);
}

static void find_accounts(struct text *text)
{
    static const struct {
        const char *word;
        size_t least, most;
        bool digits; /* only */
    } services[] = {{"微信", 6, 20, false}, {"威信", 6, 20, false}, {"wechat", 6, 20, false},
                    {"vx", 6, 20, false},   {"qq", 5, 11, true},    {"扣扣", 5, 11, true}};
    for (size_t at = 1; at < text->count; at++)
        for (size_t i = 0; i < sizeof services / sizeof *services; i++)
            if (word_ends_at(text, at, services[i].word))
                look_for_account(text, at, services[i].least, services[i].most, services[i].digits);
}

static void find_all(struct text *text, unsigned kinds)
{
    find_numbers(text, kinds);
    if (kinds & MASK_MOBILE)
        find_spelt_numbers(text);
    if (kinds & MASK_EMAIL)
        find_addresses(text);
    if (kinds & MASK_ACCOUNT)
        find_accounts(text);
}

struct mask_found *mask_find(struct arena *arena, const char *bytes, unsigned kinds, size_t *count)
{
    struct text text = read_text(arena, bytes);
    find_all(&text, kinds);
    *count = text.found_count;
    return text.found;
}

/* Masking */

/* Gaps, stops and at signs stay, and of a mobile number three digits, which say no more than the network. */
static void hide(const struct text *text, const struct mask_found *found, bool *hidden)
{
    size_t kept = found->kind == MASK_MOBILE ? 3 : 0;
    for (size_t i = 0; i < text->count; i++) {
        const struct sign *sign = &text->signs[i];
        if (sign->start < found->start || sign->start >= found->start + found->size || sign->gap != NO_GAP || code_at(text, i) == '@')
            continue;
        hidden[i] = kept == 0;
        kept -= kept > 0;
    }
}

/* An asterisk for each hidden sign, never longer than the text. */
const char *mask_text(struct arena *arena, const char *bytes, unsigned kinds)
{
    struct text text = read_text(arena, bytes);
    find_all(&text, kinds);
    if (text.found_count == 0)
        return NULL;
    bool *hidden = arena_take(arena, text.count * sizeof *hidden);
    for (size_t i = 0; i < text.found_count; i++)
        hide(&text, &text.found[i], hidden);
    char *masked = arena_take(arena, strlen(bytes) + 1), *end = masked;
    for (size_t i = 0; i < text.count; i++) {
        if (hidden[i])
            *end++ = '*';
        else {
            memcpy(end, bytes + text.signs[i].start, text.signs[i].size);
            end += text.signs[i].size;
        }
    }
    return masked;
}
