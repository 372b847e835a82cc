#include "base/texts.h"
#include <string.h>

const struct embedded_text *document_find(const char *name)
{
    for (const struct embedded_text *document = document_texts; document->name; document++)
        if (strcmp(document->name, name) == 0)
            return document;
    return NULL;
}
