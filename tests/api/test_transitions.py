"""The status machine, row by row of the table of transitions."""

import concurrent.futures
import datetime

import pytest

from support.actor import Actor
from support.answer import problem
from support.daemon import instant_of

FINAL = ("closed", "rejected", "merged", "withdrawn")
OPEN = ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered")


def state(complaint):
    shown = complaint.shown
    return shown["status"], shown["turn"]


def actions(events):
    return [event["action"] for event in events]


# 1 submit


def test_a_submission_is_the_dispatch_offices_to_answer(anonymous, dispatcher, clock):
    complaint = anonymous.files()
    assert state(complaint) == ("submitted", "department")
    codes = {department["id"]: department["code"] for department in dispatcher.get("/v1/departments")["items"]}
    assert codes[complaint["department"]["id"]] == "dispatch"
    assert actions(dispatcher.events_of(complaint)) == ["submit"]
    assert complaint["reply_due"] == clock.after(hours=24)


# 2 assign


def test_a_dispatcher_assigns(world, dispatcher, department, officer):
    complaint = world.complaint("submitted")
    assigned = dispatcher.assigns(complaint, department, category="fees")
    assert assigned.status == 200
    assert (assigned["status"], assigned["turn"]) == ("assigned", "department")
    assert assigned["department"]["id"] == department["id"]
    assert assigned["category"] == "fees"
    assert complaint.id in {item["id"] for item in officer.items("/v1/desk/unanswered")}


def test_a_supervisor_assigns(world, supervisor, department):
    assert supervisor.assigns(world.complaint("submitted"), department).status == 200


def test_nobody_else_assigns(world, officer, visitor, resident, anonymous, department):
    complaint = world.complaint("submitted")
    for actor in (officer, visitor, resident):
        assert actor.assigns(complaint, department) == problem(403, "not_permitted")
    assert anonymous.assigns(complaint, department) == problem(403, "not_permitted")


def test_an_assignment_goes_to_a_department_that_exists(world, dispatcher):
    complaint = world.complaint("submitted")
    nowhere = "0198c0de-0000-7000-8000-000000000000"
    assert dispatcher.assigns(complaint, nowhere) == problem(422, "unknown_department")
    assert dispatcher.assigns(complaint, "physics") == problem(422, "invalid_input")


def test_assigning_again_to_another_department_is_a_reassignment(world, dispatcher, other_department, other_officer):
    complaint = world.complaint("assigned")
    due = complaint["reply_due"]
    assert dispatcher.assigns(complaint, other_department)["department"]["id"] == other_department["id"]
    assert actions(dispatcher.events_of(complaint))[-1] == "reassign"
    assert complaint["reply_due"] == due


# 3 accept


def test_an_officer_accepts(world, officer):
    complaint = world.complaint("assigned")
    assert officer.accepts(complaint)["status"] == "accepted"
    assert state(complaint) == ("accepted", "department")


def test_accepting_is_no_reply(world, officer):
    complaint = world.complaint("accepted")
    assert complaint["first_reply"] is None


def test_only_the_holders_officer_accepts(world, other_officer, dispatcher, supervisor):
    complaint = world.complaint("assigned")
    for actor in (other_officer, dispatcher, supervisor):
        assert actor.accepts(complaint) == problem(403, "not_permitted")


# 4 return


@pytest.mark.parametrize("status", ["assigned", "accepted"])
def test_an_officer_returns_and_the_clock_runs_on(world, officer, dispatcher, clock, status, other_department):
    complaint = world.complaint(status)
    due = complaint["reply_due"]
    clock.advance(minutes=119)
    returned = officer.returns(complaint, department=other_department)
    assert returned.status == 200
    assert state(complaint) == ("submitted", "department")
    assert complaint["reply_due"] == due
    assert complaint.id in {item["id"] for item in dispatcher.items("/v1/desk/undispatched")}


def test_a_return_is_exactly_in_time_after_two_hours_and_too_late_then(world, officer, clock):
    in_time, late = world.complaint("assigned"), world.complaint("assigned")
    clock.advance(hours=2)
    assert officer.returns(in_time).status == 200
    clock.advance(seconds=1)
    assert officer.returns(late) == problem(409, "not_allowed_now")


