#include "../listening.h"
#include "base/settings.h"

static char file[] = "/tmp/echo-wall-settings-XXXXXX", secret_file[] = "/tmp/echo-wall-password-XXXXXX";

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* Words of a command line behind the program's name, up to NULL. */
static enum command read_words(const char *first, ...)
{
    char *argv[16] = {"echo-wall"};
    int argc = 1;
    va_list words;
    va_start(words, first);
    for (const char *word = first; word; word = va_arg(words, const char *))
        argv[argc++] = (char *)word;
    va_end(words);
    listen_to_stderr();
    enum command command = settings_read(argc, argv);
    hear();
    return command;
}

static void without_words_everything_is_the_default(void **state)
{
    assert_int_equal(read_words(NULL), COMMAND_SERVE);
    assert_string_equal(settings.listen, "127.0.0.1:8080");
    assert_null(settings.database);
    assert_string_equal(settings.community, "default");
    assert_string_equal(settings.time_zone, "Asia/Shanghai");
    assert_int_equal(settings.workers, 2);
    assert_int_equal(settings.password_memory, 19456);
    assert_string_equal(settings.log_level, "info");
    assert_int_equal(*settings.data, '/');
    assert_string_equal(settings.key_file + strlen(settings.data), "/key");
    assert_string_equal(settings.outbox_file + strlen(settings.data), "/outbox.log");
    assert_string_equal(said, "");
    (void)state;
}

static void flags_beat_the_environment_which_beats_the_file(void **state)
{
    write_file(file, "# a file\n\n READ_CONNECTIONS = 3 \nWRITE_CONNECTIONS=4\nECHO_WALL_IDLE_TIMEOUT=\"5\"\n");
    setenv("ECHO_WALL_WRITE_CONNECTIONS", "6", 1);
    setenv("ECHO_WALL_REQUEST_TIMEOUT", "7", 1);
    assert_int_equal(read_words("serve", "--config", file, "--request-timeout", "8", "--drain-timeout=9", NULL), COMMAND_SERVE);
    assert_int_equal(settings.read_connections, 3);
    assert_int_equal(settings.write_connections, 6);
    assert_int_equal(settings.idle_timeout, 5);
    assert_int_equal(settings.request_timeout, 8);
    assert_int_equal(settings.drain_timeout, 9);
    (void)state;
}

static void the_environment_may_name_the_file(void **state)
{
    write_file(file, "COMMUNITY=lake\n");
    setenv("ECHO_WALL_CONFIG", file, 1);
    assert_int_equal(read_words("migrate", NULL), COMMAND_MIGRATE);
    assert_string_equal(settings.community, "lake");
    (void)state;
}

static void an_empty_value_is_the_default(void **state)
{
    setenv("ECHO_WALL_DATABASE", "", 1);
    setenv("ECHO_WALL_WORKERS", "", 1);
    assert_int_equal(read_words("verify", NULL), COMMAND_VERIFY);
    assert_null(settings.database);
    assert_int_equal(settings.workers, 2);
    (void)state;
}

