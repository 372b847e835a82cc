/* How each kind of receiver is told, and how its answer is read: pure, nothing here touches the network. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"
#include "jobs/push.h"

static const char as_json[] = "Content-Type: application/json; charset=utf-8";
static const char not_openable[] = "what is sealed cannot be opened with this key";

/* A member of a sealed object; NULL: not sealed by this key, or without it. */
static const char *opened(struct arena *arena, const char *context, const char *sealed, const char *name)
{
    const char *text = sealed && context ? secret_open(arena, context, sealed) : NULL;
    json_t *object = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *value = json_string_value(json_object_get(object, name));
    value = value ? arena_copy(arena, value, strlen(value)) : NULL;
    json_decref(object);
    return value;
}

/* Words may hold {code}, which only the receiver may read. */
static const char *words_of(struct arena *arena, const struct push *push)
{
    static const char place[] = "{code}";
    const char *words = push->words ? push->words : "", *found = strstr(words, place);
    const char *code = found ? opened(arena, push->sealed_for, push->sealed, "code") : NULL;
    if (!found)
        return words;
    return arena_print(arena, "%.*s%s%s", (int)(found - words), words, code ? code : "", found + strlen(place));
}

/* No header tells a group or a phone that a message has come before: its number does. */
static const char *numbered_words(struct arena *arena, const struct push *push)
{
    const char *number = push->message ? strchr(push->message, '_') : NULL;
    return number ? arena_print(arena, "%s #%s", words_of(arena, push), number + 1) : words_of(arena, push);
}

static const char *dumped(struct arena *arena, json_t *value_taken)
{
    char *text = json_dumps(value_taken, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        abort();
    const char *kept = arena_copy(arena, text, strlen(text));
    free(text);
    json_decref(value_taken);
    return kept;
}

static const char *percent_encoded(struct arena *arena, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *encoded = arena_take(arena, 3 * strlen(text) + 1), *at = encoded;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (strchr(plain, byte))
            *at++ = (char)byte;
        else {
            *at++ = '%';
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
        }
    }
    return encoded;
}

/* Webhooks: the status decides. */

const char *webhook_signatures(struct arena *arena, const char *const *secrets, const char *message, const char *seconds, const char *body)
{
    const char *signatures = "", *text = arena_print(arena, "%s.%s.%s", message, seconds, body);
    for (; *secrets; secrets++) {
        size_t size;
        const unsigned char *key = secret_signing_key(arena, *secrets, &size);
        if (!key)
            return NULL;
        signatures = arena_print(arena, "%s%sv1,%s", signatures, *signatures ? " " : "", secret_signature(arena, key, size, text));
    }
    return signatures;
}

static const char *compose_webhook(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *secrets[] = {opened(arena, push->hook, push->secret, "secret"), opened(arena, push->hook, push->old_secret, "secret"),
                             NULL};
    const char *signatures = secrets[0] ? webhook_signatures(arena, secrets, push->message, push->seconds, push->body) : NULL;
    if (!signatures)
        return not_openable;
    *letter = (struct letter){
        .url = push->url,
        .headers = {as_json, arena_print(arena, "webhook-id: %s", push->message),
                    arena_print(arena, "webhook-timestamp: %s", push->seconds), arena_print(arena, "webhook-signature: %s", signatures)},
        .body = push->body,
        .foreign = true,
    };
    return NULL;
}

static const char *judge_status(struct arena *arena, const struct answer *answer)
{
    return answer->status >= 200 && answer->status < 300 ? NULL : arena_print(arena, "answered %ld", answer->status);
}

/* Group robots: a code in the body decides, whatever the status says. */

const char *dingtalk_signature(struct arena *arena, const char *secret, const char *milliseconds)
{
    const char *text = arena_print(arena, "%s\n%s", milliseconds, secret);
    return percent_encoded(arena, secret_signature(arena, secret, strlen(secret), text));
}

const char *feishu_signature(struct arena *arena, const char *secret, const char *seconds)
{
    const char *key = arena_print(arena, "%s\n%s", seconds, secret);
    return secret_signature(arena, key, strlen(key), "");
}

