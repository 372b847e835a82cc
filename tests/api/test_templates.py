"""Texts that a department replies with again and again."""

import pytest

from support.answer import problem

TEXT = {"title": "已派工", "text": "您反映的 {number} 号问题，{department}已派人处理。"}


def keeps(actor, **more):
    answer = actor.post("/v1/templates", {**TEXT, **more})
    assert answer.status == 201, answer
    return answer


def ids(actor, **query):
    return [item["id"] for item in actor.items("/v1/templates", query)]


def test_an_officer_has_those_of_the_department_and_everybodys(officer, other_officer, department, dispatcher):
    own, shared = keeps(officer), keeps(dispatcher)
    assert (own["department"], shared["department"]) == (department["id"], None)
    assert {own["id"], shared["id"]} <= set(ids(officer))
    assert own["id"] not in ids(other_officer) and shared["id"] in ids(other_officer)
    assert {own["id"], shared["id"]} <= set(ids(dispatcher))
    assert set(ids(dispatcher, department=department["id"])) & {own["id"], shared["id"]} == {own["id"]}
    assert ids(officer, limit=1) == ids(officer), "page by page"


def test_the_working_group_keeps_them_for_a_department_as_well(dispatcher, supervisor, officer, other_officer, department):
    made = keeps(supervisor, department=department["id"])
    assert made["id"] in ids(officer) and made["id"] not in ids(other_officer)
    assert officer.patch(made.headers["Location"], {"title": "改"})["title"] == "改"
    refused = dispatcher.post("/v1/templates", {**TEXT, "department": made["id"]})
    assert refused == problem(422, "unknown_department")


def test_they_come_filled_in_for_a_complaint(world, officer, department):
    complaint = world.complaint("assigned")
    made = keeps(officer)
    filled = {item["id"]: item["filled"] for item in officer.items("/v1/templates", {"complaint": complaint.id})}
    assert filled[made["id"]] == f"您反映的 {complaint.number} 号问题，{department['name']}已派人处理。"
    assert "filled" not in officer.get(made.headers["Location"]).json


def test_a_complaint_that_is_not_the_callers_fills_nothing(world, anonymous, officer):
    elsewhere = anonymous.files(visibility="private")
    assert officer.get("/v1/templates", {"complaint": elsewhere.id}) == problem(404, "not_found")
    assert officer.get("/v1/templates", {"complaint": officer.id}) == problem(404, "not_found")


def test_an_officer_changes_the_own_departments_alone(officer, other_officer, other_department, dispatcher):
    own, shared = keeps(officer).headers["Location"], keeps(dispatcher).headers["Location"]
    assert other_officer.get(own) == problem(404, "not_found")
    assert other_officer.patch(own, {"title": "x"}) == problem(404, "not_found")
    assert other_officer.delete(own) == problem(404, "not_found")
    assert officer.get(shared).status == 200
    assert officer.patch(shared, {"title": "x"}) == problem(403, "not_permitted")
    assert officer.delete(shared) == problem(403, "not_permitted")
    assert officer.post("/v1/templates", {**TEXT, "department": other_department["id"]}) == problem(403, "not_permitted")


def test_a_template_is_changed_and_deleted_and_the_audit_says_so(officer, dispatcher, admin, clock):
    made = keeps(officer)
    path = made.headers["Location"]
    clock.advance(minutes=1)
    changed = dispatcher.post(path, {"text": "已派人。", "title": None})
    assert (changed["title"], changed["text"]) == (TEXT["title"], "已派人。") and changed["changed"] > made["changed"]
    assert officer.delete(path).status == 204
    assert officer.get(path) == problem(404, "not_found")
    assert officer.delete(path) == problem(404, "not_found")
    assert made["id"] not in ids(officer)
    noted = [(item["actor"], item["action"], item["data"]) for item in admin.items("/v1/audit") if item["subject"] == made["id"]]
    assert noted == [
        (officer.id, "forget_template", {}),
        (dispatcher.id, "change_template", {"title": None, "text": "changed"}),
        (officer.id, "add_template", {"title": TEXT["title"]}),
    ]


@pytest.mark.parametrize("wrong, pointer", [({"title": ""}, "/title"), ({"text": "\u200b"}, "/text"), ({"text": "坏" * 8001}, "/text"), ({"department": "x"}, "/department")])
def test_a_wrong_template_is_refused_and_named(officer, wrong, pointer):
    refused = officer.post("/v1/templates", {**TEXT, **wrong})
    assert refused == problem(422, "invalid_input")
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_templates_are_for_those_who_reply(resident, visitor, admin, stranger):
    for actor in (resident, visitor, admin):
        assert actor.get("/v1/templates") == problem(403, "not_permitted")
        assert actor.post("/v1/templates", TEXT) == problem(403, "not_permitted")
    assert stranger.get("/v1/templates") == problem(401, "not_signed_in")


def test_what_is_sent_twice_is_kept_once(officer):
    first, again = (officer.post("/v1/templates", TEXT, headers={"Idempotency-Key": "template-1"}) for _ in range(2))
    assert first["id"] == again["id"]
