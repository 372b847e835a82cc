/* The words of a lexicon, the classifier, and what both together propose. */
#include "../test.h"
#include "text/proposal.h"

static struct arena arena;

static const struct word words[] = {
    {"电梯", "logistics", 2}, {"报修", "logistics", 3}, {"邻居", "neighbours", 3}, {"ac", "logistics", 2}, {"修", "logistics", 1},
    {"物业费", "fees", 3},    {"态度", "staff", 3},     {"态度恶劣", "staff", 3},  {"", "fees", 9},        {"air conditioner", "fees", 1}};

static struct lexicon *lexicon;

static int begin(void **state)
{
    (void)state;
    lexicon = lexicon_new(words, sizeof words / sizeof *words);
    return 0;
}

static int end(void **state)
{
    (void)state;
    lexicon_free(lexicon);
    arena_release(&arena);
    return 0;
}

static int count_of(const char *text)
{
    const struct word **found;
    return lexicon_find(lexicon, &arena, text, &found);
}

static void each_word_of_the_text_is_found_once(void **state)
{
    const struct word **found;
    (void)state;
    assert_int_equal(lexicon_find(lexicon, &arena, "电梯电梯坏了，电梯", &found), 1);
    assert_string_equal(found[0]->word, "电梯");
    assert_int_equal(count_of("态度恶劣"), 2);
    assert_int_equal(count_of("报修"), 2);
    assert_int_equal(count_of(""), 0);
    assert_int_equal(count_of("电"), 0);
    assert_int_equal(count_of("梯"), 0);
}

static void latin_words_stand_alone(void **state)
{
    (void)state;
    assert_int_equal(count_of("the back of it"), 0);
    assert_int_equal(count_of("ac坏了"), 1);
    assert_int_equal(count_of("the ac."), 1);
    assert_int_equal(count_of("aca"), 0);
    assert_int_equal(count_of("my air conditioner"), 1);
}

static void without_a_classifier_the_words_decide_and_few_of_them_are_doubted(void **state)
{
    struct proposal proposals[PROPOSALS];
    const struct proposer proposer = {.lexicon = lexicon};
    (void)state;
    assert_int_equal(propose(&proposer, &arena, "邻居说\n电梯要报修", proposals), 2);
    assert_string_equal(proposals[0].category, "logistics"); /* 2 + 3 + 1 of 14, with the doubt ... */
    assert_string_equal(proposals[1].category, "neighbours");
    assert_true(proposals[0].probability == proposals[1].probability); /* ... against 3 twice, for the first line counts double */
    assert_string_equal(proposals[0].because[0], "报修");
    assert_int_equal(proposals[0].reasons, 3);
    assert_int_equal(propose(&proposer, &arena, "说\n修", proposals), 1);
    assert_true(proposals[0].probability > 0.33 && proposals[0].probability < 0.34);
    assert_int_equal(propose(&proposer, &arena, "说", proposals), 0);
    assert_int_equal(propose(&proposer, &arena, "", proposals), 0);
}

static const char *const categories[] = {"fees", "activities"};
static const struct lesson lessons[] = {{"合唱团开始", 1}, {"读诗会开始", 1}, {"瑜伽课开始", 1},
                                        {"收据算错", 0},   {"账单算错", 0},   {"单子算错", 0}};

static void with_a_classifier_both_are_heard(void **state)
{
    struct proposal proposals[PROPOSALS];
    struct proposer proposer = {.lexicon = lexicon, .classifier = classifier_train(categories, 2, lessons, 6), .version = 1};
    (void)state;
    assert_int_equal(propose(&proposer, &arena, "合唱团几点开始", proposals), 1);
    assert_string_equal(proposals[0].category, "activities");
    double alone = proposals[0].probability;
    assert_true(alone > 0.5 && alone < 1);
    propose(&proposer, &arena, "合唱团几点开始，物业费", proposals);
    assert_string_equal(proposals[0].category, "activities");
    assert_true(proposals[0].probability < alone);
    assert_string_equal(proposals[1].because[0], "物业费");
    classifier_free(proposer.classifier);
}

static void what_most_complaints_are_about_is_proposed_for_no_text_that_says_nothing(void **state)
{
    static const char *const nothing[] = {"🙂🙂", "!", "水", "12345", "xyzzy"};
    struct proposal proposals[PROPOSALS];
    struct proposer proposer = {.lexicon = lexicon, .classifier = classifier_train(categories, 2, lessons, 4), .version = 1};
    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_int_equal(propose(&proposer, &arena, nothing[i], proposals), 0);
    classifier_free(proposer.classifier);
}

static void of_categories_it_has_never_seen_the_words_decide(void **state)
{
    struct proposal proposals[PROPOSALS];
    struct proposer proposer = {.lexicon = lexicon, .classifier = classifier_train(categories, 2, lessons, 6), .version = 1};
    (void)state;
    propose(&proposer, &arena, "保安态度恶劣", proposals);
    assert_string_equal(proposals[0].category, "staff");
    assert_true(proposals[0].probability > 0.6);
    classifier_free(proposer.classifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_of_the_text_is_found_once),
        cmocka_unit_test(latin_words_stand_alone),
        cmocka_unit_test(without_a_classifier_the_words_decide_and_few_of_them_are_doubted),
        cmocka_unit_test(with_a_classifier_both_are_heard),
        cmocka_unit_test(what_most_complaints_are_about_is_proposed_for_no_text_that_says_nothing),
        cmocka_unit_test(of_categories_it_has_never_seen_the_words_decide),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
