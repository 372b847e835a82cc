"""Supervision cases: opened by hand or by a rule, through steps with owner, due and words, none of which is ever changed."""

import pytest

from support.answer import problem
from support.wait import until


@pytest.fixture
def due(clock):
    return clock.after(days=2)


@pytest.fixture
def about(world, due):
    """What a case about a new complaint is opened with."""
    return {"subject": "complaint", "complaint": world.complaint("assigned").id, "text": "多次反映仍未解决，请核实。", "due": due}


@pytest.fixture
def case(supervisor, about):
    response = supervisor.post("/v1/supervision", about)
    assert response.status == 201, response
    return response.json


def step(actor, case, action, **body):
    return actor.post(f"/v1/supervision/{case['id']}/{action}", {"text": "请于期限内反馈。", **body})


def shown(actor, case):
    response = actor.get(f"/v1/supervision/{case['id']}")
    assert response.status == 200, response
    return response.json


def listed(actor, **query):
    return [item["id"] for item in actor.items("/v1/supervision", {"limit": 100, **query})]


def told(db, case, event):
    """Audience, department and staff of what was told."""
    rows = db.all("select audience, department::text, staff::text from outbox where payload->>'supervision' = %s and event = %s order by outbox", case["id"], event)
    return [tuple(row) for row in rows]


def test_a_case_is_opened_by_hand_with_owner_due_and_words(supervisor, case, about, clock, world, db):
    assert (case["status"], case["rule"], case["text"], case["due"], case["overdue"]) == ("screened", "by_hand", about["text"], about["due"], False)
    assert case["owner"]["id"] == case["by"]["id"] == supervisor.id
    assert case["complaint"]["id"] == about["complaint"] and case["department"]["id"] == world.department["id"]
    assert [(act["action"], act["status"], act["at"]) for act in case["acts"]] == [("screen", "screened", clock.now)]
    assert case["actions"] == ["dismiss", "order", "remind", "verify"]
    assert told(db, case, "supervision") == [("officers", world.department["id"], None)]
    assert shown(supervisor, case) == case


def test_from_screening_to_confirmation(supervisor, visitor, officer, case, clock, world, db):
    clock.advance(minutes=10)
    verified = step(supervisor, case, "verify", owner=visitor.id, due=clock.after(days=1))
    assert (verified["status"], verified["owner"]["id"], verified["due"]) == ("verifying", visitor.id, clock.after(days=1))
    assert told(db, case, "supervision")[-1] == ("staff", None, visitor.id)
    assert step(visitor, case, "feedback", text="现场仍在漏水。")["status"] == "verifying"
    assert told(db, case, "supervision_feedback") == [("supervisor", None, None)], "who can decide hears what the owner has found"
    ordered = step(supervisor, case, "order", department=world.department["id"], due=clock.after(days=3), text="三日内修复。")
    assert (ordered["status"], ordered["ordered"]["id"]) == ("rectifying", world.department["id"])
    assert told(db, case, "supervision_order") == [("officers", world.department["id"], None)]
    assert shown(officer, case)["actions"] == ["feedback"]
    clock.advance(days=1)
    assert step(officer, case, "feedback", text="已更换水管。")["due"] == clock.after(hours=24)
    assert told(db, case, "supervision_feedback")[1:] == [("staff", None, visitor.id), ("supervisor", None, None)]
    done = step(supervisor, case, "confirm", text="已核实解决。").json
    assert (done["status"], done["due"], done["actions"]) == ("confirmed", None, [])
    assert [act["action"] for act in done["acts"]] == ["screen", "verify", "feedback", "order", "feedback", "confirm"]
    assert [act["by"]["id"] for act in done["acts"]] == [supervisor.id, supervisor.id, visitor.id, supervisor.id, officer.id, supervisor.id]
    assert done["acts"][: len(ordered["acts"])] == ordered["acts"], "what was done stays as it was"
    assert told(db, case, "supervision_closed") == [("officers", world.department["id"], None)]


