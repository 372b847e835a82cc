/* The public ledger (挂账): what cannot be mended now, with its plan, its dates, every postponement, and the votes before it is struck off. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

static const char *const states[] = {"running", "voting", "struck_off", "returned", "withdrawn", NULL};

static const struct field entries[] = {
    {.name = "state", .type = CHOICE, .choices = states}, {.name = "department", .type = ID}, FIELD_PAGE, {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/ledger", .access = ANYONE, .fields = entries, .sql = &sql_ledger_list, .lane = SLOW}, {0}};

const struct resource ledger_api = {routes};
