#pragma once
#include <stdbool.h>

/*
 * The private PostgreSQL in settings.data when no database is named: initdb once, unix socket only, found again and cleaned up after a
 * kill -9, started and stopped with the daemon. As root it runs as the user `postgres`.
 */
bool embedded_start(void); /* sets settings.database; false after printing one line */
void embedded_stop(void);  /* no-op when another process of ours still uses it or none was started here */
void embedded_tend(void);  /* to be called every second or so: starts it again when it died; it may take a while then */
