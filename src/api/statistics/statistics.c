/* What can be counted of it all. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

static const char *const groups[] = {"department", "category", "building", "day", NULL};
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
                                     {.name = "day", .type = DAY},
                                     FIELD_PAGE,
                                     {0}};

/* A resident has to be of the panel. */
#define WATCHERS (RESIDENT | OFFICER | DISPATCHER | SUPERVISOR)

enum { MINUTE = 60, HOUR = 60 * MINUTE, ONE_DAY = 24 * HOUR };

/* What can be replayed from facts; limits are those of POST /v1/policies. */
static const struct field supposed[] = {{.name = "reply", .type = DURATION, .min = HOUR, .max = 30 * ONE_DAY},
                                        {.name = "dispatch", .type = DURATION, .min = MINUTE, .max = 7 * ONE_DAY},
                                        {.name = "accept", .type = DURATION, .min = MINUTE, .max = 7 * ONE_DAY},
                                        {.name = "return_window", .type = DURATION, .max = 7 * ONE_DAY},
                                        {.name = "followup_scored", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
                                        {.name = "cutoff", .type = DURATION, .min = 12 * HOUR, .max = ONE_DAY},
                                        {.name = "grace", .type = DURATION, .max = 12 * HOUR},
                                        {0}};

static const struct field simulation[] = {{.name = "days", .type = INTEGER, .required = true, .min = 1, .max = 92},
                                          {.name = "policy", .type = OBJECT, .required = true, .fields = supposed},
                                          {0}};

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
    {.method = POST,
     .path = "/v1/policies/simulate",
     .access = SUPERVISOR | ADMIN,
     .fields = simulation,
     .sql = &sql_statistics_simulate,
     .lane = SLOW},
    {0}};

const struct resource statistics_api = {routes};
