/*
 * Passwords are hashed by one thread, so that neither a worker waits tens of milliseconds nor a rush of sign-ins takes all memory.
 * A job belongs to the queue, then to the thread, then to its worker, which alone looks at `request`.
 */
#include "http/password.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"

enum { MOST_WAITING = 64 };

/* Between the workers and the thread: neither can own what one gives and the other takes. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct password_job *oldest, **end = &oldest;
static int waiting;
static bool stopping;

static pthread_t thread;
static bool started;

static struct password_job *take(void)
{
    pthread_mutex_lock(&lock);
    while (!oldest && !stopping)
        pthread_cond_wait(&changed, &lock);
    struct password_job *job = stopping ? NULL : oldest;
    if (job) {
        oldest = job->next;
        if (!oldest)
            end = &oldest;
        waiting--;
    }
    pthread_mutex_unlock(&lock);
    return job;
}

static void work(struct password_job *job)
{
    job->fits = job->checks ? secret_password_fits(job->hash_given ? job->hash : NULL, job->password)
                            : secret_password_hash(job->password, job->hash);
    explicit_bzero(job->password, strlen(job->password));
}

static void hand_back(struct password_job *job)
{
    struct worker *worker = job->worker;
    job->next = atomic_load(&worker->passwords);
    while (!atomic_compare_exchange_weak(&worker->passwords, &job->next, job))
        ;
    worker_wake(worker);
}

static void *run(void *unused)
{
    (void)unused;
    for (struct password_job *job; (job = take());) {
        work(job);
        hand_back(job);
    }
    return NULL;
}

bool password_start(void)
{
    stopping = false;
    int error = pthread_create(&thread, NULL, run, NULL);
    if (error)
        log_event(LOG_ERROR, "cannot start the thread for passwords", "error", strerror(error), NULL);
    else
        pthread_setname_np(thread, "passwords");
    started = !error;
    return started;
}

static void discard(struct password_job *job)
{
    for (struct password_job *next; job; job = next) {
        next = job->next;
        explicit_bzero(job->password, strlen(job->password));
        free(job);
    }
}

void password_stop(void)
{
    if (!started)
        return;
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    discard(oldest);
    oldest = NULL;
    end = &oldest;
    waiting = 0;
    started = false;
}

bool password_submit(struct worker *worker, struct request *request, const char *password, const char *hash, bool checks)
{
    size_t length = strlen(password);
    struct password_job *job = calloc(1, sizeof *job + length + 1);
    if (!job)
        abort();
    *job = (struct password_job){.worker = worker, .request = request, .checks = checks};
    memcpy(job->password, password, length);
    job->hash_given = hash && strlen(hash) < sizeof job->hash;
    if (job->hash_given)
        strcpy(job->hash, hash);

    pthread_mutex_lock(&lock);
    bool room = waiting < MOST_WAITING;
    if (room) {
        *end = job;
        end = &job->next;
        waiting++;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
    if (!room) {
        discard(job);
        return false;
    }
    request->password_job = job;
    return true;
}

static struct password_job *reversed(struct password_job *newest)
{
    struct password_job *first = NULL;
    for (struct password_job *next; newest; newest = next) {
        next = newest->next;
        newest->next = first;
        first = newest;
    }
    return first;
}

static void deliver(struct password_job *job)
{
    struct request *request = job->request;
    if (!request)
        return;
    request->password_job = NULL;
    if (!job->checks && job->fits)
        request->password_hash = arena_copy(&request->arena, job->hash, strlen(job->hash));
    request->password_done(request, job->fits);
    request_resume(request);
}

void password_deliver(struct worker *worker)
{
    struct password_job *job = reversed(atomic_exchange(&worker->passwords, NULL));
    for (struct password_job *next; job; job = next) {
        next = job->next;
        deliver(job);
        free(job);
    }
}
