#include "../test.h"
#include <pthread.h>
#include <sodium.h>
#include <time.h>
#include "base/uuid.h"

enum { MANY = 20000, THREADS = 4 };

static char made[THREADS][MANY][UUID_TEXT];

static void an_id_bears_version_7_and_the_time(void **state)
{
    char id[UUID_TEXT], digits[13];
    uuid_v7(id);
    assert_true(uuid_is(id));
    assert_int_equal(id[14], '7');
    assert_non_null(strchr("89ab", id[19]));
    snprintf(digits, sizeof digits, "%.8s%.4s", id, id + 9);
    long long milliseconds = strtoll(digits, NULL, 16), now = (long long)time(NULL) * 1000;
    assert_true(milliseconds >= now - 2000 && milliseconds <= now + 2000);
    (void)state;
}

static void *make_many(void *into)
{
    char(*ids)[UUID_TEXT] = into;
    for (int i = 0; i < MANY; i++)
        uuid_v7(ids[i]);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void ids_of_one_thread_grow_and_ids_of_several_differ(void **state)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, made[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int j = 1; j < MANY; j++)
            assert_true(strcmp(made[i][j - 1], made[i][j]) < 0);
    qsort(made, (size_t)THREADS * MANY, UUID_TEXT, by_text);
    const char(*all)[UUID_TEXT] = made[0];
    for (int i = 1; i < THREADS * MANY; i++)
        assert_int_not_equal(strncmp(all[i - 1], all[i], 18), 0); /* the time and the counter alone tell them apart */
    (void)state;
}

static void only_36_characters_of_the_form_are_an_id(void **state)
{
    assert_true(uuid_is("0198b2c4-7c00-7000-8000-000000000001"));
    assert_true(uuid_is("0198B2C4-7C00-7000-8000-00000000000F"));
    assert_false(uuid_is(""));
    assert_false(uuid_is("0198b2c4-7c00-7000-8000-00000000000"));
    assert_false(uuid_is("0198b2c4-7c00-7000-8000-0000000000012"));
    assert_false(uuid_is("0198b2c4-7c00-7000-8000-00000000000g"));
    assert_false(uuid_is("0198b2c47c00-7000-8000-00000000-00001"));
    assert_false(uuid_is("{198b2c4-7c00-7000-8000-000000000001"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_bears_version_7_and_the_time),
        cmocka_unit_test(ids_of_one_thread_grow_and_ids_of_several_differ),
        cmocka_unit_test(only_36_characters_of_the_form_are_an_id),
    };
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
