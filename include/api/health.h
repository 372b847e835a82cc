#pragma once

/* What /readyz and /metrics show of the clock, which this layer cannot see: the line of the clock file that holds (at most 64
   bytes), and the seconds by which the clock is late. Called once, before the workers start. */
void health_watches(void (*clock_line)(char line[64]), double (*clock_lag)(void));
