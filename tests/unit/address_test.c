/* Behind proxies, the client is the rightmost address that nobody of ours is. */
#include "test.h"
#include "http/address.h"
#include "http/bucket.h"

static struct arena arena;

/* The client by X-Forwarded-For. */
static void assert_client(const char *peer, const char *list, const char *trusted, const char *client)
{
    assert_string_equal(address_client(&arena, peer, list, NULL, trusted), client);
    arena_release(&arena);
}

/* By Forwarded; the peer is "unix" and trusted, as is 10.0.0.0/8. */
static void assert_forwarded(const char *list, const char *client)
{
    assert_string_equal(address_client(&arena, "unix", NULL, list, "unix 10.0.0.0/8"), client);
    arena_release(&arena);
}

static void a_peer_that_is_not_trusted_is_the_client(void **state)
{
    (void)state;
    assert_client("192.0.2.1", "198.51.100.7", NULL, "192.0.2.1");
    assert_client("192.0.2.1", "198.51.100.7", "10.0.0.1", "192.0.2.1");
    assert_client("unix", "198.51.100.7", "10.0.0.1", "unix");
}

static void what_a_client_wrote_itself_is_not_believed(void **state)
{
    (void)state;
    assert_client("10.0.0.1", "1.1.1.1, 198.51.100.7", "10.0.0.1", "198.51.100.7");
    assert_client("10.0.0.1", "1.1.1.1, 198.51.100.7,10.0.0.2", "10.0.0.1 10.0.0.2", "198.51.100.7");
    assert_client("10.0.0.1", "10.0.0.2, 198.51.100.7,10.0.0.2", "10.0.0.1 10.0.0.2", "198.51.100.7");
    assert_client("10.0.0.1", "nonsense", "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", "", "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", NULL, "10.0.0.1", "10.0.0.1");
    assert_client("10.0.0.1", "1.1.1.1,,10.0.0.2", "10.0.0.1 10.0.0.2", "10.0.0.2");
    assert_client("10.0.0.1", "1.1.1.1,nonsense", "10.0.0.1", "10.0.0.1");
}

static void proxies_may_be_named_by_their_network(void **state)
{
    (void)state;
    assert_client("10.9.8.7", "198.51.100.7, 10.1.2.3", "10.0.0.0/8", "198.51.100.7");
    assert_client("11.9.8.7", "198.51.100.7", "10.0.0.0/8", "11.9.8.7");
    assert_client("2001:db8::5", "198.51.100.7, 2001:db8:ffff::1", "2001:DB8::/32", "198.51.100.7");
    assert_client("172.31.0.1", "198.51.100.7", "172.16.0.0/12", "198.51.100.7");
    assert_client("172.32.0.1", "198.51.100.7", "172.16.0.0/12", "172.32.0.1");
    assert_client("192.0.2.1", "198.51.100.7", "10.0.0.0/x 10.0.0.0/ /0", "192.0.2.1");
    assert_client("192.0.2.1", "198.51.100.7", "0.0.0.0/0", "198.51.100.7");
}

static void addresses_are_read_in_every_spelling(void **state)
{
    (void)state;
    assert_client("unix", "2001:db8::1", "unix", "2001:db8::1");
    assert_client("unix", "[2001:DB8::1]:443", "unix", "2001:db8::1");
    assert_client("unix", "::ffff:192.0.2.60", "unix", "192.0.2.60");
    assert_client("unix", "192.0.2.60:1234", "unix", "192.0.2.60");
    assert_client("unix", "192.0.2.256", "unix", "unix");
}

static void forwarded_is_read_as_rfc_7239_writes_it(void **state)
{
    (void)state;
    assert_forwarded("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60");
    assert_forwarded("for=\"[2001:DB8:cafe::17]:4711\"", "2001:db8:cafe::17");
    assert_forwarded("proto=https; For=\"192.0.2.60:80\"", "192.0.2.60");
    assert_forwarded("for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17");
    assert_forwarded("for=192.0.2.43,for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com", "198.51.100.17");
    assert_forwarded("for=198.51.100.17, for=10.0.0.9", "198.51.100.17");
    assert_forwarded("for=\"192.0.2.\\6\\0\"", "192.0.2.60");
    assert_forwarded(" for=192.0.2.60 ;; proto=http ", "192.0.2.60");
}

