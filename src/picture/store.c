#include "store.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "base/file.h"
#include "base/log.h"
#include "base/settings.h"

static const struct store *store;
static char folder[PATH_MAX];

const char *store_folder(void)
{
    return folder;
}

bool store_is_name(const char *name)
{
    enum { DIGITS = 64 };
    return strspn(name, "0123456789abcdef") == DIGITS && (!name[DIGITS] || strcmp(name + DIGITS, "-thumbnail") == 0);
}

enum store_end store_failed(const char *doing)
{
    int error = errno;
    bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    log_event(LOG_ERROR, "a picture cannot be kept", "doing", doing, "error", strerror(error), NULL);
    return full ? STORE_FULL : STORE_AWAY;
}

bool store_start(void)
{
    bool remote = strcmp(settings.picture_store, "s3") == 0;
    if (!remote && strcmp(settings.picture_store, "disk") != 0) {
        log_event(LOG_ERROR, "picture-store is neither disk nor s3", NULL);
        return false;
    }
    store = remote ? &s3_store : &disk_store;
    if (snprintf(folder, sizeof folder, "%s/pictures", settings.data) >= (int)sizeof folder || !file_make_folder_of(folder, 0711) ||
        !file_make_folders(folder, 0700)) {
        log_event(LOG_ERROR, "the folder for pictures cannot be made", "folder", folder, "error", strerror(errno), NULL);
        return false;
    }
    temporary_sweep(folder);
    return store->start();
}

bool store_waits(void)
{
    return store->waits;
}

bool store_temporary(struct temporary *temporary)
{
    return temporary_open(folder, false, temporary);
}

void store_forget(struct temporary *temporary)
{
    temporary_close(folder, temporary);
}

enum store_end store_put(const char *name, struct temporary *temporary, off_t size, const char *sha256)
{
    return store->put(name, temporary, size, sha256);
}

enum store_end store_open(const char *name, int *file, off_t *size)
{
    return store->open(name, file, size);
}

enum store_end store_remove(const char *name)
{
    return store->remove(name);
}

enum store_end store_list(long seconds, bool (*each)(void *, const char *name), void *with)
{
    return store->list(seconds, each, with);
}
