#pragma once
#include <stdbool.h>

/* One listening socket a worker where the address allows it (SO_REUSEPORT), else the same one for all. */
bool listen_start(int count, int sockets[]); /* false after logging why not */
void listen_end(void);                       /* removes the path of a unix socket */