def test_a_department_returns_once(world, officer, dispatcher, department):
    complaint = world.complaint("assigned")
    assert officer.returns(complaint).status == 200
    dispatcher.assigns(complaint, department)
    assert officer.returns(complaint) == problem(409, "not_allowed_now")


def test_after_two_returns_only_a_supervisor_assigns_and_return_is_refused(world, officer, other_officer, dispatcher, supervisor, other_department):
    complaint = world.complaint("assigned")
    officer.returns(complaint)
    dispatcher.assigns(complaint, other_department)
    other_officer.returns(complaint)
    third = world.new_department("工程部")
    third_officer = world.new_staff("officer", third)
    assert dispatcher.assigns(complaint, third) == problem(409, "not_allowed_now")
    assert supervisor.assigns(complaint, third).status == 200
    assert third_officer.returns(complaint) == problem(409, "not_allowed_now")


def test_a_return_says_why(world, officer):
    complaint = world.complaint("assigned")
    assert officer.post(f"{complaint.path}/return", {}) == problem(422, "invalid_input")


# 5 reassign


@pytest.mark.parametrize("status", ["assigned", "accepted"])
def test_a_reassignment_leaves_the_deadline(world, dispatcher, other_department, other_officer, officer, clock, status):
    complaint = world.complaint(status)
    due = complaint["reply_due"]
    clock.advance(hours=3)
    assert dispatcher.reassigns(complaint, other_department)["status"] == "assigned"
    assert complaint["reply_due"] == due
    assert complaint.id in {item["id"] for item in other_officer.items("/v1/desk/unanswered")}
    assert complaint.id not in {item["id"] for item in officer.items("/v1/desk/unanswered")}


def test_reassigning_an_answered_case_opens_a_round(world, supervisor, other_department, clock):
    complaint = world.complaint("answered")
    clock.advance(hours=1)
    assert supervisor.reassigns(complaint, other_department)["status"] == "assigned"
    assert state(complaint) == ("assigned", "department")
    assert complaint["reply_due"] == clock.after(hours=24)


# 6 join


def test_a_second_department_assists_and_the_lead_answers(world, dispatcher, officer, other_department, other_officer):
    complaint = world.complaint("assigned", visibility="private")
    assert other_officer.get(complaint.path) == problem(404, "not_found")
    assert dispatcher.joins(complaint, other_department).status == 200
    assert other_officer.sees(complaint)["status"] == "assigned"
    assert other_officer.notes(complaint, "我们派电工协助。").status == 201
    assert other_officer.answers(complaint) == problem(403, "not_permitted")
    assert officer.answers(complaint).status == 200


def test_the_lead_officer_asks_for_assistance(world, officer, other_department):
    assert officer.joins(world.complaint("accepted"), other_department).status == 200


# 7 ask


def test_a_question_is_a_first_reply_and_gives_the_turn_to_the_resident(world, officer, clock):
    complaint = world.complaint("assigned")
    clock.advance(hours=1)
    assert officer.asks(complaint)["status"] == "need_info"
    assert state(complaint) == ("need_info", "resident")
    assert complaint["first_reply"] == clock.now


def test_an_officer_asks_at_most_twice(world, officer, anonymous):
    complaint = world.complaint("assigned")
    for _ in range(2):
        assert officer.asks(complaint).status == 200
        assert anonymous.supplies(complaint).status == 200
    assert officer.asks(complaint) == problem(409, "not_allowed_now")


# 8 supply


def test_supplying_opens_a_round_of_24_hours(world, anonymous, clock):
    complaint = world.complaint("need_info")
    clock.advance(days=2)
    assert anonymous.supplies(complaint)["status"] == "accepted"
    assert state(complaint) == ("accepted", "department")
    assert complaint["reply_due"] == clock.after(hours=24)


def test_a_dispatcher_supplies_what_was_told_by_phone(world, dispatcher):
    assert dispatcher.supplies(world.complaint("need_info")).status == 200


