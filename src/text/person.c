/* Texts that say who somebody is. */
#include "text/person.h"
#include <ctype.h>
#include <string.h>
#include "text/fold.h"

/* In UTF-8, after folding. */
static const char *const gaps[] = {" ",
                                   "\t",
                                   "\n",
                                   "\r",
                                   "-",
                                   "_",
                                   ".",
                                   "(",
                                   ")",
                                   "+",
                                   "*",
                                   "/",
                                   "·",
                                   "•",
                                   "‧",
                                   "・",
                                   "‐",
                                   "‑",
                                   "–",
                                   "—",
                                   "−",
                                   "\xc2\xad",
                                   "\xe2\x80\x8b",
                                   "\xe2\x80\x8c",
                                   "\xe2\x80\x8d",
                                   "\xe2\x80\x8e",
                                   "\xe2\x80\x8f",
                                   "\xe2\x81\xa0",
                                   "\xef\xbb\xbf",
                                   "\xef\xb8\x8f",
                                   "\xe2\x83\xa3",
                                   NULL};

/* Bytes of the gap that stands here; 0: none. */
static size_t gap_at(const char *at)
{
    for (const char *const *gap = gaps; *gap; gap++)
        if (strncmp(at, *gap, strlen(*gap)) == 0)
            return strlen(*gap);
    return 0;
}

static char *without_gaps(struct arena *arena, const char *text)
{
    const char *folded = text_fold(arena, text);
    char *kept = arena_take(arena, strlen(folded) + 1), *end = kept;
    for (size_t gap; *folded; folded += gap ? gap : 1)
        if ((gap = gap_at(folded)) == 0)
            *end++ = *folded;
    return kept;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += (*text & 0xc0) != 0x80;
    return count;
}

static bool is_latin(const char *name)
{
    for (; *name; name++)
        if (!isascii((unsigned char)*name))
            return false;
    return true;
}

static bool is_letter(char byte)
{
    return isalpha((unsigned char)byte);
}

static bool holds_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || !is_letter(at[-1])) && !is_letter(at[length]))
            return true;
    return false;
}

static bool holds_name(struct arena *arena, const char *text, const char *name)
{
    if (is_latin(name))
        return holds_word(text_fold(arena, text), name);
    return strstr(without_gaps(arena, text), without_gaps(arena, name));
}

/* The name without what one is addressed as. */
static const char *without_address(struct arena *arena, const char *name)
{
    static const char *const addresses[] = {"先生", "女士", "小姐", "太太", "老师", "师傅", "阿姨",
                                            "叔叔", "大爷", "大妈", "奶奶", "爷爷", "同志", NULL};
    size_t length = strlen(name);
    for (const char *const *address = addresses; *address; address++) {
        size_t size = strlen(*address);
        if (length > size && strcmp(name + length - size, *address) == 0)
            return arena_copy(arena, name, length - size);
    }
    return name;
}

bool text_names(struct arena *arena, const char *text, const char *name)
{
    const char *folded = text_fold(arena, name);
    while (isspace((unsigned char)*folded))
        folded++;
    size_t length = strlen(folded);
    while (length > 0 && isspace((unsigned char)folded[length - 1]))
        length--;
    const char *bare = without_address(arena, arena_copy(arena, folded, length));
    return characters(bare) >= 2 && holds_name(arena, text, bare);
}

static const char *national(const char *digits)
{
    if (strncmp(digits, "00", 2) == 0)
        digits += 2;
    return strncmp(digits, "86", 2) == 0 && strlen(digits) == 13 ? digits + 2 : digits;
}

/* Only its digits; with anything else between them than a gap they do not stand together. */
static char *digits_of(struct arena *arena, const char *text)
{
    char *kept = without_gaps(arena, text);
    for (char *at = kept; *at; at++)
        if (!isdigit((unsigned char)*at))
            *at = '|';
    return kept;
}

bool text_holds_phone(struct arena *arena, const char *text, const char *phone)
{
    enum { LEAST = 7 };
    const char *wanted = national(digits_of(arena, phone));
    return strlen(wanted) >= LEAST && strstr(digits_of(arena, text), wanted);
}
