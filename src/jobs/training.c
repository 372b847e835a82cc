/* Learning in a process of its own, with a low priority: what it needs of time and memory is nobody else's. */
#include "jobs/training.h"
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "http/proposer.h"
#include "text/fold.h"

enum { ENOUGH = 5, LEAST_TESTED = 10, SHARE_TESTED = 10 /* one in so many */, LONGEST = 900 /* seconds of processor */ };

struct school {
    struct arena arena;
    const char *categories[CLASSIFIER_CATEGORIES];
    int category_count;
    struct lesson *lessons; /* the oldest first */
    int count, tested;      /* the newest of them are for the test */
};

/* How a proposer does in the test. */
struct marks {
    int right, second; /* the best proposal; the best or the one after it */
    int tested[CLASSIFIER_CATEGORIES], hit[CLASSIFIER_CATEGORIES], proposed[CLASSIFIER_CATEGORIES];
};

static int number_of(struct school *school, const char *category)
{
    for (int k = 0; k < school->category_count; k++)
        if (strcmp(school->categories[k], category) == 0)
            return k;
    if (school->category_count == CLASSIFIER_CATEGORIES)
        return -1;
    school->categories[school->category_count] = category;
    return school->category_count++;
}

static void read_lessons(struct school *school, const json_t *list)
{
    school->lessons = arena_take(&school->arena, (json_array_size(list) + 1) * sizeof *school->lessons);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(json_array_get(list, i), 0));
        const char *category = json_string_value(json_array_get(json_array_get(list, i), 1));
        int number = text && category ? number_of(school, category) : -1;
        if (number >= 0)
            school->lessons[school->count++] = (struct lesson){.text = text_fold(&school->arena, text), .category = number};
    }
}

/* The newest tenth, but a few at least; of very few none. */
static int kept_for_test(int count)
{
    int tenth = count / SHARE_TESTED;
    return tenth > LEAST_TESTED ? tenth : count > 2 * LEAST_TESTED ? LEAST_TESTED : 0;
}

/* A category of which almost nothing was confirmed stays the lexicon's. */
static struct classifier *learn(struct school *school)
{
    int learned = school->count - school->tested, kept = 0;
    int counts[CLASSIFIER_CATEGORIES] = {0};
    struct lesson *lessons = arena_take(&school->arena, (size_t)(learned + 1) * sizeof *lessons);
    for (int i = 0; i < learned; i++)
        counts[school->lessons[i].category]++;
    for (int i = 0; i < learned; i++)
        if (counts[school->lessons[i].category] >= ENOUGH)
            lessons[kept++] = school->lessons[i];
    return school->tested > 0 ? classifier_train(school->categories, school->category_count, lessons, kept) : NULL;
}

static struct marks examine(struct school *school, const struct proposer *proposer)
{
    struct marks marks = {0};
    for (int i = school->count - school->tested; i < school->count; i++) {
        struct arena arena = {0};
        struct proposal proposals[PROPOSALS] = {0};
        int category = school->lessons[i].category;
        int count = propose(proposer, &arena, school->lessons[i].text, proposals);
        int first = count > 0 ? number_of(school, proposals[0].category) : -1;
        int second = count > 1 ? number_of(school, proposals[1].category) : -1;
        marks.tested[category]++;
        if (first >= 0)
            marks.proposed[first]++;
        marks.hit[category] += first == category;
        marks.right += first == category;
        marks.second += first == category || second == category;
        arena_release(&arena);
    }
    return marks;
}

/* The mean over the categories of the test; each counts the same, however rare it is. */
static double macro_f1(const struct marks *marks, int count)
{
    double sum = 0;
    int seen = 0;
    for (int k = 0; k < count; k++)
        if (marks->tested[k] > 0) {
            sum += 2.0 * marks->hit[k] / (marks->tested[k] + marks->proposed[k]);
            seen++;
        }
    return seen ? sum / seen : 0;
}

static json_t *by_category(const struct school *school, const struct marks *marks)
{
    json_t *all = json_object();
    for (int k = 0; k < school->category_count; k++)
        if (marks->tested[k] + marks->proposed[k] > 0)
            json_object_set_new(
                all, school->categories[k],
                json_pack("{s:i, s:i, s:i}", "tested", marks->tested[k], "correct", marks->hit[k], "proposed", marks->proposed[k]));
    return all;
}

static json_t *model_json(struct arena *arena, const struct classifier *model)
{
    size_t size;
    if (!model)
        return json_null();
    void *bytes = classifier_save(model, &size);
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_take(arena, room);
    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    free(bytes);
    return json_string(text);
}

static json_t *teach(struct school *school, const json_t *given)
{
    struct proposer *running = proposer_new(json_object_get(given, "lexicon"), json_string_value(json_object_get(given, "running")));
    struct marks before = examine(school, running);
    struct classifier *old = running->classifier;
    running->classifier = learn(school);
    struct marks marks = examine(school, running);
    json_t *report =
        json_pack("{s:i, s:i, s:i, s:i, s:i, s:f, s:o, s:o}", "lessons", school->count, "tested", school->tested, "correct", marks.right,
                  "before", before.right, "second", marks.second, "macro_f1", macro_f1(&marks, school->category_count), "categories",
                  by_category(school, &marks), "model", model_json(&school->arena, running->classifier));
    classifier_free(old);
    proposer_free(running);
    return report;
}

/* Nothing of the daemon's may stay open here, and nothing here may outlive or hold up the daemon. */
static void withdraw(void)
{
    static const struct rlimit processor = {LONGEST, LONGEST}, files = {16, 16};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_range(3, ~0U, 0);
    setpriority(PRIO_PROCESS, 0, 19);
    setrlimit(RLIMIT_CPU, &processor);
    setrlimit(RLIMIT_NOFILE, &files);
}

int training_run(void)
{
    struct school school = {0};
    withdraw();
    json_t *given = json_loadf(stdin, 0, NULL);
    if (!given)
        return EXIT_FAILURE;
    read_lessons(&school, json_object_get(given, "lessons"));
    int wanted = (int)json_integer_value(json_object_get(given, "test"));
    school.tested = wanted > 0 && wanted <= school.count ? wanted : kept_for_test(school.count);
    json_t *report = teach(&school, given);
    bool told = json_dumpf(report, stdout, JSON_COMPACT) == 0 && fflush(stdout) == 0;
    json_decref(report);
    json_decref(given);
    arena_release(&school.arena);
    return told ? EXIT_SUCCESS : EXIT_FAILURE;
}
