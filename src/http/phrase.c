#include "http/phrase.h"
#include <string.h>

static const char *const english[PHRASES] = {
#define PHRASE(name_, english_, chinese_) [name_] = english_,
#include "http/phrases.def"
#undef PHRASE
};

static const char *const chinese[PHRASES] = {
#define PHRASE(name_, english_, chinese_) [name_] = chinese_,
#include "http/phrases.def"
#undef PHRASE
};

const char *phrase_text(struct arena *arena, bool in_chinese, enum phrase phrase, long number)
{
    const char *text = (in_chinese ? chinese : english)[phrase];
    const char *place = strstr(text, "%ld");
    if (!place)
        return text;
    return arena_print(arena, "%.*s%ld%s", (int)(place - text), text, number, place + 3);
}

static const struct saying {
    const char *english, *chinese;
} sayings[] = {
#define SAYING(english_, chinese_) {english_, chinese_},
#include "http/sayings.def"
#undef SAYING
#define PHRASE(name_, english_, chinese_) {english_, chinese_},
#include "http/phrases.def"
#undef PHRASE
};

enum { MOST_WORDS = 2 };

struct word {
    const char *text;
    size_t length;
};

/* Finds the words that stand where `pattern` has %s; false: `said` is something else. */
static bool fits(const char *said, const char *pattern, struct word words[MOST_WORDS])
{
    while (*pattern)
        if (strncmp(pattern, "%s", 2) == 0) {
            *words = (struct word){.text = said, .length = strcspn(said, " ")};
            said += words++->length;
            pattern += 2;
        } else if (*pattern++ != *said++) {
            return false;
        }
    return *said == '\0';
}

static const char *filled(struct arena *arena, const char *pattern, const struct word words[MOST_WORDS])
{
    const char *text = "", *place;
    for (; (place = strstr(pattern, "%s")); pattern = place + 2, words++)
        text = arena_print(arena, "%s%.*s%.*s", text, (int)(place - pattern), pattern, (int)words->length, words->text);
    return arena_print(arena, "%s%s", text, pattern);
}

const char *phrase_in_chinese(struct arena *arena, const char *said)
{
    struct word words[MOST_WORDS] = {{0}};
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++)
        if (fits(said, sayings[i].english, words))
            return filled(arena, sayings[i].chinese, words);
    return said;
}
