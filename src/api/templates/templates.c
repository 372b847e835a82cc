/* Texts that a department replies with again and again. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct field wanted[] = {
    {.name = "department", .type = ID},
    {.name = "complaint", .type = ID},
    FIELD_PAGE,
    {0}};

static const struct field template[] = {
    {.name = "title", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 8000},
    {.name = "department", .type = ID},
    {0}};

static const struct field change[] = {
    {.name = "title", .type = LINE, .min = 1, .max = 60},
    {.name = "text", .type = TEXT, .min = 1, .max = 8000},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/templates", .access = OFFICER | DISPATCHER | SUPERVISOR, .fields = wanted, .sql = &sql_templates_list},
    {.method = POST, .path = "/v1/templates", .access = OFFICER | DISPATCHER | SUPERVISOR, .fields = template, .sql = &sql_templates_add, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/templates/{template}", .access = OFFICER | DISPATCHER | SUPERVISOR, .sql = &sql_templates_show},
    {.method = PATCH, .path = "/v1/templates/{template}", .access = OFFICER | DISPATCHER | SUPERVISOR, .fields = change, .sql = &sql_templates_change, .lane = WRITE},
    {.method = DELETE, .path = "/v1/templates/{template}", .access = OFFICER | DISPATCHER | SUPERVISOR, .sql = &sql_templates_forget, .success = 204, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource templates_api = {routes};
