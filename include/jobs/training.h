#pragma once

/*
 * The program as its own child, `echo-wall --train`: learns what is on its standard input and says on its standard output what became of it. It knows no
 * database, no setting and no key; what it needs comes from learning.c:
 *   {"lexicon": [[word, category, weight], ...], "running": base64|null, "lessons": [[text, category], ...], "test": how many}, the oldest lesson first
 * and it answers
 *   {"lessons", "tested", "correct", "before", "second", "macro_f1", "categories": {code: {"tested", "correct", "proposed"}}, "model": base64|null}
 * where the newest, a tenth unless `test` says how many, were kept from learning: `correct` of them the new model would have proposed, `before`
 * the one that runs. Null `model`: there is too little to learn from. Returns the exit status.
 */
int training_run(void);