def test_a_stranger_does_not_supply(world, neighbour, stranger):
    complaint = world.complaint("need_info")
    assert neighbour.supplies(complaint) == problem(403, "not_permitted")
    assert stranger.post(f"{complaint.path}/supply", {"text": "x"}).status in (401, 403)


# 9 lapse of a question


def test_a_question_without_an_answer_lapses_after_seven_days_and_may_be_reopened(world, anonymous, clock):
    complaint = world.complaint("need_info")
    clock.advance(days=7)
    assert state(complaint) == ("need_info", "resident")
    lapsed = clock.now
    clock.advance(seconds=1)
    assert state(complaint) == ("closed", "none")
    assert complaint["closed"] == lapsed
    assert anonymous.reopens(complaint)["status"] == "accepted"


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


# 19 reject


@pytest.mark.parametrize("status", ["submitted", "assigned"])
def test_a_rejection_is_a_first_reply(world, dispatcher, clock, status):
    complaint = world.complaint(status)
    assert dispatcher.rejects(complaint, text="属供电公司管理，请拨打 95598。")["status"] == "rejected"
    assert state(complaint) == ("rejected", "none")
    assert complaint["first_reply"] == clock.now
    assert "95598" in complaint["replies"][-1]["public_text"]


def test_an_accepted_case_is_not_rejected_and_an_officer_rejects_nothing(world, dispatcher, officer):
    assert dispatcher.rejects(world.complaint("accepted")) == problem(409, "not_allowed_now")
    assert officer.rejects(world.complaint("assigned")) == problem(403, "not_permitted")


# 20 object


def test_the_reporter_objects_once_within_seven_days(world, anonymous, dispatcher, clock):
    complaint = world.complaint("rejected")
    clock.advance(days=7)
    assert anonymous.objects(complaint)["status"] == "submitted"
    assert state(complaint) == ("submitted", "department")
    assert complaint["reply_due"] == clock.after(hours=24)
    dispatcher.rejects(complaint)
    assert anonymous.objects(complaint) == problem(409, "not_allowed_now")


def test_an_objection_after_seven_days_is_late(world, anonymous, clock):
    complaint = world.complaint("rejected")
    clock.advance(days=7, seconds=1)
    assert anonymous.objects(complaint) == problem(409, "not_allowed_now")


# 21 merge


@pytest.mark.parametrize("status", ["submitted", "assigned", "accepted"])
def test_a_case_is_merged_into_another(world, dispatcher, status):
    master, follower = world.complaint("assigned"), world.complaint(status)
    assert dispatcher.merges(follower, master)["status"] == "merged"
    assert state(follower) == ("merged", "none")


