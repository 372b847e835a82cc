/* The community: its categories, departments, buildings, calendar and policies. */
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const visibilities[] = {"public", "private", NULL};

static const struct field category[] = {
    {.name = "department", .type = ID},
    {.name = "name", .type = LINE, .min = 1, .max = 40},
    {.name = "name_en", .type = LINE, .min = 1, .max = 40},
    {.name = "visibility", .type = CHOICE, .choices = visibilities},
    {.name = "simple", .type = BOOLEAN},
    {.name = "days", .type = INTEGER, .min = 1, .max = 365},
    {0}};

static const struct field department[] = {
    {.name = "code", .type = CODE, .required = true},
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "name_en", .type = LINE, .min = 1, .max = 60},
    {0}};

static const struct field department_change[] = {
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {.name = "name_en", .type = LINE, .min = 1, .max = 60},
    {.name = "active", .type = BOOLEAN},
    {0}};

static const struct field building[] = {
    {.name = "code", .type = LINE, .required = true, .min = 1, .max = 32},
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {0}};

static const struct field days[] = {{.name = "from", .type = DAY}, {.name = "to", .type = DAY}, {0}};

static const struct field day[] = {
    {.name = "working", .type = BOOLEAN, .required = true},
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {0}};

static const char *const publications[] = {"at_once", "after_review", "after_first_reply", NULL};
static const char *const guards[] = {"too_short", "stock_phrases", "undated", "copied", NULL};
static const char *const audiences[] = {"officers", "dispatchers", "supervisor", "head", NULL};

enum { MINUTE = 60, HOUR = 60 * MINUTE, ONE_DAY = 24 * HOUR };

