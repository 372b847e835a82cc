#pragma once
#include <stddef.h>

/* A file compiled in by src/db/embed.c. */
struct embedded_text {
    const char *name; /* of the file, without its folder: "0001_people.sql", "openapi.yaml" */
    const char *text; /* ends with a NUL that `size` does not count */
    size_t size;
};

/* In order of file name; each ends with a nameless one. */
extern const struct embedded_text migration_texts[]; /* migrations/ */
extern const struct embedded_text rule_texts[];      /* src/rules/ */
extern const struct embedded_text document_texts[];  /* openapi/, and .txt and .json of src/text/ */

const struct embedded_text *document_find(const char *name); /* NULL: no such file was compiled in */
