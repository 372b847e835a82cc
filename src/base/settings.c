/* Settings: one table, from which the flags (--read-connections), the environment (ECHO_WALL_READ_CONNECTIONS), the file and --help are made. */
#include "base/settings.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/log.h"
#include "setting.h"

struct settings settings;

const struct setting setting_table[] = {
    {.name = "listen",
     .type = ADDRESS,
     .otherwise = "127.0.0.1:8080",
     .to = &settings.listen,
     .meaning = "address:port, [address]:port or unix:/path"},
    {.name = "database",
     .secret = true,
     .to = &settings.database,
     .meaning = "PostgreSQL URI or conninfo; without it a private cluster in the data folder"},
    {.name = "data", .to = &settings.data, .meaning = "folder of the private cluster, the key, the outbox log and the pictures"},
    {.name = "community",
     .type = CODE,
     .otherwise = "default",
     .to = &settings.community,
     .meaning = "code of the community when neither token nor header names one"},
    {.name = "time-zone",
     .otherwise = "Asia/Shanghai",
     .to = &settings.time_zone,
     .meaning = "IANA name, of a community made at first start"},
    {.name = "key-file", .to = &settings.key_file, .meaning = "the secret key (default: key in the data folder)"},
    {.name = "clock-file", .to = &settings.clock_file, .meaning = "for tests: an instant or an offset that replaces the time"},
    {.name = "outbox-file",
     .to = &settings.outbox_file,
     .meaning = "where the file channel appends (default: outbox.log in the data folder with the private cluster, else off)"},
    {.name = "picture-store",
     .otherwise = "disk",
     .to = &settings.picture_store,
     .meaning = "disk: in the data folder; s3: in an S3-compatible store"},
    {.name = "s3-endpoint", .to = &settings.s3_endpoint, .meaning = "of the store, e.g. https://s3.example.org"},
    {.name = "s3-region", .otherwise = "us-east-1", .to = &settings.s3_region, .meaning = "of the store, as its signatures name it"},
    {.name = "s3-bucket", .to = &settings.s3_bucket, .meaning = "of the store; it must exist"},
    {.name = "s3-key", .to = &settings.s3_key, .meaning = "access key id of the store"},
    {.name = "s3-secret", .secret = true, .to = &settings.s3_secret, .meaning = "secret access key of the store"},
    {.name = "cors-origins", .to = &settings.cors_origins, .meaning = "origins of web front ends, separated by blanks"},
    {.name = "trusted-proxies",
     .to = &settings.trusted_proxies,
     .meaning = "addresses and networks whose X-Forwarded-For or Forwarded is believed, separated by blanks"},
    {.name = "admin-password",
     .secret = true,
     .to = &settings.admin_password,
     .meaning = "of the first start (default: made up and printed once)"},
    {.name = "log-level",
     .type = LEVEL,
     .otherwise = "info",
     .to = &settings.log_level,
     .meaning = "error, warning, info or debug; read again at SIGHUP"},
    {.name = "embedded-options",
     .to = &settings.embedded_options,
     .meaning = "more settings of the private cluster, name=value separated by blanks"},
    {.name = "base-url", .to = &settings.base_url, .meaning = "of the front end, for links in messages: <base-url>/complaints/<id>"},
    {.name = "push-networks",
     .to = &settings.push_networks,
     .meaning = "private networks that webhooks may reach, such as 10.1.0.0/16, separated by blanks"},
    {.name = "push-timeout",
     .type = NUMBER,
     .otherwise = "10",
     .min = 1,
     .max = 45,
     .to = &settings.push_timeout,
     .meaning = "seconds that one delivery may take"},
    {.name = "ca-file", .to = &settings.ca_file, .meaning = "certificates that receivers are checked against, instead of the system's"},
    {.name = "smtp-url",
     .to = &settings.smtp_url,
     .meaning = "mail server: smtp://host:587 (STARTTLS) or smtps://host; without it no mail"},
    {.name = "smtp-from", .to = &settings.smtp_from, .meaning = "mail address of the sender"},
    {.name = "smtp-user", .to = &settings.smtp_user, .meaning = "login at the mail server"},
    {.name = "smtp-password", .secret = true, .to = &settings.smtp_password, .meaning = "of that login"},
    {.name = "smtp-plain",
     .type = NUMBER,
     .otherwise = "0",
     .max = 1,
     .to = &settings.smtp_plain,
     .meaning = "1: mail goes unencrypted to a server without STARTTLS"},
    {.name = "sms-url", .to = &settings.sms_url, .meaning = "SMS gateway; {phone} and {text} stand for both; without it no short messages"},
    {.name = "sms-method", .otherwise = "POST", .to = &settings.sms_method, .meaning = "POST, PUT or GET"},
    {.name = "sms-headers",
     .secret = true,
     .to = &settings.sms_headers,
     .meaning = "of the gateway, each Name: value, separated by vertical bars"},
    {.name = "sms-body",
     .to = &settings.sms_body,
     .meaning = "JSON or a form with {phone} and {text}, which are written as either wants it"},
    {.name = "sms-success",
     .to = &settings.sms_success,
     .meaning = "what the gateway's answer holds when it took the message; else the status decides"},
    {.name = "wecom-url",
     .otherwise = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
     .to = &settings.wecom_url,
     .meaning = "of the robots of WeCom"},
    {.name = "dingtalk-url",
     .otherwise = "https://oapi.dingtalk.com/robot/send",
     .to = &settings.dingtalk_url,
     .meaning = "of the robots of DingTalk"},
    {.name = "feishu-url",
     .otherwise = "https://open.feishu.cn/open-apis/bot/v2/hook",
     .to = &settings.feishu_url,
     .meaning = "of the robots of Feishu"},
    {.name = "workers",
     .type = NUMBER,
     .otherwise = "2",
     .max = 16,
     .to = &settings.workers,
     .meaning = "threads that serve; 0: as many as processors"},
    {.name = "read-connections",
     .type = NUMBER,
     .otherwise = "2",
     .min = 1,
     .max = 64,
     .to = &settings.read_connections,
     .meaning = "to PostgreSQL, per worker"},
    {.name = "write-connections",
     .type = NUMBER,
     .otherwise = "8",
     .min = 1,
     .max = 64,
     .to = &settings.write_connections,
     .meaning = "to PostgreSQL, per worker"},
    {.name = "statement-timeout",
     .type = NUMBER,
     .otherwise = "5000",
     .min = 10,
     .max = 600000,
     .to = &settings.statement_timeout,
     .meaning = "milliseconds"},
    {.name = "slow-statement-timeout",
     .type = NUMBER,
     .otherwise = "30000",
     .min = 10,
     .max = 3600000,
     .to = &settings.slow_statement_timeout,
     .meaning = "milliseconds, of reports and jobs"},
    {.name = "max-connections",
     .type = NUMBER,
     .otherwise = "10000",
     .min = 1,
     .max = 1000000,
     .to = &settings.max_connections,
     .meaning = "of clients, per worker"},
    {.name = "idle-timeout",
     .type = NUMBER,
     .otherwise = "30",
     .min = 1,
     .max = 3600,
     .to = &settings.idle_timeout,
     .meaning = "seconds a client may be silent"},
    {.name = "request-timeout",
     .type = NUMBER,
     .otherwise = "60",
     .min = 1,
     .max = 3600,
     .to = &settings.request_timeout,
     .meaning = "seconds a request may take to arrive"},
    {.name = "password-memory",
     .type = NUMBER,
     .otherwise = "19456",
     .min = 8,
     .max = 4194304,
     .to = &settings.password_memory,
     .meaning = "KiB of argon2id"},
    {.name = "password-passes",
     .type = NUMBER,
     .otherwise = "2",
     .min = 1,
     .max = 100,
     .to = &settings.password_passes,
     .meaning = "of argon2id"},
    {.name = "sign-ins-per-minute",
     .type = NUMBER,
     .otherwise = "20",
     .min = 1,
     .max = 1000000,
     .to = &settings.sign_ins_per_minute,
     .meaning = "per client address"},
    {.name = "anonymous-burst",
     .type = NUMBER,
     .otherwise = "60",
     .min = 1,
     .max = 1000000,
     .to = &settings.anonymous_burst,
     .meaning = "anonymous submissions at once, per client address; then one each 2 s"},
    {.name = "caller-rate",
     .type = NUMBER,
     .otherwise = "200",
     .min = 1,
     .max = 1000000,
     .to = &settings.caller_rate,
     .meaning = "requests per second of one signed-in caller"},
    {.name = "model-memory",
     .type = NUMBER,
     .otherwise = "64",
     .min = 1,
     .max = 65536,
     .to = &settings.model_memory,
     .meaning = "MiB that the workers together keep of what communities have taught"},
    {.name = "drain-timeout",
     .type = NUMBER,
     .otherwise = "15",
     .max = 3600,
     .to = &settings.drain_timeout,
     .meaning = "seconds that requests in flight get to end after SIGTERM"},
    {0}};

