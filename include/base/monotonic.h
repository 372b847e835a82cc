#pragma once

/* The only clock of C: it never steps back. What time it is, PostgreSQL says: wall_now(). */
long long monotonic_microseconds(void);
long long monotonic_milliseconds(void);
