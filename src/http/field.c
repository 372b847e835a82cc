/* One value against its field. */
#include <stdlib.h>
#include <string.h>
#include "http/input.h"
#include "text/sought.h"
#include "text/visible.h"

enum { LONGEST_CODE = 32, LEAST_DIGITS = 5, MOST_DIGITS = 20, LONGEST_CURSOR = 1024 };

static const struct fault fine = {FINE, 0};

static struct fault fault(enum phrase phrase, long number)
{
    return (struct fault){phrase, number};
}

static struct fault unless(bool fits, enum phrase phrase)
{
    return fits ? fine : fault(phrase, 0);
}

/* The code point at this place and its length; 0: no UTF-8. */
static size_t code_point(const char *at, const char *end, unsigned long *point)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*at;
    size_t length = first < 0x80 ? 1 : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : (first & 0xf8) == 0xf0 ? 4 : 0;
    if (length == 0 || (size_t)(end - at) < length)
        return 0;
    *point = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | ((unsigned char)at[i] & 0x3f);
    }
    bool surrogate = *point >= 0xd800 && *point < 0xe000;
    return *point < least[length] || *point > 0x10ffff || surrogate ? 0 : length;
}

bool text_is_utf8(const char *text, size_t size)
{
    unsigned long point;
    for (const char *at = text, *end = text + size; at < end;) {
        size_t length = code_point(at, end, &point);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

static bool is_control(unsigned long point, bool line)
{
    bool breaks = point == '\n' || point == '\r' || point == '\t'; /* as pasted from a letter or a spreadsheet */
    bool separator = point == 0x2028 || point == 0x2029, nothing = (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point < 0xfdf0);
    return (point < ' ' && (line || !breaks)) || (point >= 127 && point < 0xa0) || (line && separator) || nothing;
}

static struct fault check_length(long length, long min, long max)
{
    if (length < min)
        return fault(SAY_TOO_SHORT, min);
    return max > 0 && length > max ? fault(SAY_TOO_LONG, max) : fine;
}

/* A text on its way. Marks without end on one character would cover what stands above and below it. */
struct scan {
    long length, visible, marks; /* marks: since the last character that is none */
    struct directions directions;
};

static struct fault scan_on(struct scan *scan, unsigned long point, bool line)
{
    enum { MOST_MARKS = 16 }; /* of one character; no script needs as many */
    if (is_control(point, line))
        return fault(SAY_CONTROL, 0);
    scan->length++;
    scan->visible += !text_is_blank(point);
    scan->marks = text_is_mark(point) ? scan->marks + 1 : 0;
    if (scan->marks > MOST_MARKS)
        return fault(SAY_MARKS, MOST_MARKS);
    /* A text is a paragraph of its own wherever it is shown, and no direction reaches beyond that; a line stands beside others. */
    return unless(!line || directions_step(&scan->directions, point), SAY_DIRECTION);
}

/* Length in code points; a text of blanks is as empty as none. */
static struct fault check_text(const struct field *field, const char *text, bool line)
{
    struct scan scan = {0};
    unsigned long point;
    for (const char *at = text, *end = text + strlen(text); at < end;) {
        size_t size = code_point(at, end, &point);
        struct fault found = size > 0 ? scan_on(&scan, point, line) : fault(SAY_NOT_UTF8, 0);
        if (found.phrase != FINE)
            return found;
        at += size;
    }
    if (scan.directions.depth > 0)
        return fault(SAY_DIRECTION, 0);
    if (scan.visible == 0 && (field->required || field->min > 0))
        return fault(SAY_EMPTY, 0);
    return check_length(scan.length, field->min, field->max);
}

long text_to_number(const char *text, bool *fits)
{
    enum { SAFE_DIGITS = 18 };
    const char *digits = text + (*text == '-');
    size_t length = strspn(digits, "0123456789");
    *fits = length > 0 && length <= SAFE_DIGITS && !digits[length];
    return *fits ? strtol(text, NULL, 10) : 0;
}

static struct fault check_bounds(const struct field *field, double number)
{
    if (field->min == 0 && field->max == 0)
        return fine;
    if (number < (double)field->min)
        return fault(SAY_TOO_SMALL, field->min);
    return number > (double)field->max ? fault(SAY_TOO_GREAT, field->max) : fine;
}

static struct fault check_integer(const struct field *field, const char *text)
{
    bool fits;
    long number = text_to_number(text, &fits);
    return fits ? check_bounds(field, (double)number) : fault(SAY_NOT_INTEGER, 0);
}

static struct fault check_number(const struct field *field, const char *text)
{
    enum { LONGEST = 40 };
    char *end;
    double number = strtod(text, &end);
    bool plain = *text && strlen(text) < LONGEST && !text[strspn(text, "0123456789+-.eE")] && !*end && number - number == 0;
    return plain ? check_bounds(field, number) : fault(SAY_NOT_NUMBER, 0);
}

static struct fault check_choice(const struct field *field, const char *text)
{
    const char *const *choice = field->choices;
    while (choice && *choice && strcmp(*choice, text) != 0)
        choice++;
    return unless(choice && *choice, SAY_NOT_CHOICE);
}

bool text_is_code(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= LONGEST_CODE && !text[length];
}

/* So many digits at this place, as a number; -1: they are not there. */
static int digits_at(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + text[i] - '0';
    }
    return number;
}

static bool begins_with_day(const char *text)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = digits_at(text, 4);
    int month = year > 0 && text[4] == '-' ? digits_at(text + 5, 2) : -1;
    int day = month >= 1 && month <= 12 && text[7] == '-' ? digits_at(text + 8, 2) : -1;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

bool text_is_day(const char *text)
{
    return begins_with_day(text) && !text[10];
}

/* "22:00" or "22:00:00". */
static bool text_is_time(const char *text)
{
    int hour = digits_at(text, 2);
    int minute = hour >= 0 && hour < 24 && text[2] == ':' ? digits_at(text + 3, 2) : -1;
    if (minute < 0 || minute > 59)
        return false;
    int second = text[5] == ':' ? digits_at(text + 6, 2) : 0;
    return second >= 0 && second < 60 && !text[text[5] == ':' ? 8 : 5];
}

/* The number before a unit; -1: it does not stand here, and `*at` stays. */
static long take_amount(const char **at, char unit)
{
    enum { MOST_DIGITS_OF_AMOUNT = 9 };
    size_t length = strspn(*at, "0123456789");
    if (length == 0 || length > MOST_DIGITS_OF_AMOUNT || (*at)[length] != unit)
        return -1;
    long amount = strtol(*at, NULL, 10);
    *at += length + 1;
    return amount;
}

/* In seconds; -1: no duration. Years and months are none, for they are of no certain length. */
static long duration_of(const char *text)
{
    static const struct {
        char unit;
        long seconds;
    } clock[] = {{'H', 3600}, {'M', 60}, {'S', 1}};
    const char *at = text + 1;
    if (*text != 'P')
        return -1;
    long days = take_amount(&at, 'D'), seconds = days > 0 ? days * 86400 : 0;
    if (*at == 'T') {
        const char *first = ++at;
        for (size_t i = 0; i < sizeof clock / sizeof *clock; i++) {
            long amount = take_amount(&at, clock[i].unit);
            seconds += amount > 0 ? amount * clock[i].seconds : 0;
        }
        return at > first && !*at ? seconds : -1;
    }
    return days >= 0 && !*at ? seconds : -1;
}

static struct fault check_duration(const struct field *field, const char *text)
{
    long seconds = duration_of(text);
    if (seconds < 0)
        return fault(SAY_NOT_DURATION, 0);
    if (field->min > 0 && seconds < field->min)
        return fault(SAY_TOO_BRIEF, field->min);
    return field->max > 0 && seconds > field->max ? fault(SAY_TOO_LASTING, field->max) : fine;
}

static const char *skip_fraction(const char *at)
{
    if (*at != '.')
        return at;
    size_t digits = strspn(at + 1, "0123456789");
    return digits > 0 && digits <= 9 ? at + 1 + digits : at;
}

bool text_is_instant(const char *text)
{
    if (!begins_with_day(text) || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
        return false;
    const char *clock = text + 11;
    int hour = digits_at(clock, 2);
    int minute = hour >= 0 && hour < 24 && clock[2] == ':' ? digits_at(clock + 3, 2) : -1;
    int second = minute >= 0 && minute < 60 && clock[5] == ':' ? digits_at(clock + 6, 2) : -1;
    if (second < 0 || second > 60)
        return false;
    const char *zone = skip_fraction(clock + 8);
    if (*zone == 'Z' || *zone == 'z')
        return !zone[1];
    int hours = *zone == '+' || *zone == '-' ? digits_at(zone + 1, 2) : -1;
    int minutes = hours >= 0 && hours <= 15 && zone[3] == ':' ? digits_at(zone + 4, 2) : -1;
    return minutes >= 0 && minutes < 60 && !zone[6];
}

static struct fault check_phone(struct arena *arena, const char *text, const char **normal)
{
    enum { LONGEST = 40 };
    size_t length = strlen(text), kept = 0;
    if (length > LONGEST)
        return fault(SAY_NOT_PHONE, 0);
    char *digits = arena_take(arena, length + 1);
    for (const char *at = text; *at; at++) {
        if ((*at >= '0' && *at <= '9') || (*at == '+' && kept == 0))
            digits[kept++] = *at;
        else if (*at != ' ' && *at != '-')
            return fault(SAY_NOT_PHONE, 0);
    }
    size_t count = kept - (*digits == '+');
    *normal = digits;
    return unless(count >= LEAST_DIGITS && count <= MOST_DIGITS, SAY_NOT_PHONE);
}

/* Nothing that would end a header line or need quoting: what a mail server must be told is exactly what was given. */
static bool is_mail(const char *text)
{
    enum { LONGEST = 254, LONGEST_NAME = 64 };
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-";
    size_t name = strspn(text, allowed), length = strlen(text);
    if (name == 0 || name > LONGEST_NAME || text[name] != '@' || length > LONGEST || text[0] == '-')
        return false;
    const char *domain = text + name + 1;
    size_t size = strspn(domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    return size > 0 && !domain[size] && *domain != '.' && *domain != '-' && domain[size - 1] != '.' && !strstr(domain, "..");
}

/* The host is looked up when it is called: what an address may be is decided then. */
static bool is_url(const char *text)
{
    enum { LONGEST = 2000 };
    size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0, length = strlen(text);
    size_t host = strcspn(text + scheme, "/?#");
    if (scheme == 0 || host == 0 || length > LONGEST || memchr(text + scheme, '@', host) || strchr("/:", text[scheme]))
        return false;
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at >= 127 || strchr("\"<>\\^`{|}", *at))
            return false;
    return true;
}

static struct fault check_password(const struct field *field, const char *text)
{
    enum { LEAST = 8, MOST = 200 };
    const struct field bounds = {.min = field->min > 0 ? field->min : LEAST, .max = field->max > 0 ? field->max : MOST};
    return check_text(&bounds, text, true);
}

static struct fault check_search(struct arena *arena, const struct field *field, const char *text)
{
    struct sought sought;
    struct fault fault = check_text(field, text, true);
    return fault.phrase == FINE ? unless(text_seek(arena, text, &sought), SAY_NOTHING_SOUGHT) : fault;
}

static struct fault check_cursor(const char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(text);
    return unless(length > 0 && length <= LONGEST_CURSOR && strspn(text, alphabet) == length, SAY_FOREIGN_CURSOR);
}

static bool is_boolean(const char *text)
{
    return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
}

/* Types whose values are right or wrong by themselves. */
static const struct {
    bool (*fits)(const char *);
    enum phrase otherwise;
} plain_types[] = {
    [BOOLEAN] = {is_boolean, SAY_NOT_BOOLEAN},
    [ID] = {uuid_is, SAY_NOT_ID},
    [CODE] = {text_is_code, SAY_NOT_CODE},
    [DAY] = {text_is_day, SAY_NOT_DAY},
    [INSTANT] = {text_is_instant, SAY_NOT_INSTANT},
    [TIME] = {text_is_time, SAY_NOT_TIME},
    [MAIL] = {is_mail, SAY_NOT_MAIL},
    [URL] = {is_url, SAY_NOT_URL},
};

static struct fault check_plain(enum field_type type, const char *text)
{
    bool known = type < sizeof plain_types / sizeof *plain_types && plain_types[type].fits;
    return known && !plain_types[type].fits(text) ? fault(plain_types[type].otherwise, 0) : fine;
}

struct fault field_check_text(struct arena *arena, const struct field *field, const char *text, const char **normal)
{
    switch (field->type) {
    case TEXT:
    case LINE:
        return check_text(field, text, field->type == LINE);
    case INTEGER:
        return check_integer(field, text);
    case NUMBER:
        return check_number(field, text);
    case DURATION:
        return check_duration(field, text);
    case CHOICE:
        return check_choice(field, text);
    case PHONE:
        return check_phone(arena, text, normal);
    case PASSWORD:
        return check_password(field, text);
    case SEARCH:
        return check_search(arena, field, text);
    case CURSOR:
        return check_cursor(text);
    case OBJECT:
        return fault(SAY_NOT_OBJECT, 0);
    case LIST:
        return fault(SAY_NOT_LIST, 0);
    default:
        return check_plain(field->type, text);
    }
}
