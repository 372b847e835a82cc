/* The daemon's side of the confined process: starts it, waits for it, ends it. */
#include "picture/rewrite.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "base/monotonic.h"
#include "picture/confined.h"

enum { FIRST_FREE = 16 }; /* no file that is handed over may lie where another one goes */

/* What the process gets: three files, the log's place where a sanitizer wants to speak, the end of a pipe that closes with it. */
static bool hand_over(posix_spawn_file_actions_t *files, const int given[3], int alive)
{
    static const int places[3] = {0, 1, 3};
    bool fine = posix_spawn_file_actions_init(files) == 0;
    for (int i = 0; fine && i < 3; i++)
        fine = posix_spawn_file_actions_adddup2(files, given[i], places[i]) == 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    fine = fine && posix_spawn_file_actions_addopen(files, 2, "/dev/null", O_WRONLY, 0) == 0;
#endif
    return fine && posix_spawn_file_actions_adddup2(files, alive, 4) == 0 && posix_spawn_file_actions_addclosefrom_np(files, 5) == 0;
}

/* The daemon blocks signals and ignores some; its child is to die of them. */
static bool begin_afresh(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_init(attributes) == 0 && posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0;
}

static int spawn(pid_t *child, const int given[3], int alive)
{
    char name[] = "echo-wall", mode[] = "--image-worker", leaks[] = "ASAN_OPTIONS=detect_leaks=0";
    char *arguments[] = {name, mode, NULL}, *environment[] = {leaks, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error = ENOMEM;
    if (hand_over(&files, given, alive) && begin_afresh(&attributes)) {
        error = posix_spawn(child, "/proc/self/exe", &files, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* Until the pipe closes, which it does when the process is gone. False: it was not waited for to the end. */
static bool wait_for_end(int alive, bool (*give_up)(void))
{
    enum { LONGEST = 30 * 1000, LOOK = 100 }; /* milliseconds */
    long long deadline = monotonic_milliseconds() + LONGEST;
    struct pollfd watched = {.fd = alive, .events = POLLIN};
    while (monotonic_milliseconds() < deadline && !give_up())
        if (poll(&watched, 1, LOOK) > 0)
            return true;
    return false;
}

static enum rewrite_end end_of(int status)
{
    static const enum rewrite_end ends[] = {[CONFINED_DONE] = REWRITTEN,
                                            [CONFINED_BROKEN] = REWRITE_BROKEN,
                                            [CONFINED_FULL] = REWRITE_FULL,
                                            [CONFINED_UNABLE] = REWRITE_UNABLE};
    if (WIFSIGNALED(status)) {
        log_event(LOG_WARNING, "the process that decodes pictures was ended", "signal", strsignal(WTERMSIG(status)), NULL);
        return REWRITE_BROKEN;
    }
    enum rewrite_end end = WIFEXITED(status) && WEXITSTATUS(status) <= CONFINED_UNABLE ? ends[WEXITSTATUS(status)] : REWRITE_UNABLE;
    if (end == REWRITE_UNABLE)
        log_event(LOG_ERROR, "the process that decodes pictures cannot work here: it needs seccomp and setrlimit", NULL);
    return end;
}

/* A process that is at its end keeps the status it ends with, whatever signal comes still; one that only closed the pipe dies of it. */
static enum rewrite_end reap(pid_t child, bool ended, bool (*give_up)(void))
{
    int status = 0;
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return !ended && give_up() ? REWRITE_GIVEN_UP : end_of(status);
}

/* Files beyond the places that the child's files take. False: none of them is left open. */
static bool move_up(const int files[4], int moved[4])
{
    bool fine = true;
    for (int i = 0; i < 4; i++)
        fine = (moved[i] = fcntl(files[i], F_DUPFD_CLOEXEC, FIRST_FREE)) >= 0 && fine;
    for (int i = 0; i < 4 && !fine; i++)
        if (moved[i] >= 0)
            close(moved[i]);
    return fine;
}

static int start(const int files[4], pid_t *child)
{
    int moved[4];
    if (!move_up(files, moved))
        return EMFILE;
    int error = spawn(child, moved, moved[3]);
    for (int i = 0; i < 4; i++)
        close(moved[i]);
    return error;
}

enum rewrite_end picture_rewrite(int source, int kept, int small, bool (*give_up)(void))
{
    int alive[2], error;
    pid_t child = 0;
    if (pipe2(alive, O_CLOEXEC) != 0) {
        log_event(LOG_ERROR, "no process to decode pictures", "error", strerror(errno), NULL);
        return REWRITE_UNABLE;
    }
    error = start((const int[]){source, kept, small, alive[1]}, &child);
    close(alive[1]);
    bool ended = error == 0 && wait_for_end(alive[0], give_up);
    close(alive[0]);
    if (error == 0)
        return reap(child, ended, give_up);
    log_event(LOG_ERROR, "no process to decode pictures", "error", strerror(error), NULL);
    return REWRITE_UNABLE;
}
