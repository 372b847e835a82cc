/* Finding what leads to a person, numbers (numbers.h), addresses and accounts, and hiding it. */
#include "text/mask.h"
#include <stdbool.h>
#include <string.h>
#include "numbers.h"
#include "signs.h"

/* What is found in a text, as it is found. */
struct search {
    struct arena *arena;
    struct signs text;
    struct mask_found *found;
    size_t count, room;
};

/* Notes what was found at the signs [from, until). */
static void note(struct search *search, enum mask kind, size_t from, size_t until)
{
    if (search->count == search->room) {
        size_t room = search->room ? 2 * search->room : 8;
        struct mask_found *found = arena_take(search->arena, room * sizeof *found);
        if (search->count)
            memcpy(found, search->found, search->count * sizeof *found);
        search->found = found;
        search->room = room;
    }
    const struct sign *first = &search->text.all[from], *last = &search->text.all[until - 1];
    search->found[search->count++] =
        (struct mask_found){.kind = kind, .start = first->start, .size = last->start + last->size - first->start};
}

/* Whatever begins with this digit. Returns the sign behind it, or behind the digit's group. */
static size_t look_at_number(struct search *search, size_t at, unsigned kinds)
{
    enum mask kind;
    size_t behind = number_behind(&search->text, at, kinds, &kind);
    if (behind > 0) {
        note(search, kind, at, behind);
        return behind;
    }
    while (sign_is_digit(&search->text, at))
        at++;
    return at;
}

static void find_numbers(struct search *search, unsigned kinds)
{
    for (size_t at = 0; at < search->text.count;)
        at = sign_is_digit(&search->text, at) ? look_at_number(search, at, kinds) : at + 1;
}

/* Exactly eleven digits in a row of which some are Chinese, and the eleven are a mobile number. */
static void find_spelt_numbers(struct search *search)
{
    const struct signs *text = &search->text;
    for (size_t at = 0, end; at < text->count; at = end + 1) {
        int second = NO_DIGIT, first = NO_DIGIT, digit, spelt = 0;
        for (end = at; end < text->count; end++) {
            const struct sign *sign = &text->all[end];
            digit = sign->digit != NO_DIGIT ? sign->digit : sign->chinese;
            if (digit == NO_DIGIT)
                break;
            first = end == at ? digit : first;
            second = end == at + 1 ? digit : second;
            spelt += sign->digit == NO_DIGIT;
        }
        if (end - at == 11 && spelt > 0 && first == 1 && second >= 3)
            note(search, MASK_MOBILE, at, end);
    }
}

/* Addresses and accounts */

static bool is_of_address(uint32_t code)
{
    return sign_is_letter(code) || (code >= '0' && code <= '9') || code == '.' || code == '-' || code == '_' || code == '+' || code == '%';
}

static void find_addresses(struct search *search)
{
    const struct signs *text = &search->text;
    for (size_t at = 1; at + 1 < text->count; at++) {
        if (sign_code(text, at) != '@')
            continue;
        size_t from = at, until = at + 1, stop = 0;
        while (from > 0 && is_of_address(sign_code(text, from - 1)))
            from--;
        for (; until < text->count && is_of_address(sign_code(text, until)); until++)
            if (sign_code(text, until) == '.')
                stop = until;
        if (from < at && stop > at + 1 && sign_is_letter(sign_code(text, stop + 1)))
            note(search, MASK_EMAIL, from, until);
    }
}

static bool is_of_account(uint32_t code)
{
    return sign_is_letter(code) || (code >= '0' && code <= '9') || code == '-' || code == '_';
}

/* Where an account begins behind 微信, 微信号 and the like; `said`: more than a blank says that it is one. */
static size_t account_behind(const struct signs *text, size_t at, bool *said)
{
    static const uint32_t words[] = {':', '=', 0x53f7, 0x7801, 0x662f, 0x4e3a}; /* 号 码 是 为 */
    bool goes_on = true;
    *said = false;
    while (goes_on) {
        uint32_t code = sign_code(text, at);
        goes_on = at < text->count && text->all[at].gap == GAP_BLANK;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (code == words[i])
                *said = goes_on = true;
        at += goes_on;
    }
    return at;
}

static void look_for_account(struct search *search, size_t at, size_t least, size_t most, bool digits)
{
    const struct signs *text = &search->text;
    bool said;
    size_t from = account_behind(text, at, &said), until = from;
    while (digits ? sign_is_digit(text, until) : is_of_account(sign_code(text, until))) {
        said = said || sign_is_digit(text, until);
        until++;
    }
    if (said && until - from >= least && until - from <= most)
        note(search, MASK_ACCOUNT, from, until);
}

static void find_accounts(struct search *search)
{
    const struct signs *text = &search->text;
    static const struct {
        const char *word;
        size_t least, most;
        bool digits; /* only */
    } services[] = {{"微信", 6, 20, false}, {"威信", 6, 20, false}, {"wechat", 6, 20, false},
                    {"vx", 6, 20, false},   {"qq", 5, 11, true},    {"扣扣", 5, 11, true}};
    for (size_t at = 1; at < text->count; at++)
        for (size_t i = 0; i < sizeof services / sizeof *services; i++)
            if (signs_word_ends(text, at, services[i].word))
                look_for_account(search, at, services[i].least, services[i].most, services[i].digits);
}

static struct search search_through(struct arena *arena, const char *text, unsigned kinds)
{
    struct search search = {.arena = arena, .text = signs_read(arena, text)};
    find_numbers(&search, kinds);
    if (kinds & MASK_MOBILE)
        find_spelt_numbers(&search);
    if (kinds & MASK_EMAIL)
        find_addresses(&search);
    if (kinds & MASK_ACCOUNT)
        find_accounts(&search);
    return search;
}

struct mask_found *mask_find(struct arena *arena, const char *text, unsigned kinds, size_t *count)
{
    struct search search = search_through(arena, text, kinds);
    *count = search.count;
    return search.found;
}

/* Masking */

/* Gaps, stops and at signs stay, and of a mobile number three digits, which say no more than the network. */
static void hide(const struct signs *text, const struct mask_found *found, bool *hidden)
{
    size_t kept = found->kind == MASK_MOBILE ? 3 : 0;
    for (size_t i = 0; i < text->count; i++) {
        const struct sign *sign = &text->all[i];
        if (sign->start < found->start || sign->start >= found->start + found->size || sign->gap != GAP_NONE || sign_code(text, i) == '@')
            continue;
        hidden[i] = kept == 0;
        kept -= kept > 0;
    }
}

/* An asterisk for each hidden sign, never longer than the text. */
const char *mask_text(struct arena *arena, const char *bytes, unsigned kinds)
{
    struct search search = search_through(arena, bytes, kinds);
    const struct signs *text = &search.text;
    if (search.count == 0)
        return NULL;
    bool *hidden = arena_take(arena, text->count * sizeof *hidden);
    for (size_t i = 0; i < search.count; i++)
        hide(text, &search.found[i], hidden);
    char *masked = arena_take(arena, strlen(bytes) + 1), *end = masked;
    for (size_t i = 0; i < text->count; i++) {
        if (hidden[i])
            *end++ = '*';
        else {
            memcpy(end, bytes + text->all[i].start, text->all[i].size);
            end += text->all[i].size;
        }
    }
    return masked;
}
