#pragma once
#include <stddef.h>

char *gzip_of(const char *text, size_t size, size_t *compressed); /* malloc'ed; NULL: not smaller */
