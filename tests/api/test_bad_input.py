"""Whatever a client sends, the answer is one clean refusal and the daemon lives on."""

import concurrent.futures
import json
import resource
import socket
import time
import uuid

import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until
from support.world import World

GOOD = {"text": "楼道灯坏了。", "identity": "anonymous", "visibility": "public"}
JSON = {"Content-Type": "application/json"}


def sent(anonymous, body):
    return anonymous.request("POST", "/v1/complaints", body, headers=JSON)


# JSON


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"text": "a"',
        b'{"text": "a",}',
        b"{'text': 'a'}",
        b'{"text": "a"} trailing',
        b'{"text": "\xff\xfe"}',
        b'{"text": "a", "text": "b"}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\udc00 lone"}',
        b'{"text": ' + b"[" * 10000 + b"]" * 10000 + b"}",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"text": NaN}',
    ],
)
def test_broken_json_is_malformed(anonymous, body):
    assert sent(anonymous, body) == problem(400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(anonymous, body):
    assert sent(anonymous, body).status in (400, 422)


@pytest.mark.parametrize("body", [b'{"text": "a\\u0000b"}', b'{"text": "\\u0000"}', b'{"text": "a", "title": "\\u0000"}', b'{"te\\u0000xt": "a"}'])
def test_nul_is_refused(anonymous, body):
    assert sent(anonymous, body).status in (400, 422)


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"text": ""}, "/text"),
        ({"text": "坏" * 10001}, "/text"),
        ({"text": None}, "/text"),
        ({"text": 5}, "/text"),
        ({"text": ["a"]}, "/text"),
        ({"text": {"a": 1}}, "/text"),
        ({"text": "a\x07b"}, "/text"),
        ({"title": ""}, "/title"),
        ({"title": "题" * 121}, "/title"),
        ({"title": "two\nlines"}, "/title"),
        ({"identity": "secret"}, "/identity"),
        ({"identity": 1}, "/identity"),
        ({"visibility": "both"}, "/visibility"),
        ({"latitude": 91, "longitude": 0}, "/latitude"),
        ({"latitude": "31.2", "longitude": 121}, "/latitude"),
        ({"longitude": -181, "latitude": 0}, "/longitude"),
        ({"contact": "13800000000"}, "/contact"),
        ({"contact": {"name": "甲"}, "identity": "named"}, "/contact/phone"),
        ({"contact": {"name": "甲", "phone": "none"}, "identity": "named"}, "/contact/phone"),
        ({"contact": {"name": "甲", "phone": "13800000000", "address": "x"}, "identity": "named"}, "/contact/address"),
        ({"status": "closed"}, "/status"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_each_wrong_member_is_named(anonymous, change, pointer):
    body = {name: value for name, value in {**GOOD, **change}.items()}
    refused = anonymous.post("/v1/complaints", body)
    assert refused == problem(422, "invalid_input")
    assert pointer in [error["pointer"] for error in refused.json["errors"]]
    assert all(error["detail"] for error in refused.json["errors"])


def test_several_wrong_members_are_named_at_once(anonymous):
    refused = anonymous.post("/v1/complaints", {"text": "", "title": "", "nonsense": 1})
    assert {"/text", "/title", "/nonsense"} <= {error["pointer"] for error in refused.json["errors"]}


def test_the_limits_themselves_are_accepted(anonymous):
    assert anonymous.submits("坏" * 10000, title="题" * 120).status == 201
    assert anonymous.submits("𠮷" * 10000, title="𠮷" * 120).status == 201
    assert anonymous.submits("坏").status == 201


def test_bad_input_is_refused_before_anything_of_the_case_is_told(anonymous, stranger, officer):
    complaint = anonymous.files(visibility="private")
    nowhere = f"/v1/complaints/{uuid.uuid4()}"
    for path in (complaint.path, nowhere):
        assert officer.post(f"{path}/answer", {"public_text": ""}) == problem(422, "invalid_input")
        assert officer.post(f"{path}/answer", {"public_text": "已修好。"}) == problem(404, "not_found")


# Ids, versions, queries


@pytest.mark.parametrize("name", ["1", "none", "0198c0de-0000-7000-8000-00000000000", "0198c0de-0000-7000-8000-0000000000000", "%27", "..", "a%2Fb", "'; drop table complaint; --"])
def test_what_is_no_id_is_not_found(anonymous, name):
    assert anonymous.get("/v1/complaints/" + name.replace(" ", "%20")).status in (400, 404)


def test_an_id_of_nothing_is_not_found(anonymous, officer):
    assert anonymous.get(f"/v1/complaints/{uuid.uuid4()}") == problem(404, "not_found")
    assert officer.post(f"/v1/complaints/{uuid.uuid4()}/accept", {}) == problem(404, "not_found")


def test_an_id_of_another_kind_is_not_found(anonymous, department):
    assert anonymous.get(f"/v1/complaints/{department['id']}") == problem(404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=1e2", "limit=", "status=nonsense", "from=yesterday", "to=2026-13-01", "sort=sideways", "unknown=1", "department=physics", "answered=perhaps", "limit=5&limit=6"],
)
def test_a_wrong_query_is_refused(anonymous, query):
    assert anonymous.get("/v1/complaints?" + query).status in (400, 422)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 200, "%00", "ä", "'"])
