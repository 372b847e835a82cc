"""HTTP as clients know it: compression, browsers of other origins, HEAD, caching, a drain that loses nothing."""

import gzip
import json
import os
import signal
import socket

import pytest

from support.actor import Actor
from support.answer import problem
from support.raw import GOOD, post
from support.wait import until


def test_texts_are_compressed_for_those_who_take_it(anonymous):
    for _ in range(10):
        anonymous.files("很长的一段话。" * 20)
    plain = anonymous.get("/v1/complaints")
    packed = anonymous.get("/v1/complaints", headers={"Accept-Encoding": "gzip"})
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    refused = anonymous.get("/v1/complaints", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert refused.headers["Content-Encoding"] is None


def test_head_says_what_get_would_say(anonymous):
    complaint = anonymous.files()
    get = anonymous.get(complaint.path)
    head = anonymous.request("HEAD", complaint.path)
    assert head.status == 200 and head.body == b""
    for name in ("Content-Type", "ETag", "Content-Length"):
        assert head.headers[name] == get.headers[name], name


@pytest.fixture(scope="module")
def open_daemon(site):
    return site.daemon(cors_origins="https://wall.example https://app.example")


def test_configured_origins_may_call(open_daemon):
    browser = Actor(open_daemon)
    for path, status in (("/v1/community", 200), ("/v1/nothing", 404)):
        answer = browser.get(path, headers={"Origin": "https://app.example"})
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert "Origin" in answer.headers["Vary"]
        assert {"ETag", "Location", "Retry-After", "Link"} <= {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}


def test_a_preflight_says_what_is_allowed(open_daemon):
    asked = {"Origin": "https://wall.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "receipt, content-type"}
    answer = Actor(open_daemon).request("OPTIONS", "/v1/complaints", headers=asked)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://wall.example"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("receipt", "content-type", "authorization", "idempotency-key", "if-match"))
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_other_origins_are_told_nothing(open_daemon, daemon):
    for one in (open_daemon, daemon):
        answer = Actor(one).get("/v1/community", headers={"Origin": "https://evil.example"})
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_a_drain_ends_what_was_begun(new_site):
    """Whoever asks is told 503 or finds nobody listening, the request in flight is answered, then the daemon ends."""
    daemon = new_site().daemon(drain_timeout=20)
    body = json.dumps(GOOD).encode()
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(post(b"Content-Length: %d" % len(body), b"Connection: close", body=body[:10]))
        assert daemon.is_ready()
        os.kill(daemon.process.pid, signal.SIGTERM)
        until(lambda: daemon.ready()[0] in (0, 503), 10, "readyz to turn")
        connection.sendall(body[10:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 201")
    assert daemon.process.wait(30) == 0


def test_a_client_that_never_ends_does_not_hold_up_the_stop(new_site):
    daemon = new_site().daemon(drain_timeout=1)
    with socket.create_connection(("127.0.0.1", daemon.port)) as connection:
        connection.sendall(post(b"Content-Length: 1000", body=b"{"))
        assert Actor(daemon).get("/readyz").status == 200
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(15) == 0


def test_an_unknown_time_zone_stops_the_first_start(new_site):
    daemon = new_site().daemon(start=False, time_zone="Asia/Nowhere")
    daemon.start(wait=False)
    process, daemon.process = daemon.process, None
    assert process.wait(30) == 1
    assert daemon.said().strip() or daemon.printed().strip()


def test_ids_in_thousands_are_a_clean_answer(anonymous):
    many = ",".join(["0198c0de-0000-7000-8000-000000000000"] * 2000)
    assert anonymous.get(f"/v1/complaints?department={many}").status in (414, 422)


def test_an_answer_with_the_same_version_of_another_receipt_is_not_shared(anonymous):
    complaint = anonymous.files()
    mine = anonymous.looks_at(complaint)
    public = anonymous.get(complaint.path)
    assert mine.etag != public.etag
    assert anonymous.get(complaint.path, headers={"If-None-Match": mine.etag}).status == 200
    assert anonymous.get(complaint.path, headers={"If-None-Match": "*"}).status == 304


def test_problems_are_titled_in_chinese_for_those_who_prefer_it(anonymous):
    refused = anonymous.get("/v1/nothing", headers={"Accept-Language": "zh-CN, zh;q=0.9, en;q=0.5"})
    assert refused == problem(404, "not_found")
    assert refused.json["title"] == "未找到，或您无权查看"
