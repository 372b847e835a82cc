#pragma once
#include <stdbool.h>

enum { TEMPORARY_NAME = 32 };

/* A file on its way into a folder. Without a name where the file system can (O_TMPFILE): what is not kept is gone when it is closed, also
   after a kill. Else its name ends with ".part", and temporary_sweep() removes what a kill has left. */
struct temporary {
    int file;                  /* open for reading and writing; -1: none */
    char name[TEMPORARY_NAME]; /* empty: it has none */
};

/* `named`: as where the file system cannot do without. False: errno says why. */
bool temporary_open(const char *folder, bool named, struct temporary *);
/* What was written is on the disk and bears `path` (in a folder of the same file system), whole, before this returns. Fine when it exists:
   names are those of contents. It stays open. */
bool temporary_keep(struct temporary *, const char *folder, const char *path);
void temporary_close(const char *folder, struct temporary *);
void temporary_sweep(const char *folder);
