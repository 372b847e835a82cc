/* What is measured, in Prometheus' text format: what the process knows of itself, then what the database counts. */
#include "metrics.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "http/worker.h"

struct family {
    const char *name, *type, *help;
};

/* What the database counts. */
static const struct family counted[] = {
    {"echo_wall_complaints_submitted_total", "counter", "Complaints submitted."},
    {"echo_wall_unanswered", "gauge", "Complaints on the department's turn now."},
    {"echo_wall_oldest_unanswered_seconds", "gauge", "How long the oldest of them has waited."},
    {"echo_wall_overdue", "gauge", "Those of them whose reply is overdue."},
    {"echo_wall_cleared_days_total", "counter", "Days taken, by whether the department had cleared them."},
    {"echo_wall_spam", "gauge", "Complaints that were rejected as spam."},
    {"echo_wall_repeats_avoided_total", "counter", "Complaints that were not filed because a suggestion showed one like them."},
    {"echo_wall_outbox_pending", "gauge", "Messages that wait for delivery."},
    {"echo_wall_deliveries_total", "counter", "Tries to deliver to webhooks and channels, by what came of them."},
    {"echo_wall_dead_letters", "gauge", "Messages that were given up and are still known."},
    {0}};

static double began; /* seconds since 1970; set before the workers start */

void metrics_begin(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    began = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_family(FILE *out, const struct family *family)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name, family->type);
}

static void print_one(FILE *out, struct family family, double value)
{
    print_family(out, &family);
    fprintf(out, "%s %.16g\n", family.name, value);
}

static double resident_bytes(void)
{
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    bool read = file && fscanf(file, "%ld %ld", &total, &resident) == 2;
    if (file)
        fclose(file);
    return read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

static double open_files(void)
{
    enum { NOT_FILES = 3 }; /* ".", ".." and the folder itself, which is open now */
    int entries = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    while (readdir(folder))
        entries++;
    closedir(folder);
    return entries - NOT_FILES;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void print_process(FILE *out)
{
    struct rusage used = {0};
    struct rlimit files = {0};
    getrusage(RUSAGE_SELF, &used);
    getrlimit(RLIMIT_NOFILE, &files);
    print_one(out, (struct family){"process_resident_memory_bytes", "gauge", "Resident memory."}, resident_bytes());
    print_one(out, (struct family){"process_open_fds", "gauge", "Open file descriptors."}, open_files());
    print_one(out, (struct family){"process_max_fds", "gauge", "File descriptors that may be open."}, (double)files.rlim_cur);
    print_one(out, (struct family){"process_cpu_seconds_total", "counter", "User and system processor time."},
              seconds(used.ru_utime) + seconds(used.ru_stime));
    print_one(out, (struct family){"process_start_time_seconds", "gauge", "When the process began, since 1970."}, began);
}

static const char *cell(const PGresult *rows, int row, const char *column)
{
    int number = PQfnumber(rows, column);
    return number < 0 || PQgetisnull(rows, row, number) ? "" : PQgetvalue(rows, row, number);
}

/* A family's samples must stand together, in whatever order the rows come. */
static void print_counted(FILE *out, const struct family *family, const PGresult *rows)
{
    print_family(out, family);
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *labels = cell(rows, row, "labels");
        if (strcmp(cell(rows, row, "name"), family->name))
            continue;
        if (*labels)
            fprintf(out, "%s{%s} %s\n", family->name, labels, cell(rows, row, "value"));
        else
            fprintf(out, "%s %s\n", family->name, cell(rows, row, "value"));
    }
}

char *metrics_text(double clock_lag, const PGresult *rows)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    print_family(out, &(struct family){"echo_wall_build_info", "gauge", "Always 1; the version is a label."});
    fprintf(out, "echo_wall_build_info{version=\"%s\"} 1\n", ECHO_WALL_VERSION);
    print_one(out, (struct family){"echo_wall_database_up", "gauge", "Whether every worker can read and write."}, rows != NULL);
    print_one(out, (struct family){"echo_wall_clock_lag_seconds", "gauge", "By how much what falls due by itself is late."}, clock_lag);
    print_process(out);
    workers_metrics(out);
    for (const struct family *family = counted; rows && family->name; family++)
        print_counted(out, family, rows);
    if (fclose(out))
        abort();
    return text;
}
