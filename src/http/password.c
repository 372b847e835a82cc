/* Passwords are hashed off the worker's thread: argon2id takes tens of milliseconds by design. */
#include "http/password.h"
#include <stdlib.h>
#include <string.h>
#include "base/secret.h"
#include "http/work.h"

struct password_work {
    struct work work;
    void (*done)(struct request *, bool fits);
    bool checks; /* against `hash`; else makes it */
    bool fits, hash_given;
    char hash[128];
    char password[];
};

static void run(struct work *work)
{
    struct password_work *job = (struct password_work *)work;
    job->fits = job->checks ? secret_password_fits(job->hash_given ? job->hash : NULL, job->password)
                            : secret_password_hash(job->password, job->hash);
    explicit_bzero(job->password, strlen(job->password));
}

static void done(struct work *work, struct request *request)
{
    struct password_work *job = (struct password_work *)work;
    if (!job->checks && job->fits)
        request->password_hash = arena_copy(&request->arena, job->hash, strlen(job->hash));
    job->done(request, job->fits);
}

static void release(struct work *work)
{
    struct password_work *job = (struct password_work *)work;
    explicit_bzero(job->password, strlen(job->password));
    free(job);
}

bool password_submit(struct request *request, const char *password, const char *hash, bool checks, void (*next)(struct request *, bool))
{
    size_t length = strlen(password);
    struct password_work *job = calloc(1, sizeof *job + length + 1);
    if (!job)
        abort();
    job->work = (struct work){.run = run, .done = done, .release = release};
    job->done = next;
    job->checks = checks;
    memcpy(job->password, password, length);
    job->hash_given = hash && strlen(hash) < sizeof job->hash;
    if (job->hash_given)
        strcpy(job->hash, hash);
    return work_submit(CREW_PASSWORDS, request, &job->work);
}
