"""Webhooks: what follows the events arrives once and in order, whatever the receiver does."""

import json
import threading

import pytest

from support.actor import Actor
from support.answer import problem
from support.receivers import Receiver, deliveries, make_certificates
from support.wait import until
from support.world import World

LOCAL = {"push_networks": "127.0.0.0/8", "push_timeout": 2}


@pytest.fixture(scope="module")
def site(new_module_site):
    """With a daemon that may call this machine, checks certificates by an authority of the tests, and gives up after a second."""
    site = new_module_site()
    site.authority, site.certificate = make_certificates(site.folder)
    site.daemon(**LOCAL, ca_file=site.authority)
    return site


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.end()


@pytest.fixture
def hooks(admin, db):
    """Makes webhooks; in the end they are forgotten, so that no test hears of another's events."""
    made = []
    settled_all = "select coalesce((select xid < rules.stream_settled() from event order by xid desc limit 1), true)"
    until(lambda: db.value(settled_all), 60, "the events before to be settled")

    def make(url, **more):
        answer = admin.post("/v1/hooks", {"name": "test", "url": url, **more})
        assert answer.status == 201, answer
        made.append(answer["id"])
        return answer.json

    yield make
    for hook in made:
        assert admin.delete(f"/v1/hooks/{hook}").status in (204, 404)


def settled(admin, hook, count=1):
    """When so many deliveries have been tried and settled."""

    def look():
        found = deliveries(admin, hook)
        done = [one for one in found if one["state"] != "pending" or one["failure"]]
        return found if len(done) >= count else None

    return until(look, 60, f"{count} settled deliveries of {hook['name']}")


def told(world):
    """The lines of the file channel."""
    return [json.loads(line) for line in world.daemon.outbox.read_text().splitlines()]


def test_a_webhook_hears_of_every_event_signed_and_in_order(world, admin, receiver, hooks, officer):
    hook = hooks(receiver.url("/hear?from=wall"))
    complaint = world.complaint("assigned")
    officer.answers(complaint)
    came = receiver.waits_for(3)
    assert [one.json["type"] for one in came] == ["complaint.submit", "complaint.assign", "complaint.answer"]
    assert all(one.is_signed_by(hook["secret"]) for one in came)
    assert len({one.id for one in came}) == 3
    last = came[2].json
    assert last["data"]["complaint"] == complaint.id and last["data"]["status"] == "answered" and last["data"]["number"] == complaint.number
    assert last["timestamp"] == last["data"]["at"]
    assert came[0].path == "/hear" and came[0].query == {"from": "wall"}
    assert came[0].headers["Content-Type"].startswith("application/json")
    assert "楼道灯" not in came[0].body.decode() and "已派人" not in came[2].body.decode()
    done = settled(admin, hook, 3)
    assert [(one["event"], one["state"], one["tries"]) for one in done] == [("submit", "sent", 1), ("assign", "sent", 1), ("answer", "sent", 1)]
    assert [one["message"] for one in done] == [one.id for one in came]


def test_a_webhook_hears_only_what_it_asked_for(world, admin, receiver, hooks, officer):
    hooks(receiver.url(), events=["answer"])
    officer.answers(world.complaint("assigned"))
    assert [one.json["type"] for one in receiver.waits_for(1)] == ["complaint.answer"]
    receiver.stays_at(1, 0.4)


def test_a_secret_is_shown_once_and_both_sign_while_it_is_rotated(world, admin, receiver, hooks, clock, db):
    hook = hooks(receiver.url(), events=["submit"])
    assert hook["secret"].startswith("whsec_")
    assert "secret" not in admin.get(f"/v1/hooks/{hook['id']}").json
    newer = admin.post(f"/v1/hooks/{hook['id']}/rotate", {"overlap": 2})
    assert newer.status == 200 and newer["secret"] != hook["secret"] and newer["old_secret_until"] == clock.after(hours=2)
    world.anonymous.files()
    (first,) = receiver.waits_for(1)
    assert first.is_signed_by(newer["secret"]) and first.is_signed_by(hook["secret"])
    clock.advance(hours=3)
    world.anonymous.files()
    second = receiver.waits_for(2)[1]
    assert second.is_signed_by(newer["secret"]) and not second.is_signed_by(hook["secret"])
    kept = db.value("select secret from hook where hook = %s", hook["id"])
    assert newer["secret"].encode() not in bytes(kept)


