"""The status machine, row by row of the table of transitions: 10 interim to 18 end of the ledger."""

import datetime

import pytest

from support.answer import problem
from support.daemon import instant_of

FINAL = ("closed", "rejected", "merged", "withdrawn")


def state(complaint):
    shown = complaint.shown
    return shown["status"], shown["turn"]


def actions(events):
    return [event["action"] for event in events]


# 10 interim


def test_a_promise_is_a_first_reply_and_leaves_the_list_until_the_day(world, officer, clock):
    complaint = world.complaint("assigned")
    assert officer.promises(complaint, clock.day(2))["status"] == "accepted"
    assert state(complaint) == ("accepted", "none")
    assert complaint["first_reply"] == clock.now
    assert complaint.id not in {item["id"] for item in officer.items("/v1/desk/unanswered")}


def test_a_promise_is_at_most_seven_days_ahead_and_not_in_the_past(world, officer, clock):
    complaint = world.complaint("assigned")
    assert officer.promises(complaint, clock.day(8)) == problem(422, "invalid_input")
    assert officer.promises(complaint, clock.day(-1)) == problem(422, "invalid_input")
    assert officer.promises(complaint, clock.day(7)).status == 200


def test_a_department_promises_at_most_twice(world, officer, clock):
    complaint = world.complaint("assigned")
    for _ in range(2):
        assert officer.promises(complaint, clock.day(1)).status == 200
    assert officer.promises(complaint, clock.day(1)) == problem(409, "not_allowed_now")


def test_a_broken_promise_brings_the_case_back_at_the_end_of_the_promised_day(world, officer, clock):
    complaint = world.complaint("assigned")
    officer.promises(complaint, clock.day(1))
    clock.to("00:00")
    end = clock.instant + datetime.timedelta(days=1)
    clock.set(end)
    assert state(complaint) == ("accepted", "none")
    clock.advance(seconds=1)
    assert state(complaint) == ("accepted", "department")
    assert instant_of(complaint["reply_due"]) == end + datetime.timedelta(hours=24)
    assert complaint.id in {item["id"] for item in officer.items("/v1/desk/unanswered")}


def test_a_kept_promise_is_none_broken(world, officer, clock, dispatcher):
    complaint = world.complaint("assigned")
    officer.promises(complaint, clock.day(1))
    officer.answers(complaint)
    clock.advance(days=3)
    assert "promise_broken" not in actions(dispatcher.events_of(complaint))


# 11 answer


@pytest.mark.parametrize("status", ["assigned", "accepted", "need_info", "ledgered", "answered"])
def test_an_officer_answers(world, officer, status):
    complaint = world.complaint(status)
    answered = officer.answers(complaint, "已安排电工更换灯泡。")
    assert answered.status == 200
    assert (answered["status"], answered["turn"]) == ("answered", "resident")
    assert answered["replies"][-1]["public_text"] == "已安排电工更换灯泡。"


def test_an_answered_case_is_not_closed(world):
    complaint = world.complaint("answered")
    assert complaint["closed"] is None


def test_a_dispatcher_answers_what_nobody_needs_to_handle(world, dispatcher):
    complaint = world.complaint("submitted")
    assert dispatcher.answers(complaint, "停水通知见公告栏。")["status"] == "answered"


def test_an_officer_does_not_answer_what_is_not_assigned(world, officer):
    assert officer.answers(world.complaint("submitted")) == problem(403, "not_permitted")


@pytest.mark.parametrize("status", FINAL)
def test_a_final_complaint_takes_no_answer(world, officer, dispatcher, status):
    complaint = world.complaint(status)
    refused = (officer if status == "closed" else dispatcher).answers(complaint)
    assert refused == problem(409, "not_allowed_now")
    assert isinstance(refused.json["allowed"], list) and "answer" not in refused.json["allowed"]


def test_an_answer_needs_a_text(world, officer):
    complaint = world.complaint("assigned")
    assert officer.answers(complaint, None) == problem(422, "invalid_input")
    assert officer.answers(complaint, "") == problem(422, "invalid_input")


def test_a_private_text_is_for_the_reporter_alone(world, officer, anonymous, stranger):
    complaint = world.complaint("assigned")
    officer.answers(complaint, "已处理。", private_text="门禁密码已改为短信另发。")
    assert "门禁密码" in anonymous.looks_at(complaint).text
    assert "门禁密码" not in stranger.get(complaint.path).text
    assert "门禁密码" not in stranger.get(complaint.path + "/events").text


def test_a_private_answer_alone_counts(world, officer, stranger, clock):
    complaint = world.complaint("assigned")
    assert officer.answers(complaint, None, private_text="请到物业办公室领取退款。")["status"] == "answered"
    assert complaint["first_reply"] == clock.now
    assert "退款" not in stranger.get(complaint.path).text


def test_the_windows_run_from_the_first_answer_of_the_round(world, officer, anonymous, clock):
    complaint = world.complaint("answered")
    clock.advance(days=6)
    assert officer.answers(complaint, "补充说明：已更换灯具。").status == 200
    clock.advance(days=1, seconds=1)
    assert complaint["status"] == "closed"


# 12 correct


@pytest.mark.parametrize("status", ["answered", "closed"])
def test_a_correction_is_a_new_reply_and_the_old_one_stays(world, officer, status):
    complaint = world.complaint(status)
    before = complaint["replies"]
    corrected = officer.corrects(complaint, "更正：周三上午修好。")
    assert corrected.status == 200
    assert corrected["status"] == status
    assert [reply["public_text"] for reply in corrected["replies"]][-2:] == [before[-1]["public_text"], "更正：周三上午修好。"]


