#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What several modules need of files. A failure leaves errno. */

char *file_read(const char *path, size_t limit);         /* NULL: unreadable, or longer than limit; free() it */
bool file_write_new(const char *path, const char *text); /* mode 0600, whole or not at all; false: also when it exists (EEXIST) */
bool file_make_folders(const char *path, mode_t mode);   /* with those above it; fine when they exist */
bool file_make_folder_of(const char *path, mode_t mode); /* the folder that `path` lies in */
