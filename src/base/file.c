#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_read(const char *path, size_t limit)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    char *text = malloc(limit + 1);
    if (!text)
        abort();
    size_t size = 0;
    ssize_t got;
    while ((got = read(file, text + size, limit + 1 - size)) > 0)
        size += (size_t)got;
    int error = got < 0 ? errno : size > limit ? EFBIG : 0;
    close(file);
    if (error) {
        free(text);
        errno = error;
        return NULL;
    }
    text[size] = '\0';
    return text;
}

static bool write_all(int file, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t put = write(file, text, left);
        if (put < 0)
            return false;
        text += put;
        left -= (size_t)put;
    }
    return fsync(file) == 0;
}

/* Written beside its place and then linked to it, so that nobody reads half a file and of two writers one wins. */
bool file_write_new(const char *path, const char *text)
{
    char beside[4096];
    if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return false;
    }
    int file = mkostemp(beside, O_CLOEXEC);
    if (file < 0)
        return false;
    bool written = write_all(file, text) && link(beside, path) == 0;
    int error = errno;
    close(file);
    unlink(beside);
    errno = error;
    return written;
}

static bool make_folder(const char *path, mode_t mode)
{
    struct stat found;
    if (mkdir(path, mode) == 0)
        return chmod(path, mode) == 0; /* whatever the umask */
    if (errno != EEXIST || stat(path, &found) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(found.st_mode);
}

bool file_make_folders(const char *path, mode_t mode)
{
    char *part = strdup(path);
    if (!part)
        abort();
    bool made = true;
    for (char *slash = strchr(part + 1, '/'); made && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = make_folder(part, mode);
        *slash = '/';
    }
    made = made && make_folder(part, mode);
    free(part);
    return made;
}

bool file_make_folder_of(const char *path, mode_t mode)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    char *folder = strndup(path, (size_t)(slash - path));
    if (!folder)
        abort();
    bool made = file_make_folders(folder, mode);
    free(folder);
    return made;
}
