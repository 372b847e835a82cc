#pragma once
#include "http/request.h"

/* Where a request comes from: the peer, or behind trusted proxies the rightmost address that is not one of them. An IPv6 address is cut to
   its /64, which one customer has for himself. For buckets only, never for the log. */
const char *address_of(struct request *);
bool address_start(void); /* false after logging that settings.trusted_proxies cannot be read */

/*
 * The client as trusted proxies tell it: `forwarded_for` as X-Forwarded-For has it, `forwarded` as Forwarded (RFC 7239), NULL where it did
 * not come, each header that came twice in one list. From the right, what proxies of `trusted` say of their clients is believed, up to
 * the first that is none of them. The peer itself where it is not trusted, where nothing readable was said, where a list is malformed,
 * and where the two headers name different clients, for one of them was written by the client.
 * `trusted`: addresses, networks such as 10.0.0.0/8, and "unix", separated by blanks.
 */
const char *address_client(struct arena *, const char *peer, const char *forwarded_for, const char *forwarded, const char *trusted);