def test_what_arrives_while_the_clock_is_set_has_arrived(new_site, receiver):
    site, answers = new_site(), threading.Event()
    town = World(site.daemon(**{**LOCAL, "push_timeout": 30}))
    hook = town.admin.post("/v1/hooks", {"name": "test", "url": receiver.url(), "events": ["submit"]})
    receiver.behave = lambda handler, came: answers.wait(20) and handler.answer(200, b"ok")
    town.anonymous.files()
    receiver.waits_for(1)
    site.clock.advance(hours=3)  # the lease of what is under way is over
    until(lambda: deliveries(town.admin, hook)[0]["tries"] == 2, 10, "the delivery to be claimed again")
    answers.set()
    until(lambda: deliveries(town.admin, hook)[0]["state"] == "sent", 10, "the delivery to be settled")
    town.anonymous.files()
    assert len({one.id for one in receiver.waits_for(2)}) == 2


def test_a_refusal_is_tried_again_later_each_time_with_the_same_id_until_it_is_dead(world, admin, receiver, hooks, clock):
    receiver.behave = receiver.with_status(500)
    hook = hooks(receiver.url(), events=["submit"])
    world.anonymous.files()
    pauses = [dict(minutes=1), dict(minutes=5), dict(minutes=30), dict(hours=2), dict(hours=6), dict(hours=12), dict(hours=24), dict(hours=24)]
    for tries, pause in enumerate(pauses, 1):
        receiver.waits_for(tries)
        (one,) = settled(admin, hook)
        until(lambda: deliveries(admin, hook)[0]["next_try"] == clock.after(**pause), 10, "the pause to be as long as promised")
        (one,) = deliveries(admin, hook)
        assert (one["state"], one["tries"], one["failure"]) == ("pending", tries, "answered 500")
        clock.advance(**pause)
    came = receiver.waits_for(9)
    until(lambda: deliveries(admin, hook)[0]["state"] == "dead", 10, "the delivery to be dead")
    assert len({one.id for one in came}) == 1 and len({one.body for one in came}) == 1
    seen = admin.get(f"/v1/hooks/{hook['id']}").json
    assert not seen["active"] and seen["disabled"] == clock.now
    until(lambda: any(line["event"] == "hook_disabled" and line["hook_id"] == hook["id"] for line in told(world)), 10, "the admins to be told")
    assert 'echo_wall_dead_letters{community="home",channel="webhook"} 1' in world.anonymous.get("/metrics", headers={"Accept": "*/*"}).text


def test_a_disabled_webhook_goes_on_where_it_stopped_when_it_is_enabled(world, admin, receiver, hooks):
    receiver.behave = receiver.with_status(410)
    hook = hooks(receiver.url(), events=["submit"])
    first = world.anonymous.files()
    receiver.waits_for(1)
    until(lambda: not admin.get(f"/v1/hooks/{hook['id']}").json["active"], 10, "who is gone to be disabled at once")
    second = world.anonymous.files()
    receiver.stays_at(1, 0.4)
    receiver.behave = receiver.with_status(204, b"")
    assert admin.patch(f"/v1/hooks/{hook['id']}", {"active": True})["disabled"] is None
    assert receiver.waits_for(2)[1].json["data"]["complaint"] == second.id
    dead = deliveries(admin, hook, state="dead")
    assert [one["complaint"] for one in dead] == [first.id]
    again = admin.post(f"/v1/hooks/{hook['id']}/deliveries/{dead[0]['id']}/redeliver")
    assert again.status == 202
    came = receiver.waits_for(3)
    assert came[2].id == came[0].id and came[2].body == came[0].body


def test_a_later_message_waits_while_an_earlier_one_is_undelivered(world, admin, receiver, hooks, clock):
    receiver.behave = receiver.with_status(503)
    hook = hooks(receiver.url(), events=["submit"])
    ids = [world.anonymous.files().id for _ in range(3)]
    receiver.waits_for(1)
    settled(admin, hook)
    receiver.stays_at(1)
    receiver.behave = receiver.with_status(200)
    clock.advance(minutes=1)
    came = receiver.waits_for(4)
    assert [one.json["data"]["complaint"] for one in came] == [ids[0], *ids]


def test_a_receiver_that_says_when_is_left_alone_until_then(world, admin, receiver, hooks, clock):
    receiver.behave = receiver.with_status(429, Retry_After="600")
    hook = hooks(receiver.url(), events=["submit"])
    world.anonymous.files()
    (one,) = settled(admin, hook)
    assert one["next_try"] == clock.after(seconds=600)


