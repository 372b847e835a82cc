#include "http/range.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits up to `end`; more than any file has bytes where there are very many. */
static bool read_number(const char **at, unsigned long long *number)
{
    enum { MOST_DIGITS = 18 };
    size_t digits = strspn(*at, "0123456789");
    *number = digits > MOST_DIGITS ? ~0ULL : strtoull(*at, NULL, 10);
    *at += digits;
    return digits > 0;
}

static enum range range_from_end(unsigned long long count, unsigned long long size, struct part *part)
{
    if (count == 0 || size == 0)
        return RANGE_BEYOND;
    *part = (struct part){.first = count < size ? size - count : 0, .last = size - 1};
    return RANGE_PART;
}

enum range range_of(const char *header, unsigned long long size, struct part *part)
{
    unsigned long long first, last = ~0ULL;
    if (!header || strncasecmp(header, "bytes=", 6) != 0)
        return RANGE_ALL;
    const char *at = header + 6 + strspn(header + 6, " \t");
    bool begun = read_number(&at, &first);
    if (*at++ != '-')
        return RANGE_ALL;
    bool ended = read_number(&at, &last);
    if (at[strspn(at, " \t")] || (!begun && !ended))
        return RANGE_ALL;
    if (!begun)
        return range_from_end(last, size, part);
    if (!ended)
        last = ~0ULL;
    if (first > last)
        return RANGE_ALL;
    if (first >= size)
        return RANGE_BEYOND;
    *part = (struct part){.first = first, .last = last < size ? last : size - 1};
    return RANGE_PART;
}
