#include "text/lexicon.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* By their bytes, so that the words that begin with the same character stand together. */
struct lexicon {
    struct arena arena;
    struct word *words;
    int count;
    size_t size;
};

static int compare(const void *left, const void *right)
{
    const struct word *a = left, *b = right;
    int order = strcmp(a->word, b->word);
    return order ? order : strcmp(a->category, b->category);
}

static const char *copy(struct lexicon *lexicon, const char *text)
{
    lexicon->size += strlen(text) + 1;
    return arena_copy(&lexicon->arena, text, strlen(text));
}

struct lexicon *lexicon_new(const struct word *words, int count)
{
    struct lexicon *lexicon = calloc(1, sizeof *lexicon);
    if (!lexicon)
        abort();
    lexicon->size = sizeof *lexicon + (size_t)count * sizeof *words;
    lexicon->words = arena_take(&lexicon->arena, (size_t)(count + 1) * sizeof *words);
    for (int i = 0; i < count; i++)
        if (*words[i].word)
            lexicon->words[lexicon->count++] = (struct word){
                .word = copy(lexicon, words[i].word), .category = copy(lexicon, words[i].category), .weight = words[i].weight};
    qsort(lexicon->words, (size_t)lexicon->count, sizeof *lexicon->words, compare);
    return lexicon;
}

void lexicon_free(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    arena_release(&lexicon->arena);
    free(lexicon);
}

size_t lexicon_size(const struct lexicon *lexicon)
{
    return lexicon->size;
}

static size_t character_length(const char *at)
{
    size_t length = 1;
    while (((unsigned char)at[length] & 0xc0) == 0x80)
        length++;
    return length;
}

/* The first word that begins with this character, or would come after it. */
static int first_from(const struct lexicon *lexicon, const char *character, size_t length)
{
    int low = 0, high = lexicon->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (strncmp(lexicon->words[middle].word, character, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_latin(char byte)
{
    return isalnum((unsigned char)byte) && !((unsigned char)byte & 0x80);
}

/* "ac" does not stand in "back". */
static bool stands_alone(const char *text, const char *at, size_t length)
{
    bool joined_before = is_latin(*at) && at > text && is_latin(at[-1]);
    bool joined_after = is_latin(at[length - 1]) && is_latin(at[length]);
    return !joined_before && !joined_after;
}

int lexicon_find(const struct lexicon *lexicon, struct arena *arena, const char *text, const struct word ***found)
{
    bool *seen = arena_take(arena, (size_t)lexicon->count + 1);
    int count = 0;
    for (const char *at = text; *at;) {
        size_t step = character_length(at);
        for (int i = first_from(lexicon, at, step); i < lexicon->count && !strncmp(lexicon->words[i].word, at, step); i++) {
            size_t length = strlen(lexicon->words[i].word);
            if (!seen[i] && strncmp(lexicon->words[i].word, at, length) == 0 && stands_alone(text, at, length))
                seen[i] = true;
        }
        at += step;
    }
    *found = arena_take(arena, (size_t)(lexicon->count + 1) * sizeof **found);
    for (int i = 0; i < lexicon->count; i++)
        if (seen[i])
            (*found)[count++] = &lexicon->words[i];
    return count;
}
