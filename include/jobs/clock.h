#pragma once
#include <stdbool.h>
#include "jobs/clock_file.h"

/*
 * The clock: what falls due by itself is settled within a second of its moment, every community's days are taken after their cutoff; a second thread
 * does what may last longer than that. Any number of servers may run it; locks let one do each job.
 */
bool clock_prepare(
    void); /* sets the time by settings.clock_file, so that it holds from the first request on; false after logging why not */
bool clock_start(void);
void clock_stop(void);

double clock_lag(void);                 /* seconds by which the oldest thing due is late, or the clock itself is; any thread */
void clock_line(char line[CLOCK_LINE]); /* the clock file's line that holds everywhere and by which all is settled; any thread */
