/* The build tool, run as the build runs it. */
#include "../test.h"
#include <sys/stat.h>

static char folder[] = "/tmp/echo-wall-embed-XXXXXX";
static char made[1 << 16];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static const char *read_made(const char *name)
{
    FILE *in = fopen(path_of(name), "r");
    assert_non_null(in);
    made[fread(made, 1, sizeof made - 1, in)] = '\0';
    fclose(in);
    return made;
}

static bool embed(const char *arguments)
{
    char command[1024];
    snprintf(command, sizeof command, "cd %s && %s %s 2>error", folder, EMBED_TOOL, arguments);
    return system(command) == 0;
}

/* What becomes of a statement's text. */
static void becomes(const char *sql, const char *text)
{
    char expected[2048];
    write_file("answers/answer.sql", sql);
    assert_true(embed("statements sql.c sql.h ./answers/answer.sql"));
    snprintf(expected, sizeof expected, ".text =\n    \"%s\",", text);
    if (!strstr(read_made("sql.c"), expected))
        fail_msg("not %s but %s", expected, made);
}

static void a_statement_bears_the_names_of_folder_and_file(void **state)
{
    becomes("select 1", "select 1");
    assert_non_null(strstr(made, "const struct statement sql_answers_answer = {"));
    assert_non_null(strstr(made, ".name = \"answers/answer.sql\""));
    assert_non_null(strstr(made, "const int statement_count = 1;"));
    assert_non_null(strstr(read_made("sql.h"), "extern const struct statement sql_answers_answer;"));
    (void)state;
}

static void parameters_are_numbered_by_first_appearance(void **state)
{
    becomes("select :b, :a, :b, :a_2", "select $1, $2, $1, $3");
    assert_non_null(strstr(made, ".parameter_count = 3,"));
    assert_non_null(strstr(made, ".parameters = {\"b\", \"a\", \"a_2\", NULL}"));
    (void)state;
}

static void casts_slices_and_assignments_are_no_parameters(void **state)
{
    becomes("select x::text, a[1:2], a[lo:hi], b := 1, :c::uuid, f(:d)::int[:e]",
            "select x::text, a[1:2], a[lo:hi], b := 1, $1::uuid, f($2)::int[$3]");
    (void)state;
}

static void quotes_pass_unread(void **state)
{
    becomes("select ':a' || 'it''s :b' || \"c:d\" || :e", "select ':a' || 'it''s :b' || \\\"c:d\\\" || $1");
    becomes("select E'it\\'s :a' || e'\\\\' || :b", "select E'it\\\\'s :a' || e'\\\\\\\\' || $1");
    becomes("select 'back\\' || :a", "select 'back\\\\' || $1");
    becomes("select type'\\' || :a", "select type'\\\\' || $1");
    (void)state;
}

static void dollar_quotes_pass_unread(void **state)
{
    becomes("select $$:a ' $$ || $tag$ :b $$ $tag$ || :c", "select $$:a ' $$ || $tag$ :b $$ $tag$ || $1");
    becomes("select a$b, :c, d$e", "select a$b, $1, d$e");
    (void)state;
}

static void comments_are_left_out(void **state)
{
    becomes("-- Somebody's :a.\nselect :b -- it's :c\n/* :d ' /* nested */ */from x", "\\n\"\n    \"select $1 \\n\"\n    \" from x");
    (void)state;
}

static void letters_of_any_script_and_trigraphs_survive(void **state)
{
    becomes("select '投诉?\?(', '\t'", "select '投诉\\?\\?(', '\\011'");
    (void)state;
}

static void what_is_never_closed_is_refused(void **state)
{
    static const char *const broken[] = {"select 'a", "select $$ a $", "select /* a", "select \"a"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_file("answers/answer.sql", broken[i]);
        assert_false(embed("statements sql.c sql.h ./answers/answer.sql"));
        assert_non_null(strstr(read_made("error"), "never closed"));
    }
    (void)state;
}

static void more_parameters_than_fit_are_refused(void **state)
{
    char sql[1024] = "select ";
    for (int i = 0; i < 41; i++)
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), ":p%d, ", i);
    write_file("answers/answer.sql", sql);
    assert_false(embed("statements sql.c sql.h ./answers/answer.sql"));
    (void)state;
}

static void an_unchanged_header_is_not_written_again(void **state)
{
    struct stat before, after;
    becomes("select 1", "select 1");
    assert_int_equal(stat(path_of("sql.h"), &before), 0);
    becomes("select 2", "select 2");
    assert_int_equal(stat(path_of("sql.h"), &after), 0);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    (void)state;
}

static void texts_are_tables_of_name_text_and_size(void **state)
{
    write_file("one.sql", "a \"quoted\" line\n");
    write_file("two.sql", "二");
    assert_true(embed("texts texts.c --table migration_texts one.sql two.sql --table rule_texts"));
    assert_non_null(
        strstr(read_made("texts.c"),
               "const struct embedded_text migration_texts[] = {\n    {.name = \"one.sql\", .size = 16, .text =\n"
               "    \"a \\\"quoted\\\" line\\n\"\n    \"\"},\n    {.name = \"two.sql\", .size = 3, .text =\n    \"二\"},\n    {0}};\n"));
    assert_non_null(strstr(made, "const struct embedded_text rule_texts[] = {\n    {0}};\n"));
    (void)state;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && mkdir(path_of("answers"), 0700) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_bears_the_names_of_folder_and_file),
        cmocka_unit_test(parameters_are_numbered_by_first_appearance),
        cmocka_unit_test(casts_slices_and_assignments_are_no_parameters),
        cmocka_unit_test(quotes_pass_unread),
        cmocka_unit_test(dollar_quotes_pass_unread),
        cmocka_unit_test(comments_are_left_out),
        cmocka_unit_test(letters_of_any_script_and_trigraphs_survive),
        cmocka_unit_test(what_is_never_closed_is_refused),
        cmocka_unit_test(more_parameters_than_fit_are_refused),
        cmocka_unit_test(an_unchanged_header_is_not_written_again),
        cmocka_unit_test(texts_are_tables_of_name_text_and_size),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
