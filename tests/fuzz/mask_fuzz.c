/* The masks: any text at all. What is found lies inside it, and then does not stand there any more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "text/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_found(struct arena *arena, const char *text, const char *masked, const struct mask_found *found, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (found[i].size == 0 || found[i].start + found[i].size > strlen(text) ||
            strlen(arena_copy(arena, text + found[i].start, found[i].size)) != found[i].size)
            abort();
    if ((masked != NULL) != (count > 0) || (masked && (strlen(masked) > strlen(text) || strcmp(masked, text) == 0)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    size_t count;
    const char *text = arena_copy(&arena, (const char *)data, size);
    const struct mask_found *found = mask_find(&arena, text, MASK_RESIDENT, &count);
    check_found(&arena, text, mask_text(&arena, text, MASK_RESIDENT), found, count);
    arena_release(&arena);
    return 0;
}