static const char *compose_wecom(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *token = opened(arena, push->hook, push->address, "token");
    if (!token)
        return not_openable;
    *letter = (struct letter){
        .url = arena_print(arena, "%s?key=%s", settings.wecom_url, percent_encoded(arena, token)),
        .headers = {as_json},
        .body = dumped(arena, json_pack("{s:s, s:{s:s}}", "msgtype", "text", "text", "content", numbered_words(arena, push))),
    };
    return NULL;
}

static const char *compose_dingtalk(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *token = opened(arena, push->hook, push->address, "token"), *secret = opened(arena, push->hook, push->secret, "secret");
    if (!token || (push->secret && !secret))
        return not_openable;
    const char *url = arena_print(arena, "%s?access_token=%s", settings.dingtalk_url, percent_encoded(arena, token));
    if (secret)
        url = arena_print(arena, "%s&timestamp=%s&sign=%s", url, push->milliseconds, dingtalk_signature(arena, secret, push->milliseconds));
    *letter = (struct letter){
        .url = url,
        .headers = {as_json},
        .body = dumped(arena, json_pack("{s:s, s:{s:s}}", "msgtype", "text", "text", "content", numbered_words(arena, push))),
    };
    return NULL;
}

static const char *compose_feishu(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *token = opened(arena, push->hook, push->address, "token"), *secret = opened(arena, push->hook, push->secret, "secret");
    if (!token || (push->secret && !secret))
        return not_openable;
    json_t *body = json_pack("{s:s, s:{s:s}}", "msg_type", "text", "content", "text", numbered_words(arena, push));
    if (secret) {
        json_object_set_new(body, "timestamp", json_string(push->seconds));
        json_object_set_new(body, "sign", json_string(feishu_signature(arena, secret, push->seconds)));
    }
    *letter = (struct letter){
        .url = arena_print(arena, "%s/%s", settings.feishu_url, percent_encoded(arena, token)),
        .headers = {as_json},
        .body = dumped(arena, body),
    };
    return NULL;
}

static const char *judge_code(struct arena *arena, const struct answer *answer, const char *name)
{
    json_t *object = answer->cut ? NULL : json_loads(answer->body, 0, NULL), *code = json_object_get(object, name);
    const char *failure = judge_status(arena, answer);
    if (json_is_integer(code) && json_integer_value(code) != 0)
        failure = arena_print(arena, "answered %ld with %s %lld", answer->status, name, (long long)json_integer_value(code));
    else if (!failure && !json_is_integer(code))
        failure = arena_print(arena, "answered %ld without %s", answer->status, name);
    json_decref(object);
    return failure;
}

static const char *judge_errcode(struct arena *arena, const struct answer *answer)
{
    return judge_code(arena, answer, "errcode");
}

static const char *judge_feishu(struct arena *arena, const struct answer *answer)
{
    return judge_code(arena, answer, "code");
}

/* Short messages: whatever the gateway at hand wants, as a template. */

static const char *as_written(struct arena *arena, enum template_kind as, const char *text)
{
    if (as == AS_FORM)
        return percent_encoded(arena, text);
    const char *quoted = dumped(arena, json_string(text));
    return arena_copy(arena, quoted + 1, strlen(quoted) - 2);
}

/* What is put in is not looked at again: a text that holds {phone} stays as it is. */
const char *template_filled(struct arena *arena, const char *template, enum template_kind as, const char *phone, const char *text)
{
    static const char phone_place[] = "{phone}", text_place[] = "{text}";
    const char *filled = "";
    while (*template) {
        size_t plain = strcspn(template, "{");
        bool is_phone = strncmp(template + plain, phone_place, strlen(phone_place)) == 0;
        bool is_text = strncmp(template + plain, text_place, strlen(text_place)) == 0;
        size_t place = is_phone ? strlen(phone_place) : is_text ? strlen(text_place) : template[plain] != '\0';
        const char *put = is_phone || is_text ? as_written(arena, as, is_phone ? phone : text) : place ? "{" : "";
        filled = arena_print(arena, "%s%.*s%s", filled, (int)plain, template, put);
        template += plain + place;
    }
    return filled;
}

