/* What can be counted of it all, for everybody. */
#include "api/resources.h"
#include "sql.h"

static const char *const groups[] = {"department", "category", "building", "day", NULL};

static const struct field period[] = {{.name = "from", .type = DAY},
                                      {.name = "to", .type = DAY}, /* the last day, included */
                                      {.name = "by", .type = CHOICE, .choices = groups},
                                      {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/figures", .access = ANYONE, .fields = period, .sql = &sql_statistics_figures, .lane = SLOW}, {0}};

const struct resource statistics_api = {routes};
