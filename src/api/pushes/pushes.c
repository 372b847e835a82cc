/* Who is told what, and how: webhooks of the community, channels of departments and people, and what was delivered to them. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const kinds[] = {"wecom", "dingtalk", "feishu", "mail", "sms", NULL};
static const char *const languages[] = {"zh", "en", NULL};
static const char *const states[] = {"pending", "sent", "dead", NULL};

static const struct field hook[] = {
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "url", .type = URL, .required = true},
    {.name = "events", .type = LIST, .max = 40},
    {0}};

static const struct field hook_change[] = {
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {.name = "url", .type = URL},
    {.name = "events", .type = LIST, .max = 40},
    {.name = "active", .type = BOOLEAN},
    {0}};

static const struct field rotation[] = {{.name = "overlap", .type = INTEGER, .min = 0, .max = 168}, {0}};
static const struct field replay[] = {{.name = "from", .type = LINE, .required = true, .min = 1, .max = 40}, {0}};
static const struct field deliveries[] = {{.name = "state", .type = CHOICE, .choices = states}, FIELD_PAGE, {0}};

#define FIELDS_OF_CHANNEL                                                  \
    {.name = "events", .type = LIST, .max = 40},                           \
    {.name = "language", .type = CHOICE, .choices = languages},            \
    {.name = "quiet_from", .type = TIME},             \
    {.name = "quiet_until", .type = TIME},             \
    {.name = "name", .type = LINE, .min = 1, .max = 60}

static const struct field channel[] = {
    {.name = "kind", .type = CHOICE, .required = true, .choices = kinds},
    {.name = "token", .type = LINE, .sealed = true, .min = 1, .max = 200},
    {.name = "secret", .type = LINE, .sealed = true, .min = 1, .max = 200},
    {.name = "mail", .type = MAIL, .sealed = true},
    {.name = "phone", .type = PHONE, .sealed = true},
    FIELDS_OF_CHANNEL,
    {0}};

static const struct field channel_change[] = {{.name = "active", .type = BOOLEAN}, FIELDS_OF_CHANNEL, {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/hooks", .access = ADMIN, .fields = page_fields, .sql = &sql_pushes_list_hooks},
    {.method = POST, .path = "/v1/hooks", .access = ADMIN, .fields = hook, .sql = &sql_pushes_make_hook, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/hooks/{hook}", .access = ADMIN, .sql = &sql_pushes_show_hook},
    {.method = PATCH, .path = "/v1/hooks/{hook}", .access = ADMIN, .fields = hook_change, .sql = &sql_pushes_change_hook, .lane = WRITE},
    {.method = DELETE, .path = "/v1/hooks/{hook}", .access = ADMIN, .sql = &sql_pushes_forget_hook, .success = 204, .lane = WRITE},
    {.method = POST, .path = "/v1/hooks/{hook}/rotate", .access = ADMIN, .fields = rotation, .sql = &sql_pushes_rotate_hook, .lane = WRITE},
    {.method = POST, .path = "/v1/hooks/{hook}/replay", .access = ADMIN, .fields = replay, .sql = &sql_pushes_replay_hook, .success = 202,
     .lane = WRITE},
    {.method = GET, .path = "/v1/hooks/{hook}/deliveries", .access = ADMIN, .fields = deliveries, .sql = &sql_pushes_deliveries},
    {.method = POST, .path = "/v1/hooks/{hook}/deliveries/{delivery}/redeliver", .access = ADMIN, .sql = &sql_pushes_redeliver, .success = 202,
     .lane = WRITE},
    {.method = GET, .path = "/v1/departments/{department}/channels", .access = OFFICER | DISPATCHER | ADMIN, .sql = &sql_pushes_list_channels},
    {.method = POST, .path = "/v1/departments/{department}/channels", .access = OFFICER | DISPATCHER | ADMIN, .fields = channel, .sql = &sql_pushes_make_channel,
     .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/departments/{department}/channels/{channel}", .access = OFFICER | DISPATCHER | ADMIN, .sql = &sql_pushes_show_channel},
    {.method = PATCH, .path = "/v1/departments/{department}/channels/{channel}", .access = OFFICER | DISPATCHER | ADMIN, .fields = channel_change,
     .sql = &sql_pushes_change_channel, .lane = WRITE},
    {.method = DELETE, .path = "/v1/departments/{department}/channels/{channel}", .access = OFFICER | DISPATCHER | ADMIN, .sql = &sql_pushes_forget_channel,
     .success = 204, .lane = WRITE},
    {.method = GET, .path = "/v1/me/channels", .access = SIGNED_IN, .sql = &sql_pushes_list_own_channels},
    {.method = POST, .path = "/v1/me/channels", .access = SIGNED_IN, .fields = channel, .sql = &sql_pushes_make_own_channel, .success = 201,
     .lane = WRITE},
    {.method = GET, .path = "/v1/me/channels/{channel}", .access = SIGNED_IN, .sql = &sql_pushes_show_own_channel},
    {.method = PATCH, .path = "/v1/me/channels/{channel}", .access = SIGNED_IN, .fields = channel_change, .sql = &sql_pushes_change_own_channel,
     .lane = WRITE},
    {.method = DELETE, .path = "/v1/me/channels/{channel}", .access = SIGNED_IN, .sql = &sql_pushes_forget_own_channel, .success = 204,
     .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource pushes_api = {routes};
