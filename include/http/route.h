#pragma once
#include "db/database.h"
#include "http/field.h"

struct body;
struct request;

/* Who may call how often: token buckets beside the one of every signed-in caller. */
enum limit {
    UNLIMITED,
    LIMIT_SIGN_IN,   /* settings.sign_ins_per_minute a client address; keys are exempt */
    LIMIT_ANONYMOUS, /* settings.anonymous_burst at once a client address, then one each 2 s; callers who are PUBLIC or show a receipt */
};

enum method { GET, POST, PUT, PATCH, DELETE }; /* HEAD, OPTIONS and the POST twin of PATCH are made by the server */

/* A set of roles: who may call. What a role may do to this one complaint, the table of transitions decides. */
enum role {
    PUBLIC = 1,
    RECEIPT = 2,
    RESIDENT = 4,
    OFFICER = 8,
    DISPATCHER = 16,
    VISITOR = 32,
    SUPERVISOR = 64,
    ADMIN = 128,
    KEY = 256,
    STAFF = OFFICER | DISPATCHER | VISITOR | SUPERVISOR | ADMIN,
    SIGNED_IN = RESIDENT | STAFF,
    ANYONE = 511,
};

/* One endpoint: everything the server knows about it. */
struct route {
    enum method method;
    const char *
        path; /* "/v1/complaints/{complaint}"; {day} is a DAY, {department}, {complaint}, {staff} ... an ID, {code}, {figure}, {list} a CODE, {n} a small number, {hash} a SHA-256 in hexadecimal */
    enum role access;
    const struct field *fields;          /* ends with a nameless one; NULL: no input */
    const struct body *body;             /* how the body is read; NULL: as JSON */
    const struct statement *sql;         /* its row is the answer */
    unsigned success;                    /* 200 unless given */
    enum lane lane;                      /* READ unless given; a caller who is PUBLIC reads on PUBLIC_READ or PUBLIC_SLOW instead */
    bool classifies;                     /* :reading proposes categories for its title and text */
    bool revokes;                        /* a success makes every worker forget the callers it knows */
    void (*handle)(struct request *);    /* instead of sql, where C has to decide */
    const struct statement *const *asks; /* what `handle` may ask; ends with NULL */
    enum limit limit;
    const char *produces; /* media type of a success; NULL: application/json */
    bool quiet;           /* not logged unless it fails: probes */
};

struct resource {
    const struct route *routes; /* ends with a pathless one */
};

/* The table of contents of the API, in src/api/api.c; ends with NULL. */
extern const struct resource *const resources[];

/*
 * Reads all resources once: paths become a tree, every :name of every statement a slot. False after logging one line: a name that
 * the route does not offer, two routes in one place. workers_start() calls it.
 */
bool route_start(void);
void routes_print(void); /* `echo-wall routes`: method, path, who, fields; one line each, sorted by path and method */
