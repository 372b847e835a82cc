/*
 * Numbers that lead to a person. A number is a row of digits with the same gap between its groups; each kind of number says how many digits from a
 * group's first on are one of its kind.
 */
#include "numbers.h"

enum { LONGEST = 24 }; /* digits of a number that is looked at */

/* Digits that stand together, with gaps of one kind between groups. */
struct number {
    const struct signs *text;
    size_t count;
    size_t place[LONGEST + 1]; /* of each digit among the signs */
    signed char digit[LONGEST + 1];
    bool ends[LONGEST + 1];    /* a group ends after this digit */
    enum gap gap[LONGEST + 1]; /* what stands behind it */
};

/* One of the words ends within `reach` signs before `at`, in the same sentence and with no number between. */
static bool follows(const struct signs *text, size_t at, const char *const *words, size_t reach)
{
    for (size_t back = 0; back <= reach && back < at; back++) {
        for (const char *const *word = words; *word; word++)
            if (signs_word_ends(text, at - back, *word))
                return true;
        uint32_t code = sign_code(text, at - back - 1);
        if (code == '\n' || code == 0x3002 || code == 0xff0c || code == ',' || sign_is_digit(text, at - back - 1))
            return false;
    }
    return false;
}

static struct number number_from(const struct signs *text, size_t at)
{
    struct number number = {.text = text};
    while (number.count < LONGEST && sign_is_digit(text, at)) {
        size_t behind = at + 1, gaps = 0;
        while (gaps < 2 && behind < text->count && text->all[behind].gap != GAP_NONE) {
            behind++;
            gaps++;
        }
        number.place[number.count] = at;
        number.digit[number.count] = text->all[at].digit;
        number.ends[number.count] = !sign_is_digit(text, at + 1);
        number.gap[number.count++] = gaps ? text->all[at + 1].gap : GAP_NONE;
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
    enum gap gap = GAP_NONE;
    if (count > number->count || !number->ends[count - 1])
        return false;
    for (size_t i = 0; i + 1 < count; i++) {
        if (!number->ends[i])
            continue;
        if (number->gap[i] == GAP_BRACKET || (gap != GAP_NONE && number->gap[i] != gap))
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

static bool is_amount(const struct signs *text, size_t behind)
{
    static const uint32_t units[] = {0x5143, 0x4e07, 0x4ebf, 0x5757, '%'}; /* 元 万 亿 块 */
    while (sign_code(text, behind) == ' ')
        behind++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (sign_code(text, behind) == units[i])
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
    bool ends_with_x = is_even(number, 17) && sign_code(number->text, number->place[16] + 1) == 'x';
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

size_t number_behind(const struct signs *text, size_t at, unsigned kinds, enum mask *kind)
{
    struct number number = number_from(text, at);
    for (size_t i = 0; i < sizeof kinds_of_numbers / sizeof *kinds_of_numbers; i++) {
        *kind = kinds_of_numbers[i].kind;
        size_t count = *kind & kinds ? kinds_of_numbers[i].count(&number) : 0;
        if (count > 0)
            return number.place[count - 1] + 1 + (*kind == MASK_IDENTITY && count == 17); /* the X */
    }
    return 0;
}