def test_a_cursor_that_is_not_ours_is_malformed(anonymous, cursor):
    assert anonymous.get("/v1/complaints", {"cursor": cursor}).status in (400, 422)


def test_a_cursor_of_another_list_or_filter_is_malformed(anonymous, officer, world):
    for _ in range(3):
        world.complaint("assigned")
    cursor = anonymous.get("/v1/complaints", {"limit": 2})["next"]
    assert cursor
    assert anonymous.get("/v1/complaints", {"limit": 2, "cursor": cursor}).status == 200
    assert anonymous.get("/v1/complaints", {"limit": 2, "cursor": cursor, "status": "closed"}) == problem(400, "malformed")
    assert officer.get("/v1/desk/unanswered", {"cursor": cursor}) == problem(400, "malformed")
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    assert anonymous.get("/v1/complaints", {"cursor": changed}).status == 400


@pytest.mark.parametrize("version", ["x", '"x"', '"1"', '"-1-0"', '"1-', "W/", '"99999999999999999999-0000000000000000"', '"0-0000000000000000", "7-0000000000000000"'])
def test_a_strange_version_never_fits(world, officer, version):
    assert officer.accepts(world.complaint("assigned"), version=version).status in (412, 400)


# Methods, media types, paths


def test_a_method_that_is_not_offered_says_which_are(anonymous):
    for method in ("PUT", "PATCH", "DELETE"):
        refused = anonymous.request(method, "/v1/complaints")
        assert refused == problem(405, "method_not_allowed")
        assert {"GET", "POST", "HEAD", "OPTIONS"} <= {name.strip() for name in refused.headers["Allow"].split(",")}
    assert anonymous.request("BREW", "/v1/complaints").status in (405, 501)
    assert anonymous.request("get", "/v1/complaints").status in (400, 405, 501)


def test_options_and_head(anonymous):
    options = anonymous.request("OPTIONS", "/v1/complaints")
    assert options.status in (200, 204)
    assert "POST" in options.headers["Allow"]
    head = anonymous.request("HEAD", "/v1/community")
    assert head.status == 200 and head.body == b""


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "nonsense", ""])
def test_a_body_of_another_media_type_is_refused(anonymous, kind):
    refused = anonymous.request("POST", "/v1/complaints", json.dumps(GOOD).encode(), headers={"Content-Type": kind})
    assert refused == problem(415, "unsupported_media_type")


