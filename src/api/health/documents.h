#pragma once
#include <stddef.h>

/* The page of /docs, to be freed: every endpoint of the contract with its summary. Of YAML it reads what the contract's layout has:
   paths indented by two, methods by four, summaries by six. */
char *endpoints_page(const char *contract, size_t size);
