/* Supervision: the lists of what needs a look, and the cases that are opened about it. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct route routes[] = {
    {.method = GET, .path = "/v1/supervision/lists/{list}", .access = DISPATCHER | SUPERVISOR, .fields = page_fields, .sql = &sql_supervision_screen,
     .lane = SLOW},
    {0}};

/* clang-format on */

const struct resource supervision_api = {routes};
