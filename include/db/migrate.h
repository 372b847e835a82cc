#pragma once
#include <stdbool.h>

/*
 * Brings the database up to date: roles, migrations (numbered, one transaction each, recorded with checksum, under an advisory lock),
 * then the rules (src/rules, re-created in one transaction when their text changed). False after printing one line: the database
 * has a newer schema than this program knows, an applied migration was edited, or a statement failed.
 */
bool migrate(void);
