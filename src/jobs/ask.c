/* Asking by name: the order of a statement's parameters is that of its text, which C does not want to know. */
#include "jobs/ask.h"
#include <stdlib.h>
#include <string.h>
#include "base/log.h"

static const char *find(const struct statement *statement, const char *name, const struct given *given)
{
    for (; given->name; given++)
        if (!strcmp(given->name, name))
            return given->value;
    log_event(LOG_ERROR, "a statement wants what no job offers", "statement", statement->name, "name", name, NULL);
    abort();
}

PGresult *ask(PGconn *pg, const struct statement *statement, const struct given *given)
{
    const char *values[MAX_PARAMETERS];
    for (int i = 0; i < statement->parameter_count; i++)
        values[i] = find(statement, statement->parameters[i], given);
    return blocking_ask(pg, statement, values);
}

const char *answered_in(const PGresult *result, int row, const char *column)
{
    int number = PQfnumber(result, column);
    if (number < 0 || row >= PQntuples(result) || PQgetisnull(result, row, number))
        return NULL;
    return PQgetvalue(result, row, number);
}

const char *answered(const PGresult *result, const char *column)
{
    return answered_in(result, 0, column);
}
