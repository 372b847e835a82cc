#include "picture/temporary.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"

static const char ENDING[] = ".part";

static bool open_named(const char *folder, struct temporary *temporary)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/XXXXXX%s", folder, ENDING) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    temporary->file = mkostemps(path, (int)strlen(ENDING), O_CLOEXEC);
    snprintf(temporary->name, sizeof temporary->name, "%s", strrchr(path, '/') + 1);
    return temporary->file >= 0;
}

bool temporary_open(const char *folder, bool named, struct temporary *temporary)
{
    *temporary = (struct temporary){.file = -1};
    if (!named)
        temporary->file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (temporary->file >= 0)
        return true;
    bool must_be_named = named || errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
    return must_be_named && open_named(folder, temporary);
}

static bool give_name(struct temporary *temporary, const char *folder, const char *path)
{
    char now[PATH_MAX];
    if (!*temporary->name) {
        snprintf(now, sizeof now, "/proc/self/fd/%d", temporary->file);
        return linkat(AT_FDCWD, now, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
    }
    if (snprintf(now, sizeof now, "%s/%s", folder, temporary->name) >= (int)sizeof now || rename(now, path) != 0)
        return false;
    *temporary->name = '\0';
    return true;
}

/* A new name is on the disk when its folder is. */
static bool sync_folder_of(const char *path)
{
    char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
    if (!folder)
        abort();
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = opened >= 0 && fsync(opened) == 0;
    int error = errno;
    if (opened >= 0)
        close(opened);
    free(folder);
    errno = error;
    return synced;
}

bool temporary_keep(struct temporary *temporary, const char *folder, const char *path)
{
    if (fsync(temporary->file) != 0)
        return false;
    if (!give_name(temporary, folder, path)) {
        if (errno != EEXIST || utimensat(AT_FDCWD, path, NULL, 0) != 0) /* one that is in use anew is young again */
            return false;
    }
    return sync_folder_of(path);
}

void temporary_close(const char *folder, struct temporary *temporary)
{
    char path[PATH_MAX];
    if (temporary->file < 0)
        return;
    close(temporary->file);
    if (*temporary->name && snprintf(path, sizeof path, "%s/%s", folder, temporary->name) < (int)sizeof path)
        unlink(path);
    *temporary = (struct temporary){.file = -1};
}

void temporary_sweep(const char *folder)
{
    enum { OLD = 3600 }; /* seconds: another server may be writing a younger one */
    char path[PATH_MAX];
    struct stat found;
    DIR *opened = opendir(folder);
    for (const struct dirent *entry; opened && (entry = readdir(opened));) {
        size_t length = strlen(entry->d_name), ending = strlen(ENDING);
        bool left = length > ending && strcmp(entry->d_name + length - ending, ENDING) == 0;
        if (left && snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path && stat(path, &found) == 0 &&
            found.st_mtime <= time(NULL) - OLD && unlink(path) == 0)
            log_event(LOG_INFO, "a picture that never came whole is removed", NULL);
    }
    if (opened)
        closedir(opened);
}
