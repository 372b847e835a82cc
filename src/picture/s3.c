/*
 * Pictures in an S3-compatible store: <endpoint>/<bucket>/pictures/ab/cdef..., requests signed by libcurl (AWS Signature Version 4, with the
 * hash of what is sent). What is fetched goes to a temporary file, for its reader may want a part of it.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "store.h"

enum { CONNECTING = 5, SILENT = 5, LONGEST = 60 }; /* seconds; a store that is silent is away */
enum { MOST_LISTED = 4 << 20 };                    /* bytes of a page of a list */
static const char EMPTY[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; /* SHA-256 of nothing */

/* One request: its parts are put together by the function that makes it. */
struct call {
    const char *method, *sha256;
    char url[1024];
    int file; /* what is sent is read from here, what comes is written here; -1: neither */
    off_t size, sent;
    char *text; /* what comes where there is no file */
    size_t length;
};

static bool start(void)
{
    const char *const needed[] = {settings.s3_endpoint, settings.s3_bucket, settings.s3_key, settings.s3_secret};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i]) {
            log_event(LOG_ERROR, "picture-store s3 needs s3-endpoint, s3-bucket, s3-key and s3-secret", NULL);
            return false;
        }
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static size_t send_piece(char *into, size_t size, size_t count, void *argument)
{
    struct call *call = argument;
    ssize_t got = pread(call->file, into, size * count, call->sent);
    if (got < 0)
        return CURL_READFUNC_ABORT;
    call->sent += got;
    return (size_t)got;
}

static size_t keep_text(const char *piece, size_t size, struct call *call)
{
    if (call->length + size > MOST_LISTED)
        return 0;
    call->text = realloc(call->text, call->length + size + 1);
    if (!call->text)
        abort();
    memcpy(call->text + call->length, piece, size);
    call->length += size;
    call->text[call->length] = '\0';
    return size;
}

static size_t take_piece(char *piece, size_t size, size_t count, void *argument)
{
    struct call *call = argument;
    size_t left = size * count;
    if (call->file < 0 || strcmp(call->method, "GET") != 0)
        return keep_text(piece, left, call);
    while (left > 0) {
        ssize_t put = write(call->file, piece, left);
        if (put < 0)
            return 0;
        piece += put;
        left -= (size_t)put;
    }
    return size * count;
}

static void set_limits(CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECTING);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)LONGEST);
}

static void sign(CURL *curl)
{
    char provider[256], user[512];
    snprintf(provider, sizeof provider, "aws:amz:%s:s3", settings.s3_region);
    snprintf(user, sizeof user, "%s:%s", settings.s3_key, settings.s3_secret);
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider);
    curl_easy_setopt(curl, CURLOPT_USERPWD, user);
    explicit_bzero(user, sizeof user);
}

static void set_body(CURL *curl, struct call *call)
{
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_piece);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    if (strcmp(call->method, "PUT") != 0) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
        return;
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_piece);
    curl_easy_setopt(curl, CURLOPT_READDATA, call);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->size);
}

static struct curl_slist *headers_of(const struct call *call)
{
    char hash[128];
    snprintf(hash, sizeof hash, "x-amz-content-sha256: %s", call->sha256);
    struct curl_slist *headers = curl_slist_append(NULL, hash);
    if (strcmp(call->method, "PUT") == 0)
        headers = curl_slist_append(headers, "Content-Type: image/jpeg");
    return headers;
}

