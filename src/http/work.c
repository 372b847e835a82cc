#include "http/work.h"
#include <stdlib.h>
#include <string.h>
#include "base/log.h"

enum { MOST_WAITING = 64, MOST_THREADS = 4 };

/* Between the workers and the threads: neither can own what one gives and the other takes, hence the mutex. */
struct team {
    const char *name;
    int wanted; /* threads */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct work *oldest, **end;
    int waiting, running;
    pthread_t threads[MOST_THREADS];
};

static struct team teams[CREWS] = {
    [CREW_PASSWORDS] = {.name = "passwords", .wanted = 1, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER},
    [CREW_PICTURES] = {.name = "pictures", .wanted = 2, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER},
    [CREW_STORE] = {.name = "store", .wanted = 4, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER},
};
static atomic_bool stopping;

bool work_is_stopping(void)
{
    return atomic_load_explicit(&stopping, memory_order_relaxed);
}

static struct work *take(struct team *team)
{
    pthread_mutex_lock(&team->lock);
    while (!team->oldest && !atomic_load(&stopping))
        pthread_cond_wait(&team->changed, &team->lock);
    struct work *work = atomic_load(&stopping) ? NULL : team->oldest;
    if (work) {
        team->oldest = work->next;
        if (!team->oldest)
            team->end = &team->oldest;
        team->waiting--;
    }
    pthread_mutex_unlock(&team->lock);
    return work;
}

static void hand_back(struct work *work)
{
    struct worker *worker = work->worker;
    work->next = atomic_load(&worker->worked);
    while (!atomic_compare_exchange_weak(&worker->worked, &work->next, work))
        ;
    worker_wake(worker);
}

static void *run(void *argument)
{
    for (struct work *work; (work = take(argument));) {
        work->run(work);
        hand_back(work);
    }
    return NULL;
}

static bool start(struct team *team)
{
    team->end = &team->oldest;
    while (team->running < team->wanted) {
        int error = pthread_create(&team->threads[team->running], NULL, run, team);
        if (error) {
            log_event(LOG_ERROR, "cannot start a thread", "of", team->name, "error", strerror(error), NULL);
            return false;
        }
        pthread_setname_np(team->threads[team->running++], team->name);
    }
    return true;
}

bool work_start(void)
{
    bool started = true;
    atomic_store(&stopping, false);
    for (struct team *team = teams; started && team < teams + CREWS; team++)
        started = start(team);
    return started;
}

static void release_all(struct work *work)
{
    for (struct work *next; work; work = next) {
        next = work->next;
        work->release(work);
    }
}

static void stop(struct team *team)
{
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
    while (team->running > 0)
        pthread_join(team->threads[--team->running], NULL);
    release_all(team->oldest);
    team->oldest = NULL;
    team->waiting = 0;
}

void work_stop(void)
{
    atomic_store(&stopping, true);
    for (struct team *team = teams; team < teams + CREWS; team++)
        stop(team);
}

bool work_submit(enum crew crew, struct request *request, struct work *taken)
{
    struct team *team = &teams[crew];
    taken->next = NULL;
    taken->worker = request->worker;
    taken->request = request;
    pthread_mutex_lock(&team->lock);
    bool room = team->waiting < MOST_WAITING;
    if (room) {
        request->work = taken;
        *team->end = taken;
        team->end = &taken->next;
        team->waiting++;
        pthread_cond_signal(&team->changed);
    }
    pthread_mutex_unlock(&team->lock);
    if (!room)
        taken->release(taken);
    return room;
}

static struct work *reversed(struct work *newest)
{
    struct work *first = NULL;
    for (struct work *next; newest; newest = next) {
        next = newest->next;
        newest->next = first;
        first = newest;
    }
    return first;
}

void work_deliver(struct worker *worker)
{
    struct work *work = reversed(atomic_exchange(&worker->worked, NULL));
    for (struct work *next; work; work = next) {
        struct request *request = work->request;
        next = work->next;
        if (request) {
            request->work = NULL;
            work->done(work, request);
            request_resume(request);
        }
        work->release(work);
    }
}
