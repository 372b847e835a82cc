#pragma once
/* A private cluster for one test program, in a folder of its own. */
#include "../test.h"
#include "base/log.h"
#include "base/settings.h"
#include "db/embedded.h"

static char scratch_folder[] = "/tmp/echo-wall-db-XXXXXX";

static bool scratch_begin(void)
{
    static char *words[] = {"echo-wall", NULL};
    log_threshold(LOG_ERROR);
    if (!mkdtemp(scratch_folder) || settings_read(1, words) != COMMAND_SERVE)
        return false;
    log_threshold(LOG_ERROR);
    settings.data = scratch_folder;
    settings.embedded_options = "fsync=off full_page_writes=off";
    return embedded_start();
}

static void scratch_end(void)
{
    char command[128];
    embedded_stop();
    snprintf(command, sizeof command, "rm -r %s", scratch_folder);
    if (system(command) != 0)
        fprintf(stderr, "%s stays\n", scratch_folder);
}
