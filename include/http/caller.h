#pragma once
#include "http/request.h"

/* Finds out who asks, at once or after asking the database; then calls `then`. Without it: replied. */
void caller_identify(struct request *, void (*then)(struct request *));
/* Known without the database: nobody is signed in, and the route is not for them. False: replied. */
bool caller_may_try(struct request *);
/* The route is for this role, and not too often. False: replied. */
bool caller_is_admitted(struct request *);
const char *role_name(enum role);
enum lane caller_lane(const struct request *); /* of the route for this caller */
bool caller_start(void);                       /* the two statements take what is given to them; false after logging one line */
