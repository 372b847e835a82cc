"""Sizes, ambiguous and broken HTTP, slow and leaving clients, limits: one clean refusal, and the daemon lives on."""

import concurrent.futures
import json
import resource
import socket
import time

import pytest

from support.actor import Actor
from support.answer import problem
from support.raw import GOOD, post
from support.wait import until
from support.world import World

JSON = {"Content-Type": "application/json"}


def sent(anonymous, body):
    return anonymous.request("POST", "/v1/complaints", body, headers=JSON)


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
    statuses = [admin.get("/v1/me").status for _ in range(60)]
    assert set(statuses) == {200, 429}
    refused = admin.get("/v1/me")
    assert refused == problem(429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) >= 1


def test_every_answer_says_nosniff_and_who_it_was(anonymous):
    for method, path, status in (("GET", "/v1/community", 200), ("GET", "/v1/nothing", 404), ("POST", "/v1/complaints", 422)):
        answer = anonymous.request(method, path)
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"]
    assert answer.json["instance"].endswith(answer.headers["X-Request-Id"])


def test_a_sane_request_id_is_kept_and_a_strange_one_replaced(resident):
    assert resident.get("/v1/me", headers={"X-Request-Id": "abc-1.2_3"}).headers["X-Request-Id"] == "abc-1.2_3"
    assert resident.get("/v1/me", headers={"X-Request-Id": "a" * 65}).headers["X-Request-Id"] != "a" * 65
    assert resident.get("/v1/me", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"
