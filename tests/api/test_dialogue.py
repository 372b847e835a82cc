"""Reporter and department talk: messages, notes, replies, each with its readers."""

import pytest

from support.answer import problem

OPEN = ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered")


def texts(messages):
    return [message["text"] for message in messages]


def test_an_anonymous_person_and_the_department_talk_both_ways(world, anonymous, officer):
    complaint = world.complaint("assigned")
    assert anonymous.writes(complaint, "请尽快。").status == 201
    assert officer.writes(complaint, "明早到场。").status == 201
    assert texts(anonymous.sees(complaint)["messages"]) == ["请尽快。", "明早到场。"]
    assert texts(officer.sees(complaint)["messages"]) == ["请尽快。", "明早到场。"]


def test_messages_are_not_for_the_public(world, anonymous, stranger, neighbour, other_officer):
    complaint = world.complaint("assigned")
    anonymous.writes(complaint, "门牌是三〇二。")
    for other in (stranger, neighbour, other_officer):
        for path in (complaint.path, complaint.path + "/events"):
            assert "三〇二" not in other.get(path).text


def test_notes_are_not_for_the_reporter(world, anonymous, officer, stranger):
    complaint = world.complaint("assigned")
    assert officer.notes(complaint, "此人常投诉。").status == 201
    assert texts(officer.sees(complaint)["notes"]) == ["此人常投诉。"]
    for other in (anonymous, stranger):
        assert "此人常投诉" not in other.looks_at(complaint).text
    assert "此人常投诉" not in anonymous.get(complaint.path + "/events", receipt=complaint.receipt).text


def test_a_reporter_takes_no_notes(world, anonymous):
    assert anonymous.notes(world.complaint("assigned")) == problem(403, "not_permitted")


@pytest.mark.parametrize("status", OPEN)
def test_a_message_changes_neither_status_nor_clock(world, anonymous, status):
    complaint = world.complaint(status)
    before = complaint.shown
    assert anonymous.writes(complaint).status == 201
    after = complaint.shown
    assert [after[name] for name in ("status", "turn", "reply_due", "answered")] == [
        before[name] for name in ("status", "turn", "reply_due", "answered")
    ]
    assert after["version"] > before["version"]


def test_what_the_public_sees_of_the_history_has_no_texts(world, officer, anonymous, stranger):
    complaint = world.complaint("assigned")
    officer.returns(complaint, "这个人太挑剔。")
    seen = stranger.get(complaint.path + "/events")
    assert seen.status == 200
    assert "挑剔" not in seen.text
    assert officer.id not in seen.text


def test_the_reason_of_a_redo_reaches_the_department(world, officer, anonymous):
    complaint = world.complaint("answered")
    anonymous.redoes(complaint, "只换了一个灯泡。")
    assert "只换了一个灯泡。" in officer.looks_at(complaint).text


def test_private_history_is_for_those_concerned(world, stranger, anonymous):
    complaint = world.complaint("assigned", visibility="private")
    assert stranger.get(complaint.path + "/events") == problem(404, "not_found")
    assert [event["action"] for event in anonymous.events_of(complaint)] == ["submit", "assign"]
