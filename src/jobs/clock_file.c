/*
 * The clock file of tests: one line that says what time it is. Strict, for a misread line would walk a whole community through
 * days that never were.
 */
#include "jobs/clock_file.h"
#include <ctype.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "base/log.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY_LENGTH = 24 * HOUR };
static const long long LONGEST = 100LL * 366 * DAY_LENGTH; /* seconds: further than any test walks */

/* Exactly `digits` digits between low and high; NULL: they are not there. */
static const char *number(const char *text, int digits, int low, int high, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, text++) {
        if (!isdigit((unsigned char)*text))
            return NULL;
        *value = *value * 10 + (*text - '0');
    }
    return *value >= low && *value <= high ? text : NULL;
}

static const char *letter(const char *text, char wanted)
{
    return text && *text == wanted ? text + 1 : NULL;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static const char *date(const char *text)
{
    int year, month, day;
    if (!(text = letter(number(text, 4, 1, 9999, &year), '-')) || !(text = letter(number(text, 2, 1, 12, &month), '-')))
        return NULL;
    return number(text, 2, 1, days_of(year, month), &day);
}

static const char *time_of_day(const char *text)
{
    int unused;
    if (!(text = letter(number(text, 2, 0, 23, &unused), ':')) || !(text = letter(number(text, 2, 0, 59, &unused), ':')))
        return NULL;
    if (!(text = number(text, 2, 0, 59, &unused)) || *text != '.')
        return text;
    size_t digits = strspn(++text, "0123456789");
    return digits >= 1 && digits <= 6 ? text + digits : NULL;
}

static const char *zone(const char *text)
{
    int unused;
    if (*text == 'Z')
        return text + 1;
    if (*text != '+' && *text != '-')
        return NULL;
    if (!(text = letter(number(text + 1, 2, 0, 14, &unused), ':')))
        return NULL;
    return number(text, 2, 0, 59, &unused);
}

static bool is_instant(const char *text)
{
    if (!(text = letter(date(text), 'T')) || !(text = time_of_day(text)) || !(text = zone(text)))
        return false;
    return *text == '\0';
}

/* Each unit at most once, the greater before the smaller. */
static bool is_shift(const char *text, long long *seconds)
{
    static const struct {
        char name;
        long length;
    } units[] = {{'d', DAY_LENGTH}, {'h', HOUR}, {'m', MINUTE}, {'s', 1}, {'\0', 0}};
    int sign = *text == '-' ? -1 : 1, unit = 0;
    if (*text != '+' && *text != '-')
        return false;
    *seconds = 0;
    for (text++; *text || !unit; text++, unit++) {
        size_t digits = strspn(text, "0123456789");
        long long count = 0;
        if (digits < 1 || digits > 10)
            return false;
        for (; digits; digits--)
            count = count * 10 + (*text++ - '0');
        while (units[unit].name && units[unit].name != *text)
            unit++;
        if (!units[unit].name || count > LONGEST)
            return false;
        *seconds += sign * count * units[unit].length;
        if (*seconds > LONGEST || *seconds < -LONGEST)
            return false;
    }
    return true;
}

bool clock_read_line(const char *line, struct clock_setting *setting)
{
    long long seconds = 0;
    size_t length = strlen(line);
    bool still = is_instant(line);
    if (length >= CLOCK_LINE || (!still && !is_shift(line, &seconds)))
        return false;
    *setting = (struct clock_setting){0};
    memcpy(setting->line, line, length);
    if (still)
        memcpy(setting->instant, line, length);
    snprintf(setting->shift, sizeof setting->shift, "%lld seconds", seconds);
    return true;
}

/* The whole file without the blanks at its end; a second line stays in it and is then not understood. */
static bool read_file(const char *path, char line[CLOCK_LINE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    ssize_t length = read(file, line, CLOCK_LINE - 1);
    close(file);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        length--;
    line[length > 0 ? length : 0] = '\0';
    return length > 0;
}

enum clock_news clock_file_read(const char *path, struct clock_setting *setting)
{
    static char refused[CLOCK_LINE]; /* only one thread reads the file at a time: main before the clock, then the clock */
    char line[CLOCK_LINE];
    if (!read_file(path, line))
        return CLOCK_UNREADABLE;
    if (!strcmp(line, setting->line))
        return CLOCK_SAME;
    if (clock_read_line(line, setting))
        return CLOCK_CHANGED;
    if (strcmp(line, refused))
        log_event(LOG_WARNING, "the clock file says nothing understandable", "line", line, NULL);
    memcpy(refused, line, sizeof refused);
    return CLOCK_UNREADABLE;
}

int clock_file_watch(const char *path)
{
    char folder[PATH_MAX];
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    snprintf(folder, sizeof folder, "%s", path);
    if (watch < 0 || inotify_add_watch(watch, dirname(folder), IN_MOVED_TO) >= 0)
        return watch > 0 ? watch : 0;
    close(watch);
    return 0;
}

void clock_file_looked(int watch)
{
    char unused[4096];
    while (watch && read(watch, unused, sizeof unused) > 0)
        ;
}
