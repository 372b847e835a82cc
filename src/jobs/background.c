/*
 * Threads with a blocking connection of their own, so that what they do reads straight down and delays no request.
 */
#include "jobs/background.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/log.h"
#include "db/blocking.h"

enum { FIRST_PAUSE = 100, LONGEST_PAUSE = 5000 }; /* milliseconds between two tries after a failure */

bool background_is_stopping(const struct background *background)
{
    return atomic_load(&background->stopping);
}

/* Without a connection (socket -1) only the stop can end it early: no turn would take what is watched. */
static void rest(const struct background *background, int socket, long milliseconds)
{
    struct pollfd awaited[] = {
        {.fd = background->wake, .events = POLLIN}, {.fd = socket, .events = POLLIN}, {.fd = background->watched, .events = POLLIN}};
    nfds_t count = socket < 0 ? 1 : background->watched ? 3 : 2;
    if (poll(awaited, count, (int)milliseconds) < 0 && errno != EINTR)
        log_event(LOG_ERROR, "cannot sleep", "thread", background->name, "error", strerror(errno), NULL);
    eventfd_t wakes;
    eventfd_read(background->wake, &wakes); /* how often it was woken does not matter */
}

/* What was notified does not matter, only that: the turn looks for itself. */
static void forget_notifications(PGconn *pg)
{
    PQconsumeInput(pg);
    for (PGnotify *notification = PQnotifies(pg); notification; notification = PQnotifies(pg))
        PQfreemem(notification);
}

static PGconn *connect_and_listen(const struct background *background)
{
    PGconn *pg = blocking_open(ROLE_DAEMON);
    if (!pg || !background->listen)
        return pg;
    PGresult *listening = blocking_run(pg, background->listen);
    if (!listening) {
        PQfinish(pg);
        return NULL;
    }
    PQclear(listening);
    return pg;
}

/* One life of a connection: turns until it is lost or the thread is to stop. Returns the pause that follows. */
static long take_turns(struct background *background, PGconn *pg, long pause)
{
    while (!background_is_stopping(background) && PQstatus(pg) == CONNECTION_OK) {
        forget_notifications(pg);
        long wait = background->turn(background, pg);
        if (wait < 0) {
            rest(background, -1, pause);
            pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
            continue;
        }
        pause = FIRST_PAUSE;
        if (!background_is_stopping(background))
            rest(background, PQsocket(pg), wait);
    }
    return pause;
}

static void *live(void *argument)
{
    struct background *background = argument;
    long pause = FIRST_PAUSE;
    while (!background_is_stopping(background)) {
        PGconn *pg = connect_and_listen(background);
        if (pg) {
            pause = take_turns(background, pg, pause);
            PQfinish(pg);
        }
        if (background_is_stopping(background))
            break;
        rest(background, -1, pause);
        pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
    }
    return NULL;
}

bool background_start(struct background *background)
{
    background->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = background->wake < 0 ? errno : pthread_create(&background->thread, NULL, live, background);
    if (error) {
        log_event(LOG_ERROR, "cannot start a thread", "thread", background->name, "error", strerror(error), NULL);
        return false;
    }
    pthread_setname_np(background->thread, background->name);
    background->started = true;
    return true;
}

void background_wake(const struct background *background)
{
    eventfd_write(background->wake, 1);
}

void background_stop(struct background *background)
{
    if (!background->started)
        return;
    atomic_store(&background->stopping, true);
    background_wake(background);
    pthread_join(background->thread, NULL);
    close(background->wake);
    background->started = false;
}
