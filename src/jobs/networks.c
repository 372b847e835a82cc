/*
 * Where a webhook must not lead: whoever may name its address would otherwise read and write in the networks that this server can see. What
 * counts is the address after the look-up, at the moment the connection is made.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "jobs/push.h"

enum { ADDRESS = 16, MAPPED = 12, MOST = 32 };

/* IPv4 as ::ffff:a.b.c.d. */
struct network {
    unsigned char prefix[ADDRESS];
    int bits;
};

static struct network allowed[MOST];
static int allowed_count;

/* From the registries of special purposes (RFC 6890 and its successors): nothing in them is everybody's. */
static const char special[] = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
                              "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
                              "2001::/23 2001:db8::/32 3fff::/20";
static struct network forbidden[MOST];
static int forbidden_count;

static const unsigned char mapped_prefix[MAPPED] = {[10] = 0xff, [11] = 0xff};

static void map(unsigned char into[ADDRESS], const void *four)
{
    memcpy(into, mapped_prefix, MAPPED);
    memcpy(into + MAPPED, four, ADDRESS - MAPPED);
}

static bool read_network(const char *text, size_t length, struct network *network)
{
    char copy[64], *slash, *end;
    struct in_addr four;
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if ((slash = strchr(copy, '/')))
        *slash = '\0';
    bool is_four = inet_pton(AF_INET, copy, &four) == 1;
    if (is_four)
        map(network->prefix, &four);
    else if (inet_pton(AF_INET6, copy, network->prefix) != 1)
        return false;
    int most = is_four ? 32 : 128;
    long bits = slash ? strtol(slash + 1, &end, 10) : most;
    if (slash && (end == slash + 1 || *end || bits < 0 || bits > most))
        return false;
    network->bits = (int)bits + (is_four ? 8 * MAPPED : 0);
    return true;
}

static bool read_networks(const char *list, struct network *networks, int *count)
{
    for (*count = 0; list && *(list += strspn(list, " ")); list += strcspn(list, " "))
        if (*count == MOST || !read_network(list, strcspn(list, " "), &networks[(*count)++]))
            return false;
    return true;
}

bool networks_read(const char *blank_separated)
{
    if (!read_networks(special, forbidden, &forbidden_count))
        abort();
    if (read_networks(blank_separated, allowed, &allowed_count))
        return true;
    log_event(LOG_ERROR, "push-networks holds something else than networks such as 10.1.0.0/16", NULL);
    return false;
}

static bool is_within(const unsigned char address[ADDRESS], const struct network *network)
{
    int whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(address, network->prefix, (size_t)whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ network->prefix[whole]) >> (8 - rest) == 0;
}

static bool is_in_one_of(const unsigned char address[ADDRESS], const struct network *networks, int count)
{
    for (int i = 0; i < count; i++)
        if (is_within(address, &networks[i]))
            return true;
    return false;
}

/* Addresses of IPv4 come in several disguises: mapped, translated (64:ff9b::/96), tunnelled (2002::/16). */
static void undisguise(unsigned char address[ADDRESS])
{
    static const unsigned char translated[MAPPED] = {0x00, 0x64, 0xff, 0x9b};
    unsigned char four[4];
    if (memcmp(address, translated, MAPPED) == 0)
        memcpy(four, address + MAPPED, sizeof four);
    else if (address[0] == 0x20 && address[1] == 0x02)
        memcpy(four, address + 2, sizeof four);
    else
        return;
    map(address, four);
}

bool network_may_be_reached(const struct sockaddr *where)
{
    unsigned char address[ADDRESS];
    if (where->sa_family == AF_INET)
        map(address, &((const struct sockaddr_in *)(const void *)where)->sin_addr);
    else if (where->sa_family == AF_INET6)
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)where)->sin6_addr, ADDRESS);
    else
        return false;
    undisguise(address);
    if (is_in_one_of(address, allowed, allowed_count))
        return true;
    bool global = memcmp(address, mapped_prefix, MAPPED) == 0 || address[0] >> 5 == 1; /* of IPv6 only 2000::/3 is given out */
    return global && !is_in_one_of(address, forbidden, forbidden_count);
}
