"""Who is known to whom, and for how long: more private never less, reveals by two people, forgetting, export."""

import json
import uuid

import pytest

from support.actor import Complaint
from support.answer import problem
from support.pictures import jpeg
from support.wait import until
from support.world import unique

CONTACT = {"name": "欧阳小明", "phone": "13912345678"}


def named(reporter, **more):
    return reporter.files(**{"identity": "named", "contact": CONTACT, **more})


@pytest.fixture
def masked(anonymous, dispatcher, department):
    complaint = anonymous.files(identity="masked", contact=CONTACT)
    dispatcher.assigns(complaint, department)
    return complaint


def holds(response, *words):
    text = response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)
    return [word for word in words if word in text]


# Masked


def test_the_department_sees_an_alias_of_a_masked_reporter_and_nothing_else(masked, anonymous, officer, dispatcher, supervisor, visitor, daemon):
    officer.answers(masked, "已修好。")
    anonymous.writes(masked, "谢谢。")
    for actor in (officer, dispatcher, supervisor):
        shown = actor.sees(masked)
        assert shown["alias"].startswith("居民 ") and "contact" not in shown
        seen = [shown, actor.events_of(masked), *actor.items("/v1/desk/unanswered")]
        assert not holds(seen, *CONTACT.values())
    assert visitor.sees(masked)["contact"] == CONTACT

    def told(event):
        lines = daemon.outbox.read_text().splitlines() if daemon.outbox.exists() else []
        return [line for line in map(json.loads, lines) if line.get("complaint") == masked.id and line["event"] == event]

    until(lambda: told("answer") and told("messages"), 10, "the outbox to be delivered")
    assert told("answer")[0]["audience"] == "reporter" and told("answer")[0]["phone"] == CONTACT["phone"]
    assert not holds([told("assign"), told("messages")], *CONTACT.values())


# More private, never less


def test_a_reporter_becomes_more_private_never_less(anonymous, dispatcher, officer, department):
    complaint = named(anonymous)
    dispatcher.assigns(complaint, department)
    assert officer.sees(complaint)["contact"] == CONTACT
    assert anonymous.does(complaint, "privacy", identity="masked")["identity"] == "masked"
    assert officer.sees(complaint)["alias"].startswith("居民 ") and "contact" not in officer.sees(complaint)
    for less in ({"identity": "named"}, {"identity": "named", "visibility": "private"}):
        refused = anonymous.does(complaint, "privacy", **less)
        assert refused == problem(422, "less_private") and refused.json["errors"][0]["pointer"] == "/identity"
    assert complaint["visibility"] == "public"
    assert anonymous.does(complaint, "privacy", visibility="private", round_times=True)["visibility"] == "private"
    assert anonymous.does(complaint, "privacy", visibility="public") == problem(422, "less_private")
    assert anonymous.does(complaint, "privacy", round_times=False) == problem(422, "less_private")
    assert anonymous.does(complaint, "privacy", identity="anonymous")["identity"] == "anonymous"
    assert anonymous.does(complaint, "privacy", identity="anonymous") == problem(409, "not_allowed_now")
    changes = [event["data"] for event in anonymous.events_of(complaint) if event["action"] == "privacy"]
    assert changes == [{"identity": "masked"}, {"visibility": "private", "round_times": True}, {"identity": "anonymous"}]


def test_nobody_else_makes_a_complaint_private(masked, officer, dispatcher, supervisor, neighbour):
    for actor in (officer, dispatcher, supervisor, neighbour):
        assert actor.does(masked, "privacy", identity="anonymous") == problem(403, "not_permitted")


def test_asking_for_what_is_so_already_changes_nothing(anonymous):
    complaint = anonymous.files()
    before = complaint.shown
    assert anonymous.does(complaint, "privacy", identity="anonymous", visibility="public").json == before


