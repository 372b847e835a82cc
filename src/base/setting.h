#pragma once
#include <stdbool.h>
#include "base/settings.h"

/* Between settings.c (what there is to set) and given.c (what was said). */

enum setting_type { TEXT, NUMBER, ADDRESS, CODE, LEVEL };

struct setting {
    const char *name; /* as a flag, without "--" */
    enum setting_type type;
    const char *otherwise; /* NULL: none */
    long min, max;         /* of a NUMBER */
    bool secret;           /* may come from the file that <name>-file names */
    void *to;
    const char *meaning;
};

extern const struct setting setting_table[]; /* ends with a nameless one */

enum strength { FROM_NOWHERE, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG };

struct given {
    const char *value;
    enum strength strength;
    char source[160]; /* "--workers", "ECHO_WALL_WORKERS", "/etc/echo-wall.conf: WORKERS" */
};

bool given_read(int argc, char **argv, enum command *);    /* false after printing what is wrong */
const struct given *given_for(const struct setting *);     /* strength FROM_NOWHERE: nothing was said */
char *given_again(const char *key);                        /* what the file says of this key now; NULL: nothing; free() it */
bool given_complain(const char *source, const char *what); /* prints it; false */
