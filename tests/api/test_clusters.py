"""Clusters: complaints about the same matter are linked when they come in; a dispatcher confirms or parts them."""

import itertools

import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until

MATTERS = itertools.cycle(["泉星公园南门路灯", "丽发搅拌站噪音", "时代年华外墙渗漏", "凉塘老街积水", "领东汇棋牌室扰民", "海外滩高铁隔音墙", "云庭车库闸机", "老地方美食城油烟"])


@pytest.fixture
def matter():
    """Words that no other test says."""
    return next(MATTERS)


def texts(matter):
    return (
        {"title": f"{matter}问题没人管", "text": f"{matter}的问题反映多次，一直没有人来处理。"},
        {"title": f"反映{matter}问题", "text": f"{matter}已经半年了，居民苦不堪言，请尽快处理。"},
        {"title": f"{matter}何时解决", "text": f"请问{matter}到底什么时候能解决？"},
    )


@pytest.fixture
def files(world, db):
    """Files in order, each placed before the next one comes."""

    def file(body, reporter=None, **more):
        complaint = (reporter or Actor(world.daemon)).files(**{"category": "other", **body, **more})
        until(lambda: db.value("select count(*) from likeness_new") == 0, 20, "it to be placed")
        return complaint

    return file


def cluster_of(dispatcher, complaint):
    return dispatcher.sees(complaint)["cluster"]


def detail(dispatcher, cluster):
    response = dispatcher.get(f"/v1/clusters/{cluster['id']}")
    assert response.status == 200, response
    return response.json


def members(shown):
    return [(member["id"], member["confirmed"]) for member in shown["members"]]


def decides(actor, cluster, what, complaint=None):
    return actor.post(f"/v1/clusters/{cluster['id']}/{what}", {"complaint": complaint.id} if complaint else {})


def test_complaints_about_the_same_matter_are_proposed_as_a_cluster(files, dispatcher, matter):
    one, two, three = (files(body) for body in texts(matter))
    cluster = cluster_of(dispatcher, one)
    assert cluster["confirmed"] is False
    assert cluster_of(dispatcher, two)["id"] == cluster_of(dispatcher, three)["id"] == cluster["id"]
    shown = detail(dispatcher, cluster)
    assert members(shown) == [(one.id, False), (two.id, False), (three.id, False)]
    assert (shown["complaints"], shown["proposed"], shown["reporters"]) == (3, 3, 3)
    assert [(link["act"], link["by"]) for link in shown["links"]] == [("proposed", None)] * 3
    assert all(link["likeness"] >= 0.3 for link in shown["links"])


def test_what_is_about_something_else_is_in_no_cluster(files, dispatcher):
    assert cluster_of(dispatcher, files({"text": "幼儿园滑梯螺丝松动"})) is None


def test_private_ones_are_linked_too_and_nobody_outside_hears_of_it(files, dispatcher, stranger, matter):
    one, two, _ = texts(matter)
    public, private = files(one), files(two, visibility="private")
    assert cluster_of(dispatcher, private)["id"] == cluster_of(dispatcher, public)["id"]
    assert "cluster" not in stranger.get(public.path).json
    assert "cluster" not in public.shown


def test_links_reach_back_thirty_days(files, dispatcher, matter, clock):
    one, two, three = texts(matter)
    old = files(one)
    clock.advance(days=29)
    assert cluster_of(dispatcher, files(two)) == cluster_of(dispatcher, old) is not None
    clock.advance(days=31)
    assert cluster_of(dispatcher, files(three)) is None


def test_a_dispatcher_confirms_what_is_proposed(files, dispatcher, matter):
    one, two, three = texts(matter)
    first, second = files(one), files(two)
    cluster = cluster_of(dispatcher, first)
    shown = decides(dispatcher, cluster, "confirm").json
    assert members(shown) == [(first.id, True), (second.id, True)] and shown["proposed"] == 0
    third = files(three)
    assert members(detail(dispatcher, cluster))[-1] == (third.id, False)
    assert [link["act"] for link in detail(dispatcher, cluster)["links"]] == ["proposed", "proposed", "confirmed", "confirmed", "proposed"]
    assert detail(dispatcher, cluster)["links"][2]["by"] == dispatcher.id


def test_what_is_decided_is_decided_of_what_was_seen(files, dispatcher, matter):
    path = f"/v1/clusters/{[cluster_of(dispatcher, one) for one in [files(body) for body in texts(matter)]][0]['id']}"
    seen = dispatcher.get(path).etag
    assert dispatcher.get(path, headers={"If-None-Match": seen}).status == 304
    confirmed = dispatcher.post(path + "/confirm", {}, headers={"If-Match": seen})
    assert confirmed.status == 200 and confirmed.etag == dispatcher.get(path).etag != seen
    assert dispatcher.post(path + "/part", {}, headers={"If-Match": seen}) == problem(412, "changed_meanwhile")


def test_a_dispatcher_parts_what_does_not_belong(files, dispatcher, matter):
    one, two, three = (files(body) for body in texts(matter))
    cluster = cluster_of(dispatcher, one)
    assert members(decides(dispatcher, cluster, "part", two).json) == [(one.id, False), (three.id, False)]
    assert cluster_of(dispatcher, two) is None
    assert decides(dispatcher, cluster, "part", two) == problem(422, "invalid_input")
    assert members(decides(dispatcher, cluster, "part", one).json) == []
    assert cluster_of(dispatcher, three) is None