static const char *const levels[] = {[LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
static char default_data[4096];

static bool is_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && port <= 65535;
}

static bool is_address(const char *text)
{
    if (strncmp(text, "unix:", 5) == 0)
        return text[5] == '/';
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || !is_port(colon + 1))
        return false;
    return *text == '[' ? colon[-1] == ']' : !memchr(text, ':', (size_t)(colon - text));
}

static int level_of(const char *name)
{
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++)
        if (strcmp(levels[level], name) == 0)
            return level;
    return -1;
}

static bool set_number(const struct setting *setting, const char *value, const char *source)
{
    char *end, what[128];
    errno = 0;
    long number = strtol(value, &end, 10);
    if (*end || end == value || errno || number < setting->min || number > setting->max) {
        snprintf(what, sizeof what, "must be a number from %ld to %ld", setting->min, setting->max);
        return given_complain(source, what);
    }
    *(long *)setting->to = number;
    return true;
}

static bool set(const struct setting *setting, const struct given *what)
{
    bool said = what->value && *what->value;
    const char *value = said ? what->value : setting->otherwise;
    if (setting->type == NUMBER)
        return set_number(setting, value, what->source);
    if (setting->type == ADDRESS && !is_address(value))
        return given_complain(what->source, "must be address:port, [address]:port or unix:/path");
    if (setting->type == CODE && (strlen(value) > 32 || value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-")]))
        return given_complain(what->source, "must be 1 to 32 of a-z, 0-9, _ and -");
    if (setting->type == LEVEL && level_of(value) < 0)
        return given_complain(what->source, "must be error, warning, info or debug");
    *(const char **)setting->to = value;
    return true;
}

/* What follows from the rest */

static void find_default_data(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (geteuid() == 0)
        strcpy(default_data, "/var/lib/echo-wall");
    else if (state && *state == '/')
        snprintf(default_data, sizeof default_data, "%s/echo-wall", state);
    else
        snprintf(default_data, sizeof default_data, "%s/.local/state/echo-wall", home && *home ? home : ".");
}

static void complete(void)
{
    static struct arena held; /* for good */
    char folder[4096];
    if (!settings.data)
        settings.data = default_data;
    if (*settings.data != '/' && getcwd(folder, sizeof folder))
        settings.data = arena_print(&held, "%s/%s", folder, settings.data);
    if (!settings.key_file)
        settings.key_file = arena_print(&held, "%s/key", settings.data);
    if (!settings.outbox_file && !settings.database)
        settings.outbox_file = arena_print(&held, "%s/outbox.log", settings.data);
    if (settings.workers == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        settings.workers = processors < 1 ? 1 : processors > 16 ? 16 : processors;
    }
}

enum command settings_read(int argc, char **argv)
{
    enum command command = COMMAND_SERVE;
    find_default_data();
    if (!given_read(argc, argv, &command))
        return COMMAND_IMPOSSIBLE;
    bool speaks_of_itself = command == COMMAND_HELP || command == COMMAND_VERSION; /* and needs no setting that fits */
    for (const struct setting *setting = setting_table; setting->name && !speaks_of_itself; setting++)
        if (!set(setting, given_for(setting)))
            return COMMAND_IMPOSSIBLE;
    if (speaks_of_itself)
        return command;
    complete();
    log_threshold((enum log_level)level_of(settings.log_level));
    return command;
}

/* A flag or the environment cannot have changed and still beat the file. */
void settings_reread(void)
{
    const struct setting *setting = setting_table;
    while (setting->to != &settings.log_level)
        setting++;
    if (given_for(setting)->strength > FROM_FILE)
        return;
    char *name = given_again("LOG_LEVEL");
    int level = level_of(name && *name ? name : setting->otherwise);
    if (level >= 0)
        log_threshold((enum log_level)level);
    else
        log_event(LOG_WARNING, "the log level in the settings file is not known", NULL);
    free(name);
}

void settings_help(void)
{
    puts("usage: echo-wall [<command>] [--<setting> <value>]...\n\n"
         "  serve    the daemon (what it does without a command); without --database it keeps a private PostgreSQL in --data\n"
         "  migrate  brings the database up to date and stops\n"
         "  routes   every endpoint: method, path, who, fields\n"
         "  verify   recomputes days, sums, lists and chains from the facts; exit 1 if anything differs\n"
         "  version  which version this is\n"
         "  help     this text\n\n"
         "A setting is a flag (--read-connections 4), else a variable (ECHO_WALL_READ_CONNECTIONS=4), else a line of the file that\n"
         "--config names (READ_CONNECTIONS=4). Secrets may be read from a file: --database-file <path>.\n");
    find_default_data();
    for (const struct setting *setting = setting_table; setting->name; setting++) {
        const char *otherwise = setting->to == &settings.data ? default_data : setting->otherwise;
        printf("  --%-24s%s%s%s%s\n", setting->name, setting->meaning, otherwise ? " (default: " : "", otherwise ? otherwise : "",
               otherwise ? ")" : "");
    }
}
