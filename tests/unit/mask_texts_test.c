/*
 * The masks over real complaints (complaints-zh.jsonl in the folder that ECHO_WALL_TEXTS names; skipped without it). Those texts were cleaned
 * of most numbers by whoever published them, so what is found in them was read by eye, and numbers are planted to see that they are found.
 * With ECHO_WALL_SHOW every finding is printed with what stands around it.
 */
#include "test.h"
#include <jansson.h>
#include "text/mask.h"

/* In all titles and bodies: one landline, of an office. Nothing else is there; anything more needs eyes again. */
enum { FOUND_BY_EYE = 1 };

static const char *const planted[] = {
    "13812345678",   "139 1234 5678", "１５８１２３４５６７８", "+86-177-1234-5678",   "一三八一二三四五六七八",
    "0731-88881234", "zs@163.com",    "11010519491231002X",     "4111 1111 1111 1111", "微信号：zhang_san8"};

static void show(const char *text, const struct mask_found *found)
{
    size_t before = found->start < 30 ? found->start : 30, behind = strnlen(text + found->start + found->size, 30);
    if (getenv("ECHO_WALL_SHOW"))
        printf("%d\t%.*s[[%.*s]]%.*s\n", found->kind, (int)before, text + found->start - before, (int)found->size, text + found->start,
               (int)behind, text + found->start + found->size);
}

static size_t count(struct arena *arena, const char *text, unsigned kinds)
{
    size_t number = 0;
    struct mask_found *found = text ? mask_find(arena, text, kinds, &number) : NULL;
    for (size_t i = 0; i < number; i++)
        show(text, &found[i]);
    return number;
}

/* In the middle of the text stands a number, and then it does not. */
static void plant(struct arena *arena, const char *text, const char *number)
{
    size_t middle = strlen(text) / 2;
    while ((text[middle] & 0xc0) == 0x80)
        middle++;
    const char *masked = mask_text(arena, arena_print(arena, "%.*s，%s，%s", (int)middle, text, number, text + middle), MASK_RESIDENT);
    if (!masked || strstr(masked, number))
        fail_msg("%s was not found in %s", number, text);
}

static FILE *open_texts(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/complaints-zh.jsonl", getenv("ECHO_WALL_TEXTS"));
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    return file;
}

static void look_at(struct arena *arena, json_t *row, size_t number, size_t found[2])
{
    const char *title = json_string_value(json_object_get(row, "title")), *body = json_string_value(json_object_get(row, "body"));
    found[0] += count(arena, title, MASK_RESIDENT) + count(arena, body, MASK_RESIDENT);
    found[1] += count(arena, json_string_value(json_object_get(row, "reply")), MASK_REPLY);
    if (body)
        plant(arena, body, planted[number % (sizeof planted / sizeof *planted)]);
}

static void what_is_planted_in_real_texts_is_found_and_nothing_else(void **state)
{
    FILE *file = open_texts();
    char *line = NULL;
    size_t room = 0, texts = 0, found[2] = {0, 0};
    (void)state;
    for (; getline(&line, &room, file) > 0; texts++) {
        struct arena arena = {0};
        json_t *row = json_loads(line, 0, NULL);
        look_at(&arena, row, texts, found);
        json_decref(row);
        arena_release(&arena);
    }
    free(line);
    fclose(file);
    printf("%zu complaints hold %zu, their official replies %zu\n", texts, found[0], found[1]);
    assert_in_range(found[0], 0, FOUND_BY_EYE);
    assert_int_equal(found[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_planted_in_real_texts_is_found_and_nothing_else)};
    if (!getenv("ECHO_WALL_TEXTS")) {
        puts("skipped: ECHO_WALL_TEXTS names no folder of real texts");
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
