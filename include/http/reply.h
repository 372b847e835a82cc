#pragma once
#include "http/request.h"

/* Each sets the request's answer; the first one stands. A handler returns after it. */

/* The row of a route's statement: no row is a 404, a `problem` is that problem, else `body` and its company. */
void reply_row(struct request *, PGresult *taken);
/* Text made by C: metrics, health. malloc'ed, owned from now on. */
void reply_text(struct request *, unsigned status, const char *media_type, char *text_taken);
/* Text that lives as long as the program, with an ETag of its content. */
void reply_constant(struct request *, const char *media_type, const char *text, size_t size);
/* A file, or the part of it that a GET asks for (Range, If-Range). */
struct file_answer {
    int file; /* taken */
    unsigned long long size;
    const char *media_type, *etag, *cache_control;
};
void reply_file(struct request *, const struct file_answer *);
/* True: a read of something with this ETag that the client has already; it was told so. */
bool reply_unchanged(struct request *, const char *etag);
void reply_empty(struct request *, unsigned status);
void reply_header(struct request *, const char *name, const char *value); /* after a reply; NULL value: no header */

/* RFC 9457, by its code in problems.def. `detail` and `errors` may be NULL. */
void reply_problem(struct request *, const char *code, const char *detail, json_t *errors_taken);
/* The same with further members from an object; `retry_after` among them becomes the header as well. */
void reply_problem_with(struct request *, const char *code, json_t *members_taken);
void reply_busy(struct request *, const char *code, long retry_after); /* seconds */
bool problem_exists(const char *code);
unsigned problem_status(const char *code);

/* What a failed statement becomes. */
void reply_failure(struct request *, const PGresult *);      /* not owned */
void reply_unanswered(struct request *, enum query_failure); /* there is no result */

/* The headers that every answer has, at the moment it is queued. */
void reply_complete(struct request *);
void reply_options(struct request *, const struct place *);
/* Takes up the client's X-Request-Id where that is sane and tells nothing of an anonymous sender. */
void reply_adopt_id(struct request *);
