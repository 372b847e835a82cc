"""Supervision lists: what is late, repeated, concentrated, stuck, on the books, hollow; each hit with the rules and the facts that made it."""

import itertools

import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until

LISTS = ["overdue", "repeated", "concentrated", "stuck", "ledgered", "hollow"]
serial = itertools.count(1)


def hits(actor, named):
    return actor.items(f"/v1/supervision/lists/{named}", {"limit": 100})


def rules(actor, named, complaint):
    """The facts of each rule that fired for this complaint."""
    found = [hit for hit in hits(actor, named) if hit["complaint"] and hit["complaint"]["id"] == complaint.id]
    return {rule["rule"]: rule["facts"] for hit in found for rule in hit["rules"]}


@pytest.fixture
def building(admin):
    code = f"L{next(serial)}"
    assert admin.post("/v1/buildings", {"code": code, "name": f"{code} 号楼"}).status == 201
    return code


@pytest.mark.parametrize("named", LISTS)
def test_the_lists_are_the_working_groups(dispatcher, supervisor, officer, visitor, resident, stranger, named):
    path = f"/v1/supervision/lists/{named}"
    assert dispatcher.get(path).status == supervisor.get(path).status == 200
    for actor in (officer, visitor, resident):
        assert actor.get(path) == problem(403, "not_permitted")
    assert stranger.get(path) == problem(401, "not_signed_in")


def test_there_are_no_other_lists(supervisor):
    assert supervisor.get("/v1/supervision/lists/nothing") == problem(404, "not_found")


def test_what_is_late_is_overdue_until_it_is_answered(world, supervisor, officer, clock):
    complaint = world.complaint("assigned")
    due = complaint["reply_due"]
    assert rules(supervisor, "overdue", complaint) == {}
    clock.advance(hours=25)
    facts = rules(supervisor, "overdue", complaint)["overdue"]
    assert (facts["due"], facts["seconds"]) == (due, 3600) and facts["reminders"] >= 2
    officer.answers(complaint)
    assert rules(supervisor, "overdue", complaint) == {}


def test_the_most_overdue_come_first_and_pages_hold_them_all(world, supervisor, clock):
    for _ in range(3):
        world.complaint("assigned")
        clock.advance(minutes=1)
    clock.advance(hours=24)
    whole = [hit["complaint"]["id"] for hit in hits(supervisor, "overdue")]
    paged = [hit["complaint"]["id"] for hit in supervisor.items("/v1/supervision/lists/overdue", {"limit": 1})]
    assert paged == whole and len(whole) >= 3
    assert [hit["since"] for hit in hits(supervisor, "overdue")] == sorted(hit["since"] for hit in hits(supervisor, "overdue"))


def test_a_reporter_who_comes_again_within_thirty_days_is_repeated_and_not_named(world, supervisor, resident, clock):
    first = resident.files(identity="named")
    assert "same_reporter" not in rules(supervisor, "repeated", first)
    clock.advance(days=20)
    second = resident.files(identity="masked")
    by_phone = Actor(world.daemon).files(identity="named", contact={"name": "李强", "phone": resident.phone})
    anonymous = resident.files(identity="anonymous")
    for complaint in (first, second, by_phone):
        facts = rules(supervisor, "repeated", complaint)["same_reporter"]
        assert facts["count"] == 3 and facts["complaints"] == sorted([first.id, second.id, by_phone.id])
    assert "same_reporter" not in rules(supervisor, "repeated", anonymous)
    shown = supervisor.get("/v1/supervision/lists/repeated").text
    assert resident.phone not in shown and resident.id not in shown and "李强" not in shown
    clock.advance(days=11)
    assert rules(supervisor, "repeated", first) == {}, "it is older than that"
    assert rules(supervisor, "repeated", second)["same_reporter"]["count"] == 2


def test_what_was_withdrawn_repeats_nothing(world, supervisor):
    resident = world.new_resident()
    kept, gone = resident.files(identity="named"), resident.files(identity="named")
    resident.withdraws(gone)
    assert "same_reporter" not in rules(supervisor, "repeated", kept)
    assert rules(supervisor, "repeated", gone) == {}


