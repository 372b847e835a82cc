#pragma once
#include <stdbool.h>

/*
 * Learning: where enough categories were confirmed, a child process makes a model of them (training.h), which is published if it is not worse than what
 * proposes already. Any number of daemons may run it; a community is taught by one of them at a time.
 */
bool learning_start(void); /* false after logging why not */
void learning_stop(void);
