/*
 * Signing in, by one of three ways: staff by login and password, residents by a code sent to their phone, or a trusted program that
 * vouches for its resident. Which one it is, the members of the body tell.
 */
#include <string.h>
#include "api/people.h"
#include "http/phrase.h"
#include "http/reply.h"
#include "sql.h"

static const struct field resident[] = {{.name = "external_id", .type = LINE, .required = true, .min = 1, .max = 200},
                                        {.name = "name", .type = LINE, .min = 1, .max = 60},
                                        {.name = "phone", .type = PHONE},
                                        {.name = "building", .type = LINE, .min = 1, .max = 32},
                                        {0}};

const struct field sessions_fields[] = {
    {.name = "login", .type = LINE, .min = 1, .max = 60},
    {.name = "password", .type = PASSWORD, .min = 1, .max = 200}, /* a short one is wrong, not malformed */
    {.name = "phone", .type = PHONE, .sealed = true},
    {.name = "code", .type = LINE, .min = 1, .max = 12},
    {.name = "resident", .type = OBJECT, .fields = resident},
    {0}};

const struct statement *const sessions_asks[] = {&sql_people_credentials,      &sql_people_sign_in,         &sql_people_note_failed_sign_in,
                                                 &sql_people_resident_sign_in, &sql_people_assert_resident, NULL};

/* The same work and the same answer whether the login is unknown or the password wrong. */
static void password_is_checked(struct request *request, bool fits)
{
    if (fits)
        request_ask(request, &sql_people_sign_in, reply_row);
    else
        request_ask(request, &sql_people_note_failed_sign_in, reply_row);
}

static void check_password(struct request *request, PGresult *taken)
{
    int column = PQfnumber(taken, "hash");
    bool known = PQntuples(taken) > 0 && column >= 0 && !PQgetisnull(taken, 0, column);
    request_check_password(request, request_input(request, "password"), known ? PQgetvalue(taken, 0, column) : NULL, password_is_checked);
    PQclear(taken);
}

static void assert_resident(struct request *request)
{
    if (request->caller.role == KEY && request_has_scope(request, "residents:assert"))
        request_ask(request, &sql_people_assert_resident, reply_row);
    else
        reply_problem(request, request->caller.role == PUBLIC ? "not_signed_in" : "not_permitted", NULL, NULL);
}

/* The members given, in order of the field table: "login password", "phone code" or "resident". */
static bool is_given(const struct request *request, const char *members)
{
    char given[64] = "";
    for (const struct field *field = sessions_fields; field->name; field++)
        if (request_input(request, field->name)) {
            strcat(given, *given ? " " : "");
            strcat(given, field->name);
        }
    return strcmp(given, members) == 0;
}

void sessions_sign_in(struct request *request)
{
    if (is_given(request, "login password"))
        request_ask(request, &sql_people_credentials, check_password);
    else if (is_given(request, "phone code"))
        request_ask(request, &sql_people_resident_sign_in, reply_row);
    else if (is_given(request, "resident"))
        assert_resident(request);
    else
        reply_problem(request, "invalid_input", phrase_text(&request->arena, request->chinese, SAY_CREDENTIALS, 0), NULL);
}