def test_what_is_done_again_is_repeated_with_the_moments(world, supervisor, clock):
    complaint = world.complaint("answered")
    clock.advance(hours=1)
    world.anonymous.redoes(complaint)
    assert rules(supervisor, "repeated", complaint)["redone"] == {"count": 1, "moments": [clock.now]}


def cluster(world, db, count):
    """So many complaints that were found to be alike."""
    filed = [Actor(world.daemon).files(f"第 {next(serial)} 件，内容各不相同。") for _ in range(count)]
    until(lambda: db.value("select count(*) from wall.likeness_new") == 0, 10, "the clock to have looked for what is like them")
    made = db.value("insert into wall.cluster values ('home', gen_random_uuid(), wall_now()) returning cluster")
    for complaint in filed:
        db.value("select write_link('home', %s, %s, 'proposed', wall_now(), 0.5, null)::text", made, complaint.id)
    return str(made), filed


def test_a_cluster_is_repeated_from_two_and_concentrated_from_five_reporters(world, supervisor, db, clock):
    clock.advance(days=8)
    four, members = cluster(world, db, 4)
    facts = rules(supervisor, "repeated", members[0])["same_cluster"]
    assert (facts["cluster"], facts["count"], facts["reporters"]) == (four, 4, 4)
    assert four not in [hit["cluster"] for hit in hits(supervisor, "concentrated")]
    fifth = Actor(world.daemon).files("第五个人也来反映。")
    world.dispatcher.post(f"/v1/clusters/{four}/confirm", {"complaint": fifth.id})
    (hit,) = [hit for hit in hits(supervisor, "concentrated") if hit["cluster"] == four]
    assert (hit["subject"], hit["rules"][0]["rule"], hit["rules"][0]["facts"]["reporters"]) == ("cluster", "cluster", 5)
    assert sorted(hit["rules"][0]["facts"]["complaints"]) == sorted(one.id for one in [*members, fifth])
    clock.advance(days=8)
    assert four not in [hit["cluster"] for hit in hits(supervisor, "concentrated")]


def test_five_people_of_one_building_and_category_are_concentrated_five_complaints_of_one_are_not(world, supervisor, building):
    one = world.new_resident()
    about = {"category": "fees", "building": building}
    for _ in range(5):
        one.files(identity="named", **about)
    assert building not in [hit["building"] for hit in hits(supervisor, "concentrated")]
    for _ in range(4):
        Actor(world.daemon).files(**about)
    (hit,) = [hit for hit in hits(supervisor, "concentrated") if hit["building"] == building]
    assert (hit["subject"], hit["category"], hit["rules"][0]["rule"]) == ("place", "fees", "place")
    assert (hit["rules"][0]["facts"]["reporters"], hit["rules"][0]["facts"]["count"]) == (5, 9)


def test_what_stays_open_longer_than_fifteen_days_is_stuck(world, supervisor, clock):
    complaint = world.complaint("accepted")
    clock.advance(days=15)
    assert "open" not in rules(supervisor, "stuck", complaint)
    clock.advance(days=1)
    assert rules(supervisor, "stuck", complaint)["open"] == {"submitted": complaint["submitted"], "days": 16}


def test_three_departments_two_returns_and_three_redos_are_stuck(world, supervisor, dispatcher, officer, other_officer, clock):
    complaint = world.complaint("assigned")
    officer.returns(complaint)
    dispatcher.assigns(complaint, world.other_department)
    assert rules(supervisor, "stuck", complaint) == {}
    other_officer.returns(complaint)
    assert rules(supervisor, "stuck", complaint)["returned"] == {"count": 2}
    third = world.new_department("保洁部")
    assert supervisor.assigns(complaint, third).status == 200
    facts = rules(supervisor, "stuck", complaint)["departments"]
    assert facts["count"] == 3
    assert [holding["department"] for holding in facts["holdings"]] == [world.department["id"], world.other_department["id"], third["id"]]
    again = world.complaint("answered")
    for n in range(3):
        assert "redone" not in rules(supervisor, "stuck", again)
        clock.advance(minutes=1)
        world.anonymous.redoes(again)
        officer.answers(again, f"第 {n} 次维修，更换了整段水管。")
    assert rules(supervisor, "stuck", again)["redone"]["count"] == 3
    again.reporter.confirms(again)
    assert rules(supervisor, "stuck", again) == {}