/* The status; 0 after logging that there is none. */
static long run(struct call *call)
{
    long status = 0;
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    struct curl_slist *headers = headers_of(call);
    set_limits(curl);
    sign(curl);
    set_body(curl, call);
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode failed = curl_easy_perform(curl);
    if (failed)
        log_event(LOG_ERROR, "the store of pictures does not answer", "method", call->method, "error", curl_easy_strerror(failed), NULL);
    else
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

static enum store_end end_of(const struct call *call, long status)
{
    enum { OK = 200, NO_CONTENT = 204, NOT_FOUND = 404, FULL = 507 };
    if (status == OK || status == NO_CONTENT)
        return STORED;
    if (status == NOT_FOUND && strcmp(call->method, "PUT") != 0)
        return STORE_MISSING;
    if (status)
        log_event(LOG_ERROR, "the store of pictures refuses", "method", call->method, "status", LOG_NUMBER(status), NULL);
    return status == FULL ? STORE_FULL : STORE_AWAY;
}

static void point_at(struct call *call, const char *name)
{
    snprintf(call->url, sizeof call->url, "%s/%s/pictures/%.2s/%s", settings.s3_endpoint, settings.s3_bucket, name, name + 2);
}

static enum store_end put(const char *name, struct temporary *temporary, off_t size, const char *sha256)
{
    struct call call = {.method = "PUT", .sha256 = sha256, .file = temporary->file, .size = size};
    point_at(&call, name);
    enum store_end end = end_of(&call, run(&call));
    free(call.text);
    return end;
}

static enum store_end open_object(const char *name, int *file, off_t *size)
{
    struct temporary fetched;
    if (!store_temporary(&fetched))
        return store_failed("fetching");
    struct call call = {.method = "GET", .sha256 = EMPTY, .file = fetched.file};
    point_at(&call, name);
    enum store_end end = end_of(&call, run(&call));
    if (end == STORED) {
        *size = lseek(fetched.file, 0, SEEK_END);
        *file = dup(fetched.file);
        end = *file < 0 || *size < 0 ? store_failed("fetching") : STORED;
    }
    store_forget(&fetched);
    return end;
}

static enum store_end remove_object(const char *name)
{
    struct call call = {.method = "DELETE", .sha256 = EMPTY, .file = -1};
    point_at(&call, name);
    enum store_end end = end_of(&call, run(&call));
    free(call.text);
    return end == STORE_MISSING ? STORED : end;
}

/* Lists. The document is read for three elements whose contents are ours or a number: nothing in it is escaped. */

/* What stands between <element> and the next '<'; moves *at behind it. False: there is none before `end`. */
static bool next_element(const char **at, const char *end, const char *element, char *into, size_t room)
{
    char tag[32];
    snprintf(tag, sizeof tag, "<%s>", element);
    const char *found = strstr(*at, tag);
    if (!found || found >= end)
        return false;
    found += strlen(tag);
    size_t length = strcspn(found, "<");
    *at = found + length;
    snprintf(into, room, "%.*s", (int)length, found);
    return length < room;
}

/* "pictures/ab/cdef..." is the name abcdef... */
static bool name_of(const char *key, char name[STORE_NAME])
{
    enum { PREFIX = sizeof "pictures/" - 1 };
    if (strncmp(key, "pictures/", PREFIX) != 0 || strlen(key) < PREFIX + 3 || key[PREFIX + 2] != '/')
        return false;
    return snprintf(name, STORE_NAME, "%.2s%s", key + PREFIX, key + PREFIX + 3) < STORE_NAME && store_is_name(name);
}

static bool is_older(const char *written, time_t moment)
{
    struct tm parts = {0};
    const char *end = strptime(written, "%Y-%m-%dT%H:%M:%S", &parts);
    return end && timegm(&parts) <= moment;
}

/* False: it was the last page, or `each` has had enough. `last` becomes the last key. */
static bool read_page(const char *page, time_t moment, char last[128], bool (*each)(void *, const char *), void *with)
{
    char written[64], name[STORE_NAME], more[8] = "";
    const char *at = page, *all = page + strlen(page);
    while (next_element(&at, all, "Key", last, 128)) {
        const char *end = strstr(at, "<Key>");
        bool dated = next_element(&at, end ? end : all, "LastModified", written, sizeof written);
        if (dated && is_older(written, moment) && name_of(last, name) && !each(with, name))
            return false;
    }
    return next_element(&page, all, "IsTruncated", more, sizeof more) && strcmp(more, "true") == 0;
}

static void point_at_list(struct call *call, const char *after)
{
    char *start = curl_easy_escape(NULL, after, 0);
    snprintf(call->url, sizeof call->url, "%s/%s?list-type=2&prefix=pictures%%2F%s%s", settings.s3_endpoint, settings.s3_bucket,
             *after ? "&start-after=" : "", start ? start : "");
    curl_free(start);
}

static enum store_end list(long seconds, bool (*each)(void *, const char *), void *with)
{
    char last[128] = "";
    time_t moment = time(NULL) - seconds;
    for (bool more = true; more;) {
        struct call call = {.method = "GET", .sha256 = EMPTY, .file = -1};
        point_at_list(&call, last);
        enum store_end end = end_of(&call, run(&call));
        more = end == STORED && call.text && read_page(call.text, moment, last, each, with);
        free(call.text);
        if (end != STORED)
            return end;
    }
    return STORED;
}

const struct store s3_store = {.start = start, .put = put, .open = open_object, .remove = remove_object, .list = list, .waits = true};
