/* Who is who: signing in and out, staff, keys of programs. */
#include "api/people.h"
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const char *const roles[] = {"officer", "dispatcher", "visitor", "supervisor", "admin", NULL};

static const struct field phone[] = {{.name = "phone", .type = PHONE, .required = true, .sealed = true}, {0}};

static const struct field hired[] = {
    {.name = "login", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "password", .type = PASSWORD, .required = true},
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "role", .type = CHOICE, .required = true, .choices = roles},
    {.name = "department", .type = ID},
    {0}};

static const struct field changed[] = {
    {.name = "active", .type = BOOLEAN},
    {.name = "successor", .type = ID},
    {.name = "name", .type = LINE, .min = 1, .max = 60},
    {.name = "password", .type = PASSWORD},
    {0}};

static const struct field of_department[] = {{.name = "department", .type = ID}, {0}};

static const struct field key[] = {
    {.name = "name", .type = LINE, .required = true, .min = 1, .max = 60},
    {.name = "scopes", .type = LIST, .required = true, .max = 40},
    {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/challenges", .access = ANYONE, .handle = challenges_show, .asks = challenges_asks},
    {.method = POST, .path = "/v1/codes", .access = ANYONE, .fields = phone, .sql = &sql_people_send_code, .success = 202, .lane = WRITE,
     .limit = LIMIT_SIGN_IN},
    {.method = POST, .path = "/v1/sessions", .access = ANYONE, .fields = sessions_fields, .handle = sessions_sign_in, .asks = sessions_asks,
     .success = 201, .lane = WRITE, .limit = LIMIT_SIGN_IN},
    {.method = DELETE, .path = "/v1/sessions/current", .access = SIGNED_IN, .sql = &sql_people_sign_out, .success = 204, .lane = WRITE,
     .revokes = true},
    {.method = GET, .path = "/v1/me", .access = SIGNED_IN, .sql = &sql_people_me},
    {.method = DELETE, .path = "/v1/me", .access = RESIDENT, .sql = &sql_people_erase_me, .success = 204, .lane = WRITE, .revokes = true},
    {.method = GET, .path = "/v1/me/export", .access = RESIDENT, .handle = export_me, .asks = export_asks, .lane = WRITE},
    {.method = GET, .path = "/v1/staff", .access = ADMIN | DISPATCHER | SUPERVISOR, .fields = of_department, .sql = &sql_people_list_staff},
    {.method = POST, .path = "/v1/staff", .access = ADMIN, .fields = hired, .sql = &sql_people_hire, .success = 201, .lane = WRITE},
    {.method = PATCH, .path = "/v1/staff/{staff}", .access = ADMIN, .fields = changed, .sql = &sql_people_change_staff, .lane = WRITE,
     .revokes = true},
    {.method = GET, .path = "/v1/staff/{staff}", .access = ADMIN | DISPATCHER | SUPERVISOR, .sql = &sql_people_show_staff},
    {.method = GET, .path = "/v1/keys", .access = ADMIN, .sql = &sql_people_list_keys},
    {.method = POST, .path = "/v1/keys", .access = ADMIN, .fields = key, .sql = &sql_people_make_key, .success = 201, .lane = WRITE},
    {.method = GET, .path = "/v1/keys/{key}", .access = ADMIN, .sql = &sql_people_show_key},
    {.method = DELETE, .path = "/v1/keys/{key}", .access = ADMIN, .sql = &sql_people_revoke_key, .lane = WRITE, .revokes = true},
    {0}};

/* clang-format on */

const struct resource people_api = {routes};
