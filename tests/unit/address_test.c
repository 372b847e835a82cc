/* Behind proxies, the client is the rightmost address that nobody of ours is. */
#include "test.h"
#include "http/address.h"
#include "http/bucket.h"

static struct arena arena;

static void assert_client(const char *peer, const char *list, const char *trusted, const char *client)
{
    assert_string_equal(address_rightmost(&arena, peer, list, trusted), client);
    arena_release(&arena);
}

static void a_peer_that_is_not_trusted_is_the_client(void **state)
{
    (void)state;
    assert_client("192.0.2.1", "198.51.100.7", NULL, "192.0.2.1");
    assert_client("192.0.2.1", "198.51.100.7", "10.0.0.1", "192.0.2.1");
}

static void what_a_client_wrote_itself_is_not_believed(void **state)
{
    (void)state;
    assert_client("10.0.0.1", "1.1.1.1, 198.51.100.7", "10.0.0.1", "198.51.100.7");
    assert_client("10.0.0.1", "1.1.1.1, 198.51.100.7,10.0.0.2", "10.0.0.1 10.0.0.2", "198.51.100.7");
    assert_client("10.0.0.1", "nonsense", "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", "", "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", NULL, "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", "1.1.1.1,,10.0.0.1", "10.0.0.1", "10.0.0.1");
}

static void both_headers_spellings_are_read(void **state)
{
    (void)state;
    assert_client("unix", "for=192.0.2.60;proto=http;by=203.0.113.43", "unix", "192.0.2.60");
    assert_client("unix", "for=\"[2001:DB8:cafe::17]:4711\"", "unix", "2001:db8:cafe::17");
    assert_client("unix", "proto=https; For=192.0.2.60:80", "unix", "192.0.2.60");
    assert_client("unix", "2001:db8::1", "unix", "2001:db8::1");
    assert_client("unix", "::ffff:192.0.2.60", "unix", "192.0.2.60");
    assert_client("unix", "192.0.2.60:1234", "unix", "192.0.2.60");
}

static void a_bucket_is_empty_after_its_burst(void **state)
{
    static const struct bucket_rule rule = {.burst = 3, .per_second = 0.01};
    (void)state;
    bucket_start();
    for (int i = 0; i < 3; i++)
        assert_int_equal(bucket_take(BUCKET_SIGN_IN, "192.0.2.1", rule), 0);
    assert_in_range(bucket_take(BUCKET_SIGN_IN, "192.0.2.1", rule), 99, 101);
    assert_int_equal(bucket_take(BUCKET_SIGN_IN, "192.0.2.2", rule), 0);
    assert_int_equal(bucket_take(BUCKET_ANONYMOUS, "192.0.2.1", rule), 0);
}

static void looking_takes_nothing(void **state)
{
    static const struct bucket_rule rule = {.burst = 1, .per_second = 0.01};
    (void)state;
    bucket_start();
    for (int i = 0; i < 3; i++)
        assert_int_equal(bucket_look(BUCKET_WRONG_RECEIPT, "192.0.2.3", rule), 0);
    assert_int_equal(bucket_take(BUCKET_WRONG_RECEIPT, "192.0.2.3", rule), 0);
    assert_true(bucket_look(BUCKET_WRONG_RECEIPT, "192.0.2.3", rule) > 0);
}

static void many_strangers_cost_no_memory_and_refill_in_time(void **state)
{
    static const struct bucket_rule rule = {.burst = 1, .per_second = 100};
    char name[32];
    (void)state;
    bucket_start();
    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof name, "stranger %d", i);
        assert_int_equal(bucket_take(BUCKET_SIGN_IN, name, rule), 0);
    }
    assert_int_equal(bucket_take(BUCKET_SIGN_IN, name, rule), 1);
    usleep(20000);
    assert_int_equal(bucket_take(BUCKET_SIGN_IN, name, rule), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_not_trusted_is_the_client),
        cmocka_unit_test(what_a_client_wrote_itself_is_not_believed),
        cmocka_unit_test(both_headers_spellings_are_read),
        cmocka_unit_test(a_bucket_is_empty_after_its_burst),
        cmocka_unit_test(looking_takes_nothing),
        cmocka_unit_test(many_strangers_cost_no_memory_and_refill_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
