/*
 * Blanks mean nothing beside characters that need none between them, and people put them there or not; marks on a letter may be written with it
 * or after it. A text is therefore made plain piece by piece - a letter with its marks - and each piece remembers where it was written.
 */
#include "text/plain.h"
#include <stdbool.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include "kind.h"
#include "text/fold.h"

/* A plain text as it grows. */
struct growing {
    struct arena *arena;
    char *text;
    size_t size, room;
    int *steps;
    size_t step_count, step_room;
    int characters; /* of the plain text so far */
    int shift;      /* of the last step */
    enum kind last; /* character that was not blank */
    bool parted;    /* a blank was written since then */
};

static void *roomier(struct arena *arena, void *from, size_t size, size_t room)
{
    return memcpy(arena_take(arena, room), from, size);
}

static void put(struct growing *to, const uint8_t *bytes, size_t size)
{
    while (to->size + size + 1 > to->room)
        to->text = roomier(to->arena, to->text, to->size, to->room *= 2);
    memcpy(to->text + to->size, bytes, size);
    to->size += size;
}

/* The character that comes next was written at this place. */
static void note_place(struct growing *to, int place)
{
    int next = to->characters + 1;
    if (place - next == to->shift)
        return;
    if (to->step_count + 2 > to->step_room) {
        size_t size = to->step_count * sizeof *to->steps;
        to->step_room *= 2;
        to->steps = roomier(to->arena, to->steps, size, to->step_room * sizeof *to->steps);
    }
    to->shift = place - next;
    to->steps[to->step_count++] = next;
    to->steps[to->step_count++] = to->shift;
}

/* A mark after a blank stays parted from what stands before the blank: it is not on it. */
static bool is_mark(ucs4_t point)
{
    return uc_is_general_category_withtable(point, UC_CATEGORY_MASK_M);
}

static void add(struct growing *to, ucs4_t point, const uint8_t *bytes, size_t size, int place)
{
    enum kind kind = kind_of(point);
    to->parted = to->parted || kind == BLANK;
    if (kind == INVISIBLE || kind == BLANK)
        return;
    if (to->parted && to->size > 0 && kind == SPELLED && (to->last == SPELLED || is_mark(point))) {
        note_place(to, place - 1);
        put(to, (const uint8_t *)" ", 1);
        to->characters++;
    }
    note_place(to, place);
    put(to, bytes, size);
    to->characters++;
    to->last = kind;
    to->parted = false;
}

static void add_folded(struct growing *to, const char *piece, int place)
{
    ucs4_t point;
    const uint8_t *at = (const uint8_t *)text_fold(to->arena, piece);
    for (const uint8_t *next; (next = u8_next(&point, at)); at = next)
        add(to, point, at, (size_t)(next - at), place);
}

/* May become one character with what stands before it: marks, the later parts of a Korean syllable, half-width voicing. */
static bool leans(ucs4_t point)
{
    return is_mark(point) || uc_combining_class(point) || (point >= 0x1160 && point <= 0x11ff) || (point >= 0xd7b0 && point <= 0xd7ff) ||
           (point >= 0xff9e && point <= 0xffdc);
}

/* What most texts consist of and what folding leaves as it is. */
static bool is_itself(ucs4_t point)
{
    return (point >= 0x4e00 && point <= 0x9fff) || (point >= ' ' && point < 0x7f && (point < 'A' || point > 'Z')) || point == 0x3001 ||
           point == 0x3002;
}

static bool joins(ucs4_t point)
{
    return !is_itself(point) && (kind_of(point) == INVISIBLE || leans(point));
}

/* The character before `*end` with all that leans on it; what is invisible is left out. Moves the end on, and counts what it passes. */
static const char *piece_at(struct arena *arena, const uint8_t *at, const uint8_t **end, int *passed)
{
    const uint8_t *last = *end;
    ucs4_t point;
    for (const uint8_t *next; (next = u8_next(&point, last)) && joins(point); last = next)
        ++*passed;
    char *piece = arena_take(arena, (size_t)(last - at) + 1), *to = piece;
    for (const uint8_t *next; at < last; at = next) {
        next = u8_next(&point, at);
        if (kind_of(point) != INVISIBLE)
            to = mempcpy(to, at, (size_t)(next - at));
    }
    *end = last;
    return piece;
}

static struct growing begin(struct arena *arena, size_t size)
{
    enum { FEW_STEPS = 32 };
    return (struct growing){.arena = arena,
                            .text = arena_take(arena, size + 1),
                            .room = size + 1,
                            .steps = arena_take(arena, FEW_STEPS * sizeof(int)),
                            .step_room = FEW_STEPS};
}

struct plain text_plain(struct arena *arena, const char *text)
{
    struct growing plain = begin(arena, strlen(text));
    int place = 1, passed;
    ucs4_t point, following;
    for (const uint8_t *at = (const uint8_t *)text, *next; (next = u8_next(&point, at)); at = next, place += 1 + passed) {
        passed = 0;
        if (is_itself(point) && !(u8_next(&following, next) && joins(following)))
            add(&plain, point, at, (size_t)(next - at), place);
        else if (kind_of(point) != INVISIBLE)
            add_folded(&plain, piece_at(arena, at, &next, &passed), place);
    }
    note_place(&plain, place);
    plain.text[plain.size] = '\0';
    return (struct plain){plain.text, plain.steps, plain.step_count};
}

const char *text_heading(struct arena *arena, const char *text)
{
    enum { LONGEST = 120 };
    const char *end = text;
    for (int count = 0; count < LONGEST && *end; count++)
        end += u8_strmblen((const uint8_t *)end);
    return arena_copy(arena, text, (size_t)(end - text));
}
