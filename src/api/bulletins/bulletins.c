/* The daily bulletin: each day as it was published, chained to the one before, and the proof that one's own complaint is in it. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

static const struct route routes[] = {
    {.method = GET, .path = "/v1/bulletins", .access = ANYONE, .fields = page_fields, .sql = &sql_bulletins_list},
    {.method = GET, .path = "/v1/bulletins/{day}", .access = ANYONE, .sql = &sql_bulletins_show, .lane = SLOW},
    {.method = GET, .path = "/v1/bulletins/{day}/proof", .access = RECEIPT, .sql = &sql_bulletins_proof, .lane = SLOW},
    {0}};

const struct resource bulletins_api = {routes};