static void a_secret_may_stand_in_a_file_of_its_own(void **state)
{
    write_file(secret_file, "correct horse\n");
    setenv("ECHO_WALL_ADMIN_PASSWORD_FILE", secret_file, 1);
    assert_int_equal(read_words(NULL), COMMAND_SERVE);
    assert_string_equal(settings.admin_password, "correct horse");
    assert_int_equal(read_words("--log-level-file", secret_file, NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("--database-file", "/nowhere/at/all", NULL), COMMAND_IMPOSSIBLE);
    (void)state;
}

static void the_outbox_log_is_for_the_private_cluster(void **state)
{
    assert_int_equal(read_words("--database", "postgresql:///x", "--data", "here", NULL), COMMAND_SERVE);
    assert_null(settings.outbox_file);
    assert_int_equal(*settings.data, '/');
    assert_string_equal(settings.data + strlen(settings.data) - 5, "/here");
    (void)state;
}

static void no_workers_means_as_many_as_processors(void **state)
{
    assert_int_equal(read_words("--workers", "0", NULL), COMMAND_SERVE);
    assert_in_range(settings.workers, 1, 16);
    (void)state;
}

static void what_is_wrong_is_one_line_that_names_its_source(void **state)
{
    assert_int_equal(read_words("--workers", "x", NULL), COMMAND_IMPOSSIBLE);
    assert_string_equal(said, "echo-wall: --workers must be a number from 0 to 16\n");
    assert_int_equal(read_words("--workers", "17", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("--werkers", "2", NULL), COMMAND_IMPOSSIBLE);
    assert_string_equal(said, "echo-wall: there is no setting --werkers; see --help\n");
    assert_int_equal(read_words("--werkers", NULL), COMMAND_IMPOSSIBLE);
    assert_string_equal(said, "echo-wall: there is no setting --werkers; see --help\n");
    assert_int_equal(read_words("--workers", NULL), COMMAND_IMPOSSIBLE);
    assert_string_equal(said, "echo-wall: --workers wants a value\n");
    assert_int_equal(read_words("--workers", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("--log-level", "loud", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("--community", "Lake", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("dance", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("serve", "migrate", NULL), COMMAND_IMPOSSIBLE);
    assert_int_equal(read_words("--config", "/nowhere", NULL), COMMAND_IMPOSSIBLE);
    write_file(file, "WORKERS=2\nnonsense\n");
    assert_int_equal(read_words("--config", file, NULL), COMMAND_IMPOSSIBLE);
    setenv("ECHO_WALL_PORT", "80", 1);
    assert_int_equal(read_words(NULL), COMMAND_IMPOSSIBLE);
    assert_string_equal(said, "echo-wall: there is no setting ECHO_WALL_PORT; see --help\n");
    (void)state;
}

static void an_address_has_a_port_or_is_a_socket(void **state)
{
    static const char *const fine[] = {"127.0.0.1:8080", "[::1]:0", "0.0.0.0:65535", "unix:/run/echo-wall.sock", "localhost:80"};
    static const char *const wrong[] = {"8080",           ":8080",  "127.0.0.1:", "127.0.0.1:65536",
                                        "127.0.0.1:http", "::1:80", "unix:here",  "[::1:80"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_int_equal(read_words("--listen", fine[i], NULL), COMMAND_SERVE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(read_words("--listen", wrong[i], NULL), COMMAND_IMPOSSIBLE);
    (void)state;
}

static void help_is_given_whatever_else_is_wrong(void **state)
{
    setenv("ECHO_WALL_PORT", "80", 1);
    assert_int_equal(read_words("--help", NULL), COMMAND_HELP);
    assert_int_equal(read_words("serve", "--help", NULL), COMMAND_HELP);
    assert_int_equal(read_words("help", NULL), COMMAND_HELP);
    assert_int_equal(read_words("--version", NULL), COMMAND_VERSION);
    assert_int_equal(read_words("version", NULL), COMMAND_VERSION);
    (void)state;
}

static int forget_environment(void **state)
{
    static const char *const names[] = {"CONFIG", "WRITE_CONNECTIONS", "REQUEST_TIMEOUT", "DATABASE", "WORKERS", "ADMIN_PASSWORD_FILE",
                                        "PORT"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        snprintf(name, sizeof name, "ECHO_WALL_%s", names[i]);
        unsetenv(name);
    }
    return 0;
}

#define alone(test) cmocka_unit_test_setup_teardown(test, forget_environment, forget_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        alone(without_words_everything_is_the_default), alone(flags_beat_the_environment_which_beats_the_file),
        alone(the_environment_may_name_the_file),       alone(an_empty_value_is_the_default),
        alone(a_secret_may_stand_in_a_file_of_its_own), alone(the_outbox_log_is_for_the_private_cluster),
        alone(no_workers_means_as_many_as_processors),  alone(what_is_wrong_is_one_line_that_names_its_source),
        alone(an_address_has_a_port_or_is_a_socket),    alone(help_is_given_whatever_else_is_wrong),
    };
    close(mkstemp(file));
    close(mkstemp(secret_file));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file);
    unlink(secret_file);
    return failed;
}