def test_what_is_final_is_final_and_steps_have_their_order(supervisor, case, due, world):
    assert step(supervisor, case, "confirm") == problem(409, "not_allowed_now")
    refused = step(supervisor, case, "feedback")
    assert refused == problem(409, "not_allowed_now") and refused.json["allowed"] == ["dismiss", "order", "remind", "verify"]
    assert step(supervisor, case, "dismiss", text="经核实不属实。")["status"] == "dismissed"
    for action, body in [("verify", {"due": due}), ("order", {"due": due, "department": world.department["id"]}), ("dismiss", {}), ("remind", {"staff": [supervisor.id], "level": 1})]:
        assert step(supervisor, case, action, **body) == problem(409, "not_allowed_now"), action


def test_a_case_is_about_exactly_what_it_says(supervisor, about, world):
    for change in ({"subject": "cluster"}, {"department": world.department["id"]}, {"complaint": world.department["id"]}, {"due": "2026-01-01T00:00:00Z"}):
        assert supervisor.post("/v1/supervision", {**about, **change}) == problem(422, "invalid_input"), change
    body = {"subject": "department", "department": world.department["id"], "text": "答复流于形式。", "due": about["due"]}
    opened = supervisor.post("/v1/supervision", body).json
    assert (opened["subject"], opened["complaint"], opened["department"]["id"]) == ("department", None, world.department["id"])
    assert supervisor.post("/v1/supervision", {**body, "department": about["complaint"]}) == problem(422, "invalid_input")


def test_a_case_may_be_about_a_cluster(supervisor, about, db):
    cluster = str(db.value("insert into wall.cluster values ('home', gen_random_uuid(), wall_now()) returning cluster"))
    opened = supervisor.post("/v1/supervision", {"subject": "cluster", "cluster": cluster, "text": "集中反映。", "due": about["due"]}).json
    assert (opened["subject"], opened["cluster"], opened["department"]) == ("cluster", cluster, None)


def test_only_supervisors_open_and_decide(dispatcher, officer, visitor, resident, stranger, supervisor, case, about, due):
    for actor in (dispatcher, officer, visitor, resident):
        assert actor.post("/v1/supervision", about) == problem(403, "not_permitted")
        assert step(actor, case, "dismiss") == problem(403, "not_permitted")
    assert stranger.get("/v1/supervision") == problem(401, "not_signed_in")
    assert resident.get("/v1/supervision") == problem(403, "not_permitted")
    assert step(officer, case, "feedback") == problem(403, "not_permitted"), "nothing was ordered of the department"
    assert step(dispatcher, case, "feedback") == problem(403, "not_permitted")


def test_a_case_is_seen_by_those_it_concerns(supervisor, dispatcher, officer, other_officer, visitor, case, about, due, world):
    assert case["id"] in listed(supervisor) and case["id"] in listed(dispatcher) and case["id"] in listed(officer)
    for actor in (other_officer, visitor):
        assert case["id"] not in listed(actor)
        assert actor.get(f"/v1/supervision/{case['id']}") == problem(404, "not_found")
        assert step(actor, case, "feedback") == problem(404, "not_found")
    step(supervisor, case, "order", department=world.other_department["id"], due=due)
    assert case["id"] in listed(other_officer)
    assert step(other_officer, case, "feedback", text="已协助处理。").status == 200
    assert step(officer, case, "feedback") == problem(403, "not_permitted")


def test_lists_are_filtered_and_paged(supervisor, case, about, clock, world, due):
    clock.advance(seconds=1)
    later = supervisor.post("/v1/supervision", {"subject": "department", "department": world.other_department["id"], "text": "答复流于形式。", "due": due}).json
    step(supervisor, later, "dismiss")
    assert listed(supervisor)[:2] == [later["id"], case["id"]]
    assert [item["id"] for item in supervisor.items("/v1/supervision", {"limit": 1})] == listed(supervisor)
    assert later["id"] in listed(supervisor, status="dismissed") and case["id"] not in listed(supervisor, status="dismissed")
    assert case["id"] in listed(supervisor, subject="complaint") and later["id"] not in listed(supervisor, subject="complaint")
    assert listed(supervisor, department=world.other_department["id"]) == [later["id"]]


