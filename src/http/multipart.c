/*
 * A reader of multipart/form-data. A delimiter begins with CR, which occurs nowhere else in it: where a match breaks off, what was matched is
 * content, and only the byte that broke it can begin another one.
 */
#include "http/multipart.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum state { IN_CONTENT, BEHIND_DELIMITER, BEHIND_DASH, BEHIND_RETURN, IN_LINE, IN_END };

static bool is_boundary_character(char c)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'()+_,-./:=? ";
    return c && strchr(allowed, c);
}

/* The value of ;name=value or ;name="value" behind the first word of a header; false: it is not there or does not fit. */
static bool read_parameter(const char *header, const char *name, char *into, size_t room)
{
    size_t length = strlen(name), used = 0;
    for (const char *at = strchr(header, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, name, length) != 0 || at[length] != '=') {
            const char *quoted = strpbrk(at, ";\"");
            if (quoted && *quoted == '"') { /* a ';' inside quotes separates nothing */
                quoted = strchr(quoted + 1, '"');
                at = quoted ? quoted : at + strlen(at);
            }
            continue;
        }
        bool quoted = at[length + 1] == '"';
        at += length + 1 + quoted;
        while (*at && (quoted ? *at != '"' : !strchr("; \t", *at)) && used + 1 < room)
            into[used++] = *at++;
        into[used] = '\0';
        return !*at || strchr("\"; \t", *at);
    }
    return false;
}

bool multipart_start(struct multipart *multipart, const char *content_type)
{
    char boundary[MULTIPART_BOUNDARY + 1];
    if (!content_type || !read_parameter(content_type, "boundary", boundary, sizeof boundary) || !*boundary)
        return false;
    for (const char *at = boundary; *at; at++)
        if (!is_boundary_character(*at))
            return false;
    multipart->length = (size_t)snprintf(multipart->delimiter, sizeof multipart->delimiter, "\r\n--%s", boundary);
    multipart->matched = 2; /* the first one stands at the beginning of a line that nothing ended */
    multipart->state = IN_CONTENT;
    multipart->in_part = false;
    return true;
}

bool multipart_is_complete(const struct multipart *multipart)
{
    return multipart->state == IN_END;
}

static bool give(struct multipart *multipart, const char *bytes, size_t size)
{
    return size == 0 || !multipart->in_part || multipart->content(multipart->with, bytes, size);
}

static bool end_part(struct multipart *multipart)
{
    bool ended = !multipart->in_part || multipart->end(multipart->with);
    multipart->in_part = false;
    multipart->state = BEHIND_DELIMITER;
    multipart->matched = 0;
    return ended;
}

/* Takes bytes of content up to the end of a delimiter; *size becomes those that were taken. */
static bool read_content(struct multipart *multipart, const char *bytes, size_t *size)
{
    for (size_t at = 0; at < *size;) {
        if (multipart->matched == 0) {
            const char *begun = memchr(bytes + at, *multipart->delimiter, *size - at);
            size_t run = begun ? (size_t)(begun - bytes) - at : *size - at;
            if (!give(multipart, bytes + at, run))
                return false;
            at += run + (begun != NULL);
            multipart->matched = begun != NULL;
        } else if (bytes[at] == multipart->delimiter[multipart->matched]) {
            at++;
            if (++multipart->matched == multipart->length) {
                *size = at;
                return end_part(multipart);
            }
        } else {
            size_t matched = multipart->matched;
            multipart->matched = 0;
            if (!give(multipart, multipart->delimiter, matched))
                return false;
        }
    }
    return true;
}

/* Header lines of a part: only how it is called matters. */
static bool end_line(struct multipart *multipart)
{
    static const char wanted[] = "content-disposition:";
    char unused[MULTIPART_LINE];
    multipart->line[multipart->line_size] = '\0';
    if (multipart->line_size == 0) {
        multipart->state = IN_CONTENT;
        multipart->matched = 0;
        multipart->in_part = true;
        return multipart->begin(multipart->with, multipart->file, multipart->name);
    }
    if (strncasecmp(multipart->line, wanted, strlen(wanted)) == 0) {
        if (!read_parameter(multipart->line, "name", multipart->name, sizeof multipart->name))
            *multipart->name = '\0';
        multipart->file = read_parameter(multipart->line, "filename", unused, sizeof unused) ||
                          read_parameter(multipart->line, "filename*", unused, sizeof unused);
    }
    multipart->line_size = 0;
    return ++multipart->lines <= MULTIPART_LINES;
}

static bool read_line(struct multipart *multipart, char c)
{
    if (c == '\n' && multipart->line_size > 0 && multipart->line[multipart->line_size - 1] == '\r') {
        multipart->line_size--;
        return end_line(multipart);
    }
    if (multipart->line_size + 1 >= sizeof multipart->line || !c)
        return false;
    multipart->line[multipart->line_size++] = c;
    return true;
}

/* Behind a delimiter: "--" ends all, a new line begins a part; blanks before it are padding. */
static bool read_mark(struct multipart *multipart, char c)
{
    switch (multipart->state) {
    case BEHIND_DELIMITER:
        if (c == ' ' || c == '\t')
            return true;
        multipart->state = c == '-' ? BEHIND_DASH : BEHIND_RETURN;
        return c == '-' || c == '\r';
    case BEHIND_DASH:
        multipart->state = IN_END;
        return c == '-';
    default:
        multipart->state = IN_LINE;
        multipart->line_size = 0;
        multipart->lines = 0;
        multipart->file = false;
        *multipart->name = '\0';
        return c == '\n';
    }
}

bool multipart_read(struct multipart *multipart, const char *bytes, size_t size)
{
    while (size > 0 && multipart->state != IN_END) {
        bool content = multipart->state == IN_CONTENT;
        size_t taken = content ? size : 1;
        bool fine = content                       ? read_content(multipart, bytes, &taken)
                    : multipart->state == IN_LINE ? read_line(multipart, *bytes)
                                                  : read_mark(multipart, *bytes);
        if (!fine)
            return false;
        bytes += taken;
        size -= taken;
    }
    return true;
}
