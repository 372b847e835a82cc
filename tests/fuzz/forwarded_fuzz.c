/* Who the client is behind proxies: X-Forwarded-For in the first line, Forwarded in the second. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "http/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, const char *forwarded_for, const char *forwarded)
{
    struct in6_addr bytes;
    const char *client = address_client(arena, "unix", forwarded_for, forwarded, "unix 10.0.0.0/8 2001:db8::/32");
    if (strcmp(client, "unix") != 0 && inet_pton(AF_INET, client, &bytes) != 1 && inet_pton(AF_INET6, client, &bytes) != 1)
        abort();
}

/* Whatever a client wrote before, what a proxy appends with its quotes in order is never taken for somebody else's word. */
static void check_spoof(struct arena *arena, const char *forwarded)
{
    const char *list = arena_print(arena, "%s, for=\"192.0.2.60:7\";host=\"h\"", forwarded);
    const char *client = address_client(arena, "unix", NULL, list, "unix");
    if (strcmp(client, "192.0.2.60") != 0 && strcmp(client, "unix") != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    char *text = calloc(1, size + 1), *rest = text;
    if (!text)
        abort();
    memcpy(text, data, size);
    const char *forwarded_for = strsep(&rest, "\n"), *forwarded = rest ? rest : "";
    check(&arena, forwarded_for, NULL);
    check(&arena, NULL, forwarded);
    check(&arena, forwarded_for, forwarded);
    check_spoof(&arena, forwarded);
    arena_release(&arena);
    free(text);
    return 0;
}
