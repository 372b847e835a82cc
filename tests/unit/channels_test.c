/* How receivers are told: signatures with the vectors of their documentation, what is put into templates, how answers are read. */
#include "key.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include "base/settings.h"
#include "jobs/push.h"

static const char HOOK[] = "0198a000-0000-7000-8000-000000000001";
static struct arena arena;

static void a_webhook_is_signed_as_standard_webhooks_say(void **state)
{
    const char *secrets[] = {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", NULL};
    (void)state;
    assert_string_equal(
        webhook_signatures(&arena, secrets, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1700000000", "{\"type\":\"complaint.created\",\"id\":1}"),
        "v1,PYmhdc/FdD0I7t20Dr9bbWKzUJ0I8yZKS4WEZYSW5V8=");
}

static void while_a_secret_is_rotated_both_sign(void **state)
{
    const char *secrets[] = {"whsec_AQID", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", NULL}, *none[] = {"AQID", NULL};
    const char *both =
        webhook_signatures(&arena, secrets, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1700000000", "{\"type\":\"complaint.created\",\"id\":1}");
    (void)state;
    assert_non_null(strstr(both, " v1,PYmhdc/FdD0I7t20Dr9bbWKzUJ0I8yZKS4WEZYSW5V8="));
    assert_null(webhook_signatures(&arena, none, "msg_1", "1700000000", "{}"));
}

static void dingtalk_is_signed_with_milliseconds_in_the_url(void **state)
{
    (void)state;
    assert_string_equal(dingtalk_signature(&arena, "SECexample0123456789", "1700000000000"),
                        "figG6qqCA%2FlRh0hsGCW2zNtNV5znkAFut5BI0zKhqnQ%3D");
}

static void feishu_is_signed_with_the_text_as_key(void **state)
{
    (void)state;
    assert_string_equal(feishu_signature(&arena, "feishuExampleSecret", "1700000000"), "ZnKZ4g8962WBYxL7aY8K3YJq/LuBTXEuUAU7A10QiOg=");
}

static struct push robot(const char *kind)
{
    return (struct push){.hook = HOOK,
                         .kind = kind,
                         .words = "一\"二",
                         .seconds = "1700000000",
                         .milliseconds = "1700000000000",
                         .address = secret_seal(&arena, HOOK, "{\"token\":\"t&1\"}"),
                         .secret = secret_seal(&arena, HOOK, "{\"secret\":\"SECexample0123456789\"}")};
}

static void each_robot_gets_its_own_form(void **state)
{
    struct letter letter;
    struct push wecom = robot("wecom"), dingtalk = robot("dingtalk"), feishu = robot("feishu");
    (void)state;
    assert_null(channel_of("wecom")->compose(&arena, &wecom, &letter));
    assert_string_equal(letter.url, "https://wecom.test/send?key=t%261");
    assert_string_equal(letter.body, "{\"msgtype\":\"text\",\"text\":{\"content\":\"一\\\"二\"}}");
    assert_null(channel_of("dingtalk")->compose(&arena, &dingtalk, &letter));
    assert_string_equal(letter.url, "https://dingtalk.test/send?access_token=t%261&timestamp=1700000000000"
                                    "&sign=figG6qqCA%2FlRh0hsGCW2zNtNV5znkAFut5BI0zKhqnQ%3D");
    assert_null(channel_of("feishu")->compose(&arena, &feishu, &letter));
    assert_string_equal(letter.url, "https://feishu.test/hook/t%261");
    assert_non_null(
        strstr(letter.body, "\"msg_type\":\"text\",\"content\":{\"text\":\"一\\\"二\"},\"timestamp\":\"1700000000\",\"sign\":\""));
    assert_false(letter.foreign);
}

static void texts_to_groups_and_phones_end_with_the_message_s_number(void **state)
{
    struct letter letter;
    struct push push = robot("wecom");
    (void)state;
    push.message = "msg_home_m7";
    assert_null(channel_of("wecom")->compose(&arena, &push, &letter));
    assert_non_null(strstr(letter.body, "\"content\":\"一\\\"二 #home_m7\""));
}

static const char *judged(const char *kind, long status, const char *body)
{
    return channel_of(kind)->judge(&arena, &(struct answer){.status = status, .body = body});
}

static void the_code_in_the_body_decides_for_robots_and_the_status_for_webhooks(void **state)
{
    (void)state;
    assert_null(judged("wecom", 200, "{\"errcode\":0,\"errmsg\":\"ok\"}"));
    assert_string_equal(judged("wecom", 200, "{\"errcode\":45009,\"errmsg\":\"busy\"}"), "answered 200 with errcode 45009");
    assert_string_equal(judged("dingtalk", 200, "{\"errcode\":130101}"), "answered 200 with errcode 130101");
    assert_string_equal(judged("dingtalk", 200, "<html>"), "answered 200 without errcode");
    assert_null(judged("feishu", 200, "{\"code\":0,\"data\":{},\"msg\":\"success\"}"));
    assert_string_equal(judged("feishu", 200, "{\"code\":9499,\"msg\":\"too many request\"}"), "answered 200 with code 9499");
    assert_string_equal(judged("feishu", 500, "{\"code\":0}"), "answered 500");
    assert_null(judged("webhook", 204, ""));
    assert_string_equal(judged("webhook", 302, ""), "answered 302");
    assert_non_null(channel_of("wecom")->judge(&arena, &(struct answer){.status = 200, .body = "{\"errcode\":0}", .cut = true}));
}

static void what_is_put_into_a_template_stays_what_it_is(void **state)
{
    (void)state;
    assert_string_equal(template_filled(&arena, "{\"to\":\"{phone}\",\"n\":{\"t\":\"{text}\"}}", AS_JSON, "+86138", "a\"b\\c\n{phone}"),
                        "{\"to\":\"+86138\",\"n\":{\"t\":\"a\\\"b\\\\c\\n{phone}\"}}");
    assert_string_equal(template_filled(&arena, "to={phone}&text={text}&x={y", AS_FORM, "+86138", "a&b=c 好"),
                        "to=%2B86138&text=a%26b%3Dc%20%E5%A5%BD&x={y");
}

static void a_short_message_goes_as_the_gateway_wants_it(void **state)
{
    struct letter letter;
    struct push push = {.hook = HOOK, .kind = "sms", .words = "码 {code}。", .sealed_for = "c", .event = "code"};
    (void)state;
    push.sealed = secret_seal(&arena, "c", "{\"phone\":\"13800138000\",\"code\":\"123456\"}");
    settings.sms_url = "https://sms.test/send?to={phone}";
    settings.sms_method = "POST";
    settings.sms_headers = "Authorization: Bearer k|X-A: b";
    settings.sms_body = "{\"text\": \"{text}\"}";
    settings.sms_success = "\"ok\"";
    assert_null(channel_of("sms")->compose(&arena, &push, &letter));
    assert_string_equal(letter.url, "https://sms.test/send?to=13800138000");
    assert_string_equal(letter.body, "{\"text\": \"码 123456。\"}");
    assert_string_equal(letter.headers[0], "Authorization: Bearer k");
    assert_string_equal(letter.headers[1], "X-A: b");
    assert_string_equal(letter.headers[2], "Content-Type: application/json; charset=utf-8");
    assert_null(judged("sms", 200, "{\"state\": \"ok\"}"));
    assert_non_null(judged("sms", 200, "{\"state\": \"no credit\"}"));
    settings.sms_success = NULL;
}

static void mail_is_ascii_and_an_address_cannot_write_headers(void **state)
{
    struct push push = {.hook = HOOK, .message = "msg_home_m7", .date = "Mon, 23 Nov 2026 02:00:00 +0000"};
    (void)state;
    push.words = "【回音壁】诉求 20261123-0001 已答复，请查看并评价。 https://wall.example.cn/complaints/1";
    const char *mail = mail_text(&arena, &push, "wall@example.cn", "li@example.cn");
    assert_non_null(strstr(mail, "Date: Mon, 23 Nov 2026 02:00:00 +0000\r\n"));
    assert_non_null(strstr(mail, "To: <li@example.cn>\r\n"));
    assert_non_null(strstr(mail, "Message-ID: <msg_home_m7.0198a000-0000-7000-8000-000000000001@example.cn>\r\n"));
    assert_non_null(strstr(mail, "\r\nAuto-Submitted: auto-generated\r\n"));
    for (const char *line = mail; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\r\n"), 0, 78);
    for (const char *at = mail; *at; at++)
        assert_true((unsigned char)*at < 128);
    assert_null(mail_text(&arena, &push, "wall@example.cn", "li@example.cn\r\nBcc: all@example.cn"));
    assert_null(mail_text(&arena, &push, "wall@example.cn>", "li@example.cn"));
}

static bool reached(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return network_may_be_reached((struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return network_may_be_reached((struct sockaddr *)&six);
}

static void private_addresses_are_refused_in_every_disguise(void **state)
{
    static const char *const private[] = {
        "127.0.0.1", "0.0.0.0",         "10.1.2.3", "100.64.0.1", "169.254.169.254",  "172.31.255.255", "192.168.1.1",     "198.18.0.1",
        "224.0.0.1", "255.255.255.255", "::",       "::1",        "::ffff:127.0.0.1", "::127.0.0.1",    "64:ff9b::7f00:1", "2002:7f00:1::",
        "2001::1",   "2001:db8::1",     "fc00::1",  "fd12::1",    "fe80::1",          "fec0::1",        "ff02::1",         NULL};
    static const char *const public[] = {"8.8.8.8",        "172.32.0.1",       "100.128.0.1", "2400:3200::1",
                                         "::ffff:8.8.8.8", "64:ff9b::808:808", NULL};
    (void)state;
    assert_true(networks_read(NULL));
    for (const char *const *address = private; *address; address++)
        if (reached(*address))
            fail_msg("%s may be reached", *address);
    for (const char *const *address = public; *address; address++)
        if (!reached(*address))
            fail_msg("%s may not be reached", *address);
}

static void allowed_networks_are_reached_and_nonsense_is_refused(void **state)
{
    (void)state;
    assert_true(networks_read("10.1.0.0/16 fd12::/16"));
    assert_true(reached("10.1.255.255") && reached("fd12:1::1") && reached("::ffff:10.1.0.1"));
    assert_false(reached("10.2.0.1") || reached("fd13::1"));
    assert_false(networks_read("10.1.0.0/33"));
    assert_false(networks_read("localhost"));
}

static int prepare(void **state)
{
    settings.wecom_url = "https://wecom.test/send";
    settings.dingtalk_url = "https://dingtalk.test/send";
    settings.feishu_url = "https://feishu.test/hook";
    return make_key(state);
}

static int clean(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_webhook_is_signed_as_standard_webhooks_say),
        cmocka_unit_test(while_a_secret_is_rotated_both_sign),
        cmocka_unit_test(dingtalk_is_signed_with_milliseconds_in_the_url),
        cmocka_unit_test(feishu_is_signed_with_the_text_as_key),
        cmocka_unit_test(each_robot_gets_its_own_form),
        cmocka_unit_test(texts_to_groups_and_phones_end_with_the_message_s_number),
        cmocka_unit_test(the_code_in_the_body_decides_for_robots_and_the_status_for_webhooks),
        cmocka_unit_test(what_is_put_into_a_template_stays_what_it_is),
        cmocka_unit_test(a_short_message_goes_as_the_gateway_wants_it),
        cmocka_unit_test(mail_is_ascii_and_an_address_cannot_write_headers),
        cmocka_unit_test(private_addresses_are_refused_in_every_disguise),
        cmocka_unit_test(allowed_networks_are_reached_and_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, prepare, clean);
}
