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
