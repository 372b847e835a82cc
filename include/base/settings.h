#pragma once
#include <stdbool.h>

/* Every setting of the daemon; settings.c holds the one table that --help, the environment and the README are made of. */
struct settings {
    const char *listen;        /* address:port, [address]:port or unix:/path */
    const char *database;      /* libpq URI or conninfo; NULL: the private cluster in `data` */
    const char *data;          /* folder of the private cluster, the key file, the outbox log and the pictures */
    const char *community;     /* code of the community when neither token nor header names one */
    const char *time_zone;     /* IANA name, of a community made at first start */
    const char *key_file;      /* NULL: <data>/key */
    const char *clock_file;    /* tests only; NULL: the real time */
    const char *outbox_file;   /* where the `file` channel appends; NULL: <data>/outbox.log with the private cluster, else off */
    const char *picture_store; /* "disk" or "s3" */
    const char *s3_endpoint, *s3_region, *s3_bucket, *s3_key, *s3_secret; /* of the store of pictures; NULL: not given */
    const char *cors_origins;                                             /* blank-separated; NULL: none */
    const char *trusted_proxies; /* blank-separated addresses whose X-Forwarded-For is believed; NULL: none */
    const char *admin_password;  /* of the first start; NULL: made up and printed once */
    const char *log_level;
    const char *base_url;      /* of the front end, without a slash at its end; NULL: messages bear no link */
    const char *push_networks; /* blank-separated private networks that webhooks may reach; NULL: none */
    const char *ca_file;       /* NULL: the system's */
    const char *smtp_url, *smtp_from, *smtp_user, *smtp_password;            /* smtp_url NULL: no mail */
    const char *sms_url, *sms_method, *sms_headers, *sms_body, *sms_success; /* sms_url NULL: no short messages */
    const char *wecom_url, *dingtalk_url, *feishu_url;                       /* what robots' tokens are added to */
    const char *embedded_options; /* more for the private cluster's postgresql.conf, "name=value ..."; NULL: none */
    long smtp_plain;              /* 1: mail may go unencrypted where the server has no STARTTLS */
    long push_timeout;            /* seconds that one delivery may take */
    long workers;
    long read_connections, write_connections;       /* per worker */
    long statement_timeout, slow_statement_timeout; /* milliseconds */
    long max_connections;                           /* HTTP connections per worker */
    long idle_timeout;                              /* seconds a connection may be silent */
    long request_timeout;                           /* seconds from the first header to the last byte of the body */
    long password_memory;                           /* KiB of argon2id */
    long password_passes;
    long sign_ins_per_minute; /* per client address */
    long anonymous_burst;     /* anonymous submissions at once, per client address; then one each 2 s */
    long caller_rate;         /* requests per second of one signed-in caller */
    long model_memory;        /* MiB that the workers together keep of the communities' classifiers */
    long drain_timeout;       /* seconds that requests in flight get to end after SIGTERM */
};

extern struct settings settings; /* immutable once settings_read() returned, but for what settings_reread() may change */

enum command { COMMAND_SERVE, COMMAND_MIGRATE, COMMAND_ROUTES, COMMAND_VERIFY, COMMAND_HELP, COMMAND_VERSION, COMMAND_IMPOSSIBLE };

/*
 * Flags beat environment (ECHO_WALL_LISTEN) beat file (--config FILE or ECHO_WALL_CONFIG, KEY=VALUE lines). COMMAND_IMPOSSIBLE after printing
 * one line of what is wrong. Afterwards `data` is absolute, `workers` the number to start, and `key_file` and `outbox_file` are what their
 * NULL stands for (outbox_file NULL: off).
 */
enum command settings_read(int argc, char **argv);
void settings_reread(void); /* SIGHUP: the log level; the rest needs a restart */
void settings_help(void);   /* every setting, its default and meaning, to stdout */
