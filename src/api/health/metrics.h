#pragma once
#include <libpq-fe.h>

void metrics_begin(void); /* remembers when the process began */

/* Everything in Prometheus' text format, to be freed; rows (name, labels, value) NULL: the database is away. */
char *metrics_text(double clock_lag, const PGresult *rows);
