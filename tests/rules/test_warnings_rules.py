"""Early warning: what comes in beyond what is usual in its place; noticed once an hour, told once, kept with its evidence."""

import collections
import datetime
import json
import math

import pytest

from town import Town

STRETCHES = (6, 24, 168)


@pytest.fixture
def town(rules):
    """Ten weeks old, with a complaint about fees each Monday at ten and one about the surroundings each Thursday."""
    town = Town(rules, begins="2026-09-14 10:00")
    town.filed = []
    for _ in range(10):
        came(town, 1, "fees", "3")
        town.later(days=3)
        came(town, 1, "environment", "5")
        town.later(days=4)
    look(town)
    return town


def came(town, count, category, building, **body):
    ids = [town.files(category=category, building=building, **body) for _ in range(count)]
    town.filed += [(town.instant, category, building)] * count
    return ids


def look(town, **time):
    """The clock's job at this or a later moment; how often it looked here."""
    town.later(**time)
    looked = []
    while community := town.value("select look_out()"):
        looked.append(community)
    return looked.count(town.name)


def warnings(town, role="supervisor", office=None, **asked):
    body = town.value("select body from list_warnings(%s, row(%s, %s, %s, null, null)::caller, %s, %s, %s, 100, null, null)",
                      town.name, town.dispatch, role, office, asked.get("category"), asked.get("building"), asked.get("since"))  # fmt: skip
    return json.loads(body)["items"]


def told(town):
    rows = town.run("select event, audience, payload->>'count' from outbox where community = %s and event like 'warning%%' order by outbox", town.name)
    return collections.Counter((event, int(count)) for event, audience, count in rows if audience in ("supervisor", "dispatchers"))


def tail(count, mean):
    return 1 - sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(count))


def counted(town, hours, category, building):
    """This stretch and the same of the eight weeks before, from the list of what was filed."""
    until = town.instant.replace(minute=0, second=0, microsecond=0)
    weeks = []
    for week in range(9):
        ends = until - datetime.timedelta(weeks=week)
        begins = ends - datetime.timedelta(hours=hours)
        weeks.append(sum(begins <= at < ends and category in (None, k) and building in (None, b) for at, k, b in town.filed))
    return weeks[0], weeks[1:]


def test_a_burst_is_one_warning_of_the_place_that_explains_it_with_what_came_and_what_is_usual(town):
    ids = came(town, 7, "fees", "3")
    assert look(town, minutes=50) == 0, "the hour is not over"
    assert look(town, minutes=10) == 1
    (warning,) = warnings(town)
    assert (warning["category"], warning["building"], warning["rule"]) == ("fees", "3", "unusual")
    assert {one["id"] for one in warning["complaints"]} == set(ids) and warning["latest"]["complaints"] == 7
    (sign,) = warning["signs"]
    assert sign == warning["latest"] and sign["reporters"] == 7
    found = {hours: counted(town, hours, "fees", "3") for hours in STRETCHES}
    count, weeks = found[sign["hours"]]
    assert (sign["count"], sign["weeks"]) == (count, weeks) and sign["expected"] == pytest.approx(sum(weeks) / 8)
    chances = {hours: tail(count, max(sum(weeks), 1) / 8) for hours, (count, weeks) in found.items()}
    assert sign["probability"] == pytest.approx(chances[sign["hours"]], rel=1e-6) and chances[sign["hours"]] == min(chances.values())
    assert told(town) == {("warning", 7): 2}


def test_what_is_spread_over_buildings_is_the_categorys_and_what_is_spread_over_categories_the_buildings(town):
    for n in range(8):
        came(town, 1, "safety", f"{n + 10}")
        came(town, 1, ("fees", "medical", "elderly", "commerce", "other", "education", "logistics", "activities")[n], "7")
    look(town, hours=1)
    assert {(one["category"], one["building"]) for one in warnings(town)} == {("safety", None), (None, "7")}
    assert [one["category"] for one in warnings(town, category="safety")] == ["safety"]
    assert [one["building"] for one in warnings(town, building="7")] == ["7"]
    assert warnings(town, since=town.instant + datetime.timedelta(seconds=1)) == [] != warnings(town, since=town.instant)