def test_what_is_late_three_times_is_stuck(world, supervisor, officer, clock):
    complaint = world.complaint("assigned")
    for n in range(3):
        assert "late" not in rules(supervisor, "stuck", complaint)
        clock.advance(hours=25)
        officer.answers(complaint, f"已修理第 {n} 处，换了新的阀门。")
        world.anonymous.redoes(complaint)
    facts = rules(supervisor, "stuck", complaint)["late"]
    assert facts["count"] == 3 == len(facts["moments"])


def test_what_is_on_the_books_is_listed_and_so_is_a_review_that_passed(world, supervisor, officer, clock):
    complaint = world.complaint("ledgered")
    review = clock.day(20)
    assert rules(supervisor, "ledgered", complaint)["approved"]["review"] == review
    clock.advance(days=22)
    facts = rules(supervisor, "ledgered", complaint)
    assert "approved" not in facts and facts["review_overdue"]["since"] < clock.now
    officer.answers(complaint, "改造已经完成，请大家查看。")
    assert rules(supervisor, "ledgered", complaint) == {}


def test_a_plan_that_changes_twice_is_listed_with_every_date(world, supervisor, officer, clock):
    complaint = world.complaint("ledgered")
    for days in (21, 22):
        assert "changed" not in rules(supervisor, "ledgered", complaint)
        supervisor.ends_ledger(complaint)
        officer.requests_ledger(complaint, clock.day(days))
        supervisor.approves_ledger(complaint)
    facts = rules(supervisor, "ledgered", complaint)["changed"]
    assert facts["count"] == 2 and [plan["review"] for plan in facts["plans"]] == [clock.day(20), clock.day(21), clock.day(22)]


@pytest.mark.parametrize(
    "text, rule, facts",
    [
        ("已换灯泡", "too_short", {"letters": 4}),
        ("您好！您反映的问题已收悉，正在处理中，请耐心等待。", "stock_phrases", {"letters": 21, "rest": 0}),
        ("我们会尽快派人去维修三号楼二单元的路灯和门禁。", "undated", {}),
    ],
)
def test_answers_that_say_little_are_hollow_even_where_the_guard_let_them_pass(world, supervisor, officer, text, rule, facts):
    complaint = world.complaint("assigned")
    assert officer.answers(complaint, text, insist=True).status == 200
    assert rules(supervisor, "hollow", complaint)[rule] == facts


def test_an_answer_that_says_what_was_done_is_not_hollow(world, supervisor, officer):
    complaint = world.complaint("assigned")
    officer.answers(complaint, "已于今天上午九点更换三号楼二单元的路灯灯头和开关，请查看。")
    assert rules(supervisor, "hollow", complaint) == {}


def test_one_text_used_five_times_is_hollow_whatever_its_points(world, supervisor, clock):
    clock.advance(days=31)
    words = "经核查该处设施{}已经完成修复并投入正常使用了"
    filed = [world.complaint("assigned") for _ in range(5)]
    for n, complaint in enumerate(filed):
        assert rules(supervisor, "hollow", filed[0]) == {}
        world.officer.answers(complaint, words.format("，" * n), insist=True)
    facts = [rules(supervisor, "hollow", complaint)["used_again"] for complaint in filed]
    assert facts[0]["count"] == 5 == len(facts[0]["replies"]) and all(one == facts[0] for one in facts)


def test_answers_bunched_before_the_cutoff_are_hollow(world, supervisor, clock):
    """By department: five in the last ten minutes."""
    filed = [world.complaint("assigned") for _ in range(5)]
    clock.to("23:51")
    for n, complaint in enumerate(filed):
        world.officer.answers(complaint, f"第 {n} 处的灯具和线路今晚已经由电工全部更换完毕。", insist=True)
    facts = rules(supervisor, "hollow", filed[0])["bunched"]
    assert facts["count"] == 5 and facts["cutoff"].endswith("T16:00:00.000000Z")


def test_a_policy_moves_the_thresholds(admin, world, supervisor, clock):
    complaint = world.complaint("accepted")
    clock.advance(days=3)
    assert "open" not in rules(supervisor, "stuck", complaint)
    admin.post("/v1/policies", {"stuck_open": "P2D"})
    assert rules(supervisor, "stuck", complaint)["open"]["days"] == 3
    admin.post("/v1/policies", {"stuck_open": "P15D"})
