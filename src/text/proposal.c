/* The lexicon and the classifier, weighed against each other. */
#include "text/proposal.h"
#include <stdbool.h>
#include <string.h>

static const double lexicon_counts = 0.3; /* of a probability; measured */
static const double doubt = 2;            /* what must be outweighed: one weak word proves nothing */
static const double least = 0.02;         /* a probability below this is no proposal */

struct candidate {
    const char *category;
    double share;   /* what the lexicon says */
    double learned; /* what the classifier says */
    double score;
    int number; /* the classifier's; -1: not known to it */
};

struct candidates {
    struct candidate items[CLASSIFIER_CATEGORIES];
    int count;
    const struct word **words; /* found in the text */
    int word_count;
    const struct sight *sight; /* the classifier's; NULL: there is none */
};

static struct candidate *candidate_for(struct candidates *all, const char *category)
{
    for (int i = 0; i < all->count; i++)
        if (strcmp(all->items[i].category, category) == 0)
            return &all->items[i];
    if (all->count == CLASSIFIER_CATEGORIES)
        return NULL;
    all->items[all->count] = (struct candidate){.category = category, .number = -1};
    return &all->items[all->count++];
}

static void ask_classifier(const struct classifier *classifier, struct arena *arena, const char *text, struct candidates *all)
{
    double probabilities[CLASSIFIER_CATEGORIES];
    all->sight = classifier_look(classifier, arena, text);
    classifier_tell(classifier, all->sight, probabilities);
    for (int k = 0; k < classifier_category_count(classifier); k++) {
        struct candidate *candidate = candidate_for(all, classifier_category(classifier, k));
        candidate->number = k;
        candidate->learned = probabilities[k];
    }
}

/* Returns what the words weigh together. */
static double add_words(struct candidates *all, const struct word *const words[], int count)
{
    double weight = 0;
    for (int i = 0; i < count; i++) {
        struct candidate *candidate = candidate_for(all, words[i]->category);
        weight += words[i]->weight;
        if (candidate)
            candidate->share += words[i]->weight;
    }
    return weight;
}

/* What stands in the first line, the title, counts twice. */
static void ask_lexicon(const struct lexicon *lexicon, struct arena *arena, const char *text, struct candidates *all)
{
    const struct word **first;
    int first_count = lexicon_find(lexicon, arena, arena_copy(arena, text, strcspn(text, "\n")), &first);
    all->word_count = lexicon_find(lexicon, arena, text, &all->words);
    double weight = doubt + add_words(all, all->words, all->word_count) + add_words(all, first, first_count);
    for (int i = 0; i < all->count; i++)
        all->items[i].share /= weight;
}

/* The lexicon says how much speaks for categories the classifier does not know; the rest is the classifier's to share out. */
static void score(struct candidates *all)
{
    double said = 0, unknown = 0;
    for (int i = 0; i < all->count; i++) {
        said += all->items[i].share;
        unknown += all->items[i].number < 0 ? all->items[i].share : 0;
    }
    for (int i = 0; i < all->count; i++) {
        struct candidate *one = &all->items[i];
        double learned = one->number < 0 ? one->share : one->learned * (1 - unknown);
        one->score = all->sight ? (learned + lexicon_counts * one->share) / (1 + lexicon_counts * said) : one->share;
    }
}

/* Words of the lexicon first, the weightiest before the others: they were written to be read. */
static void give_words(const struct candidates *all, struct proposal *proposal)
{
    for (int weight = 9; weight > 0; weight--)
        for (int i = 0; i < all->word_count && proposal->reasons < REASONS; i++)
            if (all->words[i]->weight == weight && strcmp(all->words[i]->category, proposal->category) == 0)
                proposal->because[proposal->reasons++] = all->words[i]->word;
}

static bool is_said(const struct proposal *proposal, const char *passage)
{
    for (int i = 0; i < proposal->reasons; i++)
        if (strstr(proposal->because[i], passage) || strstr(passage, proposal->because[i]))
            return true;
    return false;
}

static void explain(const struct proposer *proposer, struct arena *arena, const struct candidates *all, int number,
                    struct proposal *proposal)
{
    const char *passages[REASONS];
    give_words(all, proposal);
    int count = number < 0 ? 0 : classifier_explain(proposer->classifier, arena, all->sight, number, passages, REASONS);
    for (int i = 0; i < count && proposal->reasons < REASONS; i++)
        if (!is_said(proposal, passages[i]))
            proposal->because[proposal->reasons++] = passages[i];
}

/* Of equals the one whose code comes first, so that the same text is always told the same. */
static bool is_better(const struct candidate *one, const struct candidate *other)
{
    return one->score > other->score || (one->score == other->score && strcmp(one->category, other->category) < 0);
}

static struct candidate *best(struct candidates *all)
{
    struct candidate *best = NULL;
    for (int i = 0; i < all->count; i++)
        if (all->items[i].score >= least && (!best || is_better(&all->items[i], best)))
            best = &all->items[i];
    return best;
}

int propose(const struct proposer *proposer, struct arena *arena, const char *text, struct proposal proposals[PROPOSALS])
{
    struct candidates *all = arena_take(arena, sizeof *all);
    int count = 0;
    if (proposer->classifier)
        ask_classifier(proposer->classifier, arena, text, all);
    ask_lexicon(proposer->lexicon, arena, text, all);
    score(all);
    for (struct candidate *next; count < PROPOSALS && (next = best(all)); next->score = 0) {
        proposals[count] = (struct proposal){.category = next->category, .probability = next->score};
        explain(proposer, arena, all, next->number, &proposals[count]);
        count += proposals[count].reasons > 0; /* that most complaints are of a category says nothing about this one */
    }
    return count;
}
