"""The daily clearing as it is told, shown while the day still runs, and explained."""

from datetime import datetime, timedelta

import psycopg2


def told(town, event):
    rows = town.run("select d.code, o.audience, o.payload from outbox o join department d using (community, department) where community = %s and event = %s",
                    town.name, event)  # fmt: skip
    return {(code, audience): payload for code, audience, payload in rows}


def test_who_did_not_clear_the_day_is_told_with_numbers_and_no_text(town):
    case, other = town.files(town.water), town.files()
    town.walk("2026-11-24 00:00:01")
    messages = told(town, "not_cleared")
    assert set(messages) == {("water", "officers"), ("dispatch", "dispatchers")}
    number = town.value("select number from complaint where complaint = %s", case)
    assert messages["water", "officers"] == {"day": "2026-11-23", "open": 1, "late_arrivals": 0, "cases": [{"id": case, "number": number}]}


def test_the_digest_comes_once_two_hours_before_the_cutoff(town):
    town.files(town.water)
    town.walk("2026-11-23 21:59:59")
    assert told(town, "digest") == {}
    assert town.value("select next_due() at time zone 'Asia/Shanghai'").isoformat() == "2026-11-23T22:00:00"
    town.walk("2026-11-23 22:00:00")
    town.walk("2026-11-23 22:00:01")
    assert {key: payload["unanswered"] for key, payload in told(town, "digest").items()} == {("water", "officers"): 1}
    assert town.value("select count(*) from outbox where community = %s and event = 'digest'", town.name) == 1
    assert town.value("select next_due() at time zone 'Asia/Shanghai'").isoformat() <= "2026-11-24T00:00:00.000001"


def test_a_digest_of_a_day_that_is_over_is_not_sent(town):
    town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    assert told(town, "digest") == {}


def test_today_is_computed_live_up_to_now(town):
    case = town.files(town.water)
    town.later(hours=5)
    today = town.shown("today")
    assert (today["day"], today["final"], today["cutoff"]) == ("2026-11-23", False, "2026-11-23T16:00:00.000000Z")
    as_of, grace = (datetime.fromisoformat(today[name]) for name in ("as_of", "grace"))
    assert as_of - grace == timedelta(hours=4), "what is counted as late is what came in the four hours before now"
    water = {item["department"]["code"]: item for item in today["items"]}["water"]
    assert (water["received"], water["answered"], water["open"], water["cleared"], water["idle"]) == (1, 0, 1, False, False)
    town.answers(case)
    water = {item["department"]["code"]: item for item in town.shown("today")["items"]}["water"]
    assert (water["answered"], water["open"], water["cleared"]) == (1, 0, True)


def test_the_future_and_what_was_before_the_community_are_not_shown(town):
    assert town.shown("2026-11-24") is None
    assert town.shown("2026-11-22") is None
    assert town.shown("2026-11-23")["final"] is False


def test_the_cases_are_shown_to_those_who_answer_for_them(town):
    case = town.files(town.water)
    town.files(town.garden)
    for day, when in (("today", "2026-11-23 20:00"), ("2026-11-23", "2026-11-24 00:00:01")):
        town.walk(when)
        seen = {item["department"]["code"]: item.get("cases") for item in town.shown(day, "officer", town.water)["items"]}
        assert [one["id"] for one in seen["water"]] == [case]
        assert seen["garden"] is None
        assert all("cases" not in item for item in town.shown(day)["items"])
        assert all("cases" not in item for item in town.shown(day, "resident")["items"])
        assert all("cases" in item for item in town.shown(day, "supervisor")["items"])


def test_the_publics_role_can_see_a_day_and_today(town):
    town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    town.run("set local role echo_wall_public")
    town.run("set local search_path = published, rules")
    assert [town.shown(day)["final"] for day in ("2026-11-23", "today")] == [True, False]
    assert town.figures()["figures"]["backlog"]["value"] == 1


def explain(town, day, department, role="officer", office=None):
    town.run("savepoint before")
    try:
        town.run("select body from explain_day(%s, row(gen_random_uuid(), %s, %s, null, null)::caller, %s, %s, '人手不足。', null, null)",
                 town.name, role, office, day, department)  # fmt: skip
        return "said"
    except psycopg2.Error as fault:
        town.run("rollback to before")
        return fault.diag.constraint_name


def test_an_explanation_is_owed_once_by_the_department_for_a_dirty_day(town):
    town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    assert explain(town, "2026-11-23", town.water, office=town.garden) == "not_permitted"
    assert explain(town, "2026-11-23", town.water, role="dispatcher") == "not_permitted"
    assert explain(town, "2026-11-23", town.garden, office=town.garden) == "not_allowed_now"
    assert explain(town, "2026-11-24", town.water, office=town.water) == "not_allowed_now"
    assert explain(town, "today", town.water, office=town.water) == "not_allowed_now"
    assert explain(town, "2026-11-25", town.water, office=town.water) == "not_found"
    assert explain(town, "2026-11-23", "00000000-0000-7000-8000-ffffffffffff", office=town.water) == "not_found"
    assert explain(town, "2026-11-23", town.water, office=town.water) == "said"
    assert explain(town, "2026-11-23", town.water, office=town.water) == "already_explained"
    water = {item["department"]["code"]: item for item in town.shown("2026-11-23")["items"]}["water"]
    assert water["explanation"] == {"text": "人手不足。", "at": "2026-11-23T16:00:01.000000Z"}


def test_the_dispatch_office_is_explained_by_a_dispatcher(town):
    town.files()
    town.walk("2026-11-24 00:00:01")
    assert explain(town, "2026-11-23", town.dispatch, role="dispatcher") == "said"
