#include "http/address.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include "base/settings.h"
#include "http/negotiate.h"

enum { MAX_ADDRESS = INET6_ADDRSTRLEN };

/* The address in one spelling; an IPv4 one that came as ::ffff:1.2.3.4 without the prefix. False: it is none. */
static bool spell(const char *text, size_t length, char spelled[MAX_ADDRESS])
{
    struct in6_addr six;
    struct in_addr four;
    char bare[MAX_ADDRESS];
    if (length == 0 || length >= sizeof bare)
        return false;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (inet_pton(AF_INET, bare, &four) == 1)
        return inet_ntop(AF_INET, &four, spelled, MAX_ADDRESS);
    if (inet_pton(AF_INET6, bare, &six) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        return inet_ntop(AF_INET, &six.s6_addr[12], spelled, MAX_ADDRESS);
    return inet_ntop(AF_INET6, &six, spelled, MAX_ADDRESS);
}

/* One element: 1.2.3.4, 1.2.3.4:80, 2001:db8::1, "[2001:db8::1]:80", for=..., with further pairs after a semicolon. */
static bool read_element(const char *start, const char *end, char spelled[MAX_ADDRESS])
{
    for (const char *pair = start; pair + 4 < end; pair++)
        if ((pair == start || pair[-1] == ';' || pair[-1] == ' ') && strncasecmp(pair, "for=", 4) == 0) {
            start = pair + 4;
            break;
        }
    const char *semicolon = memchr(start, ';', (size_t)(end - start));
    if (semicolon)
        end = semicolon;
    while (start < end && strchr(" \t\"[", *start))
        start++;
    while (end > start && strchr(" \t\"", end[-1]))
        end--;
    size_t length = (size_t)(end - start);
    const char *bracket = memchr(start, ']', length), *colon = memchr(start, ':', length);
    if (bracket)
        length = (size_t)(bracket - start);
    else if (colon && memchr(start, '.', length) && !memchr(colon + 1, ':', (size_t)(end - colon - 1)))
        length = (size_t)(colon - start);
    return spell(start, length, spelled);
}

const char *address_rightmost(struct arena *arena, const char *peer, const char *list, const char *trusted)
{
    char spelled[MAX_ADDRESS];
    const char *found = peer, *end = list ? list + strlen(list) : NULL;
    while (end && is_listed(trusted, found, strlen(found))) {
        const char *start = end;
        while (start > list && start[-1] != ',')
            start--;
        if (!read_element(start, end, spelled))
            break;
        found = arena_copy(arena, spelled, strlen(spelled));
        end = start > list ? start - 1 : NULL;
    }
    return found;
}

static const char *peer_of(struct request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[MAX_ADDRESS], spelled[MAX_ADDRESS];
    const void *bytes = NULL;
    int family = info && info->client_addr ? info->client_addr->sa_family : AF_UNSPEC;
    if (family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
    else if (family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
    if (!bytes || !inet_ntop(family, bytes, text, sizeof text) || !spell(text, strlen(text), spelled))
        return "unix";
    return arena_copy(&request->arena, spelled, strlen(spelled));
}

/* A header that may come several times, in one list. */
struct gathering {
    struct arena *arena;
    const char *name, *list;
};

static enum MHD_Result gather(void *argument, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct gathering *gathering = argument;
    (void)kind;
    if (value && strcasecmp(name, gathering->name) == 0)
        gathering->list = gathering->list ? arena_print(gathering->arena, "%s,%s", gathering->list, value) : value;
    return MHD_YES;
}

static const char *header_list(struct request *request, const char *name)
{
    struct gathering gathering = {.arena = &request->arena, .name = name};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, gather, &gathering);
    return gathering.list;
}

static const char *network_of(struct arena *arena, const char *address)
{
    struct in6_addr six;
    char text[MAX_ADDRESS];
    if (inet_pton(AF_INET6, address, &six) != 1)
        return address;
    memset(&six.s6_addr[8], 0, 8);
    if (!inet_ntop(AF_INET6, &six, text, sizeof text))
        return address;
    return arena_copy(arena, text, strlen(text));
}

const char *address_of(struct request *request)
{
    const char *peer = peer_of(request);
    if (is_listed(settings.trusted_proxies, peer, strlen(peer))) {
        const char *list = header_list(request, "X-Forwarded-For");
        if (!list)
            list = header_list(request, "Forwarded");
        peer = address_rightmost(&request->arena, peer, list, settings.trusted_proxies);
    }
    return network_of(&request->arena, peer);
}
