#pragma once
#include "http/request.h"

/* Passwords are hashed by their crew (http/work.h): see request_hash_password() and request_check_password(). */

/* NULL hash: made, else checked against it where `checks`. False: too many wait. */
bool password_submit(struct request *, const char *password, const char *hash, bool checks, void (*done)(struct request *, bool fits));
