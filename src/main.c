/* Read the settings, bring the database up, serve until a signal, stop in the opposite order. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "api/health.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"
#include "db/embedded.h"
#include "db/migrate.h"
#include "http/worker.h"
#include "jobs/clock.h"
#include "jobs/first_start.h"
#include "jobs/keeper.h"
#include "jobs/learning.h"
#include "jobs/notify.h"
#include "jobs/outbox.h"
#include "jobs/reader.h"
#include "jobs/training.h"
#include "jobs/verify.h"
#include "picture/confined.h"
#include "picture/store.h"

/* Whoever asks twice does not want to wait; the private cluster is found again by the next start. */
static void leave_at_once(int number)
{
    _exit(128 + number);
}

static sigset_t signals; /* that stop the daemon or make it read its settings again */

/* Blocked from the first in every thread, so that only wait_for_stop() takes them. */
static void block_signals(void)
{
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Returns when the daemon is to stop. The private database is looked after meanwhile. */
static void wait_for_stop(void)
{
    static const struct timespec a_second = {.tv_sec = 1};
    int number;
    while ((number = sigtimedwait(&signals, NULL, &a_second)) < 0 || number == SIGHUP) {
        if (number == SIGHUP)
            settings_reread();
        embedded_tend();
    }
    log_event(LOG_INFO, "stopping", "signal", strsignal(number), NULL);
    signal(SIGTERM, leave_at_once);
    signal(SIGINT, leave_at_once);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

static void announce(void)
{
    bool is_path = !strncmp(settings.listen, "unix:", 5);
    printf("Echo Wall listens on %s%s\n", is_path ? "" : "http://", settings.listen);
    fflush(stdout);
    notify_systemd("READY=1");
}

static bool serve(void)
{
    if (!secret_start(settings.key_file) || !store_start() || !migrate() || !clock_prepare() || !first_start())
        return false;
    health_watches(clock_line, clock_lag);
    bool started = workers_start() && clock_start() && outbox_start() && learning_start() && keeper_start() && reader_start();
    if (started) {
        announce();
        wait_for_stop();
        notify_systemd("STOPPING=1");
    }
    workers_drain();
    workers_join();
    reader_stop();
    keeper_stop();
    learning_stop();
    outbox_stop();
    clock_stop();
    return started;
}

/* The private cluster, where no database is named, lives as long as the work. */
static int with_database(bool (*work)(void))
{
    bool ours = !settings.database;
    if (ours && !embedded_start())
        return EXIT_FAILURE;
    bool done = work();
    if (ours)
        embedded_stop();
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_routes(void)
{
    if (!route_start())
        return EXIT_FAILURE;
    routes_print();
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--train") == 0)
        return training_run();
    if (argc == 2 && strcmp(argv[1], "--image-worker") == 0) /* how the daemon starts itself to decode a picture */
        return image_worker();
    switch (settings_read(argc, argv)) {
    case COMMAND_SERVE:
        block_signals();
        return with_database(serve);
    case COMMAND_MIGRATE:
        return with_database(migrate);
    case COMMAND_VERIFY:
        return with_database(verify);
    case COMMAND_ROUTES:
        return print_routes();
    case COMMAND_HELP:
        settings_help();
        return EXIT_SUCCESS;
    case COMMAND_VERSION:
        puts("Echo Wall " ECHO_WALL_VERSION);
        return EXIT_SUCCESS;
    case COMMAND_IMPOSSIBLE:
        break;
    }
    return EXIT_FAILURE;
}
