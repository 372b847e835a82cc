"""The policy time machine as it is asked: who may, what is refused, and that nothing is written."""

import pytest

from support.answer import problem


@pytest.fixture
def town(world, clock):
    world.clock = clock
    return world


def everything(db):
    """Each table with all that it holds; of messages, which are passed on meanwhile, how many there are. Only a session notes that it is used."""
    tables = [name for (name,) in db.all("select table_name from information_schema.tables where table_schema = 'wall' and table_type = 'BASE TABLE'")]
    held = {name: "md5(coalesce(string_agg(t::text, ',' order by t::text), ''))" for name in tables if name != "session"} | {"outbox": "''"}
    return {name: db.all(f"select count(*), {shown} from wall.{name} t") for name, shown in held.items()}


def test_a_shorter_time_to_reply_shows_who_would_have_been_late(town, db):
    town.clock.to("10:00")
    complaint = town.complaint("assigned")
    town.clock.advance(hours=13)
    town.officer.answers(complaint)
    waiting = town.complaint("assigned")
    town.clock.advance(hours=13)
    supervisor = town.supervisor
    before = everything(db)
    answer = supervisor.post("/v1/policies/simulate", {"days": 3, "policy": {"reply": "PT12H", "quiet_from": "21:00"}})
    assert answer.status == 200, answer
    assert everything(db) == before, "a question changes nothing"
    compared = answer.json["figures"]["on_time_rate"]
    assert [(compared[one]["numerator"], compared[one]["denominator"]) for one in ("was", "would_be")] == [(1, 1), (0, 2)]
    assert compared["difference"] == -100
    water = [one for one in answer.json["departments"] if one["id"] == town.department["id"]]
    assert water[0]["figures"]["on_time_rate"] == compared
    assert [hit["complaint"] for hit in answer.json["lists"]["overdue"]["coming"]] == [{"id": waiting.id, "number": waiting["number"]}]
    assert [(told["setting"], told["reason"]) for told in answer.json["without_effect"]] == [("quiet_from", "not_counted")]
    assert set(answer.json["figures"]) == set(town.anonymous.get("/v1/figures").json["figures"])


def test_it_is_for_supervisors_and_the_admin_and_no_case_is_for_the_admin(town):
    asked = {"days": 1, "policy": {"stuck_open": "PT1H"}}
    for actor in (town.officer, town.dispatcher, town.visitor):
        assert actor.post("/v1/policies/simulate", asked) == problem(403, "not_permitted")
    assert town.anonymous.post("/v1/policies/simulate", asked) == problem(401, "not_signed_in")
    for_admin = town.admin.post("/v1/policies/simulate", asked).json["lists"]["stuck"]
    assert for_admin["come"] > 0 and "coming" not in for_admin
    today = town.supervisor.post("/v1/policies/simulate", asked).json
    assert today["from"] == today["to"] and len(today["lists"]["stuck"]["coming"]) == for_admin["come"]
    assert town.supervisor.post("/v1/policies/simulate", {"days": 92, "policy": {}}).status == 200


@pytest.mark.parametrize("asked, pointer", [
    ({"days": 0, "policy": {}}, "/days"), ({"days": 93, "policy": {}}, "/days"), ({"policy": {}}, "/days"), ({"days": 3}, "/policy"),
    ({"days": 3, "policy": {"reply": "PT5M"}}, "/policy/reply"), ({"days": 3, "policy": {"begins": "2027-01-01T00:00:00Z"}}, "/policy/begins"),
    ({"days": 3, "policy": {"cutoff": "PT25H"}}, "/policy/cutoff"), ({"days": 3, "policy": {"ladder": ["PT1H"]}}, "/policy/ladder_to"),
    ({"days": 3, "policy": {"followup_scored": "PT2H"}}, "/policy/followup_scored"), ({"days": 3, "policy": {"nonsense": 1}}, "/policy/nonsense"),
])  # fmt: skip
def test_what_a_decision_could_not_say_is_refused_and_named(town, asked, pointer):
    refused = town.supervisor.post("/v1/policies/simulate", asked)
    assert refused == problem(422, "invalid_input")
    assert pointer in [error["pointer"] for error in refused.json["errors"]]
