/* What is learned from texts whose category is known, and that it can be put away and taken out again. */
#include "../test.h"
#include "text/classifier.h"

static struct arena arena;

static const char *const categories[] = {"fees", "never", "activities", "safety"};

static const struct lesson lessons[] = {{"物业费多收了", 0},     {"停车费多收两次", 0},           {"水费算错了", 0},
                                        {"电费收据不对", 0},     {"合唱团几点开始", 2},           {"瑜伽课还有空位吗", 2},
                                        {"读诗会换到哪里了", 2}, {"合唱团和读诗会下周还办吗", 2}, {"灭火器过期了", 3},
                                        {"消防通道堵住了", 3},   {"电线掉下来很危险", 3},         {"楼梯没有扶手很危险", 3}};

enum { LESSONS = sizeof lessons / sizeof *lessons };

static struct classifier *model;

static int learn(void **state)
{
    (void)state;
    model = classifier_train(categories, 4, lessons, LESSONS);
    return model ? 0 : -1;
}

static int forget(void **state)
{
    (void)state;
    classifier_free(model);
    arena_release(&arena);
    return 0;
}

static const char *best(const struct classifier *asked, const char *text)
{
    double probabilities[CLASSIFIER_CATEGORIES], sum = 0;
    int number = 0;
    classifier_tell(asked, classifier_look(asked, &arena, text), probabilities);
    for (int k = 0; k < classifier_category_count(asked); k++) {
        sum += probabilities[k];
        number = probabilities[k] > probabilities[number] ? k : number;
    }
    assert_true(sum > 0.999 && sum < 1.001);
    return classifier_category(asked, number);
}

static void new_texts_are_told_by_the_grams_of_known_ones(void **state)
{
    (void)state;
    assert_string_equal(best(model, "请问读诗会几点开始？"), "activities");
    assert_string_equal(best(model, "三号楼的物业费又多收了"), "fees");
    assert_string_equal(best(model, "消防通道很危险"), "safety");
}

static void categories_without_lessons_are_not_in_it(void **state)
{
    (void)state;
    assert_int_equal(classifier_category_count(model), 3);
    for (int k = 0; k < 3; k++)
        assert_string_not_equal(classifier_category(model, k), "never");
}

static void of_one_category_nothing_can_be_learned_and_of_two_it_can(void **state)
{
    (void)state;
    assert_null(classifier_train(categories, 4, lessons, 4));
    assert_null(classifier_train(categories, 4, lessons, 0));
    struct classifier *of_two = classifier_train(categories, 4, lessons, 8);
    assert_string_equal(best(of_two, "合唱团在哪里"), "activities");
    assert_string_equal(best(of_two, "停车费算错了"), "fees");
    classifier_free(of_two);
}

static void what_decided_are_passages_of_the_text_without_numbers(void **state)
{
    const char *because[3];
    const char text[] = "13812345678合唱团12几点开始";
    (void)state;
    int count = classifier_explain(model, &arena, classifier_look(model, &arena, text), 1, because, 3);
    assert_in_range(count, 1, 3);
    for (int i = 0; i < count; i++) {
        assert_non_null(strstr(text, because[i]));
        assert_null(strpbrk(because[i], "0123456789"));
    }
    assert_int_equal(classifier_explain(model, &arena, classifier_look(model, &arena, ""), 1, because, 3), 0);
}

static void a_text_that_says_nothing_is_as_likely_of_each(void **state)
{
    double probabilities[CLASSIFIER_CATEGORIES];
    (void)state;
    classifier_tell(model, classifier_look(model, &arena, "。。。!!! 👍"), probabilities);
    for (int k = 0; k < 3; k++)
        assert_true(probabilities[k] > 0.333 && probabilities[k] < 0.334);
}

static void a_saved_model_says_the_same(void **state)
{
    size_t size;
    double before[CLASSIFIER_CATEGORIES], after[CLASSIFIER_CATEGORIES];
    void *bytes = classifier_save(model, &size);
    struct classifier *again = classifier_load(bytes, size);
    (void)state;
    assert_non_null(again);
    assert_int_equal(classifier_size(again), classifier_size(model));
    classifier_tell(model, classifier_look(model, &arena, "读诗会的物业费"), before);
    classifier_tell(again, classifier_look(again, &arena, "读诗会的物业费"), after);
    for (int k = 0; k < 3; k++) {
        assert_true(before[k] == after[k]);
        assert_string_equal(classifier_category(again, k), classifier_category(model, k));
    }
    classifier_free(again);
    free(bytes);
}

static void a_damaged_or_foreign_model_is_refused(void **state)
{
    size_t size;
    unsigned char *bytes = classifier_save(model, &size);
    (void)state;
    assert_null(classifier_load(bytes, 0));
    assert_null(classifier_load(bytes, size - 1));
    for (size_t at = 0; at < size; at += 97) {
        bytes[at] ^= 4;
        assert_null(classifier_load(bytes, size));
        bytes[at] ^= 4;
    }
    struct classifier *whole = classifier_load(bytes, size);
    assert_non_null(whole);
    classifier_free(whole);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_texts_are_told_by_the_grams_of_known_ones),
        cmocka_unit_test(categories_without_lessons_are_not_in_it),
        cmocka_unit_test(of_one_category_nothing_can_be_learned_and_of_two_it_can),
        cmocka_unit_test(what_decided_are_passages_of_the_text_without_numbers),
        cmocka_unit_test(a_text_that_says_nothing_is_as_likely_of_each),
        cmocka_unit_test(a_saved_model_says_the_same),
        cmocka_unit_test(a_damaged_or_foreign_model_is_refused),
    };
    return cmocka_run_group_tests(tests, learn, forget);
}
