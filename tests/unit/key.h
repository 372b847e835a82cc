#pragma once
/* A key of their own for tests of what is sealed or signed; no file of it is left. */
#include "test.h"
#include "base/secret.h"

static inline int make_key(void **state)
{
    char folder[] = "/tmp/echo-wall-key-XXXXXX", path[64];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/key", folder);
    bool started = secret_start(path);
    unlink(path);
    rmdir(folder);
    return started ? 0 : -1;
}
