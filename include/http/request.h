#pragma once
#include <jansson.h>
#include <microhttpd.h>
#include "base/arena.h"
#include "base/uuid.h"
#include "http/match.h"

enum { MAX_COMMUNITY = 33, MAX_SCOPES = 256, MAX_CALLER = 512, MAX_REQUEST_ID = 65 };

/* Headers that mean something here; NULL: not sent. Borrowed from libmicrohttpd for the life of the request. */
struct headers {
    const char *host, *authorization, *receipt, *community;
    const char *content_type, *content_encoding, *content_length, *transfer_encoding, *expect;
    const char *accept, *accept_encoding, *accept_language;
    const char *if_match, *if_none_match, *idempotency_key, *proof_of_work;
    const char *origin, *preflight; /* Access-Control-Request-Method */
    const char *range, *if_range;
    const char *request_id, *traceparent;
};

/* Who asks. Empty texts: not known or none. */
struct caller {
    enum role role;
    char community[MAX_COMMUNITY];
    char actor[UUID_TEXT], office[UUID_TEXT];
    char opened[UUID_TEXT];   /* the complaint or survey that the receipt opens */
    char scopes[MAX_SCOPES];  /* of a key: "{open311:write,export:read}" */
    char literal[MAX_CALLER]; /* all of it as PostgreSQL reads a caller */
};

struct worker;
struct visitor;
struct inputs;
struct work;

/*
 * From the first header to the last byte sent. A request never leaves its worker's thread, so nothing in it is locked.
 */
struct request {
    struct query query; /* first: a finished query leads back to its request */
    struct MHD_Connection *connection;
    struct worker *worker;
    struct visitor *visitor;
    struct arena arena; /* owns every string here */
    const struct endpoint *endpoint;
    const char *path, *method;
    const char *arguments[MAX_ARGUMENTS];
    struct headers headers;
    struct caller caller;
    char id[MAX_REQUEST_ID];
    bool chinese; /* details and titles */

    /* the body */
    char *bytes;
    size_t size, room, drained;
    void *upload;           /* what a body with an `append` of its own holds */
    unsigned long arrived;  /* bytes of such a body so far */
    const char *body_fault; /* problem code; told after the caller is known */
    json_t *json;
    const char **inputs; /* by the index of the field */

    /* made once when a statement asks for it */
    const char *token_hash, *new_id, *new_receipt, *receipt_normal, *nonce, *new_token, *new_key, *new_code, *new_secret, *password_hash;
    const char *after_key, *after_id;
    int copied;          /* per cent of an answer that its author has said in an earlier one */
    const char *exposed; /* JSON pointer to a public text of staff that says who the reporter is; NULL: none */

    /* what goes on */
    void (*next)(struct request *, PGresult *taken);
    void (*then)(struct request *);
    struct work *work;     /* on its way; NULL: none */
    unsigned session_seen; /* count of forgettings when the caller was asked for */
    bool head, begun, arriving, answering, suspended, closing;

    /* the answer, once it is known */
    struct MHD_Response *response;
    unsigned status;
    const char *rate_policy, *rate_left; /* RateLimit-Policy and RateLimit; NULL: nothing was counted */
    bool varies, cacheable;
    const char *sqlstate; /* of the failure, for the log */
    long long since;      /* microseconds */
};

/* How the body of a route is read. NULL members: nothing to do. */
struct body {
    size_t limit;
    const char *media_types;                                     /* blank-separated; NULL: the bytes tell */
    const char *accept;                                          /* header of a 415; NULL: application/json */
    const char *const *names;                                    /* what `value` offers to SQL; ends with NULL */
    bool (*append)(struct request *, const char *piece, size_t); /* instead of collecting `bytes`; false: replied */
    bool (*finish)(struct request *);                            /* all bytes are here; false: replied */
    const char *(*value)(struct request *, const char *name);
    void (*blame)(struct request *);   /* replies with `body_fault`; NULL: the problem says enough */
    void (*release)(struct request *); /* what `append` has made; called at the end of the request */
};

/* Asks the database with the values of this request; `next` gets the successful result on this same thread and owns it. A failure is
   answered without it. The statement is the route's `sql` or one of its `asks`. */
void request_ask(struct request *, const struct statement *, void (*next)(struct request *, PGresult *taken));
/* The same with values given by name, on a lane of choice. */
struct given {
    const char *name, *value;
};
void request_ask_with(struct request *, enum lane, const struct statement *,
                      const struct given *, /* ends with a nameless one; NULL: none */
                      void (*next)(struct request *, PGresult *taken));
/* Off the worker's thread: `done` is called on it later. Hashing leaves `password_hash`; a NULL hash fits nothing and costs the same.
   Other work: request_work() in http/work.h. */
void request_hash_password(struct request *, const char *password, void (*done)(struct request *, bool));
void request_check_password(struct request *, const char *password, const char *hash, void (*done)(struct request *, bool fits));

const char *request_input(const struct request *, const char *field); /* as text; NULL: absent */
bool request_has_scope(const struct request *, const char *scope);
/* Nothing that leads to the sender may be kept: not signed in, a receipt, or a submission whose `identity` is anonymous. */
bool request_is_anonymous(const struct request *);

/* libmicrohttpd's callbacks. */
void *request_begin(void *worker, const char *target, struct MHD_Connection *);
enum MHD_Result request_step(void *worker, struct MHD_Connection *, const char *url, const char *method, const char *version,
                             const char *piece, size_t *size, void **request);
void request_end(void *worker, struct MHD_Connection *, void **request, enum MHD_RequestTerminationCode);
/* A suspended request whose answer is known goes on. */
void request_resume(struct request *);
/* At a forced stop: whatever it waits for does not come. */
void request_give_up(struct request *);
