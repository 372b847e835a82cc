#include "base/monotonic.h"
#include <time.h>

long long monotonic_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

long long monotonic_milliseconds(void)
{
    return monotonic_microseconds() / 1000;
}
