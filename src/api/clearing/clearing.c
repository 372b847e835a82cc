/* The daily clearing: each day of each department, and why it was not cleared. */
#include "api/resources.h"
#include "sql.h"

static const struct field explanation[] = {{.name = "text", .type = TEXT, .required = true, .min = 1, .max = 4000}, {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/clearing/{day}", .access = ANYONE, .sql = &sql_clearing_show, .lane = SLOW},
    {.method = POST,
     .path = "/v1/clearing/{day}/{department}/explain",
     .access = OFFICER | DISPATCHER,
     .fields = explanation,
     .sql = &sql_clearing_explain,
     .success = 201,
     .lane = WRITE},
    {0}};

const struct resource clearing_api = {routes};
