/* Files on their way: whole under their name, or gone. Both as where the file system needs no name for them and where it does. */
#include "../test.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "picture/temporary.h"

static char folder[] = "/tmp/temporary-test-XXXXXX";

static int count_files(void)
{
    int count = 0;
    DIR *opened = opendir(folder);
    assert_non_null(opened);
    for (const struct dirent *entry; (entry = readdir(opened));)
        count += *entry->d_name != '.';
    closedir(opened);
    return count;
}

static void path_of(const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

static void write_text(const struct temporary *temporary, const char *text)
{
    assert_int_equal(write(temporary->file, text, strlen(text)), (ssize_t)strlen(text));
}

static void test_what_is_kept_is_there_and_what_is_not_is_gone(void **state)
{
    char path[PATH_MAX], text[8] = "";
    (void)state;
    path_of("kept", path);
    for (int named = 0; named <= 1; named++) {
        struct temporary kept, lost;
        assert_true(temporary_open(folder, named, &kept) && temporary_open(folder, named, &lost));
        assert_int_equal(count_files(), named ? 2 : 0);
        write_text(&kept, "whole");
        write_text(&lost, "ha");
        assert_true(temporary_keep(&kept, folder, path));
        temporary_close(folder, &kept);
        temporary_close(folder, &lost);
        assert_int_equal(count_files(), 1);
        int file = open(path, O_RDONLY);
        assert_int_equal(read(file, text, sizeof text), 5);
        assert_memory_equal(text, "whole", 5);
        close(file);
        unlink(path);
    }
}

static void test_what_is_there_already_becomes_young_again(void **state)
{
    char path[PATH_MAX];
    struct temporary first, again;
    struct stat found;
    (void)state;
    path_of("same", path);
    assert_true(temporary_open(folder, false, &first) && temporary_open(folder, false, &again));
    write_text(&first, "same");
    write_text(&again, "same");
    assert_true(temporary_keep(&first, folder, path));
    assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[2]){{.tv_sec = 1000}, {.tv_sec = 1000}}, 0), 0);
    assert_true(temporary_keep(&again, folder, path));
    assert_int_equal(stat(path, &found), 0);
    assert_true(found.st_mtime > 1000);
    temporary_close(folder, &first);
    temporary_close(folder, &again);
    assert_int_equal(count_files(), 1);
    unlink(path);
}

static void test_a_kill_leaves_what_the_next_start_sweeps(void **state)
{
    char path[PATH_MAX];
    struct temporary left, young;
    (void)state;
    assert_true(temporary_open(folder, true, &left) && temporary_open(folder, true, &young));
    path_of(left.name, path);
    assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[2]){{.tv_sec = 1000}, {.tv_sec = 1000}}, 0), 0);
    close(left.file);
    temporary_sweep(folder);
    assert_int_equal(count_files(), 1); /* the young one may be another server's */
    temporary_close(folder, &young);
    assert_int_equal(count_files(), 0);
}

static void test_a_folder_that_is_not_there(void **state)
{
    struct temporary none;
    (void)state;
    assert_false(temporary_open("/no/such/folder", false, &none));
    assert_int_equal(errno, ENOENT);
    temporary_close("/no/such/folder", &none);
    temporary_sweep("/no/such/folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept_is_there_and_what_is_not_is_gone),
        cmocka_unit_test(test_what_is_there_already_becomes_young_again),
        cmocka_unit_test(test_a_kill_leaves_what_the_next_start_sweeps),
        cmocka_unit_test(test_a_folder_that_is_not_there),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
