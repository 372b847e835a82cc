#include "../test.h"
#include <stdalign.h>
#include "base/arena.h"

static void what_is_taken_is_zeroed_and_aligned(void **state)
{
    struct arena arena = {0};
    for (size_t size = 0; size < 300; size += 7) {
        unsigned char *taken = arena_take(&arena, size);
        assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(taken[i], 0);
        memset(taken, 0xff, size);
    }
    arena_release(&arena);
    (void)state;
}

static void a_large_thing_leaves_the_newest_block_in_use(void **state)
{
    struct arena arena = {0};
    char *first = arena_take(&arena, 16);
    memset(arena_take(&arena, 100000), 1, 100000);
    char *second = arena_take(&arena, 16);
    assert_ptr_equal(second, first + 16);
    arena_release(&arena);
    (void)state;
}

static void a_copy_ends_with_nul(void **state)
{
    struct arena arena = {0};
    assert_string_equal(arena_copy(&arena, "complaint", 5), "compl");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    arena_release(&arena);
    (void)state;
}

static void printing_takes_what_it_needs(void **state)
{
    struct arena arena = {0};
    assert_string_equal(arena_print(&arena, "%s-%d", "投诉", 7), "投诉-7");
    assert_int_equal(strlen(arena_print(&arena, "%09999d", 1)), 9999);
    arena_release(&arena);
    (void)state;
}

static void a_released_arena_can_be_used_again(void **state)
{
    struct arena arena = {0};
    arena_release(&arena);
    arena_take(&arena, 10);
    arena_release(&arena);
    assert_null(arena.newest);
    assert_string_equal(arena_print(&arena, "again"), "again");
    arena_release(&arena);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_zeroed_and_aligned),
        cmocka_unit_test(a_large_thing_leaves_the_newest_block_in_use),
        cmocka_unit_test(a_copy_ends_with_nul),
        cmocka_unit_test(printing_takes_what_it_needs),
        cmocka_unit_test(a_released_arena_can_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