def test_what_closed_without_an_answer_has_nothing_to_correct(world, officer, clock):
    complaint = world.complaint("need_info")
    clock.advance(days=7, seconds=1)
    assert "correct" not in officer.sees(complaint)["actions"]
    assert officer.corrects(complaint) == problem(409, "not_allowed_now")


def test_a_supervisor_corrects_too_and_a_stranger_does_not(world, supervisor, other_officer):
    complaint = world.complaint("answered")
    assert supervisor.corrects(complaint).status == 200
    assert other_officer.corrects(complaint) == problem(403, "not_permitted")


# 13 confirm


def test_the_reporter_confirms(world, anonymous, clock):
    complaint = world.complaint("answered")
    clock.advance(minutes=5)
    assert anonymous.confirms(complaint)["status"] == "closed"
    assert complaint["closed"] == clock.now
    assert state(complaint) == ("closed", "none")


def test_a_visitor_confirms_and_an_officer_does_not(world, visitor, officer):
    complaint = world.complaint("answered")
    assert officer.confirms(complaint) == problem(403, "not_permitted")
    assert visitor.confirms(complaint).status == 200


# 14 lapse of an answer


def test_an_answer_lapses_seven_days_later_with_its_due_as_the_moment(world, clock):
    complaint = world.complaint("answered")
    due = clock.after(days=7)
    clock.advance(days=7)
    assert complaint["status"] == "answered"
    clock.advance(days=2)
    assert complaint["status"] == "closed"
    assert complaint["closed"] == due


# 15 redo


def test_a_redo_opens_a_round(world, anonymous, clock):
    complaint = world.complaint("answered")
    clock.advance(days=6)
    assert anonymous.redoes(complaint)["status"] == "accepted"
    assert state(complaint) == ("accepted", "department")
    assert complaint["reply_due"] == clock.after(hours=24)


def test_a_redo_is_in_time_exactly_seven_days_after_the_answer_and_late_then(world, anonymous, clock):
    in_time, late = world.complaint("answered"), world.complaint("answered")
    clock.advance(days=7)
    assert anonymous.redoes(in_time).status == 200
    clock.advance(seconds=1)
    assert anonymous.redoes(late) == problem(409, "not_allowed_now")


def test_visitor_and_supervisor_redo_and_an_officer_does_not(world, visitor, supervisor, officer):
    first, second = world.complaint("answered"), world.complaint("answered")
    assert officer.redoes(first) == problem(403, "not_permitted")
    assert visitor.redoes(first).status == 200
    assert supervisor.redoes(second).status == 200


# 16 reopen


def test_a_closed_case_is_reopened_within_thirty_days(world, anonymous, clock):
    in_time, late = world.complaint("closed"), world.complaint("closed")
    clock.advance(days=30)
    assert anonymous.reopens(in_time)["status"] == "accepted"
    assert in_time["reply_due"] == clock.after(hours=24)
    clock.advance(seconds=1)
    assert anonymous.reopens(late) == problem(409, "not_allowed_now")


def test_the_reporter_reopens_twice_and_the_supervisor_whenever(world, anonymous, officer, supervisor):
    complaint = world.complaint("closed")
    for _ in range(2):
        assert anonymous.reopens(complaint).status == 200
        officer.answers(complaint)
        anonymous.confirms(complaint)
    assert anonymous.reopens(complaint) == problem(409, "not_allowed_now")
    assert supervisor.reopens(complaint).status == 200


def test_a_supervisor_reopens_after_thirty_days(world, supervisor, clock):
    complaint = world.complaint("closed")
    clock.advance(days=60)
    assert supervisor.reopens(complaint).status == 200


# 17, 18 ledger


def test_the_ledger_is_asked_for_by_the_officer_and_approved_by_the_supervisor(world, officer, supervisor, clock, stranger):
    complaint = world.complaint("accepted")
    assert supervisor.approves_ledger(complaint) == problem(409, "not_allowed_now")
    assert officer.requests_ledger(complaint, clock.day(20)).status == 200
    assert state(complaint) == ("accepted", "department")
    assert officer.approves_ledger(complaint) == problem(403, "not_permitted")
    assert supervisor.approves_ledger(complaint)["status"] == "ledgered"
    assert state(complaint) == ("ledgered", "none")
    assert complaint["first_reply"] == clock.now
    assert "需等改造资金到位。" in stranger.get(complaint.path).text


def test_a_review_is_at_most_thirty_days_ahead(world, officer, clock):
    complaint = world.complaint("accepted")
    assert officer.requests_ledger(complaint, clock.day(31)) == problem(422, "invalid_input")
    assert officer.requests_ledger(complaint, clock.day(30)).status == 200


def test_a_supervisor_ends_the_ledger(world, supervisor, clock):
    complaint = world.complaint("ledgered")
    clock.advance(days=1)
    assert supervisor.ends_ledger(complaint)["status"] == "accepted"
    assert complaint["reply_due"] == clock.after(hours=24)


def test_a_passed_review_date_ends_the_ledger(world, clock):
    complaint = world.complaint("ledgered")
    clock.advance(days=19)
    assert state(complaint) == ("ledgered", "none")
    clock.advance(days=2)
    assert state(complaint) == ("accepted", "department")


def test_milestones_of_the_ledger(world, officer, clock):
    complaint = world.complaint("ledgered")
    assert officer.sets_milestone(complaint, clock.day(10)).status == 201
    assert officer.sets_milestone(world.complaint("accepted"), clock.day(10)) == problem(409, "not_allowed_now")
