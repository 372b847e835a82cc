/* Ask before you ask: what is like a text that somebody is writing, joining it, and saying that it was answered already. */
#include "api/resources.h"
#include "api/fields.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

#define SUGGESTION(required_) {.name = "suggestion", .type = LINE, .required = required_, .min = 1, .max = 64}

static const struct field support[] = {SUGGESTION(false), {0}};
static const struct field answered[] = {SUGGESTION(true), {0}};

static const struct field draft[] = {
    {.name = "title", .type = LINE, .min = 1, .max = 120},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 10000},
    {.name = "building", .type = LINE, .min = 1, .max = 32},
    {.name = "category", .type = CODE},
    {0}};

static const struct route routes[] = {
    {.method = POST, .path = "/v1/suggestions", .access = ANYONE, .fields = draft, .sql = &sql_support_suggest, .classifies = true},
    {.method = PUT, .path = "/v1/complaints/{complaint}/support", .access = PUBLIC | RECEIPT | RESIDENT, .fields = support,
     .sql = &sql_support_give, .lane = WRITE, .limit = LIMIT_ANONYMOUS},
    {.method = DELETE, .path = "/v1/complaints/{complaint}/support", .access = RECEIPT | RESIDENT, .sql = &sql_support_withdraw, .lane = WRITE},
    {.method = GET, .path = "/v1/me/supported", .access = RESIDENT, .fields = page_fields, .sql = &sql_support_mine},
    {.method = POST, .path = "/v1/suggestions/{complaint}/answered", .access = PUBLIC | RECEIPT | RESIDENT, .fields = answered,
     .sql = &sql_support_answered, .success = 204, .lane = WRITE, .limit = LIMIT_ANONYMOUS},
    {0}};

/* clang-format on */

const struct resource support_api = {routes};
