#pragma once
#include <libpq-fe.h>
#include "db/statement.h"

/* One blocking connection for straight-line code: clock, outbox, migrate, verify, first start. */

enum database_role { ROLE_OWNER, ROLE_DAEMON };

/* The conninfo of this role for settings.database or the private cluster: `options` carries role, search_path, UTC, timeouts.
   Owned by the caller. PUBLIC connections are made by database.c with database_conninfo_for. */
char *database_conninfo(const char *role, long statement_timeout_ms);

PGconn *blocking_open(enum database_role); /* NULL: not now, logged */
/* Runs a statement; values by position of its parameters. NULL after logging a failure (statement's name and SQLSTATE). Free with PQclear. */
PGresult *blocking_ask(PGconn *, const struct statement *, const char *const *values);
PGresult *blocking_run(PGconn *, const char *sql); /* plain text, several statements allowed */
