#pragma once
#include "http/request.h"

/* POST /v1/sessions, which C decides: what it takes, what it asks, and who signs in how. */
extern const struct field sessions_fields[];
extern const struct statement *const sessions_asks[]; /* ends with NULL */
void sessions_sign_in(struct request *);

/* GET /v1/challenges, which C makes of what the policy says. */
void challenges_show(struct request *);
extern const struct statement *const challenges_asks[];

/* GET /v1/me/export: what is sealed is opened here. */
void export_me(struct request *);
extern const struct statement *const export_asks[]; /* ends with NULL */