def test_a_compressed_body_is_refused(anonymous):
    refused = anonymous.request("POST", "/v1/complaints", b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"})
    assert refused == problem(415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_may_be_called_so(anonymous, kind):
    assert anonymous.request("POST", "/v1/complaints", json.dumps(GOOD).encode(), headers={"Content-Type": kind}).status == 201


def test_what_is_not_acceptable(anonymous):
    assert anonymous.get("/v1/complaints", headers={"Accept": "image/png"}) == problem(406, "not_acceptable")
    for accepted in ("*/*", "application/*", "text/html, application/json;q=0.5", "application/problem+json, application/json"):
        assert anonymous.get("/v1/complaints", headers={"Accept": accepted}).status == 200


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/nothing", "/v2/complaints", "/v1/complaints/", "//v1/complaints", "/v1/complaints/../community", "/v1/COMPLAINTS"])
def test_an_unknown_path_is_not_found(anonymous, path):
    assert anonymous.get(path).status in (301, 302, 308, 404) or path == "/"


@pytest.mark.parametrize("community", ["nowhere", "", "HOME", "a" * 100, "'"])
def test_an_unknown_community_is_not_found(daemon, community):
    actor = Actor(daemon)
    answer = actor.get("/v1/community", headers={"Community": community})
    assert answer.status in (400, 404, 422)


# Sizes


def test_a_body_of_two_megabytes_is_too_large(anonymous):
    assert sent(anonymous, b'{"text": "' + b"a" * 2_000_000 + b'"}') == problem(413, "too_large")
    assert anonymous.submits().status == 201


def test_256_kib_is_the_limit(anonymous):
    padding = 256 * 1024 - len(json.dumps(GOOD, ensure_ascii=False).encode())
    body = json.dumps(GOOD, ensure_ascii=False).encode()
    assert sent(anonymous, body + b" " * padding).status == 201
    assert sent(anonymous, body + b" " * (padding + 1)) == problem(413, "too_large")


@pytest.mark.parametrize("length", [20_000, 100_000, 1_000_000])
def test_a_long_url_is_refused_cleanly(daemon, length):
    received = daemon.raw(b"GET /v1/complaints?q=" + b"a" * length + b" HTTP/1.1\r\nHost: x\r\n\r\n", pieces=1)
    assert received.startswith(b"HTTP/1.1 4") and received.split()[1] in (b"413", b"414", b"431", b"422"), received[:200]


def test_many_and_long_headers_are_refused_cleanly(daemon):
    many = b"".join(b"X-%d: y\r\n" % number for number in range(5000))
    for headers in (many, b"X-Long: " + b"y" * 200_000 + b"\r\n"):
        received = daemon.raw(b"GET /v1/complaints HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n", pieces=1)
        assert not received or received.split()[1] in (b"400", b"413", b"431"), received[:200]
    assert daemon.ready()[0] == 200


# Smuggling


def post(*lines, body=b"{}"):
    return b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"Content-Length: 2", b"Content-Length: 2"),
        post(b"Content-Length: 2", b"Content-Length: 40"),
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post(b"Content-Length : 2"),
        post(b"Content-Length: 2", b"Host: y"),
        post(b"Content-Length: 2", b"X(Y): z"),
    ],
)
def test_an_ambiguous_request_is_refused_once_and_the_connection_closed(daemon, request_bytes):
    received = daemon.raw(request_bytes + HIDDEN, seconds=5)
    assert received.startswith(b"HTTP/1.1 400"), received[:200]
    assert received.count(b"HTTP/1.1 ") == 1, received


def test_a_request_without_host_is_refused(daemon):
    """By libmicrohttpd itself, which sends its header block twice."""
    received = daemon.raw(b"GET /v1/complaints HTTP/1.1\r\n\r\n" + HIDDEN, seconds=5)
    assert {piece[:3] for piece in received.split(b"HTTP/1.1 ")[1:]} == {b"400"}


@pytest.mark.parametrize("length", [b"-1", b"+5", b"0x5", b"5, 5", b"99999999999999999999"])
def test_a_bad_content_length_is_refused(daemon, length):
    received = daemon.raw(post(b"Content-Length: " + length) + HIDDEN, seconds=5)
    assert received.split()[1] in (b"400", b"413"), received[:200]
    assert b" 404 " not in received


@pytest.mark.parametrize("target", [b"/v1/community%00", b"/v1/comm%00unity", b"/v1/community%0d%0a", b"/v1/community?q=%00", b"/v1/%e4%bd"])
def test_a_target_with_control_characters_is_refused(daemon, target):
    received = daemon.raw(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received.split()[1] in (b"400", b"404", b"422"), received[:200]


def test_requests_in_one_packet_are_answered_in_order(daemon):
    get = b"GET /v1/community HTTP/1.1\r\nHost: x\r\n\r\n"
    body = json.dumps(GOOD).encode()
    mixed = get + post(b"Content-Length: %d" % len(body), body=body) + get + b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = daemon.raw(mixed)
    statuses = [piece[:3] for piece in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"201", b"200", b"404"]


def test_a_chunked_body_is_read(daemon):
    body = json.dumps(GOOD).encode()
    chunks = b"%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n" % (5, body[:5], len(body) - 5, body[5:])
    assert daemon.raw(post(b"Transfer-Encoding: chunked", b"Connection: close", body=chunks)).startswith(b"HTTP/1.1 201")


def test_an_absolute_target_is_understood(daemon):
    assert daemon.raw(b"GET http://x/v1/community HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent_bytes", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 1000, b"GET\r\n\r\n", b"nonsense\r\n\r\n", b"\r\n" * 2000, b"GET /v1/community HTTP/9.9\r\nHost: x\r\n\r\n"])
