#pragma once
#include <stdio.h>
#include "http/worker.h"

/* What became of requests: a line in the log, counters by route and status, durations by route. */
struct counters *counters_new(void);
void counters_free(struct counters *);
void account_for(struct request *);
void counters_print(FILE *, struct counters *const *, int count); /* their sum as Prometheus text */
