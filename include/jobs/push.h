#pragma once
#include <stdbool.h>
#include <sys/socket.h>
#include "base/arena.h"

/* One message for one receiver, as the database gave it out; NULL where there is none. Sealed ones are opened by the hook's id. */
struct push {
    const char *community, *delivery, *tries, *hook, *kind, *message, *event;
    const char *url, *body, *words;            /* body: of a webhook; words: for people */
    const char *address, *secret, *old_secret; /* sealed */
    const char *sealed, *sealed_for;           /* a sealed object for this receiver alone, and its context */
    const char *seconds, *milliseconds, *date; /* the product's time: since 1970, and as RFC 5322 writes it */
};

enum { MAX_HEADERS = 16 };

/* What goes over the wire. Texts belong to the arena it was composed in, or to the settings. */
struct letter {
    const char *url, *method;             /* method NULL: POST */
    const char *headers[MAX_HEADERS + 1]; /* ends with NULL */
    const char *body;
    const char *mail_from, *mail_to; /* of mail only */
    bool foreign;                    /* the address was not chosen by whoever runs the server */
};

/* What came back. */
struct answer {
    long status;      /* of HTTP or SMTP */
    const char *body; /* what was read of it */
    bool cut;         /* there was more */
};

struct channel {
    const char *kind;
    const char *(*compose)(struct arena *, const struct push *, struct letter *); /* NULL: composed, else what is wrong */
    const char *(*judge)(struct arena *,
                         const struct answer *); /* NULL: it has arrived, else what went wrong, without anything of the message */
};

bool channels_are_set_up(void);                     /* what the settings say of them fits together; false after logging what does not */
const struct channel *channel_of(const char *kind); /* NULL: there is none */

/* Standard Webhooks 1.0.0: one signature for each secret, separated by blanks. NULL: a secret is none. */
const char *webhook_signatures(struct arena *, const char *const *secrets, const char *message, const char *seconds, const char *body);
const char *dingtalk_signature(struct arena *, const char *secret, const char *milliseconds); /* to be written into a URL */
const char *feishu_signature(struct arena *, const char *secret, const char *seconds);

/* {phone} and {text} in a template become these; `as` is how they are written there. */
enum template_kind { AS_JSON, AS_FORM };
const char *template_filled(struct arena *, const char *template, enum template_kind as, const char *phone, const char *text);

bool mail_address_is_plain(const char *); /* nothing in it would end a header or need quoting */
/* RFC 5322 with a subject by RFC 2047 and a body in base64. NULL: an address would break a header. */
const char *mail_text(struct arena *, const struct push *, const char *from, const char *to);

/* Which addresses may be reached: everybody's, and of the private ones those of settings.push_networks. */
bool networks_read(const char *blank_separated); /* once, before the first call; false after logging what is wrong */
bool network_may_be_reached(const struct sockaddr *);

/*
 * Transfers under way, of one thread: any number at once, none waits for another.
 */
struct transfer;

bool transfers_start(void);
void transfers_end(void); /* those under way are given up */
int transfers_count(void);
bool transfer_is_under_way(const char *delivery);
/* A copy of the push is kept; what cannot even be composed is finished at once. */
void transfer_begin(const struct push *);
void transfers_wait(int wake, int milliseconds); /* returns when something happened, `wake` is readable, or the time is over */

/* What came of one that has ended. */
struct outcome {
    const struct push *push;
    const char *failure; /* NULL: it has arrived */
    const char *final;   /* dead, gone; NULL: worth another try */
    long retry_after;    /* seconds that the receiver asked for; 0: nothing */
};

struct transfer *transfer_finished(struct outcome *); /* NULL: none; its texts live until transfer_free */
void transfer_free(struct transfer *);
