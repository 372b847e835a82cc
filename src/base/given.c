/* What was said about the settings: by flags, by the environment, by a file; the strongest counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "setting.h"

extern char **environ;

enum { MAX_SETTINGS = 64, MAX_CONFIG = 1 << 20, MAX_SECRET = 1 << 16 /* bytes */ };

static const char PREFIX[] = "ECHO_WALL_";
static struct given given[MAX_SETTINGS];
static const char *config; /* path of the file; NULL: none */
static struct arena held;  /* the values that come from files, for good */

bool given_complain(const char *source, const char *what)
{
    return log_complain("%s %s", source, what);
}

static void keep(size_t which, const char *value, enum strength strength, const char *before, const char *name)
{
    struct given *slot = &given[which];
    if (slot->strength > strength)
        return;
    slot->value = value;
    slot->strength = strength;
    snprintf(slot->source, sizeof slot->source, "%s%s", before, name);
}

/* "read-connections" is READ_CONNECTIONS as a key. */
static bool is_key_of(const char *name, const char *key)
{
    for (; *name; name++, key++)
        if (*key != (*name == '-' ? '_' : *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name))
            return false;
    return !*key || strcmp(key, "_FILE") == 0;
}

static bool is_flag_of(const char *name, const char *flag)
{
    size_t length = strlen(name);
    return strncmp(name, flag, length) == 0 && (!flag[length] || strcmp(flag + length, "-file") == 0);
}

/* A secret may stand in a file of its own: the value is then the file's first line. */
static bool keep_secret(size_t which, const char *path, enum strength strength, const char *before, const char *name)
{
    char *text = file_read(path, MAX_SECRET);
    if (!text)
        return log_complain("%s%s names %s, which cannot be read: %s", before, name, path, strerror(errno));
    keep(which, arena_copy(&held, text, strcspn(text, "\r\n")), strength, before, name);
    free(text);
    return true;
}

static bool take(const char *name, const char *value, enum strength strength, const char *before)
{
    bool (*is_name_of)(const char *, const char *) = strength == FROM_FLAG ? is_flag_of : is_key_of;
    for (size_t i = 0; setting_table[i].name; i++) {
        if (!is_name_of(setting_table[i].name, name))
            continue;
        if (strlen(setting_table[i].name) == strlen(name)) {
            keep(i, value, strength, before, name);
            return true;
        }
        if (setting_table[i].secret)
            return keep_secret(i, value, strength, before, name);
    }
    return log_complain("there is no setting %s%s; see --help", before, name);
}

static bool is_known(const char *flag)
{
    for (const struct setting *setting = setting_table; setting->name; setting++)
        if (is_flag_of(setting->name, flag))
            return true;
    return strcmp(flag, "config") == 0;
}

static bool take_flag(int argc, char **argv, int *at)
{
    char name[64];
    const char *flag = argv[*at] + 2, *equals = strchr(flag, '=');
    const char *value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : NULL;
    if (!value && is_known(flag))
        return given_complain(argv[*at], "wants a value");
    snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - flag) : (int)strlen(flag), flag);
    if (strcmp(name, "config") != 0)
        return take(name, value, FROM_FLAG, "--");
    config = value;
    return true;
}

static bool take_command(const char *word, enum command *command)
{
    static const struct {
        const char *word;
        enum command command;
    } commands[] = {{"serve", COMMAND_SERVE}, {"migrate", COMMAND_MIGRATE}, {"routes", COMMAND_ROUTES},   {"verify", COMMAND_VERIFY},
                    {"help", COMMAND_HELP},   {"--help", COMMAND_HELP},     {"version", COMMAND_VERSION}, {"--version", COMMAND_VERSION}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(word, commands[i].word) == 0) {
            *command = commands[i].command;
            return true;
        }
    return false;
}

static bool take_arguments(int argc, char **argv, enum command *command)
{
    bool named = false;
    for (int i = 1; i < argc; i++) {
        if (!named && take_command(argv[i], command))
            named = true;
        else if (strcmp(argv[i], "--help") == 0)
            *command = COMMAND_HELP;
        else if (strncmp(argv[i], "--", 2) != 0)
            return given_complain(argv[i], named ? "is one word too many; see --help" : "is not a command; see --help");
        else if (!take_flag(argc, argv, &i))
            return false;
    }
    return true;
}

static bool take_environment(void)
{
    char name[64];
    for (char **entry = environ; *entry; entry++) {
        size_t length = strcspn(*entry, "=");
        if (strncmp(*entry, PREFIX, strlen(PREFIX)) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - strlen(PREFIX)), *entry + strlen(PREFIX));
        const char *value = (*entry)[length] ? *entry + length + 1 : "";
        if (strcmp(name, "CONFIG") == 0)
            config = config ? config : value;
        else if (!take(name, value, FROM_ENVIRONMENT, PREFIX))
            return false;
    }
    return true;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    for (size_t length = strlen(text); length > 0 && strchr(" \t\r", text[length - 1]); length--)
        text[length - 1] = '\0';
    size_t length = strlen(text);
    if (length < 2 || (*text != '"' && *text != '\'') || text[length - 1] != *text)
        return text;
    text[length - 1] = '\0';
    return text + 1;
}

/* The next KEY=VALUE of the file; false at its end. A line without '=' has the value NULL. */
static bool next_pair(char **rest, char **key, char **value)
{
    for (char *line; (line = strsep(rest, "\n"));) {
        line = trim(line);
        if (!*line || *line == '#')
            continue;
        *value = line;
        *key = trim(strsep(value, "="));
        *value = *value ? trim(*value) : NULL;
        if (strncmp(*key, PREFIX, strlen(PREFIX)) == 0)
            *key += strlen(PREFIX);
        return true;
    }
    return false;
}

static bool take_file(void)
{
    char *key, *value;
    if (!config || !*config)
        return true;
    char *text = file_read(config, MAX_CONFIG);
    if (!text)
        return given_complain(config, strerror(errno));
    char *rest = arena_copy(&held, text, strlen(text));
    free(text);
    while (next_pair(&rest, &key, &value)) {
        char before[100];
        snprintf(before, sizeof before, "%s: ", config);
        if (!value)
            return given_complain(config, "has a line that is not KEY=VALUE");
        if (!take(key, value, FROM_FILE, before))
            return false;
    }
    return true;
}

bool given_read(int argc, char **argv, enum command *command)
{
    memset(given, 0, sizeof given);
    config = NULL;
    if (!take_arguments(argc, argv, command))
        return false;
    return *command == COMMAND_HELP || *command == COMMAND_VERSION || (take_environment() && take_file());
}

const struct given *given_for(const struct setting *setting)
{
    return &given[setting - setting_table];
}

char *given_again(const char *wanted)
{
    char *found = NULL, *key, *value, *text = config && *config ? file_read(config, MAX_CONFIG) : NULL;
    if (!text)
        return NULL;
    for (char *rest = text; next_pair(&rest, &key, &value);)
        if (strcmp(key, wanted) == 0 && value) {
            free(found);
            found = strdup(value);
        }
    free(text);
    return found;
}