/* The headers of the setting, separated by |; the type of the body, unless they name it. */
static void add_headers(struct arena *arena, struct letter *letter, enum template_kind as)
{
    int count = 0;
    bool typed = false;
    for (const char *at = settings.sms_headers; at && *at && count < MAX_HEADERS - 1;) {
        at += strspn(at, " |");
        size_t length = strcspn(at, "|");
        typed = typed || strncasecmp(at, "content-type:", 13) == 0;
        if (length > 0)
            letter->headers[count++] = arena_copy(arena, at, length);
        at += length;
    }
    if (!typed)
        letter->headers[count] = as == AS_JSON ? as_json : "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
}

static const char *compose_sms(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *phone =
        push->sealed ? opened(arena, push->sealed_for, push->sealed, "phone") : opened(arena, push->hook, push->address, "phone");
    const char *template = settings.sms_body ? settings.sms_body : "", *words = numbered_words(arena, push);
    enum template_kind as = strchr("{[", template[strspn(template, " ")]) && *template ? AS_JSON : AS_FORM;
    if (!settings.sms_url)
        return "no SMS gateway is set up";
    if (!phone)
        return not_openable;
    *letter = (struct letter){.url = template_filled(arena, settings.sms_url, AS_FORM, phone, words), .method = settings.sms_method};
    if (strcmp(settings.sms_method, "GET") != 0)
        letter->body = template_filled(arena, template, as, phone, words);
    add_headers(arena, letter, as);
    return NULL;
}

static const char *judge_sms(struct arena *arena, const struct answer *answer)
{
    const char *failure = judge_status(arena, answer);
    if (failure || !settings.sms_success || strstr(answer->body, settings.sms_success))
        return failure;
    return arena_print(arena, "answered %ld without what means success", answer->status);
}

/* Mail */

static const char *compose_mail(struct arena *arena, const struct push *push, struct letter *letter)
{
    const char *to = opened(arena, push->hook, push->address, "mail");
    if (!settings.smtp_url || !settings.smtp_from)
        return "no mail server is set up";
    if (!to)
        return not_openable;
    struct push said = *push;
    said.words = words_of(arena, push);
    const char *text = mail_text(arena, &said, settings.smtp_from, to);
    *letter = (struct letter){.url = settings.smtp_url, .body = text, .mail_from = settings.smtp_from, .mail_to = to};
    return text ? NULL : "the address cannot stand in a header";
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(text, *words) != 0)
        words++;
    return *words;
}

static bool begins_with_one_of(const char *url, const char *const *schemes)
{
    for (; url && *schemes; schemes++)
        if (strncmp(url, *schemes, strlen(*schemes)) == 0)
            return true;
    return !url;
}

bool channels_are_set_up(void)
{
    static const char *const methods[] = {"POST", "PUT", "GET", NULL}, *const web[] = {"https://", "http://", NULL},
                             *const mail[] = {"smtp://", "smtps://", NULL};
    const char *wrong = !is_one_of(settings.sms_method, methods)                           ? "sms-method must be POST, PUT or GET"
                        : !begins_with_one_of(settings.smtp_url, mail)                     ? "smtp-url must begin with smtp:// or smtps://"
                        : settings.smtp_url && !settings.smtp_from                         ? "smtp-url needs smtp-from"
                        : settings.smtp_from && !mail_address_is_plain(settings.smtp_from) ? "smtp-from must be a mail address"
                        : !begins_with_one_of(settings.sms_url, web)                       ? "sms-url must begin with http:// or https://"
                                                                                           : NULL;
    if (wrong)
        log_event(LOG_ERROR, "pushes cannot be set up so", "reason", wrong, NULL);
    return !wrong;
}

static const struct channel channels[] = {{.kind = "webhook", .compose = compose_webhook, .judge = judge_status},
                                          {.kind = "wecom", .compose = compose_wecom, .judge = judge_errcode},
                                          {.kind = "dingtalk", .compose = compose_dingtalk, .judge = judge_errcode},
                                          {.kind = "feishu", .compose = compose_feishu, .judge = judge_feishu},
                                          {.kind = "mail", .compose = compose_mail, .judge = judge_status},
                                          {.kind = "sms", .compose = compose_sms, .judge = judge_sms},
                                          {0}};

const struct channel *channel_of(const char *kind)
{
    for (const struct channel *channel = channels; channel->kind; channel++)
        if (strcmp(channel->kind, kind) == 0)
            return channel;
    return NULL;
}
