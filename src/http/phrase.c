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
