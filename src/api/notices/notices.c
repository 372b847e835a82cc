/* What the community tells everybody: rules, methods, activities, minutes. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const kinds[] = {"rule", "method", "activity", "minutes", "notice", NULL};
static const char *const publications[] = {"draft", "published", "withdrawn", NULL};
static const char *const first_publications[] = {"draft", "published", NULL};

static const struct field wanted[] = {
    {.name = "kind", .type = CHOICE, .choices = kinds},
    {.name = "publication", .type = CHOICE, .choices = publications, .otherwise = "published"},
    FIELD_PAGE,
    {0}};

static const struct field notice[] = {
    {.name = "kind", .type = CHOICE, .required = true, .choices = kinds},
    {.name = "title", .type = LINE, .required = true, .min = 1, .max = 120},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 20000},
    {.name = "begins", .type = INSTANT},
    {.name = "ends", .type = INSTANT},
    {.name = "complaints", .type = LIST, .entry = ID},
    {.name = "clusters", .type = LIST, .entry = ID},
    {.name = "publication", .type = CHOICE, .choices = first_publications, .otherwise = "published"},
    {0}};

static const struct field change[] = {
    {.name = "title", .type = LINE, .min = 1, .max = 120},
    {.name = "text", .type = TEXT, .min = 1, .max = 20000},
    {.name = "begins", .type = INSTANT},
    {.name = "ends", .type = INSTANT},
    {.name = "complaints", .type = LIST, .entry = ID},
    {.name = "clusters", .type = LIST, .entry = ID},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/notices", .access = ANYONE, .fields = wanted, .sql = &sql_notices_list},
    {.method = POST, .path = "/v1/notices", .access = DISPATCHER | SUPERVISOR | ADMIN, .fields = notice, .sql = &sql_notices_add, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/notices/{notice}", .access = ANYONE, .sql = &sql_notices_show},
    {.method = PATCH, .path = "/v1/notices/{notice}", .access = DISPATCHER | SUPERVISOR | ADMIN, .fields = change, .sql = &sql_notices_change, .lane = WRITE},
    {.method = POST, .path = "/v1/notices/{notice}/publish", .access = DISPATCHER | SUPERVISOR | ADMIN, .sql = &sql_notices_expose, .lane = WRITE},
    {.method = POST, .path = "/v1/notices/{notice}/withdraw", .access = DISPATCHER | SUPERVISOR | ADMIN, .sql = &sql_notices_expose, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource notices_api = {routes};
