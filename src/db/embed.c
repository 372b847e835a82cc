/*
 * Build tool: compiles texts in.
 *
 *   embed statements sql.c sql.h <folder>/<file>.sql ...   each becomes `const struct statement sql_<folder>_<file>`
 *   embed texts texts.c --table <name> file ... --table ...  each table becomes `const struct embedded_text <name>[]`
 *
 * In a statement a parameter is written :name, as in psql, and becomes $1, $2, ... in order of first appearance. Comments are
 * left out; quotes and dollar quotes pass unread; a colon after another colon, a name, a number or a bracket begins no parameter.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/statement.h"

enum { MAX_NAME = 100, MAX_FILE = 1 << 22 };

struct parameters {
    int count;
    char names[MAX_PARAMETERS][MAX_NAME];
};

/* One statement on its way from .sql to C. */
struct source {
    const char *path;
    const char *start, *at;
    FILE *out;
    struct parameters parameters;
};

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

static char *read_file(const char *path, size_t *size)
{
    char *text = malloc(MAX_FILE + 1);
    FILE *file = fopen(path, "rb");
    if (!file || !text)
        fail(path, "cannot be read");
    *size = fread(text, 1, MAX_FILE + 1, file);
    fclose(file);
    if (*size > MAX_FILE)
        fail(path, "is too large");
    text[*size] = '\0';
    return text;
}

static FILE *open_output(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        fail(path, "cannot be written");
    fputs("/* Made by src/db/embed.c; not to be edited. */\n", file);
    return file;
}

static void close_output(const char *path, FILE *file)
{
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed)
        fail(path, "cannot be written");
}

/* One character of a C string. Octal escapes have three digits, so that no digit behind them joins in; \? keeps trigraphs out. */
static void put(FILE *out, char c)
{
    if (c == '\n')
        fputs("\\n\"\n    \"", out);
    else if (c == '"' || c == '\\' || c == '?')
        fprintf(out, "\\%c", c);
    else if ((unsigned char)c < ' ' || c == 127)
        fprintf(out, "\\%03o", (unsigned char)c);
    else
        putc(c, out);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 128;
}

static bool follows_word(const struct source *source)
{
    return source->at > source->start && (is_word(source->at[-1]) || source->at[-1] == '$');
}

static void pass(struct source *source, const char *end)
{
    while (source->at < end)
        put(source->out, *source->at++);
}

/* A backslash counts only behind the E of an E'...'; a doubled quote reads as two strings, which comes to the same. */
static void pass_quoted(struct source *source)
{
    const char *open = source->at, *before = open - 1;
    bool escapes =
        *open == '\'' && before >= source->start && (*before == 'E' || *before == 'e') && (before == source->start || !is_word(before[-1]));
    const char *end = open + 1;
    while (*end && *end != *open)
        end += escapes && *end == '\\' && end[1] ? 2 : 1;
    if (!*end)
        fail(source->path, "a quote is never closed");
    pass(source, end + 1);
}

/* The length of $$ or $tag$ at this place; 0: there is none. */
static size_t dollar_tag(const struct source *source)
{
    size_t length = 1;
    if (follows_word(source) || isdigit((unsigned char)source->at[1]))
        return 0;
    while (is_word(source->at[length]))
        length++;
    return source->at[length] == '$' ? length + 1 : 0;
}

static void pass_dollar_quoted(struct source *source, size_t tag)
{
    const char *end = source->at + tag;
    while (*end && strncmp(end, source->at, tag) != 0)
        end++;
    if (!*end)
        fail(source->path, "a dollar quote is never closed");
    pass(source, end + tag);
}

static void skip_block_comment(struct source *source)
{
    int depth = 0;
    do {
        if (!*source->at)
            fail(source->path, "a comment is never closed");
        int step = strncmp(source->at, "/*", 2) == 0 ? 1 : strncmp(source->at, "*/", 2) == 0 ? -1 : 0;
        depth += step;
        source->at += step ? 2 : 1;
    } while (depth > 0);
    put(source->out, ' ');
}

static int number_of(struct source *source, const char *name, size_t length)
{
    struct parameters *parameters = &source->parameters;
    for (int i = 0; i < parameters->count; i++)
        if (strlen(parameters->names[i]) == length && memcmp(parameters->names[i], name, length) == 0)
            return i + 1;
    if (parameters->count == MAX_PARAMETERS || length >= MAX_NAME)
        fail(source->path, "too many parameters, or too long a name");
    memcpy(parameters->names[parameters->count], name, length);
    return ++parameters->count;
}

static bool is_parameter(const struct source *source)
{
    char before = source->at > source->start ? source->at[-1] : ' ';
    return (islower((unsigned char)source->at[1]) || source->at[1] == '_') && before != ':' && before != ']' && before != ')' &&
           !is_word(before);
}

