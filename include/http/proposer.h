#pragma once
#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include "text/proposal.h"

/* What a community knows, as the database keeps it: the lexicon [[word, category, weight], ...], the model as base64; a NULL or damaged one is none.
   malloc'ed, the caller's. */
struct proposer *proposer_new(const json_t *lexicon, const char *model);
void proposer_free(struct proposer *); /* NULL: no-op */

/*
 * What one worker knows of the communities whose complaints it has taken. Nothing is shared between workers, so nothing is locked; what one knows is
 * replaced on its own thread, between two requests. A community's is loaded when a request needs it, looked at again after a minute or after
 * a notification, and given up when a worker holds more than its share of settings.model_memory.
 */
struct proposers;

struct proposers *proposers_new(void);
void proposers_free(struct proposers *);
bool proposers_are_fresh(struct proposers *, const char *community); /* false: unknown, or to be looked at again */
/* What is known, fresh or not; NULL: nothing. Good until the next call of any of these. */
const struct proposer *proposers_find(struct proposers *, const char *community);
/* Which state of the community's is known, to be compared with the database's; NULL: none. */
const char *proposers_state(struct proposers *, const char *community);
/* The row of classification/proposer.sql, which is not taken. Without a lexicon in it what is known is still right. */
void proposers_keep(struct proposers *, const char *community, const PGresult *);
void proposers_doubt(struct proposers *, const char *community); /* something has changed; empty: anywhere */
