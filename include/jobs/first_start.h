#pragma once
#include <stdbool.h>

/* Makes the community, its dispatch office, the categories and the admin where they are missing; prints a made-up password of the
   admin, this once. False after logging why not. */
bool first_start(void);
