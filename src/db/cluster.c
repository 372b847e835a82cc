/* The programs, the user and the files of the private cluster. */
#include "cluster.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "base/settings.h"

enum { OLDEST_VERSION = 15 };

/* The user */

static bool find_user(struct cluster *cluster)
{
    cluster->user = geteuid();
    cluster->group = getegid();
    if (cluster->user != 0)
        return true;
    const struct passwd *postgres = getpwnam("postgres");
    if (!postgres)
        return log_complain("PostgreSQL does not run as root, and there is no user postgres: install PostgreSQL, or name a --database");
    cluster->user = postgres->pw_uid;
    cluster->group = postgres->pw_gid;
    cluster->user_name = "postgres";
    return true;
}

static void become_user(const struct cluster *cluster)
{
    if (geteuid() != 0)
        return;
    if (setgroups(1, &cluster->group) != 0 || setgid(cluster->group) != 0 || setuid(cluster->user) != 0)
        _exit(EXIT_FAILURE);
}

static void log_to(const char *path)
{
    int null = open("/dev/null", O_RDONLY), log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(EXIT_FAILURE);
    close(null);
    close(log);
}

/*
 * The environment is not handed down: PostgreSQL's variables are for clients, but PGPORT and PGDATA would reach the server too. Between fork and
 * exec nothing takes a lock, as embedded_tend comes here while other threads run.
 */
pid_t cluster_spawn(const struct cluster *cluster, const char *program, char *arguments[])
{
    static char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", NULL};
    char path[4200];
    sigset_t none;
    snprintf(path, sizeof path, "%s/%s", cluster->programs, program);
    arguments[0] = path; /* from which the programs find their other files */
    sigemptyset(&none);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setsid(); /* Ctrl-C is for us: the cluster ends after those who use it */
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    umask(077);
    log_to(cluster->log);
    become_user(cluster);
    if (chdir(cluster->data) != 0)
        _exit(EXIT_FAILURE);
    execve(path, arguments, environment);
    _exit(EXIT_FAILURE);
}

/* The programs */

static bool has_programs(const char *folder)
{
    char initdb[4200], postgres[4200];
    snprintf(initdb, sizeof initdb, "%s/initdb", folder);
    snprintf(postgres, sizeof postgres, "%s/postgres", folder);
    return access(initdb, X_OK) == 0 && access(postgres, X_OK) == 0;
}

/* The major version that made the cluster; 0: there is none yet. */
static int version_of(const struct cluster *cluster)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/PG_VERSION", cluster->folder);
    char *text = file_read(path, 64);
    int version = text ? atoi(text) : 0;
    free(text);
    return version;
}

/* Where Debian and others keep one folder a version. The one wanted, else the newest. */
static int search_versions(const char *above, int wanted, char *found, size_t size)
{
    int best = 0;
    DIR *folder = opendir(above);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[4096];
        int version = atoi(entry->d_name);
        snprintf(path, sizeof path, "%s/%s/bin", above, entry->d_name);
        if (version <= best || version < OLDEST_VERSION || (wanted && version != wanted) || !has_programs(path))
            continue;
        best = version;
        snprintf(found, size, "%s", path);
    }
    if (folder)
        closedir(folder);
    return best;
}

static bool search_path(char *found, size_t size)
{
    const char *path = getenv("PATH");
    char *all = strdup(path ? path : ""), *rest = all, *folder;
    bool is_found = false;
    if (!all)
        abort();
    while (!is_found && (folder = strsep(&rest, ":")))
        if (*folder == '/' && has_programs(folder)) {
            snprintf(found, size, "%s", folder);
            is_found = true;
        }
    free(all);
    return is_found;
}

static bool find_programs(struct cluster *cluster)
{
    int wanted = version_of(cluster);
    if (search_versions("/usr/lib/postgresql", wanted, cluster->programs, sizeof cluster->programs) > 0 ||
        search_path(cluster->programs, sizeof cluster->programs))
        return true;
    if (wanted)
        return log_complain("%s was made by PostgreSQL %d, which is not installed", cluster->folder, wanted);
    return log_complain("PostgreSQL %d or newer is not installed; install it, or name a --database", OLDEST_VERSION);
}

/* The files */

static bool make_private(const struct cluster *cluster, const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return log_complain("%s cannot be made: %s", folder, strerror(errno));
    if (chmod(folder, 0700) != 0 || (geteuid() == 0 && chown(folder, cluster->user, cluster->group) != 0))
        return log_complain("%s cannot be given to %s: %s", folder, cluster->user_name ? cluster->user_name : "us", strerror(errno));
    return true;
}