def test_staff_see_the_cases_of_a_complaint_and_its_reporter_does_not(world, supervisor, officer, due, stranger):
    complaint = world.complaint("assigned")
    body = {"subject": "complaint", "complaint": complaint.id, "text": "请核实。", "due": due}
    case = supervisor.post("/v1/supervision", body).json
    for actor in (supervisor, officer, world.dispatcher):
        assert actor.sees(complaint)["supervision"] == [{"id": case["id"], "status": "screened"}]
    assert "supervision" not in complaint.shown and "supervision" not in stranger.get(complaint.path).json


def test_named_people_are_reminded_with_a_level_and_acknowledging_stops_nothing(supervisor, officer, other_officer, visitor, case, clock, db):
    reminded = step(supervisor, case, "remind", staff=[officer.id, other_officer.id], level=2, text="请尽快办理。").json
    assert (reminded["status"], reminded["due"]) == ("screened", case["due"])
    assert sorted(told(db, case, "supervision_reminder")) == sorted([("staff", None, officer.id), ("staff", None, other_officer.id)])
    (reminder,) = officer.items("/v1/reminders", {"open": "true"})
    assert reminder["id"][14] == "7", "its id is ordered by the moment, like all"
    assert (reminder["level"], reminder["text"], reminder["acknowledged"], reminder["by"]["id"]) == (2, "请尽快办理。", None, supervisor.id)
    assert shown(other_officer, case)["id"] == case["id"], "who is reminded may look"
    path = f"/v1/reminders/{reminder['id']}/acknowledge"
    assert visitor.post(path) == problem(404, "not_found") == other_officer.post(path)
    clock.advance(minutes=5)
    at = clock.now
    assert officer.post(path)["acknowledged"] == at
    clock.advance(minutes=5)
    assert officer.post(path)["acknowledged"] == at, "once"
    assert officer.items("/v1/reminders", {"open": "true"}) == [] and len(officer.items("/v1/reminders", {"open": "false"})) == 1
    after = shown(supervisor, case)
    assert (after["status"], after["due"]) == ("screened", case["due"])
    assert sorted(one["acknowledged"] or "" for one in after["acts"][-1]["reminders"]) == ["", at]


def test_nobody_is_reminded_who_does_not_exist(supervisor, case):
    for staff in ([], [case["id"]], [supervisor.id, case["id"]]):
        assert step(supervisor, case, "remind", staff=staff, level=1) == problem(422, "invalid_input")
    assert len(shown(supervisor, case)["acts"]) == 1


def test_a_step_that_is_overdue_reminds_its_owner_once_at_its_due(supervisor, visitor, case, clock, db):
    step(supervisor, case, "verify", owner=visitor.id, due=clock.after(hours=1))
    due = clock.after(hours=1)
    clock.advance(hours=1)
    assert told(db, case, "supervision_overdue") == [], "exactly at its due it is in time"
    clock.advance(hours=5)
    until(lambda: told(db, case, "supervision_overdue"), 10, "the owner to be told")
    clock.advance(hours=5)
    assert told(db, case, "supervision_overdue") == [("staff", None, visitor.id), ("supervisor", None, None)]
    after = shown(supervisor, case)
    assert [(act["action"], act["at"], act["by"]) for act in after["acts"]][2:] == [("overdue", due, None)]
    assert after["overdue"] is True and after["status"] == "verifying"
    assert step(visitor, case, "feedback", text="已核实，情况属实。")["overdue"] is False