def test_a_receiver_that_never_answers_stops_nobody_else(world, admin, receiver, hooks):
    silent = Receiver()
    silent.behave = silent.hangs
    slow = hooks(silent.url(), events=["submit"])
    hooks(receiver.url(), events=["submit"])
    for _ in range(3):
        world.anonymous.files()
    receiver.waits_for(3)
    (first, *_) = settled(admin, slow)
    assert first["failure"] == "Timeout was reached" and len(silent.came) == 1
    silent.end()


def test_an_answer_of_100_mb_is_cut(world, admin, receiver, hooks):
    receiver.behave = receiver.floods
    hook = hooks(receiver.url(), events=["submit"])
    world.anonymous.files()
    (one,) = settled(admin, hook)
    assert one["state"] == "sent" and receiver.flooded < 20 * 2**20


def test_a_redirect_is_not_followed(world, admin, receiver, hooks):
    elsewhere = Receiver()
    receiver.behave = receiver.with_status(302, Location=elsewhere.url("/secret"))
    hook = hooks(receiver.url(), events=["submit"])
    world.anonymous.files()
    (one,) = settled(admin, hook)
    assert (one["state"], one["failure"]) == ("pending", "answered 302")
    assert elsewhere.came == []
    elsewhere.end()


def test_a_certificate_must_be_of_the_receiver(world, admin, site, hooks):
    secure = Receiver(site.certificate)
    right, wrong = hooks(secure.url(), events=["submit"]), hooks(secure.url(host="localhost"), events=["submit"])
    world.anonymous.files()
    assert settled(admin, right)[0]["state"] == "sent"
    (one,) = settled(admin, wrong)
    assert one["state"] == "pending" and "certificate" in one["failure"].lower()
    assert len(secure.came) == 1
    secure.end()


def test_private_addresses_are_refused_unless_allowed(new_site, receiver):
    site = new_site()
    daemon = site.daemon(push_timeout=1, push_networks="192.0.2.0/24")
    world = World(daemon)
    hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]
    made = [world.admin.post("/v1/hooks", {"name": host, "url": receiver.url(host=host), "events": ["submit"]}).json for host in hosts]
    world.anonymous.files()
    for hook in made:
        (one,) = settled(world.admin, hook)
        assert one["failure"] in ("its address is private", "Couldn't connect to server"), (hook["url"], one)
    assert receiver.came == []
    assert "127.0.0.1:" not in daemon.said().split("listening")[1].split("\n", 1)[1]


def test_events_are_replayed_from_a_cursor_with_the_same_ids(world, admin, receiver, hooks):
    hook = hooks(receiver.url(), events=["submit"])
    begin = hook["cursor"]
    for _ in range(3):
        world.anonymous.files()
    came = receiver.waits_for(3)
    place = came[0].json["data"]["cursor"]
    assert admin.post(f"/v1/hooks/{hook['id']}/replay", {"from": place}).status == 202
    again = receiver.waits_for(5)[3:]
    assert [one.id for one in again] == [one.id for one in came[1:]]
    assert [one.body for one in again] == [one.body for one in came[1:]]
    assert admin.post(f"/v1/hooks/{hook['id']}/replay", {"from": begin}).status == 202
    assert [one.id for one in receiver.waits_for(8)[5:]] == [one.id for one in came]
    assert admin.post(f"/v1/hooks/{hook['id']}/replay", {"from": "yesterday"}) == problem(422, "invalid_input")
    assert admin.post(f"/v1/hooks/{hook['id']}/replay", {"from": "99999999999-1"}) == problem(422, "invalid_input")


def test_an_event_that_commits_late_is_not_skipped_and_who_only_reads_holds_none_back(world, receiver, hooks, cluster, site):
    """A transaction that began earlier and ends later holds back what came after it, unless it never writes: a dump, a long report."""
    hooks(receiver.url(), events=["submit"])
    dump, slow = cluster.connect(site.name), cluster.connect(site.name)
    for connection, statement in ((dump, "select count(*) from wall.event"), (slow, "select pg_current_xact_id()")):
        connection.set_session(isolation_level="repeatable read", autocommit=False)
        connection.cursor().execute(statement)
    world.anonymous.files()
    receiver.stays_at(0)
    slow.commit()
    receiver.waits_for(1)
    dump.close()
    slow.close()


