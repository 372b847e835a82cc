/* What the process that decodes may not do. Each try is a process of its own, for the first one is its last. */
#include "../test.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "picture/confined.h"

static int end_of(void (*deed)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!confine())
            _exit(99);
        deed();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void open_a_file(void)
{
    open("/etc/hostname", O_RDONLY);
}

static void open_a_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void begin_a_process(void)
{
    fork();
}

static void become_another_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void kill_another(void)
{
    kill(getppid(), 0);
}

static void run_its_own_code(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void lift_its_limits(void)
{
    setrlimit(RLIMIT_CPU, &(struct rlimit){.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY});
}

static void test_who_does_anything_else_is_killed(void **state)
{
    void (*const deeds[])(void) = {open_a_file,  open_a_socket,    begin_a_process, become_another_program,
                                   kill_another, run_its_own_code, lift_its_limits};
    (void)state;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        int status = end_of(deeds[i]);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
}

static void use_memory(void)
{
    for (int i = 1; i < 50; i++) {
        volatile char *memory = malloc((size_t)i << 20);
        if (memory)
            memory[i] = 1;
        free((void *)memory);
    }
    if (write(1, "", 0) != 0)
        _exit(98);
}

static void test_what_decoding_needs_is_allowed(void **state)
{
    (void)state;
    int status = end_of(use_memory);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_does_anything_else_is_killed),
        cmocka_unit_test(test_what_decoding_needs_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
