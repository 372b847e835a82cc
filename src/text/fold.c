/* How texts are made comparable, whoever wrote them on whatever keyboard. */
#include "text/fold.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

/* Case folding undoes a normalisation and the other way round (℡ becomes TEL, then tel), so each is followed by NFKC. */
const char *text_fold(struct arena *arena, const char *text)
{
    size_t unified_size, folded_size;
    uint8_t *unified = u8_normalize(UNINORM_NFKC, (const uint8_t *)text, strlen(text), NULL, &unified_size);
    assert(unified || unified_size == 0); /* ill-formed, or out of memory */
    uint8_t *folded = u8_casefold(unified, unified_size, NULL, UNINORM_NFKC, NULL, &folded_size);
    assert(folded || folded_size == 0);
    const char *result = arena_copy(arena, (const char *)folded, folded_size);
    free(unified);
    free(folded);
    return result;
}
