/*
 * What is done to a complaint. Each action is a path of its own with its fields; who may do it from which status, and what follows,
 * stands in the table of transitions (src/rules/02_transition.sql), so all share one statement.
 */
#include "api/resources.h"
#include "speak.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

#define TEXT_FIELD(name_, required_) {.name = name_, .type = TEXT, .required = required_, .min = 1, .max = 8000}

static const char *const answers[] = {"yes", "partly", "no", NULL};
static const char *const rejections[] = {"not_ours", "out_of_scope", "court", "duplicate", "insufficient", "abusive", "spam", "other", NULL};
static const char *const identities[] = {"named", "masked", "anonymous", NULL};
static const char *const visibilities[] = {"public", "private", NULL};
static const char *const ways[] = {"phone", "door", "message", NULL};

static const struct field nothing[] = {{0}};
static const struct field text[] = {TEXT_FIELD("text", true), {0}};
static const struct field reason[] = {TEXT_FIELD("reason", true), {0}};
static const struct field maybe_reason[] = {TEXT_FIELD("reason", false), {0}};
static const struct field department[] = {{.name = "department", .type = ID, .required = true}, {0}};
static const struct field category[] = {{.name = "category", .type = CODE, .required = true}, {0}};
static const struct field into[] = {{.name = "into", .type = ID, .required = true}, {0}};
static const struct field urgent[] = {{.name = "urgent", .type = BOOLEAN, .required = true}, {0}};

static const struct field assign[] = {
    {.name = "department", .type = ID, .required = true},
    {.name = "category", .type = CODE},
    {0}};

static const struct field answer[] = {
    TEXT_FIELD("public_text", false),
    TEXT_FIELD("private_text", false),
    {.name = "insist", .type = BOOLEAN},
    {0}};

static const struct field give_back[] = {
    TEXT_FIELD("reason", true),
    {.name = "department", .type = ID},
    {0}};

static const struct field reassign[] = {
    {.name = "department", .type = ID, .required = true},
    TEXT_FIELD("reason", true),
    {0}};

static const struct field interim[] = {
    TEXT_FIELD("public_text", false),
    TEXT_FIELD("private_text", false),
    {.name = "promised", .type = DAY, .required = true},
    {0}};

static const struct field reject[] = {
    {.name = "reason", .type = CHOICE, .required = true, .choices = rejections},
    TEXT_FIELD("text", false), /* unless it is spam */
    {.name = "elsewhere", .type = TEXT, .min = 1, .max = 1000},
    {0}};

static const struct field rating[] = {
    {.name = "stars", .type = INTEGER, .required = true, .min = 1, .max = 5},
    {.name = "solved", .type = CHOICE, .required = true, .choices = answers},
    {.name = "comment", .type = TEXT, .min = 1, .max = 2000},
    {0}};

static const struct field privacy[] = {
    {.name = "identity", .type = CHOICE, .choices = identities},
    {.name = "visibility", .type = CHOICE, .choices = visibilities},
    {.name = "round_times", .type = BOOLEAN},
    {0}};

static const struct field visit[] = {
    {.name = "channel", .type = CHOICE, .required = true, .choices = ways},
    {.name = "reached", .type = BOOLEAN, .required = true},
    {.name = "contacted", .type = BOOLEAN},
    {.name = "solved", .type = CHOICE, .choices = answers},
    {.name = "stars", .type = INTEGER, .min = 1, .max = 5},
    {.name = "comment", .type = TEXT, .min = 1, .max = 2000},
    {0}};

static const struct field ledger[] = {
    TEXT_FIELD("plan", true),
    TEXT_FIELD("public_reason", true),
    {.name = "review", .type = DAY, .required = true},
    {0}};

static const struct field milestone[] = {
    TEXT_FIELD("text", true),
    {.name = "due", .type = DAY, .required = true},
    {0}};

static const struct field vote[] = {{.name = "solved", .type = CHOICE, .required = true, .choices = answers}, {0}};

static const struct field extension[] = {
    {.name = "until", .type = DAY, .required = true},
    TEXT_FIELD("reason", true),
    {0}};

#define ACTION(action_, fields_) \
    {.method = POST, .path = "/v1/complaints/{complaint}/" action_, .access = RECEIPT | SIGNED_IN, .fields = fields_, .sql = &sql_actions_act, .lane = WRITE}
#define CREATION(action_, fields_) \
    {.method = POST, .path = "/v1/complaints/{complaint}/" action_, .access = RECEIPT | SIGNED_IN, .fields = fields_, .sql = &sql_actions_act, \
     .success = 201, .lane = WRITE}

/* What is said in public: no names of reporters in it. */
#define REPLY(action_, fields_) \
    {.method = POST, .path = "/v1/complaints/{complaint}/" action_, .access = RECEIPT | SIGNED_IN, .fields = fields_, .handle = speak_with_care, \
     .asks = speak_asks, .lane = WRITE}

static const struct route routes[] = {
    /* the reporter's */
    CREATION("messages", text),
    ACTION("supply", text),
    CREATION("rating", rating),
    ACTION("confirm", nothing),
    ACTION("accept_reply", nothing),
    ACTION("redo", reason),
    ACTION("reopen", reason),
    ACTION("withdraw", maybe_reason),
    ACTION("object", reason),
    ACTION("urge", nothing),
    CREATION("ledger_votes", vote),
    ACTION("privacy", privacy),
    /* the department's */
    ACTION("accept", nothing),
    ACTION("return", give_back),
    REPLY("ask", text),
    REPLY("interim", interim),
    REPLY("answer", answer),
    REPLY("correct", answer),
    ACTION("join", department),
    REPLY("request_ledger", ledger),
    {.method = POST, .path = "/v1/complaints/{complaint}/milestones", .access = RECEIPT | SIGNED_IN, .fields = milestone, .handle = speak_with_care,
     .asks = speak_asks, .success = 201, .lane = WRITE},
    ACTION("request_extension", extension),
    CREATION("notes", text),
    /* the working group's */
    ACTION("assign", assign),
    ACTION("reassign", reassign),
    ACTION("classify", category),
    REPLY("reject", reject),
    ACTION("merge", into),
    ACTION("unmerge", nothing),
    ACTION("publish", nothing),
    ACTION("hide", reason),
    ACTION("urgent", urgent),
    ACTION("approve_ledger", nothing),
    ACTION("end_ledger", nothing),
    ACTION("approve_extension", nothing),
    CREATION("visits", visit),
    {0}};

/* clang-format on */

const struct resource actions_api = {routes};
