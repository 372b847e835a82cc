/* What is recorded must be what the facts say, today as on the day it was recorded. */
#include "jobs/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/log.h"
#include "jobs/ask.h"
#include "sql.h"

struct findings {
    long long days, complaints, events, differences;
};

static long long count(const PGresult *communities, int row, const char *column)
{
    const char *number = answered_in(communities, row, column);
    return number ? atoll(number) : 0;
}

static bool verify_community(PGconn *pg, const char *community, struct findings *findings)
{
    PGresult *differences = ask(pg, &sql_jobs_verify, (struct given[]){{"community", community}, {0}});
    if (!differences)
        return false;
    for (int row = 0; row < PQntuples(differences); row++) {
        const char *what = answered_in(differences, row, "what"), *difference = answered_in(differences, row, "difference");
        printf("%s: %s: %s\n", community, what ? what : "?", difference ? difference : "differs");
        findings->differences++;
    }
    PQclear(differences);
    return true;
}

static bool verify_all(PGconn *pg, struct findings *findings)
{
    PGresult *communities = ask(pg, &sql_jobs_communities, (struct given[]){{0}});
    bool checked = communities;
    for (int row = 0; checked && row < PQntuples(communities); row++) {
        findings->days += count(communities, row, "days");
        findings->complaints += count(communities, row, "complaints");
        findings->events += count(communities, row, "events");
        checked = verify_community(pg, answered_in(communities, row, "community"), findings);
    }
    PQclear(communities);
    return checked;
}

bool verify(void)
{
    struct findings found = {0};
    PGconn *pg = blocking_open(ROLE_DAEMON);
    PGresult *patient = pg ? blocking_run(pg, "set statement_timeout = 0") : NULL;
    bool checked = patient && verify_all(pg, &found);
    PQclear(patient);
    PQfinish(pg);
    if (!checked)
        log_complain("the records could not be verified");
    else if (found.differences)
        printf("differences: %lld, in %lld days, %lld complaints and %lld events\n", found.differences, found.days, found.complaints,
               found.events);
    else
        printf("%lld days, %lld complaints and %lld events checked: no difference\n", found.days, found.complaints, found.events);
    return checked && !found.differences;
}