def test_what_is_no_http_does_no_harm(daemon, sent_bytes):
    daemon.raw(sent_bytes, seconds=1)
    assert daemon.ready()[0] == 200


# Slow and leaving clients


def test_a_body_that_trickles_is_given_up(new_site):
    daemon = new_site().daemon(request_timeout=2, idle_timeout=5)
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(post(b"Content-Length: 200000", body=b""))
        began = time.monotonic()

        def trickle():
            try:
                connection.sendall(b" ")
                connection.settimeout(0.2)
                return connection.recv(1000) is not None
            except socket.timeout:
                return False
            except OSError:
                return True

        until(trickle, 15, "the daemon to give up")
        assert time.monotonic() - began < 12
    assert daemon.ready()[0] == 200


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(daemon, anonymous):
    body = json.dumps({**GOOD, "text": "走了"}).encode()
    for cut in (10, 60, 120, 170, 200):
        whole = post(b"Content-Length: %d" % len(body), body=body)
        with socket.create_connection(("127.0.0.1", daemon.port)) as connection:
            connection.sendall(whole[:cut])
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", daemon.port)) as connection:
            connection.sendall(b"GET /v1/complaints HTTP/1.1\r\nHost: x\r\n\r\n")
    assert anonymous.submits().status == 201


def test_five_thousand_idle_connections_do_not_keep_others_out(new_site):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    daemon = new_site().daemon()
    idle = []
    try:
        for _ in range(5000):
            idle.append(socket.create_connection(("127.0.0.1", daemon.port)))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda _: Actor(daemon).get("/v1/community").status, range(20)))
        assert statuses == [200] * 20
    finally:
        for connection in idle:
            connection.close()
    assert daemon.ready()[0] == 200


# Limits


def test_anonymous_submissions_are_limited_and_say_when_to_come_back(new_site):
    daemon = new_site().daemon(anonymous_burst=5)
    anybody = Actor(daemon)
    statuses = [anybody.submits().status for _ in range(5)]
    refused = [answer for answer in (anybody.submits() for _ in range(5)) if answer.status != 201]
    assert statuses == [201] * 5
    assert refused and refused[0] == problem(429, "too_many_requests")
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60


def test_a_signed_in_caller_is_limited(new_site):
    daemon = new_site().daemon(caller_rate=5)
    admin = World(daemon).admin
    answers = [admin.get("/v1/me") for _ in range(60)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1


def test_every_answer_says_nosniff_and_who_it_was(anonymous):
    for answer in (anonymous.get("/v1/community"), anonymous.get("/v1/nothing"), anonymous.post("/v1/complaints", {})):
        assert answer.status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]
    assert answer.json["instance"].endswith(answer.headers["X-Request-Id"])


def test_a_sane_request_id_is_kept_and_a_strange_one_replaced(resident):
    assert resident.get("/v1/me", headers={"X-Request-Id": "abc-1.2_3"}).headers["X-Request-Id"] == "abc-1.2_3"
    assert resident.get("/v1/me", headers={"X-Request-Id": "a" * 65}).headers["X-Request-Id"] != "a" * 65
    assert resident.get("/v1/me", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"


@pytest.mark.parametrize("text", ["'; drop table wall.complaint; --", "${jndi:ldap://x}", "<script>alert(1)</script>", "%s%n%x", "\\x00", "\u202e反向", "a" * 9999, "{}", "null", "=cmd|' /C calc'!A0"])
def test_strange_texts_come_back_as_they_were(anonymous, text):
    assert anonymous.files(text)["text"] == text