def test_nobody_cries_wolf(town):
    same = came(town, 7, "fees", "3")
    town.as_owner("insert into complaint_identity select community, complaint, null, null, '\\x07' from complaint where community = %s and complaint = any(%s::uuid[])", town.name, same)
    came(town, 4, "medical", "8")
    for complaint in came(town, 6, "elderly", "9")[:2]:
        town.acts(complaint, "dispatcher", "reject", reason="spam", text="广告", elsewhere=None)
    look(town, hours=1)
    assert warnings(town) == [] and told(town) == {}, "one person seven times, four people, six of which two are spam"


def test_a_burst_that_lasts_is_told_once_and_again_when_it_has_doubled(town):
    came(town, 6, "fees", "3")
    look(town, hours=1)
    for _ in range(30):
        look(town, hours=1)
    came(town, 1, "fees", "3")
    look(town, hours=1)
    (warning,) = warnings(town)
    assert [sign["complaints"] for sign in warning["signs"]] == [6, 7], "noted once a day when more have come"
    came(town, 3, "fees", "3")
    look(town, hours=2)
    assert len(warnings(town)[0]["signs"]) == 2
    came(town, 2, "fees", "3")
    look(town, hours=1)
    (warning,) = warnings(town)
    assert warning["latest"]["complaints"] == 12 and len(warning["signs"]) == 3
    assert told(town) == {("warning", 6): 2, ("warning_grown", 12): 2}
    look(town, days=8)
    came(town, 40, "fees", "3")
    look(town, hours=1)
    assert len(warnings(town)) == 2, "a week later it is another one"


def test_it_looks_once_an_hour_and_after_a_pause_once_for_the_present_one(town):
    assert [look(town, minutes=minutes) for minutes in (0, 30, 30, 1, 59, 60 * 5 + 7, 0)] == [0, 0, 1, 0, 1, 1, 0]
    looked = town.value("select hour from warning_look where community = %s", town.name)
    assert looked == town.instant.replace(minute=0, second=0, microsecond=0)


def test_the_sums_by_hour_are_what_counting_everything_comes_to(town):
    came(town, 3, "safety", "1")
    for hours in (5, 20, 60, 400):
        look(town, hours=hours)
        looked = town.value("select hour from warning_look where community = %s", town.name)
        since = looked - datetime.timedelta(hours=1512)
        kept = town.run("select * from hours_until(%s, %s, %s) order by 1, 2, 3", town.name, looked, looked)
        assert kept == town.run("select * from hours_counted(%s, %s, %s) order by 1, 2, 3", town.name, since, looked) and len(kept) > 20
        assert town.value("select count(*) from submission_hour where community = %s and hour < %s", town.name, since) == 0
        came(town, 2, "safety", "1")


def hours_that_differ(town):
    return [row for row in town.differences() if row[0].startswith("hour ")]


def test_a_sum_is_of_what_was_said_within_two_days_and_verify_counts_it_anew(town):
    early, late, gone = came(town, 3, "safety", "1")
    hour = town.instant
    spam = came(town, 1, "safety", "1")[0]
    town.later(hours=30)
    town.acts(early, "dispatcher", "classify", category="fees")
    town.acts(spam, "dispatcher", "reject", reason="spam", text="广告", elsewhere=None)
    look(town, hours=40)
    for complaint, action, body in ((late, "classify", {"category": "fees"}), (gone, "reject", {"reason": "spam", "text": "广告", "elsewhere": None})):
        town.acts(complaint, "dispatcher", action, **body)
    look(town, hours=30)
    kept = dict(town.run("select category, submitted from submission_hour where community = %s and building = '1' and hour = %s", town.name, hour))
    assert kept == {"safety": 2, "fees": 1, "": 3} and hours_that_differ(town) == []
    for altered in ("update submission_hour set submitted = submitted + 1 where community = %s and category = 'fees' and building = '1'",
                    "delete from submission_hour where community = %s and category = '' and building = '1'"):  # fmt: skip
        town.as_owner(altered, town.name)
    assert [what.split(", ", 1)[1] for what, _ in sorted(hours_that_differ(town))] == ["category all, building 1", "category fees, building 1"]


