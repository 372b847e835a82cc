/* The private cluster: found again, shared, recovered. */
#include "scratch.h"
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *path_of(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", scratch_folder, name);
    return path;
}

static pid_t postmaster(void)
{
    FILE *file = fopen(path_of("cluster/postmaster.pid"), "r");
    long pid = 0;
    if (!file)
        return 0;
    assert_int_equal(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    return (pid_t)pid;
}

static bool answers(void)
{
    PGconn *pg = PQconnectdb(settings.database);
    bool fine = PQstatus(pg) == CONNECTION_OK;
    PQfinish(pg);
    return fine;
}

/* A process of its own, as another daemon would be: this program again, which starts, says so, and stops when its input ends. */
struct daemon {
    pid_t pid;
    int to, from;
};

static struct daemon another(void)
{
    int to[2], from[2];
    char byte = 0;
    assert_true(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    struct daemon daemon = {.pid = fork(), .to = to[1], .from = from[0]};
    if (daemon.pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        execl("/proc/self/exe", "embedded_test", scratch_folder, NULL);
        _exit(1);
    }
    close(to[0]);
    close(from[1]);
    assert_int_equal(read(daemon.from, &byte, 1), 1);
    return daemon;
}

static int be_another(char *folder)
{
    char byte = 'y';
    settings.data = folder;
    log_threshold(LOG_ERROR);
    if (!embedded_start() || write(STDOUT_FILENO, &byte, 1) != 1)
        return EXIT_FAILURE;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    embedded_stop();
    return EXIT_SUCCESS;
}

static void end(struct daemon daemon, int signal)
{
    if (signal)
        kill(daemon.pid, signal);
    close(daemon.to);
    waitpid(daemon.pid, NULL, 0);
    close(daemon.from);
}

static void it_is_reached_by_its_socket_alone(void **state)
{
    struct stat found;
    assert_true(answers());
    assert_int_equal(stat(path_of("socket"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    assert_int_equal(stat(path_of("cluster"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    assert_int_equal(stat(path_of("postgres.log"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    (void)state;
}

static void it_stops_and_starts_with_its_data(void **state)
{
    PGconn *pg = PQconnectdb(settings.database);
    PQclear(PQexec(pg, "create table kept (a integer); insert into kept values (42)"));
    PQfinish(pg);
    embedded_stop();
    assert_int_equal(postmaster(), 0);
    assert_true(embedded_start());
    pg = PQconnectdb(settings.database);
    PGresult *result = PQexec(pg, "select a from kept");
    assert_string_equal(PQgetvalue(result, 0, 0), "42");
    PQclear(result);
    PQfinish(pg);
    (void)state;
}

static void who_comes_second_uses_it_and_who_leaves_last_stops_it(void **state)
{
    pid_t pid = postmaster();
    struct daemon second = another();
    assert_int_equal(postmaster(), pid);
    embedded_stop();
    assert_true(answers());
    end(second, 0);
    assert_int_equal(postmaster(), 0);
    assert_true(embedded_start());
    (void)state;
}

static void it_is_found_again_when_its_daemon_was_killed(void **state)
{
    embedded_stop();
    struct daemon killed = another();
    pid_t pid = postmaster();
    end(killed, SIGKILL);
    assert_true(pid > 1);
    assert_true(embedded_start());
    assert_int_equal(postmaster(), pid);
    assert_true(answers());
    embedded_stop();
    assert_int_equal(postmaster(), 0);
    assert_true(embedded_start());
    (void)state;
}

static void it_recovers_when_everything_was_killed(void **state)
{
    embedded_stop();
    struct daemon killed = another();
    assert_true(postmaster() > 1);
    kill(postmaster(), SIGKILL);
    end(killed, SIGKILL);
    assert_true(postmaster() > 1);
    assert_true(embedded_start());
    assert_true(answers());
    (void)state;
}

/* Our own number stands for one that was given to a stranger meanwhile. */
static void a_pid_file_with_a_strangers_number_is_no_obstacle(void **state)
{
    embedded_stop();
    FILE *file = fopen(path_of("cluster/postmaster.pid"), "w");
    fprintf(file, "%ld\n%s/cluster\n1700000000\n5432\n%s/socket\n\n", (long)getppid(), scratch_folder, scratch_folder);
    fclose(file);
    assert_true(embedded_start());
    assert_true(answers());
    (void)state;
}

static void it_is_started_again_when_it_died(void **state)
{
    pid_t before = postmaster();
    embedded_tend();
    assert_int_equal(postmaster(), before);
    assert_true(before > 1);
    kill(before, SIGKILL);
    usleep(200000);
    embedded_tend();
    for (int i = 0; i < 500 && !answers(); i++)
        usleep(10000);
    assert_true(answers());
    assert_int_not_equal(postmaster(), before);
    (void)state;
}

static void an_interrupted_initdb_is_begun_anew(void **state)
{
    char command[600];
    embedded_stop();
    snprintf(command, sizeof command, "cd %s && rm -r cluster && mkdir -p cluster.new/base && touch cluster.new/base/1", scratch_folder);
    assert_int_equal(system(command), 0);
    assert_true(embedded_start());
    assert_true(answers());
    (void)state;
}

static void a_folder_out_of_reach_is_refused_in_one_line(void **state)
{
    const char *before = settings.data;
    embedded_stop();
    settings.data = "/root/echo-wall-test-of-reach";
    if (geteuid() == 0)
        assert_false(embedded_start());
    rmdir(settings.data);
    settings.data = "/tmp/"
                    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
    assert_false(embedded_start());
    settings.data = before;
    assert_true(embedded_start());
    (void)state;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return be_another(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_reached_by_its_socket_alone),
        cmocka_unit_test(it_stops_and_starts_with_its_data),
        cmocka_unit_test(who_comes_second_uses_it_and_who_leaves_last_stops_it),
        cmocka_unit_test(it_is_found_again_when_its_daemon_was_killed),
        cmocka_unit_test(it_recovers_when_everything_was_killed),
        cmocka_unit_test(a_pid_file_with_a_strangers_number_is_no_obstacle),
        cmocka_unit_test(it_is_started_again_when_it_died),
        cmocka_unit_test(an_interrupted_initdb_is_begun_anew),
        cmocka_unit_test(a_folder_out_of_reach_is_refused_in_one_line),
    };
    if (!scratch_begin())
        return SKIPPED;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_end();
    return failed;
}
