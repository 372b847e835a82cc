#pragma once

enum { MAX_PARAMETERS = 40 };

/* One .sql file, compiled in by src/db/embed.c; <folder>/<file>.sql is sql_<folder>_<file>. */
struct statement {
    const char *name; /* "answers/answer.sql" */
    const char *text; /* each :name turned into $n */
    int parameter_count;
    const char *parameters[MAX_PARAMETERS]; /* the names, in the order of $n */
    int number;                             /* its place in all_statements */
};

extern const struct statement *const all_statements[]; /* ends with NULL */
extern const int statement_count;