static void who_hides_behind_a_proxy_is_the_last_that_can_be_named(void **state)
{
    (void)state;
    assert_forwarded("for=unknown", "unix");
    assert_forwarded("for=_hidden, for=10.0.0.9", "10.0.0.9");
    assert_forwarded("for=\"_SEVKISEK\"", "unix");
    assert_forwarded("for=192.0.2.60, proto=http", "unix");
    assert_forwarded("for=1.1.1.1, for=_hidden, for=10.0.0.9", "10.0.0.9");
}

static void no_quote_makes_an_element_out_of_a_value(void **state)
{
    (void)state;
    assert_forwarded("for=192.0.2.60;host=\"a, for=9.9.9.9\"", "192.0.2.60");
    assert_forwarded("for=192.0.2.60;host=\"a\\\", for=9.9.9.9\"", "192.0.2.60");
    assert_forwarded("x=\", for=192.0.2.60;host=\"h\"", "unix");
    assert_forwarded("x=\"\\\", for=192.0.2.60;host=\"h\"", "unix");
    assert_forwarded("for=1.1.1.1;x=\", for=192.0.2.60", "unix");
    assert_forwarded("for=1.1.1.1;for=2.2.2.2", "unix");
    assert_forwarded("for", "unix");
    assert_forwarded("", "unix");
}

static void two_headers_that_name_different_clients_name_none(void **state)
{
    (void)state;
    assert_string_equal(address_client(&arena, "unix", "192.0.2.60", "for=192.0.2.60", "unix"), "192.0.2.60");
    assert_string_equal(address_client(&arena, "unix", "192.0.2.60", "for=9.9.9.9", "unix"), "unix");
    assert_string_equal(address_client(&arena, "unix", "9.9.9.9", "for=_x", "unix"), "unix");
    arena_release(&arena);
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

static void who_has_emptied_his_bucket_does_not_get_a_new_one_among_strangers(void **state)
{
    static const struct bucket_rule rule = {.burst = 50, .per_second = 0.001};
    char name[32];
    (void)state;
    bucket_start();
    while (bucket_take(BUCKET_ANONYMOUS, "flooder", rule) == 0)
        ;
    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof name, "stranger %d", i);
        assert_int_equal(bucket_take(BUCKET_ANONYMOUS, name, rule), 0);
    }
    assert_true(bucket_look(BUCKET_ANONYMOUS, "flooder", rule) > 0);
}

static void a_level_says_what_is_left_and_when_all_is_back(void **state)
{
    static const struct bucket_rule rule = {.burst = 60, .per_second = 0.5};
    (void)state;
    bucket_start();
    assert_int_equal(bucket_level(BUCKET_ANONYMOUS, "somebody", rule).left, 60);
    for (int i = 0; i < 3; i++)
        bucket_take(BUCKET_ANONYMOUS, "somebody", rule);
    struct bucket_level level = bucket_level(BUCKET_ANONYMOUS, "somebody", rule);
    assert_int_equal(level.left, 57);
    assert_int_equal(level.full, 6);
}

static void a_new_key_knows_nobody(void **state)
{
    static const struct bucket_rule rule = {.burst = 1, .per_second = 0.01};
    (void)state;
    bucket_start();
    assert_int_equal(bucket_take(BUCKET_SIGN_IN, "192.0.2.1", rule), 0);
    assert_true(bucket_look(BUCKET_SIGN_IN, "192.0.2.1", rule) > 0);
    bucket_start();
    assert_int_equal(bucket_look(BUCKET_SIGN_IN, "192.0.2.1", rule), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_not_trusted_is_the_client),
        cmocka_unit_test(what_a_client_wrote_itself_is_not_believed),
        cmocka_unit_test(proxies_may_be_named_by_their_network),
        cmocka_unit_test(addresses_are_read_in_every_spelling),
        cmocka_unit_test(forwarded_is_read_as_rfc_7239_writes_it),
        cmocka_unit_test(who_hides_behind_a_proxy_is_the_last_that_can_be_named),
        cmocka_unit_test(no_quote_makes_an_element_out_of_a_value),
        cmocka_unit_test(two_headers_that_name_different_clients_name_none),
        cmocka_unit_test(a_bucket_is_empty_after_its_burst),
        cmocka_unit_test(looking_takes_nothing),
        cmocka_unit_test(many_strangers_cost_no_memory_and_refill_in_time),
        cmocka_unit_test(who_has_emptied_his_bucket_does_not_get_a_new_one_among_strangers),
        cmocka_unit_test(a_level_says_what_is_left_and_when_all_is_back),
        cmocka_unit_test(a_new_key_knows_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
