/* A child process: spawned, not forked, for a fork of a threaded program may do next to nothing. */
#include "jobs/child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "base/monotonic.h"

enum { GLANCE = 200 }; /* milliseconds between two looks at whether the thread is to stop */

struct child {
    pid_t pid;
    int to, from;     /* its standard input and output; -1: closed */
    const char *left; /* of the input */
    size_t left_size;
    FILE *said;
};

static bool spawn(struct child *child, const char *argument, int input, int output)
{
    char *const arguments[] = {"echo-wall", (char *)argument, NULL}, *const environment[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawn(&child->pid, "/proc/self/exe", &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error)
        log_event(LOG_ERROR, "cannot start a child process", "error", strerror(error), NULL);
    return error == 0;
}

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static bool open_child(struct child *child, const char *argument)
{
    int input[2] = {-1, -1}, output[2] = {-1, -1};
    bool started = pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0 && spawn(child, argument, input[0], output[1]);
    close_end(&input[0]);
    close_end(&output[1]);
    child->to = input[1];
    child->from = output[0];
    if (started)
        fcntl(child->to, F_SETFL, O_NONBLOCK);
    return started;
}

static void tell(struct child *child)
{
    ssize_t put = write(child->to, child->left, child->left_size);
    if (put > 0) {
        child->left += put;
        child->left_size -= (size_t)put;
    }
    if (child->left_size == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&child->to);
}

static void hear(struct child *child)
{
    char piece[65536];
    ssize_t got = read(child->from, piece, sizeof piece);
    if (got > 0)
        fwrite(piece, 1, (size_t)got, child->said);
    else if (got == 0 || errno != EINTR)
        close_end(&child->from);
}

/* Until it has closed its output. False: it is not to go on. */
static bool converse(struct child *child, const struct background *background, long long until)
{
    while (child->from >= 0) {
        struct pollfd ends[] = {{.fd = child->from, .events = POLLIN}, {.fd = child->to, .events = POLLOUT}};
        if (background_is_stopping(background) || monotonic_milliseconds() > until)
            return false;
        if (poll(ends, 2, GLANCE) <= 0)
            continue;
        if (ends[1].revents)
            tell(child);
        if (ends[0].revents)
            hear(child);
    }
    return true;
}

static bool end_child(struct child *child, bool kills)
{
    int status = -1;
    if (kills)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!kills && status != 0)
        log_event(LOG_ERROR, "a child process failed", "status", LOG_NUMBER(status), NULL);
    return !kills && status == 0;
}

char *child_run(const struct background *background, const char *argument, const char *input, long seconds)
{
    char *said = NULL;
    size_t size;
    struct child child = {.left = input, .left_size = strlen(input), .said = open_memstream(&said, &size)};
    if (!child.said)
        abort();
    bool fine = open_child(&child, argument);
    if (fine)
        fine = end_child(&child, !converse(&child, background, monotonic_milliseconds() + 1000 * seconds));
    close_end(&child.to);
    close_end(&child.from);
    fclose(child.said);
    if (fine)
        return said;
    free(said);
    return NULL;
}
