/*
 * The outbox thread reads straight down: pass on what is told, let webhooks read on, claim what is due, settle what has come of it. Transfers go on
 * between two turns. How a receiver is told is a row of the table in channels.c.
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
#include "jobs/push.h"
#include "sql.h"

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

/* Opened for each line, so that the file may be moved away at any time. NULL: it is safely there, else what went wrong. */
static const char *write_to_file(struct arena *arena, const struct message *message)
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

static bool settle_message(PGconn *pg, const struct message *message, const char *failure)
{
    if (failure)
        log_event(LOG_WARNING, "not delivered", "id", message->id, "channel", message->channel, "error", failure, NULL);
    PGresult *settled = ask(pg, &sql_jobs_outbox_settle,
                            (struct given[]){{"id", message->id}, {"community", message->community}, {"failure", failure}, {0}});
    PQclear(settled);
    return settled;
}

static bool write_row(PGconn *pg, const PGresult *claimed, int row)
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
    bool settled = settle_message(pg, &message, write_to_file(&arena, &message));
    arena_release(&arena);
    return settled;
}

/* What is claimed and not written at a stop is leased for a minute and then due again, here or elsewhere. */
static bool pass_on(const struct background *background, PGconn *pg, int *worked)
{
    const char *to_file = settings.outbox_file ? "true" : "false", *by_sms = settings.sms_url ? "true" : "false";
    PGresult *claimed =
        ask(pg, &sql_jobs_outbox_pass_on,
            (struct given[]){{"limit", settings.outbox_file ? "20" : "200"}, {"to_file", to_file}, {"by_sms", by_sms}, {0}});
    bool fine = claimed;
    int count = claimed ? PQntuples(claimed) : 0;
    for (int row = 0; row < count && fine && !background_is_stopping(background); row++)
        fine = write_row(pg, claimed, row);
    PQclear(claimed);
    *worked += count;
    return fine;
}

static bool feed(PGconn *pg, int *worked)
{
    PGresult *fed = ask(pg, &sql_jobs_outbox_feed, (struct given[]){{0}});
    const char *events = fed ? answered(fed, "events") : NULL;
    *worked += events && strcmp(events, "0") != 0;
    PQclear(fed);
    return fed;
}

static struct push push_in(const PGresult *claimed, int row)
{
    return (struct push){
        .community = answered_in(claimed, row, "community"),
        .delivery = answered_in(claimed, row, "delivery"),
        .tries = answered_in(claimed, row, "tries"),
        .hook = answered_in(claimed, row, "hook"),
        .kind = answered_in(claimed, row, "kind"),
        .message = answered_in(claimed, row, "message"),
        .event = answered_in(claimed, row, "event"),
        .url = answered_in(claimed, row, "url"),
        .body = answered_in(claimed, row, "body"),
        .words = answered_in(claimed, row, "words"),
        .address = answered_in(claimed, row, "address"),
        .secret = answered_in(claimed, row, "secret"),
        .old_secret = answered_in(claimed, row, "old_secret"),
        .sealed = answered_in(claimed, row, "sealed"),
        .sealed_for = answered_in(claimed, row, "sealed_for"),
        .seconds = answered_in(claimed, row, "seconds"),
        .milliseconds = answered_in(claimed, row, "milliseconds"),
        .date = answered_in(claimed, row, "date"),
    };
}

/* One whose lease is over while it is still under way here (time was set) is not begun beside itself. */
static bool begin_due(PGconn *pg, int *worked)
{
    enum { AT_ONCE = 32 };
    int room = AT_ONCE - transfers_count();
    if (room <= 0)
        return true;
    PGresult *claimed = ask(pg, &sql_jobs_outbox_claim, (struct given[]){{"limit", LOG_NUMBER(room)}, {"base", settings.base_url}, {0}});
    for (int row = 0; claimed && row < PQntuples(claimed); row++) {
        struct push push = push_in(claimed, row);
        if (!transfer_is_under_way(push.delivery))
            transfer_begin(&push);
    }
    *worked += claimed ? PQntuples(claimed) : 0;
    PQclear(claimed);
    return claimed;
}

static bool settle(PGconn *pg, const struct outcome *outcome)
{
    const struct push *push = outcome->push;
    if (outcome->failure)
        log_event(LOG_WARNING, "not delivered", "channel", push->kind, "hook", push->hook, "delivery", push->delivery, "tries", push->tries,
                  "error", outcome->failure, NULL);
    PGresult *settled = ask(pg, &sql_jobs_outbox_settle_delivery,
                            (struct given[]){{"community", push->community},
                                             {"delivery", push->delivery},
                                             {"tries", push->tries},
                                             {"failure", outcome->failure},
                                             {"final", outcome->final},
                                             {"retry_after", LOG_NUMBER(outcome->retry_after)},
                                             {0}});
    PQclear(settled);
    return settled;
}

/* What cannot be settled now stays finished, and is settled when the database is back. */
static bool settle_finished(PGconn *pg, int *worked)
{
    struct outcome outcome;
    for (struct transfer *finished = transfer_finished(&outcome); finished; finished = transfer_finished(&outcome)) {
        if (!settle(pg, &outcome))
            return false;
        transfer_free(finished);
        ++*worked;
    }
    return true;
}

static long take_turn(const struct background *background, PGconn *pg)
{
    enum {
        AT_ONCE = 0,
        SOON = 250,
        WHILE_SENDING = 50
    }; /* milliseconds; nobody notifies when a message is written: it would queue the commits */
    int worked = 0;
    transfers_wait(background->wake, 0);
    if (!settle_finished(pg, &worked) || !pass_on(background, pg, &worked) || !feed(pg, &worked) || !begin_due(pg, &worked))
        return -1;
    if (transfers_count() > 0 && !background_is_stopping(background)) {
        transfers_wait(background->wake, worked ? 0 : WHILE_SENDING);
        return AT_ONCE;
    }
    return worked ? AT_ONCE : SOON;
}

static struct background thread = {.name = "outbox", .turn = take_turn};

bool outbox_start(void)
{
    return channels_are_set_up() && networks_read(settings.push_networks) && transfers_start() && background_start(&thread);
}

void outbox_stop(void)
{
    background_stop(&thread);
    transfers_end();
}
