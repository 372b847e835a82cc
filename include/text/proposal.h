#pragma once
#include "text/classifier.h"
#include "text/lexicon.h"

/*
 * Which categories a text may belong to, of all that a community knows: its lexicon and, once there is one, its classifier. With a classifier
 * the score is its probability + 0.3 x what the lexicon says, brought back to a sum of one; of categories that the classifier has never seen the lexicon
 * speaks alone. Without one the lexicon's share is the probability, less the fewer words were found.
 */
struct proposer {
    struct lexicon *lexicon;
    struct classifier *classifier; /* NULL: nothing learned yet */
    long version;                  /* of the classifier, as its community counts them */
};

enum { PROPOSALS = 2, REASONS = 5 }; /* offered at most */

struct proposal {
    const char *category; /* the proposer's */
    double probability;
    const char *because[REASONS]; /* words of the lexicon, then passages; the proposer's or the arena's */
    int reasons;
};

/* The best categories for a text as text_fold() makes it, the best first. Returns how many, 0 if nothing speaks for any. */
int propose(const struct proposer *, struct arena *, const char *text, struct proposal proposals[PROPOSALS]);
