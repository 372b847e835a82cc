/* Transfers by libcurl: many at once on the outbox thread, so that a receiver that hangs stops nobody else. */
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "jobs/push.h"

enum { ANSWER_LIMIT = 64 * 1024, SECOND = 1000 }; /* bytes; milliseconds */

struct transfer {
    struct transfer *next;
    struct arena arena; /* owns every text of it */
    struct push push;
    const struct channel *channel;
    CURL *easy;
    struct curl_slist *headers, *to;
    const char *upload;
    size_t upload_left;
    char answer[ANSWER_LIMIT + 1];
    size_t answer_size;
    bool cut;     /* it answered more than anybody reads */
    bool refused; /* its address is none that may be reached */
    bool finished;
    const char *failure, *final;
    long retry_after;
};

static CURLM *multi;
static struct transfer *all; /* under way or finished, not settled */
static int count;

bool transfers_start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        multi = curl_multi_init();
    if (!multi)
        log_event(LOG_ERROR, "libcurl cannot start", NULL);
    return multi;
}

int transfers_count(void)
{
    return count;
}

bool transfer_is_under_way(const char *delivery)
{
    for (const struct transfer *transfer = all; transfer; transfer = transfer->next)
        if (strcmp(transfer->push.delivery, delivery) == 0)
            return true;
    return false;
}

static void release(struct transfer *transfer)
{
    if (transfer->easy) {
        curl_multi_remove_handle(multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->to);
    arena_release(&transfer->arena);
    free(transfer);
}

void transfer_free(struct transfer *done)
{
    for (struct transfer **link = &all; *link; link = &(*link)->next)
        if (*link == done) {
            *link = done->next;
            count--;
            release(done);
            return;
        }
}

void transfers_end(void)
{
    while (all)
        transfer_free(all);
    if (multi)
        curl_multi_cleanup(multi);
    multi = NULL;
}

/* What libcurl calls */

static curl_socket_t open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = argument;
    if (purpose != CURLSOCKTYPE_IPCXN || !network_may_be_reached(&address->addr)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t read_upload(char *into, size_t size, size_t number, void *argument)
{
    struct transfer *transfer = argument;
    size_t taken = size * number < transfer->upload_left ? size * number : transfer->upload_left;
    memcpy(into, transfer->upload, taken);
    transfer->upload += taken;
    transfer->upload_left -= taken;
    return taken;
}

/* Fewer bytes than came end the transfer. */
static size_t keep_answer(char *bytes, size_t size, size_t number, void *argument)
{
    struct transfer *transfer = argument;
    size_t room = ANSWER_LIMIT - transfer->answer_size, kept = size * number < room ? size * number : room;
    memcpy(transfer->answer + transfer->answer_size, bytes, kept);
    transfer->answer_size += kept;
    transfer->cut = transfer->cut || kept < size * number;
    return kept;
}

/* Beginning */

static void set_limits(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, settings.push_timeout * SECOND);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, settings.push_timeout * SECOND);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* else the address that is looked at would be the proxy's */
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* the bundle says the same, and is read once a connection, not file by file */
    if (settings.ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_file);
}

/* A connection that nobody looked at must not be used again for an address that somebody else chose. */
static void set_guard(struct transfer *transfer, bool foreign)
{
    if (foreign) {
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETDATA, transfer);
    } else
        curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
}

static struct curl_slist *with(struct curl_slist *list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(list, text);
    if (!longer)
        abort();
    return longer;
}

static void set_http(struct transfer *transfer, const struct letter *letter)
{
    CURL *easy = transfer->easy;
    for (const char *const *header = letter->headers; *header; header++)
        transfer->headers = with(transfer->headers, *header);
    transfer->headers = with(transfer->headers, "Expect:");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Echo-Wall/" ECHO_WALL_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    if (letter->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, letter->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(letter->body));
    }
    if (letter->method)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, letter->method);
}

static void set_mail(struct transfer *transfer, const struct letter *letter)
{
    CURL *easy = transfer->easy;
    transfer->upload = letter->body;
    transfer->upload_left = strlen(letter->body);
    transfer->to = with(NULL, letter->mail_to);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, settings.smtp_plain ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, letter->mail_from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->upload_left);
    if (settings.smtp_user)
        curl_easy_setopt(easy, CURLOPT_USERNAME, settings.smtp_user);
    if (settings.smtp_password)
        curl_easy_setopt(easy, CURLOPT_PASSWORD, settings.smtp_password);
}

