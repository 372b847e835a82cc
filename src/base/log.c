#include "base/log.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {[LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
static atomic_int threshold = LOG_INFO;

/* A line that grows too long loses its end, never its line feed: what is written is always whole lines. */
struct line {
    size_t length;
    char bytes[2048];
};

/* What a thread that gathers has not written yet. */
static _Thread_local struct {
    bool on;
    size_t length;
    char bytes[16 * 1024];
} gathered;

static void put(struct line *line, char c)
{
    enum { KEPT = 2 }; /* bytes, for a closing quote and the line feed */
    if (line->length < sizeof line->bytes - KEPT)
        line->bytes[line->length++] = c;
}

static void put_text(struct line *line, const char *text)
{
    while (*text)
        put(line, *text++);
}

static void put_escaped(struct line *line, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        put(line, '\\');
        put(line, (char)c);
    } else if (c == '\n')
        put_text(line, "\\n");
    else if (c < ' ' || c == 127) {
        put_text(line, "\\x");
        put(line, digits[c >> 4]);
        put(line, digits[c & 15]);
    } else
        put(line, (char)c);
}

static void put_quoted(struct line *line, const char *value)
{
    put(line, '"');
    while (*value)
        put_escaped(line, (unsigned char)*value++);
    line->bytes[line->length++] = '"';
}

static bool is_plain(const char *value)
{
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c == 127)
            return false;
    return *value;
}

static void put_time(struct line *line)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(text, sizeof text, "at=%FT%T", &utc);
    snprintf(text + length, sizeof text - length, ".%06ldZ", now.tv_nsec / 1000);
    put_text(line, text);
}

/* A log that cannot be written is no reason to stop. */
static void put_out(const char *bytes, size_t length)
{
    if (length > 0 && write(STDERR_FILENO, bytes, length) < 0)
        return;
}

void log_gather(void)
{
    gathered.on = true;
}

void log_flush(void)
{
    put_out(gathered.bytes, gathered.length);
    gathered.length = 0;
}

static void end_line(struct line *line, enum log_level level)
{
    line->bytes[line->length++] = '\n';
    if (!gathered.on || gathered.length + line->length > sizeof gathered.bytes)
        log_flush();
    if (!gathered.on) {
        put_out(line->bytes, line->length);
        return;
    }
    memcpy(gathered.bytes + gathered.length, line->bytes, line->length);
    gathered.length += line->length;
    if (level <= LOG_WARNING)
        log_flush();
}

void log_event(enum log_level level, const char *event, ...)
{
    struct line line = {0};
    va_list pairs;
    if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    put_time(&line);
    put_text(&line, " level=");
    put_text(&line, level_names[level]);
    put_text(&line, " event=");
    put_quoted(&line, event);
    va_start(pairs, event);
    for (const char *key; (key = va_arg(pairs, const char *));) {
        const char *value = va_arg(pairs, const char *);
        if (!value || line.length + strlen(key) + 5 > sizeof line.bytes) /* 5: blank, '=', a quote, and what put() keeps */
            continue;
        put(&line, ' ');
        put_text(&line, key);
        put(&line, '=');
        if (is_plain(value))
            put_text(&line, value);
        else
            put_quoted(&line, value);
    }
    va_end(pairs);
    end_line(&line, level);
}

bool log_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("echo-wall: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    return false;
}

void log_threshold(enum log_level level)
{
    atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

const char *log_number(struct log_number *into, long long number)
{
    snprintf(into->text, sizeof into->text, "%lld", number);
    return into->text;
}
