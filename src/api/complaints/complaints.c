/* What residents complain about: filing it, finding it, following it. */
#include "api/fields.h"
#include "http/route.h"
#include "http/reply.h"
#include "sql.h"

static const struct statement *const finding[] = {&sql_complaints_list, &sql_complaints_search, NULL};

static void find(struct request *request)
{
    request_ask(request, request_input(request, "q") ? &sql_complaints_search : &sql_complaints_list, reply_row);
}

/* Tables, a row a line. */
/* clang-format off */

static const char *const identities[] = {"named", "masked", "anonymous", NULL};
static const char *const visibilities[] = {"public", "private", NULL};
static const char *const channels[] = {"web", "phone", "desk", "door", "wechat", NULL};

static const struct field contact[] = {
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "phone", .type = PHONE, .required = true},
    {0}};

static const struct field complaint[] = {
    {.name = "title", .type = LINE, .min = 1, .max = 120},
    {.name = "text", .type = TEXT, .required = true, .min = 1, .max = 10000},
    {.name = "category", .type = CODE},
    {.name = "identity", .type = CHOICE, .choices = identities},
    {.name = "visibility", .type = CHOICE, .choices = visibilities},
    {.name = "building", .type = LINE, .min = 1, .max = 32},
    {.name = "place", .type = LINE, .min = 1, .max = 200},
    {.name = "latitude", .type = NUMBER, .min = -90, .max = 90},
    {.name = "longitude", .type = NUMBER, .min = -180, .max = 180},
    {.name = "contact", .type = OBJECT, .sealed = true, .fields = contact},
    {.name = "channel", .type = CHOICE, .choices = channels},
    {.name = "round_times", .type = BOOLEAN},
    {0}};

static const struct field published[] = {
    {.name = "q", .type = SEARCH, .min = 1, .max = 200},
    FIELD_FILTERS,
    FIELD_PAGE,
    {0}};

static const struct route routes[] = {
    {.method = POST, .path = "/v1/complaints", .access = PUBLIC | RECEIPT | RESIDENT | DISPATCHER | KEY, .fields = complaint,
     .sql = &sql_complaints_submit, .success = 201, .lane = WRITE, .limit = LIMIT_ANONYMOUS, .classifies = true},
    {.method = GET, .path = "/v1/complaints", .access = ANYONE, .fields = published, .handle = find, .asks = finding},
    {.method = GET, .path = "/v1/complaints/{complaint}", .access = ANYONE, .sql = &sql_complaints_show},
    {.method = GET, .path = "/v1/complaints/{complaint}/events", .access = ANYONE, .sql = &sql_complaints_events},
    {.method = GET, .path = "/v1/receipts/current", .access = RECEIPT, .sql = &sql_complaints_receipt},
    {.method = GET, .path = "/v1/me/complaints", .access = RESIDENT, .fields = page_fields, .sql = &sql_complaints_mine},
    {0}};

/* clang-format on */

const struct resource complaints_api = {routes};
