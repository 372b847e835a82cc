"""Whatever a client sends, the answer is one clean refusal and the daemon lives on."""

import json
import uuid

import pytest

from support.actor import Actor
from support.answer import problem
from support.raw import GOOD

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


@pytest.mark.parametrize("text", ["'; drop table wall.complaint; --", "${jndi:ldap://x}", "<script>alert(1)</script>", "%s%n%x", "\\x00", "\u202e反向", "a" * 9999, "{}", "null", "=cmd|' /C calc'!A0"])
def test_strange_texts_come_back_as_they_were(anonymous, text):
    assert anonymous.files(text)["text"] == text
