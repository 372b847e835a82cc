/* What tells categories - the lexicon, what was learned - and the rules by which complaints go on without a person. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct field words[] = {
    {.name = "category", .type = CODE},
    FIELD_PAGE,
    {0}};

static const struct field word[] = {
    {.name = "word", .type = LINE, .required = true, .min = 1, .max = 40},
    {.name = "category", .type = CODE, .required = true},
    {.name = "weight", .type = INTEGER, .required = true, .min = 1, .max = 9},
    {0}};

static const struct field forgotten[] = {
    {.name = "word", .type = LINE, .required = true, .min = 1, .max = 40},
    {.name = "category", .type = CODE, .required = true},
    {0}};

static const struct field rule[] = {
    {.name = "category", .type = CODE},
    {.name = "building", .type = LINE, .min = 1, .max = 32},
    {.name = "words", .type = LIST, .max = 40},
    {.name = "department", .type = ID, .required = true},
    {.name = "position", .type = INTEGER, .min = 0, .max = 1000000},
    {.name = "active", .type = BOOLEAN},
    {0}};

static const struct field rule_change[] = {
    {.name = "category", .type = CODE},
    {.name = "building", .type = LINE, .min = 1, .max = 32},
    {.name = "words", .type = LIST, .max = 40},
    {.name = "department", .type = ID},
    {.name = "position", .type = INTEGER, .min = 0, .max = 1000000},
    {.name = "active", .type = BOOLEAN},
    {0}};

static const struct field used[] = {{.name = "version", .type = INTEGER, .required = true, .min = 0, .max = 1000000000}, {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/lexicon", .access = DISPATCHER | SUPERVISOR | ADMIN, .fields = words, .sql = &sql_classification_words},
    {.method = PUT, .path = "/v1/lexicon", .access = ADMIN, .fields = word, .sql = &sql_classification_set_word, .lane = WRITE},
    {.method = DELETE, .path = "/v1/lexicon", .access = ADMIN, .fields = forgotten, .sql = &sql_classification_forget_word, .lane = WRITE},
    {.method = GET, .path = "/v1/routing-rules", .access = DISPATCHER | SUPERVISOR | ADMIN, .fields = page_fields, .sql = &sql_classification_rules},
    {.method = POST, .path = "/v1/routing-rules", .access = ADMIN, .fields = rule, .sql = &sql_classification_add_rule, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/routing-rules/{rule}", .access = DISPATCHER | SUPERVISOR | ADMIN, .sql = &sql_classification_show_rule},
    {.method = PATCH, .path = "/v1/routing-rules/{rule}", .access = ADMIN, .fields = rule_change, .sql = &sql_classification_change_rule, .lane = WRITE},
    {.method = DELETE, .path = "/v1/routing-rules/{rule}", .access = ADMIN, .sql = &sql_classification_remove_rule, .lane = WRITE},
    {.method = GET, .path = "/v1/classifier", .access = DISPATCHER | SUPERVISOR | ADMIN, .sql = &sql_classification_classifier},
    {.method = PATCH, .path = "/v1/classifier", .access = ADMIN, .fields = used, .sql = &sql_classification_use_model, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource classification_api = {routes};