def test_a_long_past_is_summed_up_a_week_at_a_time_before_anybody_looks(town):
    came(town, 7, "fees", "3")
    town.as_owner("delete from submission_hour where community = %s", town.name)
    town.as_owner("update warning_look set hour = '-infinity' where community = %s", town.name)
    town.later(hours=1)
    present, hours = town.instant.replace(minute=0, second=0, microsecond=0), []
    while community := town.value("select look_out()"):
        if community == town.name:
            assert hours_that_differ(town) == []
            hours.append(town.value("select hour from warning_look where community = %s", town.name))
            assert (warnings(town) != []) == (hours[-1] == present)
    assert len(hours) == 9 and {later - hour for hour, later in zip(hours[:-1], hours[1:-1])} == {datetime.timedelta(weeks=1)}


def said(town, language, **delivery):
    return town.value("select push_text(jsonb_populate_record(null::delivery, %s), %s, null)", json.dumps({"community": town.name, "audience": "supervisor", **delivery}), language)


def test_what_is_said_of_a_warning_names_the_place_and_what_is_usual(town):
    came(town, 6, "fees", "3")
    look(town, hours=1)
    payload = town.value("select payload from outbox where community = %s and event = 'warning' limit 1", town.name)
    assert said(town, "zh", event="warning", payload=payload) == f"【回音壁】预警：近 {payload['hours']} 小时收到诉求 6 件，平时约 {payload['expected']} 件。类别：费用缴纳。楼栋：3。"
    assert said(town, "en", event="warning", payload=payload).endswith(f"{payload['expected']} are usual. Category: Fees. Building: 3.")


def test_no_braces_reach_anybody(town):
    for (event,) in town.run("select event from push_phrase where event <> 'code'"):
        assert "{" not in said(town, "zh", event=event, payload={}) + said(town, "en", event=event, payload={}), event


def test_a_young_community_has_no_weeks_to_compare(rules):
    town = Town(rules)
    town.filed = []
    look(town, days=20)
    came(town, 20, "fees", "3")
    look(town, hours=1)
    assert warnings(town) == []


def test_an_officer_hears_of_the_departments_categories_and_cases_alone(town):
    town.as_owner("update category set department = %s where community = %s and code = 'safety'", town.water, town.name)
    ids = came(town, 6, "fees", "3")
    town.assigns(ids[0], town.garden)
    came(town, 6, "safety", "4")
    look(town, hours=1)
    seen = {code: {one["category"]: one for one in warnings(town, "officer", office)} for code, office in (("water", town.water), ("garden", town.garden))}
    assert set(seen["water"]) == {"safety"} and set(seen["garden"]) == {"fees"}
    assert len(warnings(town)) == len(warnings(town, "dispatcher")) == 2
    town.as_owner("update complaint set visibility = 'private' where community = %s and complaint = any(%s::uuid[])", town.name, ids[:3])
    assert {one["id"] for one in warnings(town, "officer", town.garden)[0]["complaints"]} == {ids[0], *ids[3:]}, "of the private ones the own one"
    assert len(warnings(town, category="fees")[0]["complaints"]) == 6


def test_the_thresholds_are_the_policys(town):
    town.as_owner("update policy set warning_from = 3, warning_stretches = '{12:00}' where community = %s", town.name)
    came(town, 3, "medical", "8")
    look(town, hours=1)
    (warning,) = warnings(town)
    assert (warning["latest"]["hours"], warning["latest"]["count"]) == (12, 3)