def test_who_leaves_the_service_passes_on_the_steps_that_were_his(world, admin, supervisor, due, about, clock, db, daemon):
    leaving, heir = world.new_staff("visitor"), world.new_staff("visitor")
    late, running, done = (supervisor.post("/v1/supervision", about).json for _ in range(3))
    for one, until_when in ((late, clock.after(hours=1)), (running, due), (done, due)):
        step(supervisor, one, "verify", owner=leaving.id, due=until_when)
    step(supervisor, done, "dismiss")
    clock.advance(hours=2)
    assert admin.patch(f"/v1/staff/{leaving.id}", {"active": False, "successor": done["id"]}) == problem(422, "invalid_input")
    assert admin.patch(f"/v1/staff/{leaving.id}", {"active": False, "successor": heir.id}).status == 200
    for one, actions in ((late, ["screen", "verify", "overdue", "pass_on"]), (running, ["screen", "verify", "pass_on"])):
        after = shown(heir, one)
        assert ([act["action"] for act in after["acts"]], after["status"], after["owner"]["id"]) == (actions, "verifying", heir.id)
        assert (after["acts"][-1]["by"]["id"], after["due"]) == (admin.id, after["acts"][1]["due"])
        assert told(db, one, "supervision_passed_on") == [("staff", None, heir.id)]
    assert shown(supervisor, done)["acts"][-1]["action"] == "dismiss"
    assert admin.patch(f"/v1/staff/{heir.id}", {"active": False}).status == 200
    assert shown(supervisor, running)["owner"] is None and told(db, running, "supervision_passed_on")[1:] == [("supervisor", None, None)]
    clock.advance(days=3)
    until(lambda: told(db, running, "supervision_overdue"), 10, "the supervisors to be told")
    assert told(db, running, "supervision_overdue") == [("supervisor", None, None)] and len(told(db, late, "supervision_overdue")) == 2
    assert daemon.verify()[0] == 0


def test_an_overdue_order_tells_the_department_as_well(supervisor, case, clock, world, db):
    step(supervisor, case, "order", department=world.other_department["id"], due=clock.after(hours=1))
    clock.advance(hours=2)
    until(lambda: told(db, case, "supervision_overdue"), 10, "them to be told")
    assert told(db, case, "supervision_overdue") == [("staff", None, supervisor.id), ("officers", world.other_department["id"], None)]


def test_a_case_that_opened_by_itself_goes_the_same_way(world, supervisor, clock, db):
    complaint = world.complaint("assigned")
    clock.advance(days=3)
    (mine,) = [item for item in supervisor.items("/v1/supervision", {"subject": "complaint", "limit": 100}) if item["complaint"]["id"] == complaint.id]
    assert mine["id"][14] == "7", "its id is ordered by the moment, like all"
    assert (mine["rule"], mine["status"], mine["by"], mine["owner"]["id"]) == ("two_cutoffs", "screened", None, supervisor.id)
    until(lambda: ("staff", None, supervisor.id) in told(db, mine, "supervision_overdue"), 10, "its owner to be told")
    verified = step(supervisor, mine, "verify", due=clock.after(days=1))
    assert (verified["status"], verified["owner"]["id"]) == ("verifying", supervisor.id)
    world.officer.answers(complaint)
    assert step(supervisor, mine, "confirm", text="已答复。")["status"] == "confirmed"


def test_a_step_is_taken_of_what_was_seen(supervisor, case, due, officer):
    path = f"/v1/supervision/{case['id']}"
    seen = supervisor.get(path).etag
    assert supervisor.get(path, headers={"If-None-Match": seen}).status == 304
    taken = supervisor.post(path + "/verify", {"due": due}, headers={"If-Match": seen})
    assert taken.status == 200 and taken.etag == supervisor.get(path).etag != seen
    assert supervisor.post(path + "/dismiss", {"text": "不属实。"}, headers={"If-Match": seen}) == problem(412, "changed_meanwhile")
    assert officer.post(path + "/dismiss", {"text": "不属实。"}, headers={"If-Match": seen}) == problem(403, "not_permitted"), "who may not learns nothing"
    assert len(shown(supervisor, case)["acts"]) == 2


def test_a_repeat_of_a_request_takes_no_second_step(supervisor, case, due, about):
    one = supervisor.post("/v1/supervision", about, headers={"Idempotency-Key": "case-1"})
    assert supervisor.post("/v1/supervision", about, headers={"Idempotency-Key": "case-1"})["id"] == one["id"]
    for _ in range(2):
        again = supervisor.post(f"/v1/supervision/{case['id']}/verify", {"due": due}, headers={"Idempotency-Key": "step-1"})
        assert again.status == 200 and [act["action"] for act in again["acts"]] == ["screen", "verify"]


@pytest.mark.parametrize("table", ["supervision", "supervision_act", "supervision_reminder", "supervision_acknowledgement"])
def test_the_daemon_can_change_and_erase_nothing_of_it(db, table):
    for right in ("insert", "update", "delete"):
        assert db.value("select has_table_privilege('echo_wall_daemon', %s, %s)", f"wall.{table}", right) is False, (table, right)
