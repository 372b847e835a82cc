/*
 * The life of the private cluster. Several processes may use one (serve, and verify beside it): each holds a shared lock on the file `users`
 * while it does. Starting and stopping happen under an exclusive lock on the file `starting`; who leaves and finds no other user stops the
 * cluster, whoever started it. A cluster that outlived a kill -9 of its daemon is found and used as it is.
 */
#include "db/embedded.h"
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/log.h"
#include "base/monotonic.h"
#include "base/settings.h"
#include "cluster.h"

enum {
    STEP = 20,           /* milliseconds between two looks */
    START_LIMIT = 60000, /* milliseconds until the cluster must accept; it may have to recover from a crash */
    CRASH_LIMIT = 10000, /* milliseconds that processes of a crashed cluster get to notice and leave */
    STOP_LIMIT = 30000,  /* milliseconds until a fast shutdown becomes an immediate one */
};

static struct cluster cluster;
static char *database;
static int users = -1;
static pid_t child; /* the postmaster we started; 0: somebody else did */

static void pause_a_step(void)
{
    nanosleep(&(struct timespec){.tv_nsec = STEP * 1000000L}, NULL);
}

static int open_lock(const char *name)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/%s.lock", cluster.data, name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        log_complain("%s cannot be opened: %s", path, strerror(errno));
    return file;
}

/* The arguments of postgres */

enum { MAX_OPTIONS = 64 };

struct arguments {
    struct arena arena;
    int count;
    char *all[2 * MAX_OPTIONS + 4];
};

static void put_option(struct arguments *arguments, char *option)
{
    if (arguments->count >= 2 * MAX_OPTIONS)
        return;
    arguments->all[arguments->count++] = "-c";
    arguments->all[arguments->count++] = option;
}