/* The user postgres must pass through the data folder, whose files stay closed to it. */
static bool is_reachable(const struct cluster *cluster)
{
    int status = 0;
    struct stat found;
    if (geteuid() != 0)
        return true;
    if (stat(cluster->data, &found) == 0 && (found.st_mode & 0111) != 0111)
        chmod(cluster->data, found.st_mode | 0111);
    pid_t pid = fork();
    if (pid == 0) {
        become_user(cluster);
        _exit(access(cluster->data, X_OK) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
        return true;
    return log_complain("the user postgres cannot reach %s; choose another folder with --data, not below /root, or name a --database",
                        cluster->data);
}

bool cluster_locate(struct cluster *cluster)
{
    *cluster = (struct cluster){.user_name = NULL};
    snprintf(cluster->data, sizeof cluster->data, "%s", settings.data);
    snprintf(cluster->folder, sizeof cluster->folder, "%s/cluster", cluster->data);
    snprintf(cluster->socket, sizeof cluster->socket, "%s/socket", cluster->data);
    snprintf(cluster->log, sizeof cluster->log, "%s/postgres.log", cluster->data);
    if (strlen(cluster->socket) + strlen("/.s.PGSQL.5432.lock") >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return log_complain("%s is too long a path for a unix socket; choose another folder with --data", cluster->data);
    if (!find_user(cluster))
        return false;
    if (!file_make_folders(cluster->data, 0711))
        return log_complain("the data folder %s cannot be made: %s", cluster->data, strerror(errno));
    return is_reachable(cluster) && find_programs(cluster);
}

static int remove_entry(const char *path, const struct stat *found, int type, struct FTW *where)
{
    (void)found, (void)type, (void)where;
    return remove(path);
}

static bool run_initdb(const struct cluster *cluster, const char *folder)
{
    int status = 0;
    char *arguments[] = {"initdb", "-D", (char *)folder, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", NULL};
    pid_t pid = cluster_spawn(cluster, "initdb", arguments);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return log_complain("initdb failed; %s says why", cluster->log);
    return true;
}

/* Made beside its place and then moved there: an initdb that was interrupted leaves nothing half. */
bool cluster_make(struct cluster *cluster)
{
    enum { DEPTH = 32 }; /* folders kept open while removing */
    char unfinished[4300];
    if (!make_private(cluster, cluster->socket))
        return false;
    if (access(cluster->folder, F_OK) == 0)
        return true;
    snprintf(unfinished, sizeof unfinished, "%s.new", cluster->folder);
    nftw(unfinished, remove_entry, DEPTH, FTW_DEPTH | FTW_PHYS);
    fprintf(stderr, "echo-wall: making a private database in %s (once, a few seconds) ...\n", cluster->folder);
    if (!make_private(cluster, unfinished) || !run_initdb(cluster, unfinished))
        return false;
    if (rename(unfinished, cluster->folder) != 0)
        return log_complain("%s cannot be moved into place: %s", unfinished, strerror(errno));
    fputs("echo-wall: the private database is made\n", stderr);
    return true;
}

/* Whether the process works in the cluster's folder, as a postmaster and all its children do. */
static bool works_here(const struct cluster *cluster, long pid)
{
    char place[64];
    struct stat here, there;
    snprintf(place, sizeof place, "/proc/%ld/cwd", pid);
    return stat(cluster->folder, &here) == 0 && stat(place, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* A postmaster.pid may outlive its postmaster, and its number may belong to somebody else by now. */
pid_t cluster_pid(const struct cluster *cluster)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->folder);
    char *text = file_read(path, 4096);
    pid_t pid = text ? (pid_t)atol(text) : 0;
    free(text);
    return pid > 1 && works_here(cluster, pid) ? pid : 0;
}

int cluster_signal_all(const struct cluster *cluster, int signal)
{
    int count = 0;
    DIR *processes = opendir("/proc");
    for (const struct dirent *entry; processes && (entry = readdir(processes));) {
        long pid = atol(entry->d_name);
        if (pid <= 1 || pid == getpid() || !works_here(cluster, pid))
            continue;
        count++;
        if (signal)
            kill((pid_t)pid, signal);
    }
    if (processes)
        closedir(processes);
    return count;
}