static void finish(struct transfer *transfer, const char *failure)
{
    transfer->failure = failure;
    transfer->finished = true;
}

static void send_letter(struct transfer *transfer, const struct letter *letter)
{
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        abort();
    set_limits(transfer);
    set_guard(transfer, letter->foreign);
    if (letter->mail_to)
        set_mail(transfer, letter);
    else
        set_http(transfer, letter);
    if (curl_easy_setopt(transfer->easy, CURLOPT_URL, letter->url) != CURLE_OK || curl_multi_add_handle(multi, transfer->easy) != CURLM_OK)
        finish(transfer, "the transfer cannot begin");
}

static const char *copied(struct arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

static struct push copy_of(struct arena *arena, const struct push *push)
{
    return (struct push){
        .community = copied(arena, push->community),
        .delivery = copied(arena, push->delivery),
        .tries = copied(arena, push->tries),
        .hook = copied(arena, push->hook),
        .kind = copied(arena, push->kind),
        .message = copied(arena, push->message),
        .event = copied(arena, push->event),
        .url = copied(arena, push->url),
        .body = copied(arena, push->body),
        .words = copied(arena, push->words),
        .address = copied(arena, push->address),
        .secret = copied(arena, push->secret),
        .old_secret = copied(arena, push->old_secret),
        .sealed = copied(arena, push->sealed),
        .sealed_for = copied(arena, push->sealed_for),
        .seconds = copied(arena, push->seconds),
        .milliseconds = copied(arena, push->milliseconds),
        .date = copied(arena, push->date),
    };
}

void transfer_begin(const struct push *push)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    struct letter letter = {0};
    if (!transfer)
        abort();
    transfer->push = copy_of(&transfer->arena, push);
    transfer->next = all;
    all = transfer;
    count++;
    transfer->channel = channel_of(transfer->push.kind);
    const char *wrong =
        transfer->channel ? transfer->channel->compose(&transfer->arena, &transfer->push, &letter) : "there is no such channel";
    if (wrong)
        finish(transfer, wrong);
    else
        send_letter(transfer, &letter);
}

/* Ending */

/* By what the receiver said; where it said nothing to the end, by what libcurl says of it. */
static void judge(struct transfer *transfer, CURLcode code)
{
    enum { GONE = 410, PERMANENT = 550, LAST_PERMANENT = 554 };
    curl_off_t retry_after = 0;
    struct answer answer = {.body = transfer->answer, .cut = transfer->cut};
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
    /* The letter or its address will never be taken; a login that fails is a matter between two servers. */
    bool refused = transfer->to && code == CURLE_SEND_ERROR && answer.status >= PERMANENT && answer.status <= LAST_PERMANENT;
    transfer->retry_after = (long)retry_after;
    if (transfer->refused)
        finish(transfer, "its address is private");
    else if (code != CURLE_OK && !(transfer->cut && code == CURLE_WRITE_ERROR))
        finish(transfer, refused ? arena_print(&transfer->arena, "refused with %ld", answer.status) : curl_easy_strerror(code));
    else
        finish(transfer, transfer->channel->judge(&transfer->arena, &answer));
    if (transfer->failure && (refused || (!transfer->to && answer.status == GONE)))
        transfer->final = refused ? "dead" : "gone";
}

static void collect(void)
{
    int left;
    for (CURLMsg *message = curl_multi_info_read(multi, &left); message; message = curl_multi_info_read(multi, &left)) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        judge((struct transfer *)(void *)private, message->data.result);
    }
}

void transfers_wait(int wake, int milliseconds)
{
    int running;
    struct curl_waitfd watched = {.fd = wake, .events = CURL_WAIT_POLLIN};
    curl_multi_perform(multi, &running);
    if (running > 0) {
        curl_multi_poll(multi, &watched, 1, milliseconds, NULL);
        curl_multi_perform(multi, &running);
    }
    collect();
}

struct transfer *transfer_finished(struct outcome *outcome)
{
    for (struct transfer *transfer = all; transfer; transfer = transfer->next)
        if (transfer->finished) {
            *outcome = (struct outcome){
                .push = &transfer->push, .failure = transfer->failure, .final = transfer->final, .retry_after = transfer->retry_after};
            return transfer;
        }
    return NULL;
}
