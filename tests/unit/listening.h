#pragma once
/* What is said to stderr while something runs. */
#include "test.h"
#include <fcntl.h>

static char said[4096]; /* between the last listen_to_stderr() and hear() */
static struct {
    int ends[2], usual;
} listening;

static inline void listen_to_stderr(void)
{
    listening.usual = dup(STDERR_FILENO);
    assert_int_equal(pipe2(listening.ends, O_NONBLOCK), 0);
    dup2(listening.ends[1], STDERR_FILENO);
}

static inline void hear(void)
{
    dup2(listening.usual, STDERR_FILENO);
    ssize_t length = read(listening.ends[0], said, sizeof said - 1);
    said[length > 0 ? length : 0] = '\0';
    close(listening.usual);
    close(listening.ends[0]);
    close(listening.ends[1]);
}
