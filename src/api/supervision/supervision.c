/* Supervision: the lists of what needs a look, and the cases that are opened about it. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const subjects[] = {"complaint", "cluster", "department", NULL};
static const char *const statuses[] = {"screened", "verifying", "rectifying", "confirmed", "dismissed", NULL};

static const struct field wanted[] = {
    {.name = "status", .type = CHOICE, .choices = statuses},
    {.name = "subject", .type = CHOICE, .choices = subjects},
    {.name = "department", .type = ID},
    FIELD_PAGE,
    {0}};
static const struct field opening[] = {
    {.name = "subject", .type = CHOICE, .required = true, .choices = subjects},
    {.name = "complaint", .type = ID},
    {.name = "cluster", .type = ID},
    {.name = "department", .type = ID},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 4000},
    {.name = "due", .type = INSTANT, .required = true},
    {0}};
static const struct field verification[] = {
    {.name = "owner", .type = ID},
    {.name = "due", .type = INSTANT, .required = true},
    {.name = "text", .type = TEXT, .min = 1, .max = 4000},
    {0}};
static const struct field order[] = {
    {.name = "department", .type = ID, .required = true},
    {.name = "due", .type = INSTANT, .required = true},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 4000},
    {0}};
static const struct field words[] = {{.name = "text", .type = TEXT, .required = true, .min = 1, .max = 4000}, {0}};
static const struct field reminder[] = {
    {.name = "staff", .type = LIST, .required = true, .entry = ID},
    {.name = "level", .type = INTEGER, .required = true, .min = 1, .max = 3},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 1000},
    {0}};
static const struct field own[] = {{.name = "open", .type = BOOLEAN}, FIELD_PAGE, {0}};
static const struct field nothing[] = {{0}};

#define STEP(action_, access_, fields_) \
    {.method = POST, .path = "/v1/supervision/{supervision}/" action_, .access = access_, .fields = fields_, .sql = &sql_supervision_act, .lane = WRITE}

static const struct route routes[] = {
    {.method = GET, .path = "/v1/supervision/lists/{list}", .access = RESIDENT | DISPATCHER | SUPERVISOR, .fields = page_fields, .sql = &sql_supervision_screen,
     .lane = SLOW},
    {.method = GET, .path = "/v1/supervision", .access = STAFF, .fields = wanted, .sql = &sql_supervision_list},
    {.method = POST, .path = "/v1/supervision", .access = SUPERVISOR, .fields = opening, .sql = &sql_supervision_open, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/supervision/{supervision}", .access = STAFF, .sql = &sql_supervision_show},
    STEP("verify", SUPERVISOR, verification),
    STEP("order", SUPERVISOR, order),
    STEP("feedback", STAFF, words),
    STEP("confirm", SUPERVISOR, words),
    STEP("dismiss", SUPERVISOR, words),
    STEP("remind", SUPERVISOR, reminder),
    {.method = GET, .path = "/v1/reminders", .access = STAFF, .fields = own, .sql = &sql_supervision_reminders},
    {.method = POST, .path = "/v1/reminders/{reminder}/acknowledge", .access = STAFF, .fields = nothing, .sql = &sql_supervision_acknowledge,
     .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource supervision_api = {routes};