/* The log keeps that the server failed, never a text somebody wrote, which details and statements would quote. */
static void put_fixed_options(struct arguments *arguments)
{
    static const char *const fixed[] = {
        "listen_addresses=",         "port=5432",
        "log_min_messages=fatal",    "log_min_error_statement=panic",
        "log_error_verbosity=terse", "log_statement=none",
        "logging_collector=off",     "log_checkpoints=off",
        "log_timezone=UTC",          "timezone=UTC",
        "wal_level=minimal",         "max_wal_senders=0",
        "max_wal_size=2GB",          "cluster_name=echo-wall",
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        put_option(arguments, (char *)fixed[i]);
}

/* An eighth of the memory: what a million complaints are searched and compared by fits into the most of it. */
static long shared_mebibytes(void)
{
    enum { LEAST = 64, MOST = 2048 };
    long memory = sysconf(_SC_PHYS_PAGES) / 256 * (sysconf(_SC_PAGESIZE) / 4096);
    return memory / 8 < LEAST ? LEAST : memory / 8 > MOST ? MOST : memory / 8;
}

static long connections_wanted(void)
{
    enum { LEAST = 200, OTHERS = 30 }; /* others: the threads, verify, somebody with psql */
    long wanted = settings.workers * (2 * settings.read_connections + settings.write_connections + 2) + OTHERS;
    return wanted > LEAST ? wanted : LEAST;
}

static void put_embedded_options(struct arguments *arguments)
{
    if (!settings.embedded_options)
        return;
    char *rest = arena_copy(&arguments->arena, settings.embedded_options, strlen(settings.embedded_options));
    for (char *option; (option = strsep(&rest, " "));)
        if (*option)
            put_option(arguments, option);
}

static pid_t start_postgres(void)
{
    struct arguments arguments = {.count = 3, .all = {"postgres", "-D", cluster.folder}};
    put_fixed_options(&arguments);
    put_option(&arguments, arena_print(&arguments.arena, "unix_socket_directories=\"%s\"", cluster.socket));
    put_option(&arguments, arena_print(&arguments.arena, "max_connections=%ld", connections_wanted()));
    put_option(&arguments, arena_print(&arguments.arena, "shared_buffers=%ldMB", shared_mebibytes()));
    put_embedded_options(&arguments);
    arguments.all[arguments.count] = NULL;
    pid_t pid = cluster_spawn(&cluster, "postgres", arguments.all);
    arena_release(&arguments.arena);
    return pid;
}

/* Starting */

static char *conninfo_for(const char *user, const char *name)
{
    char *conninfo = NULL;
    size_t size;
    FILE *out = open_memstream(&conninfo, &size);
    if (!out)
        abort();
    fputs("host='", out);
    for (const char *c = cluster.socket; *c; c++)
        fprintf(out, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
    fprintf(out, "' port=5432 user=%s dbname=%s", user, name);
    fclose(out);
    return conninfo;
}

static bool accepts(void)
{
    char *conninfo = conninfo_for("postgres", "postgres");
    PGPing answer = PQping(conninfo);
    free(conninfo);
    return answer == PQPING_OK;
}

static bool is_gone(pid_t pid)
{
    return pid == child ? waitpid(pid, NULL, WNOHANG) != 0 : cluster_pid(&cluster) != pid;
}

/*
 * A postmaster that was killed leaves its pid files, and for moments backends that write. Only when nobody works in the folder any more may the
 * files go: the number in them may belong to a stranger by now, or to a zombie, and would keep PostgreSQL from starting.
 */
static bool clear_remains(void)
{
    int64_t begun = monotonic_milliseconds();
    char path[4300];
    while (cluster_signal_all(&cluster, monotonic_milliseconds() - begun > CRASH_LIMIT / 4 ? SIGQUIT : 0) > 0) {
        if (monotonic_milliseconds() - begun > CRASH_LIMIT)
            return log_complain("processes of a crashed PostgreSQL still work in %s", cluster.folder);
        pause_a_step();
    }
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster.folder);
    bool crashed = unlink(path) == 0;
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432.lock", cluster.socket);
    crashed |= unlink(path) == 0;
    if (crashed)
        log_event(LOG_WARNING, "the private database was not stopped cleanly; it recovers", NULL);
    return true;
}

static bool bring_up(void)
{
    enum { ATTEMPTS = 2 };
    pid_t pid = cluster_pid(&cluster);
    int attempts = 0;
    for (int64_t begun = monotonic_milliseconds(); monotonic_milliseconds() - begun < START_LIMIT; pause_a_step()) {
        if (pid == 0) {
            if (attempts++ == ATTEMPTS)
                return log_complain("the private database does not start; %s says why", cluster.log);
            if (!clear_remains())
                return false;
            pid = child = start_postgres();
        }
        if (accepts())
            return true;
        if (is_gone(pid))
            pid = child = 0;
    }
    return log_complain("the private database does not answer; %s says why", cluster.log);
}

/* The daemon's login is no superuser: what it may, migrate() gives it. */
static bool make_database(void)
{
    static const char *const wanted[][2] = {
        {"select from pg_roles where rolname = 'echo_wall'", "create role echo_wall login createrole"},
        {"select from pg_database where datname = 'echo_wall'", "create database echo_wall owner echo_wall template template0"}};
    char *conninfo = conninfo_for("postgres", "postgres");
    PGconn *pg = PQconnectdb(conninfo);
    bool fine = PQstatus(pg) == CONNECTION_OK;
    free(conninfo);
    for (size_t i = 0; fine && i < sizeof wanted / sizeof *wanted; i++) {
        PGresult *found = PQexec(pg, wanted[i][0]);
        PGresult *made = PQntuples(found) == 0 ? PQexec(pg, wanted[i][1]) : NULL;
        fine = PQresultStatus(found) == PGRES_TUPLES_OK && (!made || PQresultStatus(made) == PGRES_COMMAND_OK);
        PQclear(found);
        PQclear(made);
    }
    if (!fine)
        log_complain("the private database cannot be used: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return fine;
}

bool embedded_start(void)
{
    if (!cluster_locate(&cluster))
        return false;
    int starting = open_lock("starting");
    users = open_lock("users");
    bool up = starting >= 0 && users >= 0 && flock(starting, LOCK_EX) == 0 && flock(users, LOCK_SH) == 0 && cluster_make(&cluster) &&
              bring_up() && make_database();
    if (starting >= 0)
        close(starting);
    if (!up) {
        embedded_stop();
        return false;
    }
    free(database);
    settings.database = database = conninfo_for("echo_wall", "echo_wall");
    return true;
}

/* Stopping */

static void bring_down(pid_t pid)
{
    int64_t begun = monotonic_milliseconds();
    kill(pid, SIGINT);
    for (bool hurried = false; !is_gone(pid); pause_a_step())
        if (!hurried && monotonic_milliseconds() - begun > STOP_LIMIT) {
            hurried = true;
            log_event(LOG_WARNING, "the private database does not stop; it is told to leave at once", NULL);
            kill(pid, SIGQUIT);
        }
    child = 0;
}

void embedded_stop(void)
{
    if (users < 0)
        return;
    int starting = open_lock("starting");
    if (starting >= 0 && flock(starting, LOCK_EX) == 0 && flock(users, LOCK_EX | LOCK_NB) == 0) {
        pid_t pid = child ? child : cluster_pid(&cluster);
        if (pid > 0 && !is_gone(pid))
            bring_down(pid);
    }
    close(users);
    users = -1;
    if (starting >= 0)
        close(starting);
}

void embedded_tend(void)
{
    if (users < 0 || (child ? !is_gone(child) : cluster_pid(&cluster) != 0))
        return;
    int starting = open_lock("starting");
    child = 0;
    if (starting >= 0 && flock(starting, LOCK_EX | LOCK_NB) == 0 && cluster_pid(&cluster) == 0) {
        log_event(LOG_ERROR, "the private database died; it is started again", NULL);
        if (clear_remains())
            child = start_postgres();
    }
    if (starting >= 0)
        close(starting);
}
