/* Surveys: short questions on a matter, one answer a resident or receipt, results with how many they are of. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const states[] = {"draft", "open", "closed", NULL};
static const char *const kinds[] = {"choice", "choices", "scale", "text", NULL};
static const char *const shown[] = {"live", "closed", NULL};

static const struct field wanted[] = {
    {.name = "state", .type = CHOICE, .choices = states},
    FIELD_PAGE,
    {0}};

static const struct field option[] = {
    {.name = "text", .type = LINE, .required = true, .min = 1, .max = 100},
    {.name = "text_en", .type = LINE, .min = 1, .max = 200},
    {0}};

static const struct field question[] = {
    {.name = "kind", .type = CHOICE, .required = true, .choices = kinds},
    {.name = "text", .type = LINE, .required = true, .min = 1, .max = 200},
    {.name = "text_en", .type = LINE, .min = 1, .max = 400},
    {.name = "optional", .type = BOOLEAN},
    {.name = "options", .type = LIST, .entry = OBJECT, .min = 2, .max = 10, .fields = option},
    {0}};

#define SURVEY(new_) \
    {.name = "title", .type = LINE, .required = new_, .min = 1, .max = 120}, \
    {.name = "title_en", .type = LINE, .min = 1, .max = 240}, \
    {.name = "text", .type = TEXT, .min = 1, .max = 2000}, \
    {.name = "text_en", .type = TEXT, .min = 1, .max = 4000}, \
    {.name = "questions", .type = LIST, .entry = OBJECT, .required = new_, .min = 1, .max = 10, .fields = question}, \
    {.name = "begins", .type = INSTANT}, \
    {.name = "ends", .type = INSTANT}, \
    {.name = "notices", .type = LIST, .entry = ID}, \
    {.name = "clusters", .type = LIST, .entry = ID}

static const struct field survey[] = {
    SURVEY(true),
    {.name = "anonymous", .type = BOOLEAN, .otherwise = "false"},
    {.name = "results", .type = CHOICE, .choices = shown, .otherwise = "closed"},
    {0}};
static const struct field change[] = {
    SURVEY(false),
    {.name = "anonymous", .type = BOOLEAN},
    {.name = "results", .type = CHOICE, .choices = shown},
    {0}};

static const struct field answer[] = {
    {.name = "question", .type = INTEGER, .required = true, .min = 1, .max = 10},
    {.name = "option", .type = INTEGER, .min = 1, .max = 10},
    {.name = "options", .type = LIST, .entry = INTEGER, .min = 1, .max = 10},
    {.name = "scale", .type = INTEGER, .min = 1, .max = 5},
    {.name = "text", .type = TEXT, .min = 1, .max = 500},
    {0}};
static const struct field answers[] = {
    {.name = "answers", .type = LIST, .entry = OBJECT, .required = true, .min = 1, .max = 10, .fields = answer},
    {0}};

static const struct field texts[] = {
    {.name = "question", .type = INTEGER, .required = true, .min = 1, .max = 10},
    FIELD_PAGE,
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/surveys", .access = ANYONE, .fields = wanted, .sql = &sql_surveys_list},
    {.method = POST, .path = "/v1/surveys", .access = DISPATCHER | SUPERVISOR, .fields = survey, .sql = &sql_surveys_add, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/surveys/{survey}", .access = ANYONE, .sql = &sql_surveys_show},
    {.method = PATCH, .path = "/v1/surveys/{survey}", .access = DISPATCHER | SUPERVISOR, .fields = change, .sql = &sql_surveys_change, .lane = WRITE},
    {.method = POST, .path = "/v1/surveys/{survey}/close", .access = DISPATCHER | SUPERVISOR, .sql = &sql_surveys_close, .lane = WRITE},
    {.method = GET, .path = "/v1/surveys/{survey}/answer", .access = RECEIPT | RESIDENT, .sql = &sql_surveys_own},
    {.method = PUT, .path = "/v1/surveys/{survey}/answer", .access = PUBLIC | RECEIPT | RESIDENT, .fields = answers, .sql = &sql_surveys_answer,
     .lane = WRITE, .limit = LIMIT_ANONYMOUS},
    {.method = DELETE, .path = "/v1/surveys/{survey}/answer/texts", .access = RECEIPT | RESIDENT, .sql = &sql_surveys_erase_words, .lane = WRITE},
    {.method = GET, .path = "/v1/surveys/{survey}/results", .access = ANYONE, .sql = &sql_surveys_results, .lane = SLOW},
    {.method = GET, .path = "/v1/surveys/{survey}/texts", .access = DISPATCHER | SUPERVISOR, .fields = texts, .sql = &sql_surveys_texts},
    {0}};

/* clang-format on */

const struct resource surveys_api = {routes};
