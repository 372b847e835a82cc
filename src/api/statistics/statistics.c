/* What can be counted of it all. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

static const char *const groups[] = {"department", "category", "building", "day", NULL};
static const char *const lacks[] = {"category", "building", NULL};
static const char *const parts[] = {"numerator", "denominator", "missing", NULL};

static const struct field period[] = {{.name = "from", .type = DAY},
                                      {.name = "to", .type = DAY}, /* the last day, included */
                                      {.name = "by", .type = CHOICE, .choices = groups},
                                      {.name = "as_of", .type = INSTANT}, /* as it was then */
                                      {0}};

static const struct field cases[] = {{.name = "from", .type = DAY},
                                     {.name = "to", .type = DAY},
                                     {.name = "as_of", .type = INSTANT},
                                     {.name = "part", .type = CHOICE, .choices = parts, .otherwise = "denominator"},
                                     {.name = "department", .type = ID},
                                     {.name = "category", .type = CODE},
                                     {.name = "building", .type = LINE, .min = 1, .max = 32},
                                     {.name = "without", .type = CHOICE, .choices = lacks}, /* of what has none */
                                     {.name = "day", .type = DAY},
                                     FIELD_PAGE,
                                     {0}};

/* A resident has to be of the panel. */
#define WATCHERS (RESIDENT | OFFICER | DISPATCHER | SUPERVISOR)

static const struct field warnings[] = {{.name = "category", .type = CODE},
                                        {.name = "building", .type = LINE, .min = 1, .max = 32},
                                        {.name = "since", .type = INSTANT},
                                        FIELD_PAGE,
                                        {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/figures", .access = ANYONE, .fields = period, .sql = &sql_statistics_figures, .lane = SLOW},
    {.method = GET, .path = "/v1/figures/{figure}/cases", .access = ANYONE, .fields = cases, .sql = &sql_statistics_cases, .lane = SLOW},
    {.method = GET, .path = "/v1/monthly/{month}", .access = ANYONE, .sql = &sql_statistics_month},
    {.method = GET, .path = "/v1/warnings", .access = WATCHERS, .fields = warnings, .sql = &sql_statistics_warnings, .lane = SLOW},
    {.method = GET, .path = "/v1/warnings/{warning}/cases", .access = WATCHERS, .fields = page_fields, .sql = &sql_statistics_warned},
    {0}};

const struct resource statistics_api = {routes};