def test_a_dispatcher_brings_one_in_by_hand_from_wherever_it_was(files, dispatcher, matter):
    one, two, three = (files(body) for body in texts(matter))
    other = files({"text": f"别的事情：雨棚破损{matter[::-1]}"})
    cluster = cluster_of(dispatcher, one)
    assert members(decides(dispatcher, cluster, "confirm", other).json)[-1] == (other.id, True)
    assert decides(dispatcher, cluster, "confirm", other)["complaints"] == 4
    assert [three.id, two.id] == [three.id, two.id]


def test_only_dispatchers_decide_and_supervisors_read(files, dispatcher, supervisor, officer, resident, stranger, matter):
    one, two, _ = texts(matter)
    cluster = cluster_of(dispatcher, [files(one), files(two)][0])
    assert supervisor.get(f"/v1/clusters/{cluster['id']}").status == 200
    assert decides(supervisor, cluster, "confirm") == problem(403, "not_permitted")
    assert officer.get("/v1/clusters") == problem(403, "not_permitted")
    assert resident.get("/v1/clusters") == problem(403, "not_permitted")
    assert stranger.get("/v1/clusters") == problem(401, "not_signed_in")
    assert dispatcher.get("/v1/clusters/0198c0de-0000-7000-8000-000000000000") == problem(404, "not_found")


def test_the_list_shows_the_newest_first_and_those_to_look_at(files, dispatcher, matter, clock):
    one, two, _ = texts(matter)
    clock.advance(seconds=1)
    first = files(one)
    files(two)
    cluster = cluster_of(dispatcher, first)
    assert dispatcher.items("/v1/clusters")[0]["id"] == cluster["id"]
    assert dispatcher.items("/v1/clusters", {"limit": 1})[0]["title"] == one["title"]
    decides(dispatcher, cluster, "confirm")
    assert cluster["id"] not in [item["id"] for item in dispatcher.items("/v1/clusters", {"proposed": "true"})]
    assert cluster["id"] in [item["id"] for item in dispatcher.items("/v1/clusters", {"proposed": "false"})]


def test_reporters_are_people_not_complaints(files, world, dispatcher, matter, db, clock):
    one, two, three = texts(matter)
    resident = world.new_resident()
    first = files(one, reporter=resident, identity="named")
    files(two, reporter=resident, identity="named")
    files(three, identity="named", contact={"name": "李强", "phone": resident.phone})
    cluster = cluster_of(dispatcher, first)
    assert cluster["reporters"] == 1
    clock.advance(days=3)
    files(one)
    files(two)
    assert cluster_of(dispatcher, first)["reporters"] == 3
    since = "select cluster_reporters('home', %s, %s::timestamptz - interval '2 days')"
    assert db.value(since, cluster["id"], clock.now) == 2


def test_merging_a_cluster_keeps_everybodys_rights(files, world, dispatcher, matter, clock, db):
    """All hear the reply, all may rate, none loses the deadline."""
    one, two, _ = texts(matter)
    resident = world.new_resident()
    master, follower = files(one), files(two, reporter=resident, identity="named")
    ours, theirs = world.new_resident().joins_in(master), Actor(world.daemon).joins_in(follower)
    due = follower["reply_due"]
    dispatcher.assigns(master, world.department)
    dispatcher.merges(follower, master)
    assert follower["reply_due"] == due
    clock.advance(hours=1)
    world.officer.answers(master, "统一处理完毕。")
    assert follower["first_reply"] == clock.now
    told = db.all("select complaint::text, audience from outbox where at = %s and audience in ('reporter', 'supporter')", clock.now)
    assert sorted(told) == sorted([(master.id, "supporter"), (follower.id, "reporter")])
    for who, complaint in ((master.reporter, master), (resident, follower), (ours.reporter, ours), (theirs.reporter, theirs)):
        assert [reply["public_text"] for reply in who.sees(complaint)["replies"]] == ["统一处理完毕。"]
        assert who.rates(complaint, 4).status == 201
    assert cluster_of(dispatcher, follower)["id"] == cluster_of(dispatcher, master)["id"]


def test_those_that_come_in_together_are_one_cluster_and_count_only_what_stands(anonymous, dispatcher, db):
    """A burst is what the list of concentrated matters is for: it is placed in one turn of the clock."""
    lamp = "六号楼二单元三层楼道的声控灯坏了很久，晚上老人上下楼看不见台阶"
    db.all("select pg_advisory_lock(311, 8)")  # nothing is placed meanwhile
    burst = [anonymous.files(lamp + end, category="other") for end in ("，请尽快修理", "，太黑了", "，请尽快修理", "，太黑了", "，谢谢")]
    db.all("select pg_advisory_unlock(311, 8)")
    until(lambda: db.value("select count(*) from likeness_new") == 0, 20, "them to be placed")
    cluster = cluster_of(dispatcher, burst[0])
    assert {cluster_of(dispatcher, complaint)["id"] for complaint in burst} == {cluster["id"]}
    assert cluster["reporters"] == 5
    assert dispatcher.rejects(burst[0], reason="spam").status == 200
    assert anonymous.withdraws(burst[1])["status"] == "withdrawn"
    assert cluster_of(dispatcher, burst[2])["reporters"] == 3