def test_who_becomes_anonymous_is_forgotten_and_only_the_receipt_opens_it(resident, stranger, officer, dispatcher, department, db):
    complaint = resident.files(identity="named", visibility="private")
    dispatcher.assigns(complaint, department)
    shown = resident.does(complaint, "privacy", identity="anonymous")
    assert (shown.status, shown["identity"]) == (200, "anonymous")
    assert resident.get(complaint.path) == problem(404, "not_found")
    assert complaint.id not in [item["id"] for item in resident.items("/v1/me/complaints")]
    assert stranger.looks_at(complaint)["text"] == complaint.first["text"]
    assert "contact" not in officer.sees(complaint)
    assert db.value("select count(*) from complaint_identity where complaint = %s", complaint.id) == 0
    assert db.value("select what from retention_run where subject = %s", complaint.id) == "became_anonymous"
    officer.answers(complaint, "已修好。")
    assert db.value("select count(*) from outbox where complaint = %s and sealed is not null", complaint.id) == 0


def test_a_public_complaint_made_private_leaves_every_public_place(anonymous, stranger):
    complaint = anonymous.files("电梯总是停在三楼。")
    assert stranger.get(complaint.path).status == 200
    assert anonymous.does(complaint, "privacy", visibility="private").status == 200
    assert stranger.get(complaint.path) == problem(404, "not_found")
    assert stranger.get(f"{complaint.path}/events") == problem(404, "not_found")
    assert complaint.id not in [item["id"] for item in stranger.items("/v1/complaints")]


# Reveals


@pytest.fixture
def second(world):
    return world.new_staff("supervisor")


def asks_for(actor, complaint, reason="涉嫌人身威胁，需联系本人核实。"):
    return actor.post("/v1/identity-reveals", {"complaint": complaint.id, "reason": reason})


def test_a_reveal_needs_a_reason_and_a_second_person_and_the_reporter_is_told(masked, anonymous, dispatcher, supervisor, second, officer, daemon, clock, db):
    assert dispatcher.post("/v1/identity-reveals", {"complaint": masked.id}) == problem(422, "invalid_input")
    asked = asks_for(dispatcher, masked)
    assert asked.status == 201 and asked["approved"] is None
    path = asked.headers["Location"]
    assert "contact" not in dispatcher.get(path).json
    assert dispatcher.post(f"{path}/approve") == problem(403, "not_permitted")
    approved = supervisor.post(f"{path}/approve")
    assert approved.status == 200 and approved["approver"]["id"] == supervisor.id
    assert approved["until"] == clock.after(hours=24)
    assert dispatcher.get(path)["contact"] == CONTACT
    assert "contact" not in supervisor.get(path).json and "contact" not in second.get(path).json
    assert "contact" not in officer.sees(masked) and "contact" not in dispatcher.sees(masked)
    assert second.post(f"{path}/approve") == problem(409, "already_approved")
    event = anonymous.events_of(masked)[-1]
    assert (event["action"], event["by"]) == ("reveal", "supervisor")
    assert db.all("select event from outbox where complaint = %s and audience = 'reporter'", masked.id) == [("reveal",)]
    assert db.all("select action from audit where subject = %s order by audit", masked.id) == [
        ("request_reveal",), ("approve_reveal",), ("see_contact",)
    ]  # fmt: skip


def test_what_is_revealed_is_shown_for_a_limited_time(masked, dispatcher, supervisor, clock):
    path = asks_for(dispatcher, masked).headers["Location"]
    supervisor.post(f"{path}/approve")
    clock.advance(hours=24)
    assert dispatcher.get(path)["contact"] == CONTACT
    clock.advance(seconds=1)
    assert "contact" not in dispatcher.get(path).json


def test_nobody_agrees_with_himself(masked, supervisor, second):
    path = asks_for(supervisor, masked).headers["Location"]
    assert supervisor.post(f"{path}/approve") == problem(409, "needs_second_person")
    assert second.post(f"{path}/approve").status == 200


def test_reveals_are_listed_for_supervisors_and_ones_own_for_a_dispatcher(masked, world, supervisor, dispatcher):
    mine, theirs = asks_for(dispatcher, masked)["id"], asks_for(supervisor, masked)["id"]
    assert {mine, theirs} <= {item["id"] for item in supervisor.items("/v1/identity-reveals")}
    assert theirs not in {item["id"] for item in dispatcher.items("/v1/identity-reveals")}
    assert dispatcher.get(f"/v1/identity-reveals/{theirs}") == problem(404, "not_found")
    assert [item["id"] for item in supervisor.items("/v1/identity-reveals", {"limit": 1})][:2] == [theirs, mine]


