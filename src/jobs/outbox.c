/*
 * The outbox thread reads straight down: claim, deliver, settle. How a channel delivers is a row of the table of channels.
 */
#include "jobs/outbox.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "jobs/ask.h"
#include "jobs/background.h"
#include "sql.h"

/* A way to deliver. deliver() returns NULL when the message has safely arrived, else what went wrong, without anything of the message. */
struct channel {
    const char *name;
    const char *(*deliver)(struct arena *, const struct message *);
};

/* All of the line or nothing of it: half a line would spoil the next one, too. */
static const char *append(int file, const char *line, size_t length)
{
    struct stat before;
    if (flock(file, LOCK_EX) || fstat(file, &before))
        return strerror(errno);
    ssize_t written = write(file, line, length);
    if (written == (ssize_t)length && !fdatasync(file))
        return NULL;
    const char *failure = written < 0 || written == (ssize_t)length ? strerror(errno) : "no room for the line";
    if (ftruncate(file, before.st_size))
        log_event(LOG_ERROR, "cannot take back a line", "file", settings.outbox_file, "error", strerror(errno), NULL);
    return failure;
}

/* Opened for each line, so that the file may be moved away at any time. */
static const char *deliver_to_file(struct arena *arena, const struct message *message)
{
    const char *line = message_line(arena, message);
    if (!line)
        return "the message cannot be opened";
    int file = open(settings.outbox_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return strerror(errno);
    const char *failure = append(file, arena_print(arena, "%s\n", line), strlen(line) + 1);
    close(file);
    return failure;
}

static const struct channel channels[] = {{.name = "file", .deliver = deliver_to_file}, {0}};

static const char *deliver(struct arena *arena, const struct message *message)
{
    for (const struct channel *channel = channels; channel->name; channel++)
        if (!strcmp(channel->name, message->channel))
            return channel->deliver(arena, message);
    return "there is no such channel";
}

static bool settle(PGconn *pg, const struct message *message, const char *failure)
{
    if (failure)
        log_event(LOG_WARNING, "not delivered", "id", message->id, "channel", message->channel, "error", failure, NULL);
    PGresult *settled = ask(pg, &sql_jobs_outbox_settle,
                            (struct given[]){{"id", message->id}, {"community", message->community}, {"failure", failure}, {0}});
    PQclear(settled);
    return settled;
}

static bool deliver_row(PGconn *pg, const PGresult *claimed, int row)
{
    struct arena arena = {0};
    struct message message = {
        .id = answered_in(claimed, row, "id"),
        .community = answered_in(claimed, row, "community"),
        .channel = answered_in(claimed, row, "channel"),
        .event = answered_in(claimed, row, "event"),
        .payload = answered_in(claimed, row, "payload"),
        .sealed = answered_in(claimed, row, "sealed"),
        .sealed_for = answered_in(claimed, row, "sealed_for"),
    };
    bool settled = settle(pg, &message, deliver(&arena, &message));
    arena_release(&arena);
    return settled;
}

/* What is claimed and not delivered at a stop is leased for a minute and then due again, here or elsewhere. */
static long take_turn(const struct background *background, PGconn *pg)
{
    enum { AT_ONCE = 0, SOON = 250 }; /* milliseconds; nobody notifies when a message is written: it would queue the commits */
    PGresult *claimed = ask(pg, &sql_jobs_outbox_claim, (struct given[]){{"limit", "20"}, {0}});
    if (!claimed)
        return -1;
    bool fine = true;
    int count = PQntuples(claimed);
    for (int row = 0; row < count && fine && !background_is_stopping(background); row++)
        fine = deliver_row(pg, claimed, row);
    PQclear(claimed);
    if (!fine)
        return -1;
    return count ? AT_ONCE : SOON;
}

static struct background thread = {.name = "outbox", .listen = "listen outbox", .turn = take_turn};

bool outbox_start(void)
{
    return !settings.outbox_file || background_start(&thread);
}

void outbox_stop(void)
{
    background_stop(&thread);
}
