/* What a client hands back to us: cursors, receipts, tokens, entity tags, lists of addresses and preferences. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/secret.h"
#include "http/cursor.h"
#include "http/negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_receipt(const char *text)
{
    char normal[18], again[18];
    if (secret_receipt_normal(text, normal) && (strlen(normal) != 17 || !secret_receipt_normal(normal, again) || strcmp(normal, again)))
        abort();
}

static void check_token(const char *text)
{
    char community[33];
    if (secret_token_community(text, community) && (!*community || strncmp(text, "ew_", 3)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    const char *text = arena_copy(&arena, (const char *)data, size), *key, *id;
    unsigned char mac[16];
    if (cursor_decode(&arena, text, &key, &id, mac) && strlen(key) + strlen(id) > size)
        abort();
    check_receipt(text);
    check_token(text);
    accepts_media_type(text, "application/json");
    accepts_gzip(text);
    prefers_chinese(text);
    etag_is_listed(text, "\"1-0\"");
    if (etag_version(text) < -1)
        abort();
    arena_release(&arena);
    return 0;
}
