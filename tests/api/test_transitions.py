"""What holds for every row of the table of transitions, and the actions that change no status."""

import concurrent.futures

import pytest

from support.actor import Actor
from support.answer import problem

FINAL = ("closed", "rejected", "merged", "withdrawn")
OPEN = ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered")


def actions(events):
    return [event["action"] for event in events]


@pytest.mark.parametrize("status", ["withdrawn", "rejected", "closed"])
def test_what_is_over_takes_no_work(world, officer, dispatcher, supervisor, department, clock, status):
    complaint = world.complaint(status)
    assert dispatcher.assigns(complaint, department) == problem(409, "not_allowed_now")
    assert supervisor.reassigns(complaint, department) == problem(409, "not_allowed_now")
    assert dispatcher.unmerges(complaint) == problem(409, "not_allowed_now")


@pytest.mark.parametrize("status", OPEN + FINAL)
def test_the_actions_shown_are_the_actions_allowed(world, officer, status):
    """Each caller's `actions` and the 409's `allowed` come from one table."""
    complaint = world.complaint(status)
    for actor in (complaint.reporter, world.dispatcher, world.supervisor, world.visitor):
        shown = actor.sees(complaint)["actions"]
        assert shown == sorted(set(shown))
        for action, body in (("confirm", {}), ("withdraw", {}), ("unmerge", {}), ("publish", {}), ("end_ledger", {})):
            if action not in shown:
                refused = actor.does(complaint, action, **body)
                assert refused.status in (403, 409), (actor.who, action, refused)
                if refused.status == 409:
                    assert refused.json["allowed"] == shown


def test_urgent_is_the_dispatchers_word(world, dispatcher, officer, anonymous):
    complaint = world.complaint("assigned")
    assert officer.marks_urgent(complaint) == problem(403, "not_permitted")
    assert dispatcher.marks_urgent(complaint)["status"] == "assigned"
    assert dispatcher.marks_urgent(complaint, False).status == 200


def test_classifying_changes_the_category_alone(world, dispatcher):
    complaint = world.complaint("assigned", category="fees")
    before = complaint.shown
    assert dispatcher.classifies(complaint, "safety")["category"] == "safety"
    after = complaint.shown
    assert (after["status"], after["reply_due"], after["department"]) == (before["status"], before["reply_due"], before["department"])
    assert dispatcher.classifies(complaint, "nonsense") == problem(422, "unknown_category")


def test_one_urges_once_in_24_hours(world, anonymous, clock):
    complaint = world.complaint("assigned")
    due = complaint["reply_due"]
    assert anonymous.urges(complaint).status == 200
    assert anonymous.urges(complaint) == problem(409, "urged_already")
    clock.advance(hours=24, seconds=1)
    assert anonymous.urges(complaint).status == 200
    assert complaint["reply_due"] == due


def test_events_tell_the_whole_life_and_chain(world, officer, anonymous, dispatcher, db):
    complaint = world.complaint("accepted")
    officer.answers(complaint)
    anonymous.redoes(complaint)
    officer.answers(complaint)
    anonymous.confirms(complaint)
    assert actions(dispatcher.events_of(complaint)) == ["submit", "assign", "accept", "answer", "redo", "answer", "confirm"]
    assert db.value("select count(distinct hash) from event where complaint = %s", complaint.id) == 7


def test_of_two_answers_at_once_both_are_kept_and_the_round_is_met_once(daemon, world, officer, db):
    complaint = world.complaint("assigned")
    token = officer.token()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: Actor(daemon, token).answers(complaint, f"第{n}次答复，已修好。").status, range(8)))
    assert answers == [200] * 8
    assert db.value("select count(*) from reply where complaint = %s", complaint.id) == 8
    assert db.value("select count(*) from deadline_mark where complaint = %s and kind = 'reply' and mark = 'met'", complaint.id) == 1


def test_of_eight_confirmations_at_once_one_counts(daemon, world, resident):
    complaint = world.complaint("answered", reporter=resident, identity="named")
    token = resident.token()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: Actor(daemon, token).confirms(complaint).status, range(8)))
    assert statuses == [200] + [409] * 7