def test_the_masters_reply_meets_the_followers_deadline(world, dispatcher, officer, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    clock.advance(hours=3)
    officer.answers(master, "已统一维修。")
    assert follower["first_reply"] == clock.now
    assert follower["overdue"] is False
    assert any(reply["public_text"] == "已统一维修。" for reply in follower["replies"])
    clock.advance(hours=30)
    assert follower["overdue"] is False


def test_merging_into_an_answered_master_meets_the_deadline_at_once(world, dispatcher, clock):
    master, follower = world.complaint("answered"), world.complaint("assigned")
    clock.advance(hours=1)
    dispatcher.merges(follower, master)
    assert follower["first_reply"] == clock.now


def test_a_followers_deadline_lives_until_the_master_replies(world, dispatcher, officer, clock):
    follower = world.complaint("assigned")
    clock.advance(hours=12)
    master = world.complaint("assigned")
    dispatcher.merges(follower, master)
    clock.advance(hours=13)
    assert follower["overdue"] is True
    assert master["overdue"] is False


def test_the_followers_reporter_rates_writes_and_withdraws(world, dispatcher, officer, anonymous):
    master, one, two = world.complaint("assigned"), world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(one, master)
    dispatcher.merges(two, master)
    officer.answers(master)
    assert anonymous.writes(one).status == 201
    assert anonymous.rates(one, 4).status == 201
    assert anonymous.withdraws(two)["status"] == "withdrawn"


def test_a_followers_redo_reopens_the_master(world, dispatcher, officer, anonymous):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    officer.answers(master)
    assert anonymous.redoes(follower).status == 200
    assert state(master) == ("accepted", "department")


# 22 unmerge


def test_unmerging_restores_what_was_before(world, dispatcher):
    master, follower = world.complaint("assigned"), world.complaint("accepted")
    due = follower["reply_due"]
    dispatcher.merges(follower, master)
    assert dispatcher.unmerges(follower)["status"] == "accepted"
    assert state(follower) == ("accepted", "department")
    assert follower["reply_due"] == due


def test_unmerging_after_the_masters_reply_opens_a_round(world, dispatcher, officer, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    officer.answers(master)
    clock.advance(hours=5)
    assert dispatcher.unmerges(follower)["status"] == "assigned"
    assert follower["reply_due"] == clock.after(hours=24)


# 23 withdraw


@pytest.mark.parametrize("status", OPEN)
def test_whatever_is_not_final_may_be_withdrawn(world, anonymous, status):
    complaint = world.complaint(status)
    assert anonymous.withdraws(complaint, "已自行解决。")["status"] == "withdrawn"
    assert state(complaint) == ("withdrawn", "none")


@pytest.mark.parametrize("status", ["closed", "rejected", "withdrawn"])
def test_what_is_final_is_not_withdrawn(world, anonymous, status):
    assert anonymous.withdraws(world.complaint(status)) == problem(409, "not_allowed_now")


# 24 publish, hide


@pytest.mark.parametrize("status", ["submitted", "assigned", "answered", "closed", "rejected"])
def test_hiding_and_publishing_leave_status_and_clock(world, dispatcher, stranger, status):
    complaint = world.complaint(status)
    before = complaint.shown
    assert dispatcher.hides(complaint)["publication"] == "hidden"
    assert stranger.get(complaint.path) == problem(404, "not_found")
    assert dispatcher.publishes(complaint)["publication"] == "published"
    assert stranger.get(complaint.path).status == 200
    after = complaint.shown
    assert [after[name] for name in ("status", "turn", "reply_due")] == [before[name] for name in ("status", "turn", "reply_due")]


def test_a_private_complaint_is_never_published(world, dispatcher):
    assert dispatcher.publishes(world.complaint("assigned", visibility="private")) == problem(409, "not_allowed_now")


# 25 rating


def test_a_round_is_rated_once(world, anonymous, officer):
    complaint = world.complaint("answered")
    assert anonymous.rates(complaint, 2, "no", "没修好").status == 201
    assert anonymous.rates(complaint, 5) == problem(409, "already_rated")
    anonymous.redoes(complaint)
    assert anonymous.rates(complaint, 5) == problem(409, "not_allowed_now")
    officer.answers(complaint)
    assert anonymous.rates(complaint, 5).status == 201


def test_a_closed_case_is_rated_within_thirty_days(world, anonymous, clock):
    in_time, late = world.complaint("closed"), world.complaint("closed")
    clock.advance(days=30)
    assert anonymous.rates(in_time).status == 201
    clock.advance(seconds=1)
    assert anonymous.rates(late) == problem(409, "not_allowed_now")


def test_a_rating_is_one_to_five_stars(world, anonymous):
    complaint = world.complaint("answered")
    for stars in (0, 6, "5", 2.5, True):
        assert anonymous.rates(complaint, stars) == problem(422, "invalid_input")
    assert anonymous.rates(complaint, 5, "perhaps") == problem(422, "invalid_input")


# 26 extension


def test_an_extension_moves_resolve_once_and_the_original_stays(world, officer, supervisor, clock, db):
    complaint = world.complaint("accepted")
    reply_due = complaint["reply_due"]
    assert supervisor.approves_extension(complaint) == problem(409, "not_allowed_now")
    assert officer.requests_extension(complaint, clock.day(40)).status == 200
    assert supervisor.approves_extension(complaint).status == 200
    assert officer.requests_extension(complaint, clock.day(60)) == problem(409, "not_allowed_now")
    dues = db.all("select due from deadline where complaint = %s and kind = 'resolve' order by round", complaint.id)
    assert len(dues) == 2 and dues[0] < dues[1]
    assert complaint["reply_due"] == reply_due


# The rest of the table


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
