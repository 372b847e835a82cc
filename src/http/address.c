#include "http/address.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include "base/log.h"
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

/* An address in sixteen bytes, an IPv4 one as ::ffff:1.2.3.4. */
static bool bytes_of(const char *text, size_t length, struct in6_addr *bytes)
{
    char spelled[MAX_ADDRESS], mapped[MAX_ADDRESS + 8];
    if (!spell(text, length, spelled))
        return false;
    snprintf(mapped, sizeof mapped, "%s%s", strchr(spelled, ':') ? "" : "::ffff:", spelled);
    return inet_pton(AF_INET6, mapped, bytes) == 1;
}

/* 1.2.3.4, 10.0.0.0/8, 2001:db8::/32 in bytes, and how many bits of them count. */
static bool read_network(const char *text, size_t length, struct in6_addr *base, int *bits)
{
    enum { ALL = 128, OF_MAPPED = 96 };
    const char *slash = memchr(text, '/', length);
    size_t size = slash ? (size_t)(slash - text) : length, digits = slash ? strspn(slash + 1, "0123456789") : 0;
    *bits = ALL;
    if (!bytes_of(text, size, base))
        return false;
    if (!slash)
        return true;
    if (digits < 1 || digits > 3 || size + 1 + digits != length)
        return false;
    *bits = (memchr(text, ':', size) ? 0 : OF_MAPPED) + atoi(slash + 1);
    return *bits <= ALL;
}

static bool is_within(const char *network, size_t length, const struct in6_addr *address)
{
    struct in6_addr base;
    int bits;
    if (!read_network(network, length, &base, &bits))
        return false;
    for (int bit = 0; bit < bits; bit++)
        if ((base.s6_addr[bit / 8] ^ address->s6_addr[bit / 8]) >> (7 - bit % 8) & 1)
            return false;
    return true;
}

static bool is_trusted(const char *trusted, const char *address)
{
    struct in6_addr bytes;
    if (!bytes_of(address, strlen(address), &bytes))
        return is_listed(trusted, address, strlen(address));
    for (const char *at = trusted; at && *(at += strspn(at, " ")); at += strcspn(at, " "))
        if (is_within(at, strcspn(at, " "), &bytes))
            return true;
    return false;
}

/* As proxies write it: 1.2.3.4, 1.2.3.4:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80. False: `unknown`, `_hidden` or nonsense. */
static bool read_node(const char *start, size_t length, char spelled[MAX_ADDRESS])
{
    while (length > 0 && strchr(" \t", *start))
        start++, length--;
    while (length > 0 && strchr(" \t", start[length - 1]))
        length--;
    const char *bracket = memchr(start, ']', length), *colon = memchr(start, ':', length);
    if (length > 0 && *start == '[' && bracket)
        return spell(start + 1, (size_t)(bracket - start - 1), spelled);
    if (colon && memchr(start, '.', length) && !memchr(colon + 1, ':', length - (size_t)(colon + 1 - start)))
        length = (size_t)(colon - start);
    return spell(start, length, spelled);
}

/* A list read from the left: who would be the client if it ended here. Empty: nobody that can be named. */
struct walk {
    const char *trusted;
    char client[MAX_ADDRESS];
};

/* Whoever is not one of ours takes the place of all before him; so does anybody after one that cannot be read. */
static void walk_on(struct walk *walk, const char *node, size_t length)
{
    char spelled[MAX_ADDRESS];
    if (!read_node(node, length, spelled))
        *walk->client = '\0';
    else if (!*walk->client || !is_trusted(walk->trusted, spelled))
        memcpy(walk->client, spelled, sizeof spelled);
}

static void walk_forwarded_for(struct walk *walk, const char *list)
{
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        walk_on(walk, at, strcspn(at, ","));
}

enum { MAX_NODE = 64 };

/* A token or a quoted string, cut at the room there is; returns its end. NULL: the quotes do not close. */
static const char *read_value(const char *at, char value[MAX_NODE])
{
    size_t length = 0;
    bool quoted = *at == '"';
    for (at += quoted; quoted ? *at != '"' : *at && !strchr(",; \t", *at); at++) {
        if (quoted && *at == '\\')
            at++;
        if (!*at)
            return NULL;
        if (length + 1 < MAX_NODE)
            value[length++] = *at;
    }
    value[length] = '\0';
    return at + quoted;
}

/* One name=value; that of `for` into the node, empty if it came before. Returns where the next separator stands. NULL: malformed. */
static const char *read_pair(const char *at, char node[MAX_NODE], bool *found)
{
    char value[MAX_NODE];
    at += strspn(at, " \t");
    size_t name = strcspn(at, "=,;\" \t");
    if (name > 0 && at[name] == '=') {
        const char *end = read_value(at + name + 1, value);
        if (end && name == strlen("for") && strncasecmp(at, "for", name) == 0) {
            memcpy(node, *found ? "" : value, *found ? 1 : sizeof value);
            *found = true;
        }
        at = end;
    } else if (name > 0)
        return NULL;
    if (at)
        at += strspn(at, " \t");
    return at && strchr(",;", *at) ? at : NULL; /* strchr finds the end of the list as well */
}

/* Forwarded (RFC 7239): quotes are heeded, or what a client put into its Host could become an element of its own. */
static bool walk_forwarded(struct walk *walk, const char *list)
{
    for (const char *at = list;; at++) {
        char node[MAX_NODE] = "";
        bool found = false;
        at = read_pair(at, node, &found);
        while (at && *at == ';')
            at = read_pair(at + 1, node, &found);
        if (!at)
            return false;
        walk_on(walk, node, strlen(node));
        if (!*at)
            return true;
    }
}

const char *address_client(struct arena *arena, const char *peer, const char *forwarded_for, const char *forwarded, const char *trusted)
{
    struct walk one = {.trusted = trusted}, other = {.trusted = trusted};
    if (!is_trusted(trusted, peer))
        return peer;
    if (forwarded_for)
        walk_forwarded_for(&one, forwarded_for);
    if (forwarded && !walk_forwarded(&other, forwarded))
        return peer;
    if (forwarded_for && forwarded && strcmp(one.client, other.client) != 0)
        return peer;
    const char *client = forwarded_for ? one.client : other.client;
    return *client ? arena_copy(arena, client, strlen(client)) : peer;
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
    if (settings.trusted_proxies)
        peer = address_client(&request->arena, peer, header_list(request, "X-Forwarded-For"), header_list(request, "Forwarded"),
                              settings.trusted_proxies);
    return network_of(&request->arena, peer);
}

bool address_start(void)
{
    struct in6_addr base;
    int bits;
    for (const char *at = settings.trusted_proxies; at && *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (!(length == strlen("unix") && memcmp(at, "unix", length) == 0) && !read_network(at, length, &base, &bits)) {
            log_event(LOG_ERROR, "trusted-proxies holds something else than addresses, networks and unix", NULL);
            return false;
        }
    }
    return true;
}
