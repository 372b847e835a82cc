"""Early warnings and the list of the month, over HTTP."""

import itertools
import json
import uuid

import pytest

from support.actor import Actor
from support.answer import problem
from support.world import World

serial = itertools.count(1)
NOWHERE = "0198c0de-0000-7000-8000-000000000000"


@pytest.fixture(scope="module", autouse=True)
def weeks(site):
    """There are nine weeks before the first burst, and nothing is about the same matter."""
    World(site.daemons[0]).admin.post("/v1/policies", {"cluster_from": 1})
    site.clock.advance(days=64)


def files(world, **body):
    return Actor(world.daemon).files(f"第 {next(serial)} 件，{uuid.uuid4().hex}", **body)


@pytest.fixture
def building(admin):
    code = f"W{next(serial)}"
    assert admin.post("/v1/buildings", {"code": code, "name": f"{code} 号楼"}).status == 201
    return code


@pytest.fixture
def burst(world, clock, building):
    """Six people of one building complain, one in private; an hour later somebody has looked."""
    filed = [files(world, category="logistics", building=building, visibility="private" if n == 0 else "public") for n in range(6)]
    clock.advance(hours=1)
    return filed


def warnings(actor, **asked):
    return actor.items("/v1/warnings", {"limit": 100, **asked})


def ids(items):
    return {item["id"] for item in items}


def test_a_burst_is_told_to_those_who_watch_with_its_evidence(world, burst, building, supervisor, dispatcher, db, clock):
    (warning,) = warnings(supervisor, building=building)
    assert warnings(dispatcher, building=building) == [warning]
    assert (warning["category"], warning["building"], warning["at"]) == ("logistics", building, clock.now)
    sign = warning["latest"]
    assert (sign["count"], sign["reporters"], sign["expected"], sign["weeks"]) == (6, 6, 0, [0] * 8) and 0 < sign["probability"] < 0.001
    assert ids(warning["complaints"]) == ids(burst) == ids(supervisor.items(warning["cases"], {"limit": 2}))
    told = db.all("select audience, payload from outbox where event = 'warning' and payload->>'warning' = %s order by audience", warning["id"])
    assert [audience for audience, _ in told] == ["dispatchers", "supervisor"]
    assert told[0][1] == {"warning": warning["id"], "category": "logistics", "building": building, "count": 6, "hours": sign["hours"], "expected": "0.0"}


def test_who_sees_which_warning(world, burst, building, supervisor, dispatcher, visitor, resident, stranger, officer, other_officer, admin):
    (warning,) = warnings(supervisor, building=building)
    dispatcher.assigns(burst[0], world.department)
    assert ids(warnings(other_officer, building=building)) == set() and other_officer.get(warning["cases"]) == problem(404, "not_found")
    (seen,) = warnings(officer, building=building)
    assert ids(seen["complaints"]) == ids(burst), "the private one lies with the department"
    assert stranger.get("/v1/warnings") == problem(401, "not_signed_in")
    for actor in (resident, visitor):
        assert actor.get("/v1/warnings") == problem(403, "not_permitted")
    member = resident.post("/v1/panel", {"alias": f"观察员{next(serial)}"})
    assert member.status == 201 and supervisor.post(f"/v1/panel/{member.json['id']}/admit").status == 200
    (seen,) = warnings(resident, building=building)
    assert ids(seen["complaints"]) == ids(burst[1:]) == ids(resident.items(seen["cases"])), "what is private is not the panel's"
    assert seen["latest"]["count"] == 6
    assert supervisor.get(f"/v1/warnings/{NOWHERE}/cases") == problem(404, "not_found")


def test_warnings_are_paged_and_filtered(burst, building, supervisor, clock):
    whole = [warning["id"] for warning in warnings(supervisor)]
    assert [warning["id"] for warning in supervisor.items("/v1/warnings", {"limit": 1})] == whole and len(whole) >= 2
    assert ids(warnings(supervisor, category="logistics", building=building)) == ids(warnings(supervisor, since=clock.now)) != set()
    assert warnings(supervisor, category="medical") == warnings(supervisor, since=clock.after(seconds=1)) == []
    assert supervisor.get("/v1/warnings", {"since": "yesterday"}) == problem(422, "invalid_input")


def test_two_daemons_look_once(site, world, clock, building, supervisor, db):
    site.daemon()
    for _ in range(2):
        for _ in range(5):
            files(world, category="activities", building=building)
        clock.advance(hours=3)
    (warning,) = warnings(supervisor, building=building)
    assert [sign["complaints"] for sign in warning["signs"]] == [5, 10]
    assert db.value("select count(*) from outbox where event like 'warning%%' and payload->>'warning' = %s", warning["id"]) == 4
    assert db.value("select count(*) from warning_look") == db.value("select count(*) from community")
    site.daemons.pop().stop()
    clock.daemons.pop()


def test_the_thresholds_are_for_the_admin_to_decide(admin):
    for wrong in ({"warning_stretches": []}, {"warning_stretches": ["PT1H30M"]}, {"warning_stretches": ["P8D"]}, {"warning_from": 1}, {"monthly_size": 0}):
        assert admin.post("/v1/policies", wrong) == problem(422, "invalid_input"), wrong
    made = admin.post("/v1/policies", {"warning_stretches": ["PT12H"], "warning_from": 4, "warning_p": 0.01, "monthly_from": 3, "monthly_size": 5})
    assert (made.status, made.json["warning_stretches"], made.json["monthly_size"]) == (201, ["PT12H"], 5)
    admin.post("/v1/policies", {"warning_stretches": ["PT6H", "PT24H", "P7D"], "warning_from": 5, "warning_p": 0.001, "monthly_from": 2, "monthly_size": 10})


def test_everybody_sees_what_of_a_month_is_to_be_solved_first(world, burst, building, stranger, dispatcher, admin, clock):
    named = clock.day()[:7]
    assert stranger.get(f"/v1/monthly/{named}").json["final"] is False
    notice = dispatcher.post("/v1/notices", {"kind": "notice", "title": "后勤整改", "text": "已列入计划。", "publication": "published", "complaints": [burst[1].id]})
    clock.advance(days=1)
    listed = stranger.get(f"/v1/monthly/{named}").json
    (item,) = [item for item in listed["items"] if item["building"] == building]
    assert (item["category"], item["complaints"], item["reporters"], item["open"], item["breaches"]) == ("logistics", 5, 5, 5, 0)
    assert ids(item["cases"]) == ids(burst[1:]), "the private one neither counts nor shows"
    assert [one["title"] for one in item["notices"]] == ["后勤整改"] and notice.status == 201
    assert [one["rank"] for one in listed["items"]] == list(range(1, len(listed["items"]) + 1))
    clock.advance(days=32)
    final = stranger.get(f"/v1/monthly/{named}").json
    assert final["final"] is True and final == admin.get(f"/v1/monthly/{named}").json
    assert json.dumps(final, ensure_ascii=False).count(burst[0].id) == 0


def test_a_month_that_is_none_is_422_and_one_to_come_404(stranger):
    for named in ("2026-13", "nonsense", "2026-1", "26-01", "2026-01-01", "today"):
        assert stranger.get(f"/v1/monthly/{named}") == problem(422, "invalid_input"), named
    for named in ("9999-12", "2000-01"):
        assert stranger.get(f"/v1/monthly/{named}") == problem(404, "not_found")
