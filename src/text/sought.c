#include "text/sought.h"
#include <string.h>
#include <unistr.h>
#include "kind.h"
#include "text/plain.h"

enum { MOST_GRAMS = 16 };

/* Whichever a keyboard gives: each begins a quotation, and the next one ends it. */
static bool is_mark(ucs4_t point)
{
    enum { FULL_WIDTH = 0xff02, OPENING = 0x201c, CLOSING = 0x201d };
    return point == '"' || point == FULL_WIDTH || point == OPENING || point == CLOSING;
}

/* The words as they are found. */
struct finding {
    struct arena *arena;
    const char **words;
    size_t count;
    char *phrase; /* grows with all but the marks of quotations */
};

static void keep_word(struct finding *finding, const uint8_t *from, const uint8_t *to)
{
    const char *word = text_plain(finding->arena, arena_copy(finding->arena, (const char *)from, (size_t)(to - from))).text;
    for (size_t i = 0; i < finding->count; i++)
        if (strcmp(finding->words[i], word) == 0)
            return;
    if (*word)
        finding->words[finding->count++] = word;
}

/* A word ends before a mark or a blank, a quotation only before a mark, and both with the text. */
static const uint8_t *end_of(const uint8_t *at, bool quotation)
{
    ucs4_t point;
    for (const uint8_t *next; (next = u8_next(&point, at)) && !is_mark(point) && (quotation || kind_of(point) != BLANK); at = next)
        ;
    return at;
}

static void find_words(struct finding *finding, const uint8_t *at)
{
    char *end = finding->phrase;
    bool quotation = false;
    ucs4_t point;
    for (const uint8_t *next; (next = u8_next(&point, at)); at = next) {
        if (is_mark(point))
            quotation = !quotation;
        else if (kind_of(point) == BLANK && !quotation)
            *end++ = ' ';
        else {
            next = end_of(at, quotation);
            keep_word(finding, at, next);
            end = mempcpy(end, at, (size_t)(next - at));
        }
    }
}

static struct grams some_of(struct arena *arena, struct grams all)
{
    if (all.count <= MOST_GRAMS)
        return all;
    int *codes = arena_take(arena, MOST_GRAMS * sizeof *codes);
    for (size_t i = 0; i < MOST_GRAMS; i++)
        codes[i] = all.codes[i * all.count / MOST_GRAMS];
    return (struct grams){codes, MOST_GRAMS};
}

static struct grams of_words(struct arena *arena, const struct sought *sought, struct grams (*grams_of)(struct arena *, const char *))
{
    struct grams all = {0};
    for (size_t i = 0; i < sought->word_count; i++)
        all = grams_union(arena, all, grams_of(arena, sought->words[i]));
    return some_of(arena, all);
}

bool text_seek(struct arena *arena, const char *query, struct sought *sought)
{
    size_t size = strlen(query);
    struct finding finding = {
        .arena = arena, .words = arena_take(arena, (size + 1) * sizeof *finding.words), .phrase = arena_take(arena, size + 1)};
    find_words(&finding, (const uint8_t *)query);
    *sought = (struct sought){.phrase = text_plain(arena, finding.phrase).text, .words = finding.words, .word_count = finding.count};
    sought->pairs = of_words(arena, sought, grams_pairs);
    if (sought->pairs.count == 0)
        sought->singles = of_words(arena, sought, grams_singles);
    return sought->pairs.count + sought->singles.count > 0;
}
