#pragma once
#include <stdbool.h>
#include "base/arena.h"

enum phrase {
    FINE,
#define PHRASE(name_, english_, chinese_) name_,
#include "http/phrases.def"
#undef PHRASE
    PHRASES,
};

const char *phrase_text(struct arena *, bool chinese, enum phrase, long number);

/* What a rule has said in English (include/http/sayings.def), in Chinese; as it is where nobody has translated it. */
const char *phrase_in_chinese(struct arena *, const char *said);
