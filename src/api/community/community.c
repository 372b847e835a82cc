/* The community: its categories, departments, buildings, calendar and policies. */
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const visibilities[] = {"public", "private", NULL};

static const struct field category[] = {
    {.name = "department", .type = ID},
    {.name = "name", .type = LINE, .min = 1, .max = 40},
    {.name = "name_en", .type = LINE, .min = 1, .max = 40},
    {.name = "visibility", .type = CHOICE, .choices = visibilities},
    {.name = "simple", .type = BOOLEAN},
    {.name = "days", .type = INTEGER, .min = 1, .max = 365},
    {0}};

static const struct field department[] = {
    {.name = "code", .type = CODE, .required = true},
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "name_en", .type = LINE, .min = 1, .max = 60},
    {0}};

static const struct field department_change[] = {
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {.name = "name_en", .type = LINE, .min = 1, .max = 60},
    {.name = "active", .type = BOOLEAN},
    {0}};

static const struct field building[] = {
    {.name = "code", .type = LINE, .required = true, .min = 1, .max = 32},
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {0}};

static const struct field days[] = {{.name = "from", .type = DAY}, {.name = "to", .type = DAY}, {0}};

static const struct field day[] = {
    {.name = "working", .type = BOOLEAN, .required = true},
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/community", .access = ANYONE, .sql = &sql_community_show},
    {.method = GET, .path = "/v1/categories", .access = ANYONE, .sql = &sql_community_categories},
    {.method = PATCH, .path = "/v1/categories/{code}", .access = ADMIN, .fields = category, .sql = &sql_community_change_category, .lane = WRITE},
    {.method = GET, .path = "/v1/departments", .access = ANYONE, .sql = &sql_community_departments},
    {.method = POST, .path = "/v1/departments", .access = ADMIN, .fields = department, .sql = &sql_community_add_department, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/departments/{department}", .access = ANYONE, .sql = &sql_community_show_department},
    {.method = PATCH, .path = "/v1/departments/{department}", .access = ADMIN, .fields = department_change,
     .sql = &sql_community_change_department, .lane = WRITE},
    {.method = GET, .path = "/v1/buildings", .access = ANYONE, .sql = &sql_community_buildings},
    {.method = POST, .path = "/v1/buildings", .access = ADMIN, .fields = building, .sql = &sql_community_add_building, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/policies", .access = ANYONE, .sql = &sql_community_policies},
    {.method = GET, .path = "/v1/calendar", .access = ANYONE, .fields = days, .sql = &sql_community_calendar},
    {.method = PUT, .path = "/v1/calendar/{day}", .access = ADMIN, .fields = day, .sql = &sql_community_set_day, .lane = WRITE},
    {.method = DELETE, .path = "/v1/calendar/{day}", .access = ADMIN, .sql = &sql_community_forget_day, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource community_api = {routes};
