/* A challenge is asked for before a proof of work is needed: the database knows the policy, C makes the challenge. */
#include "api/people.h"
#include "http/proof.h"
#include "http/reply.h"
#include "sql.h"

const struct statement *const challenges_asks[] = {&sql_people_challenge, NULL};

static void challenge_is_due(struct request *request, PGresult *taken)
{
    json_t *members = PQntuples(taken) > 0 ? json_loads(PQgetvalue(taken, 0, 0), 0, NULL) : NULL;
    PQclear(taken);
    if (!members) {
        reply_problem(request, "not_found", NULL, NULL);
        return;
    }
    proof_complete(request, members);
    reply_text(request, MHD_HTTP_OK, "application/json", json_dumps(members, JSON_COMPACT));
    json_decref(members);
}

void challenges_show(struct request *request)
{
    request_ask(request, &sql_people_challenge, challenge_is_due);
}
