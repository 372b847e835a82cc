#pragma once
#include "http/request.h"

/* Where a request comes from: the peer, or behind trusted proxies the rightmost address that is not one of them. An IPv6 address is cut to
   its /64, which one customer has for himself. For buckets only, never for the log. */
const char *address_of(struct request *);
/* The rightmost untrusted of `peer` and a list as X-Forwarded-For (or the for= of Forwarded) has it. */
const char *address_rightmost(struct arena *, const char *peer, const char *list, const char *trusted);
