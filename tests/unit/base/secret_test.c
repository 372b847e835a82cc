#include "../test.h"
#include <sys/stat.h>
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"

static struct arena arena;
static char folder[] = "/tmp/echo-wall-secret-XXXXXX", key_file[64];

static void a_key_is_made_once_and_is_for_its_owner_alone(void **state)
{
    struct stat found;
    assert_int_equal(stat(key_file, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    const char *before = secret_keyed_hash(&arena, FOR_PHONE, "13800000000", 11);
    char *text = file_read(key_file, 100);
    assert_int_equal(strlen(text), 65);
    assert_true(secret_start(key_file));
    assert_string_equal(secret_keyed_hash(&arena, FOR_PHONE, "13800000000", 11), before);
    free(text);
    (void)state;
}

static void a_file_that_is_no_key_is_refused(void **state)
{
    char path[80];
    snprintf(path, sizeof path, "%s/bad", folder);
    assert_true(file_write_new(path, "0123456789\n"));
    log_threshold(LOG_ERROR);
    assert_false(secret_start(path));
    assert_false(file_write_new(path, "a second time"));
    unlink(path);
    (void)state;
}

static void purposes_have_hashes_of_their_own(void **state)
{
    const char *phone = secret_keyed_hash(&arena, FOR_PHONE, "x", 1);
    assert_int_equal(strlen(phone), 2 + 64);
    assert_int_equal(strncmp(phone, "\\x", 2), 0);
    assert_string_not_equal(phone, secret_keyed_hash(&arena, FOR_CODE, "x", 1));
    assert_string_equal(secret_hash(&arena, "abc", 3), "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    (void)state;
}

static void a_commitment_is_the_hash_of_nonce_and_text(void **state)
{
    assert_string_equal(secret_commitment(&arena, "\\x61", "bc"), secret_hash(&arena, "abc", 3));
    assert_int_equal(strlen(secret_nonce(&arena)), 2 + 32);
    assert_string_not_equal(secret_nonce(&arena), secret_nonce(&arena));
    (void)state;
}

static void a_sealed_text_opens_in_its_context_alone(void **state)
{
    const char *sealed = secret_seal(&arena, "0198-a", "张三 13800000000");
    assert_string_equal(secret_open(&arena, "0198-a", sealed), "张三 13800000000");
    assert_null(secret_open(&arena, "0198-b", sealed));
    assert_string_not_equal(secret_seal(&arena, "0198-a", "张三 13800000000"), sealed);
    assert_string_equal(secret_open(&arena, "c", secret_seal(&arena, "c", "")), "");
    (void)state;
}

static void a_sealed_text_that_was_touched_does_not_open(void **state)
{
    char *sealed = secret_seal(&arena, "a", "secret");
    for (size_t i = 0; sealed[i]; i++) {
        char before = sealed[i];
        sealed[i] = before == '0' ? '1' : '0';
        assert_null(secret_open(&arena, "a", sealed));
        sealed[i] = before;
    }
    assert_null(secret_open(&arena, "a", ""));
    assert_null(secret_open(&arena, "a", "\\x"));
    assert_null(secret_open(&arena, "a", "\\x0"));
    assert_null(secret_open(&arena, "a", "plain"));
    (void)state;
}

static void a_receipt_has_the_form_that_people_copy(void **state)
{
    const unsigned char bytes[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1};
    char normal[18];
    const char *receipt = secret_receipt(&arena, bytes);
    assert_int_equal(strncmp(receipt, "ZZZZ-ZZZZ-0000-0001-", 20), 0);
    assert_int_equal(strlen(receipt), 21);
    assert_true(secret_receipt_normal(receipt, normal));
    assert_int_equal(strlen(normal), 17);
    assert_int_equal(strncmp(normal, "ZZZZZZZZ00000001", 16), 0);
    (void)state;
}

static void every_single_wrong_character_of_a_receipt_is_caught(void **state)
{
    static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
    char normal[18], wrong[18];
    for (int round = 0; round < 50; round++) {
        assert_true(secret_receipt_normal(secret_receipt_random(&arena), normal));
        for (int i = 0; i < 17; i++)
            for (const char *c = all; *c; c++) {
                char copy[18];
                memcpy(copy, normal, sizeof copy);
                copy[i] = *c;
                assert_int_equal(secret_receipt_normal(copy, wrong), *c == normal[i]);
            }
    }
    (void)state;
}

static void swapped_neighbours_in_a_receipt_are_caught(void **state)
{
    char normal[18], wrong[18];
    for (int round = 0; round < 50; round++) {
        assert_true(secret_receipt_normal(secret_receipt_random(&arena), normal));
        for (int i = 0; i < 15; i++) {
            char copy[18];
            memcpy(copy, normal, sizeof copy);
            copy[i] = normal[i + 1];
            copy[i + 1] = normal[i];
            assert_int_equal(secret_receipt_normal(copy, wrong), normal[i] == normal[i + 1]);
        }
    }
    (void)state;
}

/* Looks for a receipt that holds both digits that people misread. */
static void misread_letters_and_small_ones_are_understood(void **state)
{
    char normal[18], again[18];
    do
        secret_receipt_normal(secret_receipt_random(&arena), normal);
    while (!memchr(normal, '0', 16) || !memchr(normal, '1', 16));
    for (const char *ones = "IiLl"; *ones; ones++) {
        char typed[40] = "", *at = typed;
        for (int i = 0; normal[i]; i++) {
            *at++ = normal[i] == '1'   ? *ones
                    : normal[i] == '0' ? (*ones == 'I' ? 'O' : 'o')
                    : normal[i] >= 'A' ? (char)(normal[i] | 0x20)
                                       : normal[i];
            *at++ = i % 4 == 3 ? '-' : ' ';
        }
        if (memchr(normal, '~', 17) || memchr(normal, 'U', 17))
            break; /* setting the bit changes '~' not, but the loop above is about digits */
        assert_true(secret_receipt_normal(typed, again));
        assert_string_equal(again, normal);
    }
    (void)state;
}

static void what_is_not_a_receipt_is_refused(void **state)
{
    char normal[18];
    assert_false(secret_receipt_normal("", normal));
    assert_false(secret_receipt_normal("ZZZZ-ZZZZ-0000-0001", normal));
    assert_false(secret_receipt_normal("0000-0000-0000-0000-00", normal));
    assert_true(secret_receipt_normal("0000-0000-0000-0000-0", normal));
    assert_false(secret_receipt_normal("U000-0000-0000-0000-0", normal));
    assert_false(secret_receipt_normal("0000-0000-0000-0000-0000000000000000000000000000000000000000", normal));
    (void)state;
}

static void a_token_names_its_community(void **state)
{
    char community[33];
    const char *token = secret_token(&arena, "lake_side-2");
    assert_int_equal(strlen(token), 3 + 11 + 1 + 43);
    assert_true(secret_token_community(token, community));
    assert_string_equal(community, "lake_side-2");
    assert_false(secret_token_community("", community));
    assert_false(secret_token_community("ew_", community));
    assert_false(secret_token_community("ew__0000000000000000000000000000000000000000000", community));
    assert_false(secret_token_community("ew_A_0000000000000000000000000000000000000000000", community));
    assert_false(secret_token_community("ew_a_000000000000000000000000000000000000000000=", community));
    assert_false(secret_token_community("ew_0123456789012345678901234567890123_0000000000000000000000000000000000000000000", community));
    (void)state;
}

static void a_code_has_six_digits_and_a_made_up_password_twenty_characters(void **state)
{
    const char *code = secret_code(&arena);
    assert_int_equal(strlen(code), 6);
    assert_int_equal(strspn(code, "0123456789"), 6);
    assert_int_equal(strlen(secret_password(&arena)), 20);
    assert_string_not_equal(secret_password(&arena), secret_password(&arena));
    (void)state;
}

static void a_password_fits_its_own_hash_and_no_other(void **state)
{
    char hash[128], other[128];
    assert_true(secret_password_hash("correct horse", hash));
    assert_true(secret_password_hash("correct horse", other));
    assert_string_not_equal(hash, other);
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_true(secret_password_fits(hash, "correct horse"));
    assert_false(secret_password_fits(hash, "correct hors"));
    assert_false(secret_password_fits(NULL, "correct horse"));
    assert_false(secret_password_fits("nonsense", "correct horse"));
    (void)state;
}

static int make_key(void **state)
{
    (void)state;
    settings.password_memory = 64;
    settings.password_passes = 1;
    log_threshold(LOG_ERROR);
    if (!mkdtemp(folder))
        return -1;
    snprintf(key_file, sizeof key_file, "%s/sub/key", folder);
    return secret_start(key_file) ? 0 : -1;
}

static int remove_key(void **state)
{
    (void)state;
    unlink(key_file);
    *strrchr(key_file, '/') = '\0';
    rmdir(key_file);
    rmdir(folder);
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_once_and_is_for_its_owner_alone),
        cmocka_unit_test(a_file_that_is_no_key_is_refused),
        cmocka_unit_test(purposes_have_hashes_of_their_own),
        cmocka_unit_test(a_commitment_is_the_hash_of_nonce_and_text),
        cmocka_unit_test(a_sealed_text_opens_in_its_context_alone),
        cmocka_unit_test(a_sealed_text_that_was_touched_does_not_open),
        cmocka_unit_test(a_receipt_has_the_form_that_people_copy),
        cmocka_unit_test(every_single_wrong_character_of_a_receipt_is_caught),
        cmocka_unit_test(swapped_neighbours_in_a_receipt_are_caught),
        cmocka_unit_test(misread_letters_and_small_ones_are_understood),
        cmocka_unit_test(what_is_not_a_receipt_is_refused),
        cmocka_unit_test(a_token_names_its_community),
        cmocka_unit_test(a_code_has_six_digits_and_a_made_up_password_twenty_characters),
        cmocka_unit_test(a_password_fits_its_own_hash_and_no_other),
    };
    return cmocka_run_group_tests(tests, make_key, remove_key);
}