/* A column of the policy a row. To add one: the column, its row here and its line in openapi.yaml; showing and keeping it follows by itself. */
static const struct field policy[] = {
    {.name = "begins", .type = INSTANT},
    {.name = "reply", .type = DURATION, .min = HOUR, .max = 30 * ONE_DAY},
    {.name = "dispatch", .type = DURATION, .min = MINUTE, .max = 7 * ONE_DAY},
    {.name = "accept", .type = DURATION, .min = MINUTE, .max = 7 * ONE_DAY},
    {.name = "return_window", .type = DURATION, .max = 7 * ONE_DAY},
    {.name = "max_returns", .type = INTEGER, .max = 10},
    {.name = "need_info", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
    {.name = "max_asks", .type = INTEGER, .max = 10},
    {.name = "max_interims", .type = INTEGER, .max = 10},
    {.name = "promise_days", .type = INTEGER, .min = 1, .max = 90},
    {.name = "lapse", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
    {.name = "reopen", .type = DURATION, .max = 365 * ONE_DAY},
    {.name = "max_reopens", .type = INTEGER, .max = 10},
    {.name = "object", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
    {.name = "rating", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "urge", .type = DURATION, .min = HOUR, .max = 7 * ONE_DAY},
    {.name = "followup", .type = DURATION, .min = HOUR, .max = 30 * ONE_DAY},
    {.name = "followup_scored", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
    {.name = "night_from", .type = TIME},
    {.name = "night_until", .type = TIME},
    {.name = "visit_from", .type = TIME},
    {.name = "quiet_from", .type = TIME},
    {.name = "quiet_until", .type = TIME},
    {.name = "ladder", .type = LIST, .entry = DURATION, .min = MINUTE, .max = 30 * ONE_DAY},
    {.name = "ladder_to", .type = LIST, .entry = CHOICE, .choices = audiences},
    {.name = "urgent_ladder", .type = LIST, .entry = DURATION, .min = MINUTE, .max = 30 * ONE_DAY},
    {.name = "urgent_ladder_to", .type = LIST, .entry = CHOICE, .choices = audiences},
    {.name = "digest", .type = DURATION, .max = 12 * HOUR},
    {.name = "cutoff", .type = DURATION, .min = 12 * HOUR, .max = ONE_DAY},
    {.name = "grace", .type = DURATION, .max = 12 * HOUR},
    {.name = "ledger_days", .type = INTEGER, .min = 1, .max = 365},
    {.name = "claim", .type = DURATION, .min = HOUR, .max = 30 * ONE_DAY},
    {.name = "max_claims", .type = INTEGER, .min = 1, .max = 20},
    {.name = "claim_confirm", .type = DURATION, .max = 30 * ONE_DAY},
    {.name = "guard", .type = LIST, .entry = CHOICE, .choices = guards},
    {.name = "guard_length", .type = INTEGER, .max = 100},
    {.name = "vote", .type = DURATION, .min = HOUR, .max = 30 * ONE_DAY},
    {.name = "vote_share", .type = NUMBER, .max = 1},
    {.name = "missed_days", .type = INTEGER, .min = 1, .max = 30},
    {.name = "stuck_redos", .type = INTEGER, .min = 1, .max = 30},
    {.name = "repeated_within", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "repeated_from", .type = INTEGER, .min = 2, .max = 100},
    {.name = "repeated_redos", .type = INTEGER, .min = 1, .max = 30},
    {.name = "concentrated_within", .type = DURATION, .min = HOUR, .max = 90 * ONE_DAY},
    {.name = "concentrated_from", .type = INTEGER, .min = 2, .max = 1000},
    {.name = "concentrated_p", .type = NUMBER, .max = 1},
    {.name = "warning_stretches", .type = LIST, .entry = DURATION, .min = HOUR, .max = 7 * ONE_DAY},
    {.name = "warning_from", .type = INTEGER, .min = 2, .max = 1000},
    {.name = "warning_p", .type = NUMBER, .max = 1},
    {.name = "monthly_from", .type = INTEGER, .min = 1, .max = 1000},
    {.name = "monthly_size", .type = INTEGER, .min = 1, .max = 100},
    {.name = "stuck_departments", .type = INTEGER, .min = 2, .max = 30},
    {.name = "stuck_returns", .type = INTEGER, .min = 1, .max = 30},
    {.name = "stuck_open", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "stuck_late", .type = INTEGER, .min = 1, .max = 30},
    {.name = "ledger_changes", .type = INTEGER, .min = 1, .max = 30},
    {.name = "hollow_within", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "hollow_uses", .type = INTEGER, .min = 2, .max = 1000},
    {.name = "hollow_length", .type = INTEGER, .max = 200},
    {.name = "hollow_last", .type = DURATION, .max = 12 * HOUR},
    {.name = "hollow_bunch", .type = INTEGER, .min = 2, .max = 1000},
    {.name = "drawn_a_day", .type = INTEGER, .max = 100},
    {.name = "publication", .type = CHOICE, .choices = publications},
    {.name = "reviewed", .type = LIST, .entry = CODE},
    {.name = "urgent_words", .type = LIST, .max = 40},
    {.name = "confident", .type = NUMBER, .max = 1},
    {.name = "similar_from", .type = NUMBER, .max = 1},
    {.name = "posted_from", .type = NUMBER, .max = 1},
    {.name = "similar_within", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "cluster_from", .type = NUMBER, .max = 1},
    {.name = "cluster_within", .type = DURATION, .min = HOUR, .max = 365 * ONE_DAY},
    {.name = "retention", .type = DURATION, .min = HOUR, .max = 3650 * ONE_DAY},
    {.name = "reveal", .type = DURATION, .min = MINUTE, .max = 30 * ONE_DAY},
    {.name = "proof_of_work", .type = INTEGER, .max = 20},
    {0}};

/* What is to be otherwise: any setting but the moment from which it holds. */
static const struct field simulation[] = {
    {.name = "days", .type = INTEGER, .required = true, .min = 1, .max = 92},
    {.name = "policy", .type = OBJECT, .required = true, .fields = policy + 1},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/community", .access = ANYONE, .sql = &sql_community_show},
    {.method = GET, .path = "/v1/categories", .access = ANYONE, .sql = &sql_community_categories},
    {.method = PATCH, .path = "/v1/categories/{code}", .access = ADMIN, .fields = category, .sql = &sql_community_change_category, .lane = WRITE},
    {.method = GET, .path = "/v1/departments", .access = ANYONE, .sql = &sql_community_departments},
    {.method = POST, .path = "/v1/departments", .access = ADMIN, .fields = department, .sql = &sql_community_add_department, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/departments/{department}", .access = ANYONE, .sql = &sql_community_show_department},
    {.method = PATCH, .path = "/v1/departments/{department}", .access = ADMIN, .fields = department_change,
     .sql = &sql_community_change_department, .lane = WRITE},
    {.method = GET, .path = "/v1/buildings", .access = ANYONE, .sql = &sql_community_buildings},
    {.method = POST, .path = "/v1/buildings", .access = ADMIN, .fields = building, .sql = &sql_community_add_building, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/policies", .access = ANYONE, .sql = &sql_community_policies},
    {.method = POST, .path = "/v1/policies", .access = ADMIN, .fields = policy, .sql = &sql_community_add_policy, .success = 201, .lane = WRITE},
    {.method = POST, .path = "/v1/policies/simulate", .access = SUPERVISOR | ADMIN, .fields = simulation, .sql = &sql_community_simulate, .lane = SLOW},
    {.method = GET, .path = "/v1/calendar", .access = ANYONE, .fields = days, .sql = &sql_community_calendar},
    {.method = PUT, .path = "/v1/calendar/{day}", .access = ADMIN, .fields = day, .sql = &sql_community_set_day, .lane = WRITE},
    {.method = DELETE, .path = "/v1/calendar/{day}", .access = ADMIN, .sql = &sql_community_forget_day, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource community_api = {routes};
