"""The policy time machine: what the last days would have come to under another policy, without touching anything."""

import pytest

from support.answer import problem
from support.world import World


@pytest.fixture
def town(new_site):
    site = new_site()
    world = World(site.daemon())
    site.clock.to("10:00")
    world.clock = site.clock
    return world


def test_a_shorter_time_to_reply_shows_who_would_have_been_late(town):
    complaint = town.complaint("assigned")
    town.clock.advance(hours=13)
    town.officer.answers(complaint)
    before = town.anonymous.get("/v1/policies").json
    answer = town.supervisor.post("/v1/policies/simulate", {"days": 3, "policy": {"reply": "PT12H"}})
    assert answer.status == 200, answer
    compared = answer.json["figures"]["on_time_rate"]
    assert [(compared[one]["numerator"], compared[one]["denominator"]) for one in ("was", "would_be")] == [(1, 1), (0, 1)]
    assert compared["difference"] == -100
    water = [one for one in answer.json["departments"] if one["id"] == town.department["id"]]
    assert water[0]["figures"]["on_time_rate"] == compared
    assert town.anonymous.get("/v1/policies").json == before
    assert town.anonymous.get("/v1/figures").json["figures"]["on_time_rate"]["numerator"] == 1
    asked = {"days": 3, "policy": {}}
    assert town.officer.post("/v1/policies/simulate", asked) == problem(403, "not_permitted")
    assert town.supervisor.post("/v1/policies/simulate", {**asked, "days": 93}) == problem(422, "invalid_input")
    same = town.admin.post("/v1/policies/simulate", asked).json
    assert all(one["difference"] in (0, None) for one in same["figures"].values())
