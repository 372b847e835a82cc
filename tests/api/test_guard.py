"""The quality guard: an answer that says nothing is warned of, and who insists publishes it without its counting."""

import pytest

from support.answer import problem

COPY = "您反映的{}楼路灯不亮问题，经电工现场查看系线路老化，已于今日上午更换灯头和线路，请您查看。"


def insists(officer, complaint, text="已收悉，正在处理。"):
    return officer.answers(complaint, text, insist=True)


@pytest.mark.parametrize(
    "text, warnings",
    [
        ("好", ["too_short"]),
        ("您好！您反映的问题已收悉，正在处理中，请耐心等待。", ["stock_phrases"]),
        ("我们会尽快派人维修三号楼的路灯。", ["undated"]),
        ("已收悉，尽快处理。", ["stock_phrases", "undated"]),
    ],
)
def test_an_answer_that_says_nothing_is_warned_of(world, officer, text, warnings):
    complaint = world.complaint("assigned")
    warned = officer.answers(complaint, text)
    assert warned == problem(422, "hollow_reply")
    assert warned.json["warnings"] == warnings
    assert {error["pointer"] for error in warned.json["errors"]} == {"/public_text"}
    assert complaint["status"] == "assigned" and complaint["replies"] == []


def test_a_copy_of_an_earlier_answer_is_warned_of(world, other_department):
    officer = world.new_staff("officer", other_department)
    first, second, third = (world.complaint("submitted") for _ in range(3))
    for complaint in (first, second, third):
        world.dispatcher.assigns(complaint, other_department)
    assert officer.answers(first, COPY.format("三")).status == 200
    warned = officer.answers(second, COPY.format("五"))
    assert warned == problem(422, "hollow_reply") and warned.json["warnings"] == ["copied"]
    assert officer.answers(second, "五楼灯头烧坏，换了新的，开关也检查过。").status == 200
    colleague = world.new_staff("officer", other_department)
    assert colleague.answers(third, COPY.format("七")).status == 200


def test_what_is_insisted_on_is_published_but_does_not_count(world, officer, stranger, clock):
    complaint = world.complaint("assigned")
    before = complaint.shown
    clock.advance(minutes=5)
    after = insists(officer, complaint)
    assert (after.status, after["status"], after["turn"], after["first_reply"]) == (200, "assigned", "department", None)
    assert after["reply_due"] == before["reply_due"]
    assert [(reply["public_text"], reply["counts"]) for reply in stranger.get(complaint.path)["replies"]] == [("已收悉，正在处理。", False)]
    clock.advance(hours=24)
    assert complaint["overdue"] is True


@pytest.mark.parametrize("who", ["reporter", "visitor", "supervisor"])
def test_it_counts_from_the_moment_it_is_accepted(world, officer, clock, who):
    complaint = world.complaint("assigned")
    insists(officer, complaint)
    actor = complaint.reporter if who == "reporter" else getattr(world, who)
    clock.advance(hours=3)
    accepted = actor.does(complaint, "accept_reply")
    assert (accepted.status, accepted["status"], accepted["first_reply"], accepted["answered"]) == (200, "answered", clock.now, clock.now)
    assert [reply["counts"] for reply in accepted["replies"]] == [True]
    assert {"confirm", "redo", "rating"} <= set(complaint["actions"])


def test_it_cannot_be_accepted_by_those_who_gave_it_nor_twice_nor_where_there_is_none(world, officer, supervisor):
    complaint = world.complaint("assigned")
    assert supervisor.does(complaint, "accept_reply") == problem(409, "not_allowed_now")
    insists(officer, complaint)
    assert officer.does(complaint, "accept_reply") == problem(403, "not_permitted")
    assert supervisor.does(complaint, "accept_reply").status == 200
    assert supervisor.does(complaint, "accept_reply") == problem(409, "not_allowed_now")


def test_what_one_department_insisted_on_is_not_accepted_as_another_one_s(world, officer, dispatcher):
    complaint = world.complaint("assigned")
    insists(officer, complaint)
    dispatcher.reassigns(complaint, world.other_department)
    assert complaint.reporter.does(complaint, "accept_reply") == problem(409, "not_allowed_now")
    assert complaint["status"] == "assigned"


def test_a_proper_answer_after_it_counts_as_any_other(world, officer):
    complaint = world.complaint("assigned")
    insists(officer, complaint)
    assert officer.answers(complaint)["status"] == "answered"
    assert [reply["counts"] for reply in complaint["replies"]] == [False, True]


@pytest.mark.parametrize("status", ["answered", "closed"])
def test_what_comes_after_an_answer_that_counted_is_looked_at_as_well(world, officer, stranger, status):
    complaint = world.complaint(status)
    before = complaint.shown
    again = officer.answers if status == "answered" else officer.corrects
    for says in (officer.corrects, again):
        warned = says(complaint, "好")
        assert warned == problem(422, "hollow_reply") and warned.json["warnings"] == ["too_short"]
        assert says(complaint, "好", insist=True).status == 200
    replies = stranger.get(complaint.path)["replies"]
    assert [(reply["public_text"], reply["counts"]) for reply in replies] == [(before["replies"][0]["public_text"], True), ("好", False), ("好", False)]
    after = complaint.shown
    assert [after[name] == before[name] for name in ("status", "turn", "first_reply", "answered", "closed")] == [True] * 5
    assert officer.corrects(complaint, before["replies"][0]["public_text"] + "已更正。").status == 200, "a correction resembles what it corrects"
    assert complaint["replies"][-1]["counts"] is True


def test_insisting_on_an_answer_that_says_something_changes_nothing(world, officer):
    complaint = world.complaint("assigned")
    assert insists(officer, complaint, "路灯换好了，请查看。")["status"] == "answered"


def test_followers_get_their_reply_when_it_is_accepted(world, officer, supervisor):
    complaint = world.complaint("merged")
    master = world.master
    insists(officer, master)
    assert complaint["first_reply"] is None
    assert supervisor.does(master, "accept_reply").status == 200
    assert complaint["first_reply"] is not None


def test_the_community_may_do_without_the_guard(new_site):
    from support.world import World

    world = World(new_site().daemon())
    assert world.admin.post("/v1/policies", {"guard": []}).status == 201
    complaint = world.complaint("assigned")
    assert world.officer.answers(complaint, "已收悉。")["status"] == "answered"
