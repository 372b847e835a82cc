/* Pictures as files: pictures/ab/cdef..., in 256 folders by the first byte of their hash. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "store.h"

enum { FOLDER_DIGITS = 2 };

static bool path_of(const char *name, char path[PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s/%.*s/%s", store_folder(), FOLDER_DIGITS, name, name + FOLDER_DIGITS) < PATH_MAX;
}

static bool start(void)
{
    return true;
}

static enum store_end put(const char *name, struct temporary *temporary, off_t size, const char *sha256)
{
    char path[PATH_MAX];
    (void)size, (void)sha256;
    if (!path_of(name, path) || !file_make_folder_of(path, 0700) || !temporary_keep(temporary, store_folder(), path))
        return store_failed("writing");
    return STORED;
}

static enum store_end open_file(const char *name, int *file, off_t *size)
{
    char path[PATH_MAX];
    struct stat found;
    if (!path_of(name, path))
        return STORE_MISSING;
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file < 0)
        return errno == ENOENT ? STORE_MISSING : store_failed("opening");
    if (fstat(*file, &found) == 0) {
        *size = found.st_size;
        return STORED;
    }
    close(*file);
    return store_failed("opening");
}

static enum store_end remove_file(const char *name)
{
    char path[PATH_MAX];
    return path_of(name, path) && unlink(path) != 0 && errno != ENOENT ? store_failed("removing") : STORED;
}

/* Names of files in pictures/<digits> that are older than `moment`. */
static bool list_folder(const char *digits, time_t moment, bool (*each)(void *, const char *), void *with)
{
    char path[PATH_MAX], name[STORE_NAME];
    struct stat found;
    if (snprintf(path, sizeof path, "%s/%s", store_folder(), digits) >= (int)sizeof path)
        return true;
    DIR *folder = opendir(path);
    bool goes_on = true;
    for (const struct dirent *entry; folder && goes_on && (entry = readdir(folder));) {
        bool ours = snprintf(name, sizeof name, "%s%s", digits, entry->d_name) < (int)sizeof name && store_is_name(name);
        if (ours && fstatat(dirfd(folder), entry->d_name, &found, 0) == 0 && found.st_mtime <= moment)
            goes_on = each(with, name);
    }
    if (folder)
        closedir(folder);
    return goes_on;
}

static enum store_end list(long seconds, bool (*each)(void *, const char *), void *with)
{
    enum { FOLDERS = 256 };
    char digits[FOLDER_DIGITS + 1];
    time_t moment = time(NULL) - seconds; /* the file system's time, which is not the product's */
    for (unsigned i = 0; i < FOLDERS; i++) {
        snprintf(digits, sizeof digits, "%02x", i & 0xff);
        if (!list_folder(digits, moment, each, with))
            break;
    }
    return STORED;
}

const struct store disk_store = {.start = start, .put = put, .open = open_file, .remove = remove_file, .list = list};