def test_the_stream_goes_on_in_another_cluster(new_site, receiver, cluster):
    """As after a dump was restored: the transactions there count from the beginning."""
    site = new_site()
    daemon = site.daemon(**LOCAL)
    world = World(daemon)
    hook = world.admin.post("/v1/hooks", {"name": "moves", "url": receiver.url(), "events": ["submit"]}).json
    world.anonymous.files()
    receiver.waits_for(1)
    settled(world.admin, hook)
    daemon.stop()
    elsewhere = cluster.connect(site.name)
    with elsewhere.cursor() as cursor:
        for table in ("event", "hook"):
            cursor.execute(f"update wall.{table} set xid = (xid::text::bigint + 1000000)::text::xid8 where xid is not null")
        cursor.execute("update wall.stream set cluster = 1")
    elsewhere.close()
    daemon.start()
    site.clock.wait()
    second = world.anonymous.files()
    assert receiver.waits_for(2)[1].json["data"]["complaint"] == second.id
    receiver.stays_at(2, 0.4)


def test_two_daemons_deliver_each_message_once(new_site, receiver):
    site = new_site()
    first = site.daemon(**LOCAL)
    world = World(first)
    site.daemon(**LOCAL)
    hook = world.admin.post("/v1/hooks", {"name": "both", "url": receiver.url(), "events": ["submit"]}).json
    ids = [world.anonymous.files().id for _ in range(30)]
    came = receiver.waits_for(30)
    receiver.stays_at(30, 0.4)
    assert [one.json["data"]["complaint"] for one in came] == ids
    assert [one["tries"] for one in settled(world.admin, hook, 30)] == [1] * 30


def test_a_crash_between_sending_and_settling_repeats_with_the_same_id(new_site, receiver):
    site = new_site()
    daemon = site.daemon(push_networks="127.0.0.0/8", push_timeout=30)
    world = World(daemon)
    receiver.behave = receiver.hangs
    hook = world.admin.post("/v1/hooks", {"name": "crash", "url": receiver.url(), "events": ["submit"]}).json
    world.anonymous.files()
    receiver.waits_for(1)
    daemon.kill()
    receiver.released.set()
    receiver.behave = receiver.with_status(200)
    daemon.start()
    site.clock.wait()
    receiver.stays_at(1, 0.6)
    site.clock.advance(minutes=1)
    came = receiver.waits_for(2)
    assert came[0].id == came[1].id and came[0].body == came[1].body and came[1].is_signed_by(hook["secret"])
    assert settled(world.admin, hook)[0]["tries"] == 2


def test_hooks_are_the_admins_alone(world, receiver, hooks, officer, resident):
    hook = hooks(receiver.url(), events=["submit"])
    path = f"/v1/hooks/{hook['id']}"
    for actor in (officer, resident):
        for method, place in (("GET", "/v1/hooks"), ("GET", path), ("GET", path + "/deliveries"), ("POST", path + "/rotate"), ("DELETE", path)):
            assert actor.request(method, place) == problem(403, "not_permitted")
    assert Actor(world.daemon).get("/v1/hooks") == problem(401, "not_signed_in")


def test_what_cannot_be_a_webhook_is_refused(admin):
    for url in ("ftp://example.cn/", "https://", "http://user@example.cn/", "https://example.cn/ x", "example.cn", "http://:80/"):
        assert admin.post("/v1/hooks", {"name": "x", "url": url}) == problem(422, "invalid_input"), url
    assert admin.post("/v1/hooks", {"name": "x", "url": "https://example.cn/", "events": ["answers"]}) == problem(422, "invalid_input")


def test_hooks_are_listed_shown_changed_and_forgotten(admin, hooks, receiver):
    made = [hooks(receiver.url(f"/{n}"), events=["breach"]) for n in range(3)]
    listed = admin.items("/v1/hooks", {"limit": 2})
    assert [one["id"] for one in listed[:3]] == [one["id"] for one in made[::-1]]
    path = f"/v1/hooks/{made[0]['id']}"
    changed = admin.patch(path, {"name": "renamed", "events": [], "active": False})
    assert (changed["name"], changed["events"], changed["active"]) == ("renamed", [], False)
    assert admin.delete(path).status == 204
    assert admin.get(path) == problem(404, "not_found")
    assert admin.get(path + "/deliveries") == problem(404, "not_found")


def test_a_repeated_request_for_a_webhook_shows_the_same_secret(admin, receiver):
    body = {"name": "once", "url": receiver.url(), "events": ["breach"]}
    first = admin.post("/v1/hooks", body, headers={"Idempotency-Key": "hook-1"}).json
    again = admin.post("/v1/hooks", body, headers={"Idempotency-Key": "hook-1"}).json
    assert first == again
    assert admin.delete(f"/v1/hooks/{first['id']}").status == 204