def test_there_is_nothing_to_reveal_of_an_anonymous_complaint(anonymous, masked, dispatcher, supervisor):
    assert asks_for(dispatcher, anonymous.files()) == problem(409, "nothing_to_reveal")
    path = asks_for(dispatcher, masked).headers["Location"]
    anonymous.does(masked, "privacy", identity="anonymous")
    assert supervisor.post(f"{path}/approve") == problem(409, "nothing_to_reveal")
    nowhere = Complaint({"id": str(uuid.uuid4()), "number": "x"}, anonymous)
    assert asks_for(dispatcher, nowhere) == problem(422, "invalid_input")


@pytest.mark.parametrize("role", ["officer", "visitor", "admin", "resident", "anonymous"])
def test_a_reveal_is_for_the_working_group_alone(world, masked, role):
    assert asks_for(getattr(world, role), masked).status in (401, 403)


# Forgetting


@pytest.fixture
def two_days(admin):
    """How long it is known who somebody was: by the first policy 180 days, here two."""
    first = admin.get("/v1/policies")["items"][-1]
    assert first["retention"] == "P180D"
    assert admin.post("/v1/policies", {"retention": "P2D"}).status == 201
    yield
    assert admin.post("/v1/policies", {"retention": first["retention"]}).status == 201


def test_identity_is_forgotten_some_days_after_closing_and_the_complaint_stays(two_days, world, anonymous, resident, officer, daemon, clock, db):
    closed = [world.complaint("closed", anonymous, identity="masked", contact=CONTACT), world.complaint("closed", resident, identity="named")]
    still_open = world.complaint("assigned", anonymous, identity="named", contact=CONTACT)
    clock.advance(days=2)
    assert [officer.sees(complaint)["identity"] for complaint in closed] == ["masked", "named"]
    clock.advance(seconds=1)
    for complaint in closed:
        shown = officer.sees(complaint)
        assert (shown["identity"], shown["text"]) == ("anonymous", complaint.first["text"])
        assert db.value("select count(*) from complaint_identity where complaint = %s", complaint.id) == 0
        assert db.value("select what from retention_run where subject = %s", complaint.id) == "retention"
    assert closed[0].reporter.events_of(closed[0])[-1]["action"] == "anonymise"
    assert officer.sees(still_open)["contact"] == CONTACT
    assert daemon.verify()[0] == 0


def test_a_resident_gets_everything_that_is_held_about_him(world, anonymous, resident, dispatcher, officer, db):
    complaint = world.complaint("answered", resident, identity="masked")
    resident.writes(complaint, "谢谢师傅。")
    resident.rates(complaint, comment="满意。")
    dispatcher.files("代为登记。", identity="named", channel="phone", contact={"name": "某人", "phone": resident.phone})
    hidden = resident.files("不想让人知道是我。", identity="anonymous")
    held = resident.get("/v1/me/export")
    assert held.status == 200
    (one,) = held["complaints"]
    assert one["id"] == complaint.id and one["messages"][0]["text"] == "谢谢师傅。" and one["ratings"][0]["comment"] == "满意。"
    assert [event["action"] for event in one["events"]][:2] == ["submit", "assign"]
    assert held["contact"]["phone"] == resident.phone and len(held["sessions"]) == 1
    assert len(held["filed_with_this_phone"]) == 1 and hidden.number not in held.text
    assert db.value("select count(*) from audit where action = 'export_resident' and actor = %s", resident.id) == 1
    assert officer.get("/v1/me/export") == problem(403, "not_permitted")


