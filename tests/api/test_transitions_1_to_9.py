"""The status machine, row by row of the table of transitions: 1 submit to 9 lapse of a question."""

import pytest

from support.answer import problem


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
