#pragma once
#include <stdbool.h>

enum { CLOCK_LINE = 64 };

/* What one line of the clock file says: an instant at which time stands still, or by how much it is shifted. */
struct clock_setting {
    char line[CLOCK_LINE];    /* as it stands in the file, without blanks at its ends */
    char instant[CLOCK_LINE]; /* RFC 3339, empty: time goes on ... */
    char shift[CLOCK_LINE];   /* ... shifted by this, as PostgreSQL reads an interval */
};

/* "2026-11-22T05:42:16.5+08:00", "+25h", "-90m", "+0s", "+1d2h". False: it says nothing of the kind. */
bool clock_read_line(const char *line, struct clock_setting *);

enum clock_news { CLOCK_SAME, CLOCK_CHANGED, CLOCK_UNREADABLE };

/* Compares the file with the setting that holds; fills it anew and says so when the line is another one. A line that it does
   not understand is logged once and leaves the setting as it is, as does a file that is empty or away for a moment. */
enum clock_news clock_file_read(const char *path, struct clock_setting *);

/* A descriptor that becomes readable when a file is moved into this one's folder, so that tests, which replace it whole, need not
   wait for the next look; 0: the system gives none. The caller closes it. */
int clock_file_watch(const char *path);
void clock_file_looked(int watch); /* takes what it had to say; no-op for 0 */
