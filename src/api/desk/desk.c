/* What lies on the desk of somebody who works on complaints. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct field unanswered[] = {
    {.name = "department", .type = ID},
    FIELD_PAGE,
    {0}};

static const char *const unpublished[] = {"pending", "hidden", NULL};

static const struct field publication[] = {
    {.name = "publication", .type = CHOICE, .choices = unpublished, .otherwise = "pending"},
    FIELD_PAGE,
    {0}};

static const struct field search[] = {
    {.name = "q", .type = SEARCH, .required = true, .min = 1, .max = 200},
    FIELD_FILTERS,
    FIELD_PAGE,
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/desk/unanswered", .access = OFFICER | DISPATCHER | SUPERVISOR, .fields = unanswered, .sql = &sql_desk_unanswered},
    {.method = GET, .path = "/v1/desk/undispatched", .access = DISPATCHER | SUPERVISOR, .fields = page_fields, .sql = &sql_desk_undispatched},
    {.method = GET, .path = "/v1/desk/visits", .access = VISITOR | SUPERVISOR, .fields = page_fields, .sql = &sql_desk_visits},
    {.method = GET, .path = "/v1/desk/publication", .access = DISPATCHER | SUPERVISOR, .fields = publication, .sql = &sql_desk_publication},
    {.method = GET, .path = "/v1/desk/search", .access = OFFICER | DISPATCHER | SUPERVISOR, .fields = search, .sql = &sql_desk_search},
    {0}};

/* clang-format on */

const struct resource desk_api = {routes};
