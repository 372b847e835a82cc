#pragma once
#include "jobs/background.h"

/*
 * Runs this program anew with one argument, hands it `input` and returns what it printed; malloc'ed, the caller's. It inherits standard error, no
 * environment and no blocked signals. NULL: it failed, took longer than `seconds`, or the thread is to stop; it has ended then as well.
 */
char *child_run(const struct background *, const char *argument, const char *input, long seconds);