static void put_parameter(struct source *source)
{
    size_t length = strspn(source->at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
    fprintf(source->out, "$%d", number_of(source, source->at + 1, length));
    source->at += 1 + length;
}

static void put_statement_text(struct source *source)
{
    size_t tag;
    while (*source->at) {
        if (strncmp(source->at, "--", 2) == 0)
            source->at += strcspn(source->at, "\n");
        else if (strncmp(source->at, "/*", 2) == 0)
            skip_block_comment(source);
        else if (*source->at == '\'' || *source->at == '"')
            pass_quoted(source);
        else if (*source->at == '$' && (tag = dollar_tag(source)) > 0)
            pass_dollar_quoted(source, tag);
        else if (*source->at == ':' && is_parameter(source))
            put_parameter(source);
        else
            put(source->out, *source->at++);
    }
}

/* ".../answers/answer.sql" with '/' is called answers/answer, with '_' answers_answer. */
static void name_of(const char *path, char between, char name[MAX_NAME])
{
    const char *file = strrchr(path, '/'), *folder = file;
    while (folder && folder > path && folder[-1] != '/')
        folder--;
    if (!file ||
        snprintf(name, MAX_NAME, "%.*s%c%.*s", (int)(file - folder), folder, between, (int)strcspn(file + 1, "."), file + 1) >= MAX_NAME)
        fail(path, "not <folder>/<file>.sql, or too long a name");
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_' && *c != between)
            fail(path, "a statement's name has small letters, digits and underscores only");
}

static void embed_statement(const char *path, int number, FILE *out)
{
    char name[MAX_NAME], symbol[MAX_NAME];
    size_t size;
    char *text = read_file(path, &size);
    struct source source = {.path = path, .start = text, .at = text, .out = out};
    name_of(path, '/', name);
    name_of(path, '_', symbol);
    if (strlen(text) != size)
        fail(path, "holds a NUL");

    fprintf(out, "const struct statement sql_%s = {\n    .name = \"%s.sql\",\n    .number = %d,\n    .text =\n    \"", symbol, name,
            number);
    put_statement_text(&source);
    fprintf(out, "\",\n    .parameter_count = %d,\n    .parameters = {", source.parameters.count);
    for (int i = 0; i < source.parameters.count; i++)
        fprintf(out, "\"%s\", ", source.parameters.names[i]);
    fputs("NULL}};\n\n", out);
    free(text);
}

static void write_statements(const char *path, char **files, int count)
{
    FILE *out = open_output(path);
    fputs("#include <stddef.h>\n#include \"sql.h\"\n\n", out);
    for (int i = 0; i < count; i++)
        embed_statement(files[i], i, out);
    fputs("const struct statement *const all_statements[] = {\n", out);
    for (int i = 0; i < count; i++) {
        char name[MAX_NAME];
        name_of(files[i], '_', name);
        fprintf(out, "    &sql_%s,\n", name);
    }
    fprintf(out, "    NULL};\n\nconst int statement_count = %d;\n", count);
    close_output(path, out);
}

/* Only a header that changed is written, so that a change inside a statement compiles one file. */
static void write_if_changed(const char *path, const char *text, size_t size)
{
    FILE *old = fopen(path, "rb");
    char *before = calloc(1, size + 1);
    if (!before)
        fail(path, "out of memory");
    bool same = old && fread(before, 1, size + 1, old) == size && memcmp(before, text, size) == 0;
    if (old)
        fclose(old);
    free(before);
    if (same)
        return;
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(text, 1, size, out) != size || fclose(out) != 0)
        fail(path, "cannot be written");
}

static void write_header(const char *path, char **files, int count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        fail(path, "out of memory");
    fputs("/* Made by src/db/embed.c; not to be edited. */\n#pragma once\n#include \"db/statement.h\"\n\n", out);
    for (int i = 0; i < count; i++) {
        char name[MAX_NAME];
        name_of(files[i], '_', name);
        fprintf(out, "extern const struct statement sql_%s;\n", name);
    }
    fclose(out);
    write_if_changed(path, text, size);
    free(text);
}

static void embed_text(const char *path, FILE *out)
{
    size_t size;
    char *text = read_file(path, &size);
    const char *slash = strrchr(path, '/');
    fprintf(out, "    {.name = \"%s\", .size = %zu, .text =\n    \"", slash ? slash + 1 : path, size);
    for (size_t i = 0; i < size; i++)
        put(out, text[i]);
    fputs("\"},\n", out);
    free(text);
}

static void write_texts(const char *path, char **arguments, int count)
{
    FILE *out = open_output(path);
    bool open = false;
    fputs("#include \"base/texts.h\"\n", out);
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--table") != 0 || i + 1 == count) {
            embed_text(arguments[i], out);
            continue;
        }
        fprintf(out, "%s\nconst struct embedded_text %s[] = {\n", open ? "    {0}};\n" : "", arguments[++i]);
        open = true;
    }
    fputs("    {0}};\n", out);
    close_output(path, out);
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "statements") == 0) {
        write_statements(argv[2], argv + 4, argc - 4);
        write_header(argv[3], argv + 4, argc - 4);
    } else if (argc >= 5 && strcmp(argv[1], "texts") == 0)
        write_texts(argv[2], argv + 3, argc - 3);
    else
        fail("embed", "statements <sql.c> <sql.h> <file>... | texts <texts.c> --table <name> <file>...");
}
