/* The contract as a page to read, of one piece: no script, nothing from elsewhere. */
#include "documents.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HEAD[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Echo Wall: the API</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
    "table{border-collapse:collapse;width:100%}td{border-top:1px solid #ddd;padding:.3rem "
    ".6rem;vertical-align:top}td:first-child{text-transform:uppercase}"
    "code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td{border-color:#444}a{color:#8bf}}</style>\n"
    "<h1>Echo Wall: the API</h1>\n"
    "<p>Every endpoint of the contract, which stands in full in <a href=\"/openapi.yaml\">openapi.yaml</a> (OpenAPI 3.1).</p>\n<table>\n";
static const char TAIL[] = "</table>\n</html>\n";

/* A piece of the contract, inside it. */
struct piece {
    const char *start;
    size_t length;
};

/* Where the reader stands: the endpoint that is to be written once its summary is known. */
struct reader {
    FILE *out;
    bool in_paths;
    struct piece path, method, summary;
};

static bool begins(struct piece line, const char *with)
{
    size_t length = strlen(with);
    return line.length >= length && !memcmp(line.start, with, length);
}

static struct piece without(struct piece line, size_t length)
{
    return (struct piece){line.start + length, line.length - length};
}

/* Without the colon at its end and without quotes. */
static struct piece bare(struct piece text)
{
    if (text.length && text.start[text.length - 1] == ':')
        text.length--;
    bool quoted = text.length >= 2 && (*text.start == '"' || *text.start == '\'') && text.start[text.length - 1] == *text.start;
    return quoted ? (struct piece){text.start + 1, text.length - 2} : text;
}

static void print(FILE *out, struct piece text)
{
    for (size_t i = 0; i < text.length; i++)
        switch (text.start[i]) {
        case '<':
            fputs("&lt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        default:
            fputc(text.start[i], out);
        }
}

static void end_endpoint(struct reader *reader)
{
    if (reader->method.length) {
        fprintf(reader->out, "<tr><td><code>%.*s</code><td><code>", (int)reader->method.length, reader->method.start);
        print(reader->out, reader->path);
        fputs("</code><td>", reader->out);
        print(reader->out, reader->summary);
        fputc('\n', reader->out);
    }
    reader->method = reader->summary = (struct piece){0};
}

static bool is_method(struct piece name)
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (name.length == strlen(methods[i]) && begins(name, methods[i]))
            return true;
    return false;
}

static void read_line(struct reader *reader, struct piece line)
{
    if (!line.length || *line.start == '#')
        return;
    if (*line.start != ' ') {
        end_endpoint(reader);
        reader->in_paths = begins(line, "paths:");
    } else if (reader->in_paths && (begins(line, "  /") || begins(line, "  \"/") || begins(line, "  '/"))) {
        end_endpoint(reader);
        reader->path = bare(without(line, 2));
    } else if (reader->in_paths && begins(line, "    ") && is_method(bare(without(line, 4)))) {
        end_endpoint(reader);
        reader->method = bare(without(line, 4));
    } else if (reader->method.length && begins(line, "      summary: ")) {
        reader->summary = bare(without(line, strlen("      summary: ")));
    }
}

char *endpoints_page(const char *contract, size_t size)
{
    const char *end = contract + size;
    char *page = NULL;
    size_t length = 0;
    struct reader reader = {.out = open_memstream(&page, &length)};
    if (!reader.out)
        abort();
    fputs(HEAD, reader.out);
    for (const char *line = contract; line < end; line++) {
        const char *after = memchr(line, '\n', (size_t)(end - line));
        after = after ? after : end;
        read_line(&reader, (struct piece){line, (size_t)(after - line)});
        line = after;
    }
    end_endpoint(&reader);
    fputs(TAIL, reader.out);
    if (fclose(reader.out))
        abort();
    return page;
}
