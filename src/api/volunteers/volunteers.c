/* Volunteers: their groups, the board of simple cases, claims from taking to thanks. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const states[] = {"requested", "approved", "refused", "dissolved", NULL};

static const struct field group[] = {
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "about", .type = TEXT, .required = true, .min = 1, .max = 1000},
    {.name = "alias", .type = LINE, .required = true, .min = 1, .max = 30},
    {0}};
static const struct field alias[] = {{.name = "alias", .type = LINE, .required = true, .min = 1, .max = 30}, {0}};
static const struct field member[] = {{.name = "volunteer", .type = ID, .required = true}, {0}};
static const struct field state[] = {{.name = "state", .type = CHOICE, .choices = states}, {0}};
static const struct field reason[] = {{.name = "reason", .type = TEXT, .required = true, .min = 1, .max = 1000}, {0}};
static const struct field nothing[] = {{0}};
static const struct field board[] = {{.name = "building", .type = LINE, .min = 1, .max = 32}, FIELD_PAGE, {0}};
static const struct field month[] = {{.name = "month", .type = LINE, .min = 7, .max = 7}, {0}};
static const struct field done[] = {
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 4000},
    {.name = "minutes", .type = INTEGER, .required = true, .min = 1, .max = 2880},
    {0}};

#define DECISION(action_, fields_) \
    {.method = POST, .path = "/v1/volunteer-groups/{group}/" action_, .access = DISPATCHER | SUPERVISOR, .fields = fields_, \
     .sql = &sql_volunteers_decide, .lane = WRITE}
#define MEMBER(action_) \
    {.method = POST, .path = "/v1/volunteer-groups/{group}/" action_, .access = RESIDENT | DISPATCHER | SUPERVISOR, .fields = member, \
     .sql = &sql_volunteers_change_member, .lane = WRITE}
#define CLAIM(action_, access_, fields_) \
    {.method = POST, .path = "/v1/claims/{claim}/" action_, .access = access_, .fields = fields_, .sql = &sql_volunteers_do_claim, .lane = WRITE}

static const struct route routes[] = {
    {.method = GET, .path = "/v1/volunteer-groups", .access = ANYONE, .fields = state, .sql = &sql_volunteers_groups},
    {.method = POST, .path = "/v1/volunteer-groups", .access = RESIDENT, .fields = group, .sql = &sql_volunteers_found, .success = 201, .lane = WRITE},
    DECISION("approve", nothing),
    DECISION("refuse", reason),
    DECISION("dissolve", reason),
    {.method = POST, .path = "/v1/volunteer-groups/{group}/join", .access = RESIDENT, .fields = alias, .sql = &sql_volunteers_join, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/volunteer-groups/{group}/members", .access = RESIDENT | DISPATCHER | SUPERVISOR, .sql = &sql_volunteers_members},
    MEMBER("admit"),
    MEMBER("part"),
    {.method = GET, .path = "/v1/volunteer/board", .access = RESIDENT, .fields = board, .sql = &sql_volunteers_board},
    {.method = GET, .path = "/v1/volunteer/claims", .access = RESIDENT, .fields = page_fields, .sql = &sql_volunteers_own_claims},
    {.method = GET, .path = "/v1/volunteer/thanks", .access = ANYONE, .fields = month, .sql = &sql_volunteers_thanks, .lane = SLOW},
    {.method = POST, .path = "/v1/complaints/{complaint}/claim", .access = RESIDENT, .fields = nothing, .sql = &sql_volunteers_claim, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/claims/{claim}", .access = RECEIPT | SIGNED_IN, .sql = &sql_volunteers_show_claim},
    CLAIM("finish", RESIDENT, done),
    CLAIM("hand_back", RESIDENT, reason),
    CLAIM("confirm", RECEIPT | RESIDENT | OFFICER | DISPATCHER, nothing),
    {0}};

/* clang-format on */

const struct resource volunteers_api = {routes};
