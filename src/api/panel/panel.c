/* The panel: residents who oversee. They read the supervision lists, comment, and draw closed cases for a second visit. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const lists[] = {"overdue", "repeated", "concentrated", "stuck", "ledgered", "hollow", NULL};

static const struct field alias[] = {{.name = "alias", .type = LINE, .required = true, .min = 1, .max = 30}, {0}};
static const struct field nothing[] = {{0}};
static const struct field comment[] = {
    {.name = "complaint", .type = ID},
    {.name = "list", .type = CHOICE, .choices = lists},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 2000},
    {0}};
static const struct field wanted[] = {
    {.name = "complaint", .type = ID},
    {.name = "list", .type = CHOICE, .choices = lists},
    FIELD_PAGE,
    {0}};
static const struct field sample[] = {
    {.name = "size", .type = INTEGER, .required = true, .min = 1, .max = 100},
    {.name = "from", .type = DAY, .required = true},
    {.name = "to", .type = DAY, .required = true},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/panel", .access = RESIDENT | SUPERVISOR | ADMIN, .sql = &sql_panel_list},
    {.method = POST, .path = "/v1/panel", .access = RESIDENT, .fields = alias, .sql = &sql_panel_ask, .success = 201, .lane = WRITE},
    {.method = POST, .path = "/v1/panel/{member}/admit", .access = SUPERVISOR | ADMIN, .fields = nothing, .sql = &sql_panel_change, .lane = WRITE},
    {.method = POST, .path = "/v1/panel/{member}/part", .access = RESIDENT | SUPERVISOR | ADMIN, .fields = nothing, .sql = &sql_panel_change,
     .lane = WRITE},
    {.method = GET, .path = "/v1/panel/comments", .access = RESIDENT | DISPATCHER | SUPERVISOR, .fields = wanted, .sql = &sql_panel_comments},
    {.method = POST, .path = "/v1/panel/comments", .access = RESIDENT, .fields = comment, .sql = &sql_panel_comment, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/panel/draws", .access = ANYONE, .fields = page_fields, .sql = &sql_panel_draws},
    {.method = POST, .path = "/v1/panel/draws", .access = RESIDENT | SUPERVISOR, .fields = sample, .sql = &sql_panel_draw, .success = 201, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource panel_api = {routes};
