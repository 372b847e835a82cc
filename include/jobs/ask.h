#pragma once
#include "db/blocking.h"
#include "http/request.h"

/* Runs the statement with what it wants of what is given (ends with a nameless one); a name that is not given stops the program.
   NULL after logging a failure. Free with PQclear. */
PGresult *ask(PGconn *, const struct statement *, const struct given *);

/* A cell of the first row, borrowed from the result; NULL: no row, no such column, or null. */
const char *answered(const PGresult *, const char *column);
const char *answered_in(const PGresult *, int row, const char *column);
