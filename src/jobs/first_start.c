/* The first start on a database: somebody must be able to sign in and make the rest. */
#include "jobs/first_start.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"
#include "base/uuid.h"
#include "jobs/ask.h"
#include "sql.h"

enum { HASH_LENGTH = 128 };

static bool make(const char *password, bool *created)
{
    char hash[HASH_LENGTH], staff[UUID_TEXT];
    uuid_v7(staff);
    PGconn *pg = secret_password_hash(password, hash) ? blocking_open(ROLE_DAEMON) : NULL;
    if (!pg)
        return false;
    PGresult *made = ask(pg, &sql_jobs_first_start,
                         (struct given[]){{"community", settings.community},
                                          {"time_zone", settings.time_zone},
                                          {"login", "admin"},
                                          {"password_hash", hash},
                                          {"staff", staff},
                                          {0}});
    const char *answer = made ? answered(made, "created") : NULL;
    *created = answer && *answer == 't';
    PQclear(made);
    PQfinish(pg);
    return made;
}

bool first_start(void)
{
    struct arena arena = {0};
    bool created = false;
    char *made_up = settings.admin_password ? NULL : secret_password(&arena);
    bool fine = make(made_up ? made_up : settings.admin_password, &created);
    if (created && made_up) {
        printf("The password of admin, shown this once: %s\n", made_up);
        fflush(stdout);
    }
    if (created)
        log_event(LOG_INFO, "first start", "community", settings.community, NULL);
    if (made_up)
        sodium_memzero(made_up, strlen(made_up));
    arena_release(&arena);
    return fine;
}
