#include "http/negotiate.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One element of a list such as "text/html;q=0.8, star/star". */
struct preference {
    const char *name;
    size_t length;
    double quality;
};

static double quality_of(const char *parameters, const char *end)
{
    for (const char *at = parameters; at < end && *at == ';';) {
        const char *name = at + 1 + strspn(at + 1, " \t");
        if ((*name == 'q' || *name == 'Q') && name[1] == '=')
            return strtod(name + 2, NULL);
        at = name + strcspn(name, ";,");
    }
    return 1;
}

/* The next element; NULL: there is none. */
static const char *next_preference(const char *list, struct preference *preference)
{
    list += strspn(list, " \t,");
    if (!*list)
        return NULL;
    const char *end = list + strcspn(list, ",");
    preference->name = list;
    preference->length = strcspn(list, " \t;,");
    preference->quality = quality_of(list + strcspn(list, ";,"), end);
    return end;
}

static bool is_name(const struct preference *preference, const char *name)
{
    return preference->length == strlen(name) && strncasecmp(preference->name, name, preference->length) == 0;
}

static bool is_range_over(const struct preference *preference, const char *media_type)
{
    size_t kind = strcspn(media_type, "/") + 1;
    return preference->length == kind + 1 && preference->name[kind] == '*' && strncasecmp(preference->name, media_type, kind) == 0;
}

/* The most exact element decides: the type itself, its range, everything. */
bool accepts_media_type(const char *accept, const char *media_type)
{
    char bare[64];
    size_t length = strcspn(media_type, "; ");
    int exactness = 0;
    double quality = 0;
    struct preference preference;
    if (!accept || !accept[strspn(accept, " \t,")] || length >= sizeof bare)
        return true;
    memcpy(bare, media_type, length);
    bare[length] = '\0';
    while ((accept = next_preference(accept, &preference))) {
        int found = is_name(&preference, bare) ? 3 : is_range_over(&preference, bare) ? 2 : is_name(&preference, "*/*") ? 1 : 0;
        if (found > exactness || (found && found == exactness && preference.quality > quality)) {
            exactness = found;
            quality = preference.quality;
        }
    }
    return quality > 0;
}

bool accepts_gzip(const char *accept_encoding)
{
    double named = -1, any = 0;
    struct preference preference;
    while (accept_encoding && (accept_encoding = next_preference(accept_encoding, &preference))) {
        if (is_name(&preference, "gzip") || is_name(&preference, "x-gzip"))
            named = preference.quality;
        else if (is_name(&preference, "*"))
            any = preference.quality;
    }
    return (named >= 0 ? named : any) > 0;
}

bool prefers_chinese(const char *accept_language)
{
    double chinese = 0, english = 0;
    struct preference preference;
    while (accept_language && (accept_language = next_preference(accept_language, &preference))) {
        bool is_primary = preference.length == 2 || (preference.length > 2 && preference.name[2] == '-');
        if (is_primary && strncasecmp(preference.name, "zh", 2) == 0 && preference.quality > chinese)
            chinese = preference.quality;
        if (is_primary && strncasecmp(preference.name, "en", 2) == 0 && preference.quality > english)
            english = preference.quality;
    }
    return chinese > english;
}

static const char *opaque_part(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool etag_is_listed(const char *list, const char *etag)
{
    size_t length = strlen(opaque_part(etag));
    while (list && *(list += strspn(list, " \t,"))) {
        if (*list == '*')
            return true;
        const char *start = opaque_part(list);
        const char *end = *start == '"' ? strchr(start + 1, '"') : NULL;
        if (!end)
            return false;
        if ((size_t)(end + 1 - start) == length && memcmp(start, opaque_part(etag), length) == 0)
            return true;
        list = end + 1;
    }
    return false;
}

long etag_version(const char *if_match)
{
    enum { MOST_DIGITS = 9 };
    const char *start = opaque_part(if_match + strspn(if_match, " \t"));
    size_t digits = *start == '"' ? strspn(start + 1, "0123456789") : 0;
    const char *end = start + 1 + digits;
    if (digits == 0 || digits > MOST_DIGITS || (*end != '-' && *end != '"') || !strchr(end, '"'))
        return -1;
    return strtol(start + 1, NULL, 10);
}

bool is_listed(const char *blank_separated, const char *word, unsigned long length)
{
    for (const char *at = blank_separated; at && *(at += strspn(at, " "));) {
        size_t size = strcspn(at, " ");
        if (size == length && strncasecmp(at, word, length) == 0)
            return true;
        at += size;
    }
    return false;
}
