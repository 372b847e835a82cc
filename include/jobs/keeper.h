#pragma once
#include <stdbool.h>

/* Takes out of the store what no complaint has: at the start, each hour, and when somebody's pictures were erased. */
bool keeper_start(void); /* false after logging why not */
void keeper_stop(void);