def test_a_resident_who_wants_it_is_forgotten(world, resident, neighbour, stranger, officer, dispatcher, supervisor, daemon, db):
    words = ("隐私甲乙丙", "隐私丁戊己", "隐私庚辛壬", "隐私子丑寅")
    closed = world.complaint("closed", resident, text=f"{words[0]}漏水。", title=words[1], place=words[1], identity="named", latitude=31, longitude=121)
    resident.writes(closed, words[2])
    shown = resident.files(text=words[0], identity="named")
    (picture,) = resident.shows(shown, 1, jpeg(61, 37))["pictures"]
    assert stranger.looks_at_picture(picture).status == 200
    running = world.complaint("assigned", resident, text=words[0], identity="masked")
    officer.notes(running, f"住户说：{words[3]}。")
    theirs = dispatcher.files(identity="named", channel="phone", contact={"name": "某人", "phone": resident.phone})
    public = world.complaint("assigned")
    assert resident.put(f"{public.path}/support").status in (200, 201)
    assert resident.delete("/v1/me").status == 204
    assert resident.get("/v1/me") == problem(401, "not_signed_in")
    assert stranger.looks_at_picture(picture) == problem(404, "not_found")
    assert db.value("select count(*) from picture where complaint = %s", shown.id) == 0
    for complaint in (closed, running, shown):
        assert stranger.looks_at(complaint) == problem(404, "not_found")
        assert stranger.get(complaint.path) == problem(404, "not_found")
    for complaint in (closed, running):
        shown = officer.sees(complaint)
        assert shown["identity"] == "anonymous" and shown["place"] is None and shown["latitude"] is None
        assert not holds([shown, officer.events_of(complaint)], *words, resident.phone)
    assert (officer.sees(closed)["status"], officer.sees(running)["status"]) == ("closed", "withdrawn")
    assert officer.sees(closed)["replies"][0]["public_text"] == "已派人修好，请查看。"
    assert "contact" not in dispatcher.sees(theirs) and public["supporters"] == 1
    for table, column in (("resident", "resident"), ("session", "resident"), ("complaint_identity", "resident"), ("support", "resident")):
        assert db.value(f"select count(*) from {table} where {column} = %s", resident.id) == 0
    tables = [row[0] for row in db.all("select oid::regclass::text from pg_class where relnamespace = 'wall'::regnamespace and relkind = 'r'")]
    until(lambda: not [table for table in tables for row in db.all(f"select t::text from {table} t") if holds(row[0], *words)], 10, "the words to be gone")
    assert db.value("select count(*) from retention_run where subject = %s", resident.id) == 1
    assert daemon.verify()[0] == 0


# Audit


def test_what_the_admin_changes_is_in_the_audit(world, admin):
    member = world.new_staff("visitor")
    assert admin.patch(f"/v1/staff/{member.id}", {"password": "another password"}).status == 200
    key = admin.post("/v1/keys", {"name": "counter", "scopes": ["metrics:read"]})["id"]
    assert admin.delete(f"/v1/keys/{key}").status == 200
    assert admin.put("/v1/calendar/2031-10-01", {"working": False, "name": "国庆节"}).status == 200
    assert admin.delete("/v1/calendar/2031-10-01").status == 200
    code = unique("b")
    assert admin.post("/v1/buildings", {"code": code, "name": "新楼"}).status == 201
    noted = [(item["action"], item["subject"], item["data"]) for item in admin.get("/v1/audit", {"limit": 100})["items"]]
    for wanted in (
        ("change_staff", member.id, {"password": "changed"}),
        ("revoke_key", key, {}),
        ("set_day", None, {"day": "2031-10-01", "working": False, "name": "国庆节"}),
        ("forget_day", None, {"day": "2031-10-01"}),
        ("add_building", None, {"code": code, "name": "新楼"}),
    ):
        assert wanted in noted


def test_signing_out_is_noted_of_staff_and_not_of_residents(world, admin):
    visitor, resident = world.new_staff("visitor"), world.new_resident()
    for actor in (visitor, resident):
        assert actor.delete("/v1/sessions/current").status == 204
    assert len(admin.items("/v1/audit", {"action": "sign_out", "actor": visitor.id})) == 1
    assert admin.items("/v1/audit", {"action": "sign_out", "actor": resident.id}) == []


def test_the_audit_tells_who_did_what(masked, admin, supervisor, dispatcher, officer, resident):
    asks_for(dispatcher, masked, "核实情况。")
    newest = supervisor.get("/v1/audit", {"action": "request_reveal"})["items"][0]
    assert (newest["actor"], newest["actor_kind"], newest["subject"]) == (dispatcher.id, "dispatcher", masked.id)
    assert newest["data"]["reason"] == "核实情况。"
    signed_in = admin.items("/v1/audit", {"action": "sign_in", "actor": dispatcher.id})
    assert signed_in and {item["action"] for item in signed_in} == {"sign_in"}
    ids = [int(item["id"]) for item in admin.items("/v1/audit", {"limit": 7})]
    assert ids == sorted(set(ids), reverse=True)
    for actor in (dispatcher, officer, resident):
        assert actor.get("/v1/audit") == problem(403, "not_permitted")
