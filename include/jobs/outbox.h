#pragma once
#include <stdbool.h>
#include "base/arena.h"

/*
 * The outbox: what the database wants told is claimed, delivered and settled, to the file of settings.outbox_file and to receivers of all kinds
 * (push.h). A crash between delivery and settlement leads to a repeat with the same id, by which the receiver tells it.
 */
bool outbox_start(void); /* false after logging why not */
void outbox_stop(void);

/* What is to be written to the file, borrowed for the call; NULL where the database has none. */
struct message {
    const char *id, *community, *channel, *event;
    const char *payload;             /* a JSON object */
    const char *sealed, *sealed_for; /* a sealed JSON object and the context it was sealed in */
};

/* One line without its end: id, community and event, then the members of the payload and of what was sealed.
   NULL: it is not JSON, or not sealed by this key. Owned by the arena. */
char *message_line(struct arena *, const struct message *);
