#pragma once
#include "http/request.h"

/*
 * :reading, what C reads out of a request and its texts for the rules, as one JSON object. Made when a statement asks for it. A reader that
 * needs a text takes it from reading_text(): as others will see it. Today:
 *   proof   {bits, at, id}: work that the client has proven (http/proof.h)
 *   masked  {title, text, place, public_text, public_reason, elsewhere}: as the public may read them; members only where something was masked
 *   exposed "/public_text": the text that says who the reporter is; absent: none does
 *   folded  {title, text, public_text}: as texts are compared and searched; members for the texts there are
 *   plain, grams, title_grams  of a request that may have a title: see reading_add_search()
 *   hollow  {letters, rest, undated, copied}: what an answer amounts to (text/hollow.h); only where one may insist on it
 *   categories [{category, probability, because}], the best first, two at most, and model: the version that proposed (absent: the lexicon alone); on
 *              routes that classify
 *   likeness  {codes, weights}: what it is about (text/likeness.h); only where the request may have a title
 */
const char *reading_as_json(struct request *);
/* One of the request's texts as the reading has it so far; NULL: the request has none of this name. */
const char *reading_text(const struct request *, const json_t *reading, const char *field);
/* What a reply says in public and in private, as one text; NULL: nothing. */
const char *reading_reply(struct request *);
/*
 * What a complaint is found by; the title may be NULL. Adds
 *   plain        {title: {text, steps}, text: {text, steps}, version}: as texts are looked through, with the way back (text/plain.h)
 *   grams        rising numbers (text/grams.h): the pairs of title and text
 *   title_grams  the same: the single characters and the pairs of the title alone; where there is none, of the text's beginning
 */
void reading_add_search(struct arena *, json_t *reading, const char *title, const char *text);
/* What it is about, for finding others about the same; both as they are folded, the title may be NULL. Adds likeness. */
void reading_add_likeness(struct arena *, json_t *reading, const char *title, const char *text);
