/* Who wanted to know who somebody is, and who did what to people's data. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct field reveal[] = {
    {.name = "complaint", .type = ID, .required = true},
    {.name = "reason", .type = TEXT, .required = true, .min = 1, .max = 2000},
    {0}};

static const struct field audited[] = {
    {.name = "action", .type = CODE},
    {.name = "actor", .type = ID},
    FIELD_PAGE,
    {0}};

static const struct route routes[] = {
    {.method = POST, .path = "/v1/identity-reveals", .access = DISPATCHER | SUPERVISOR, .fields = reveal, .sql = &sql_privacy_request_reveal,
     .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/identity-reveals", .access = DISPATCHER | SUPERVISOR, .fields = page_fields, .sql = &sql_privacy_list_reveals},
    /* a look at a contact is noted, hence WRITE */
    {.method = GET, .path = "/v1/identity-reveals/{reveal}", .access = DISPATCHER | SUPERVISOR, .sql = &sql_privacy_show_reveal, .lane = WRITE},
    {.method = POST, .path = "/v1/identity-reveals/{reveal}/approve", .access = SUPERVISOR, .sql = &sql_privacy_approve_reveal, .lane = WRITE},
    {.method = GET, .path = "/v1/audit", .access = SUPERVISOR | ADMIN, .fields = audited, .sql = &sql_privacy_audit},
    {0}};

/* clang-format on */

const struct resource privacy_api = {routes};
