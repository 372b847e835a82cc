#pragma once
#include <stddef.h>
#include "base/arena.h"

/*
 * What leads to a person in running text: numbers and addresses by which somebody could be called, written to or looked up. Scanners of our
 * own, one pass each, for well-formed UTF-8; digits may be full-width, spaced out or dashed, and invisible characters between them hide
 * nothing. Not taken for such: dates, amounts, complaint and house numbers, service numbers (12345, 110, 95..., 400-...).
 */
enum mask {
    MASK_MOBILE = 1,    /* 11 digits from 13 on, also after 0, 86, +86, 0086, and in Chinese digits: 138******** */
    MASK_LANDLINE = 2,  /* with area code, or seven and eight digits behind a word like 电话 */
    MASK_IDENTITY = 4,  /* identity-card numbers: 18 by the check digit of GB 11643 (without it behind 身份证), 15 by place and date */
    MASK_CARD = 8,      /* bank cards: 16 to 19 digits by Luhn's check digit */
    MASK_EMAIL = 16,    /* the at sign and the full stops stay */
    MASK_ACCOUNT = 32,  /* WeChat and QQ accounts behind those words */
    MASK_RESIDENT = 63, /* what a resident writes */
    MASK_REPLY = 13,    /* an official reply: offices and their landlines are public */
};

/* Something found: bytes [start, start + size) of the text. */
struct mask_found {
    enum mask kind;
    size_t start, size;
};

/* The text with what was found made of asterisks, from the arena. NULL: there is nothing to hide. */
const char *mask_text(struct arena *, const char *text, unsigned kinds);
/* What is found, in no order, from the arena. */
struct mask_found *mask_find(struct arena *, const char *text, unsigned kinds, size_t *count);
