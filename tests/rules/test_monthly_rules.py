"""What to solve first: the matters of a month by a formula of facts; a month that is over stays as it was."""

import datetime
import json

import pytest

from town import Town, new_id


@pytest.fixture
def town(rules):
    return Town(rules, begins="2026-10-05 10:00", monthly_from=1)


def walk(town, local):
    """To this moment, with what the clock does."""
    town.walk(local)
    while town.value("select community from list_month()"):
        pass


def month(town, named):
    body = town.value("select show_month(%s, %s)", town.name, named)
    return body and json.loads(body)


def numbers(town, named):
    """By category and building, without links."""
    return {(item["category"], item["building"]): {name: value for name, value in item.items() if name not in ("cases", "notices")} for item in month(town, named)["items"]}


def support(town, complaint, resident):
    town.as_owner("insert into resident (community, resident, created) values (%s, %s, wall_now()) on conflict do nothing", town.name, resident)
    town.as_owner("insert into support values (%s, %s, %s, wall_now(), null, %s)", town.name, complaint, new_id(), resident)


def by_phone(town, complaint, phone):
    town.as_owner("insert into complaint_identity values (%s, %s, null, null, %s)", town.name, complaint, phone)


@pytest.fixture
def october(town):
    """Fees in building 3: a person twice and another one, one of them late and done again, one open; one about lamps, solved."""
    first, again, other = (town.files(town.water, category="fees", building="3") for _ in range(3))
    for complaint in (first, again):
        by_phone(town, complaint, b"\x01")
    support(town, other, new_id())
    lamps = town.files(town.water, category="safety", building="5")
    town.answers(lamps)
    town.answers(other)
    walk(town, "2026-10-07 10:00")  # two are late
    town.reporter(other, "redo", reason="没修好。")
    town.answers(other)
    town.answers(first)
    return {"first": first, "again": again, "other": other, "lamps": lamps}


def test_a_matter_is_ranked_by_the_stated_formula_from_its_numbers(town, october):
    walk(town, "2026-11-01 00:00:01")
    shown = month(town, "2026-10")
    assert (shown["final"], shown["as_of"], shown["policy"]) == (True, "2026-10-31T16:00:00.000000Z", 1)
    fees, lamps = shown["items"]
    assert (fees["rank"], fees["subject"], fees["category"], fees["building"]) == (1, "place", "fees", "3")
    found = {name: fees[name] for name in ("complaints", "reporters", "supporters", "repeats", "redos", "breaches", "open", "before", "growth")}
    assert found == {"complaints": 3, "reporters": 2, "supporters": 1, "repeats": 1, "redos": 1, "breaches": 2, "open": 1, "before": 0, "growth": 3}
    for item in (fees, lamps):
        assert item["score"] == 2 * (item["reporters"] + item["supporters"]) + 2 * (item["repeats"] + item["redos"]) + item["breaches"] + item["open"] + max(item["growth"], 0)
    assert fees["score"] == 16 and lamps["score"] == 3 and "2 x (reporters + supporters)" in shown["formula"]
    assert {case["id"] for case in fees["cases"]} == {october["first"], october["again"], october["other"]}


def test_a_month_that_is_over_stays_whatever_happens_later(town, october):
    walk(town, "2026-11-01 00:00:01")
    was = month(town, "2026-10")
    town.assigns(october["again"], town.garden, "reassign")
    town.answers(october["again"])
    town.acts(october["first"], "dispatcher", "hide", reason="涉及他人隐私")
    town.as_owner("delete from complaint_identity where community = %s", town.name)
    walk(town, "2026-11-03 10:00")
    now = month(town, "2026-10")
    for one in (was, now):
        one["hidden"] = [case for item in one["items"] for case in item.pop("cases") if case["id"] == october["first"]]
    assert len(was.pop("hidden")) == 1 and now.pop("hidden") == [], "what was hidden is linked no more"
    assert now == was


def months_that_differ(town):
    return [difference for what, difference in town.differences() if what.startswith("month ")]


def test_verify_makes_the_list_of_a_month_anew_as_long_as_nothing_of_it_is_forgotten(town, october):
    walk(town, "2026-11-01 00:00:01")
    town.answers(october["again"])
    town.acts(october["first"], "dispatcher", "hide", reason="涉及他人隐私")
    walk(town, "2026-11-03 10:00")
    assert months_that_differ(town) == []
    alter = "update monthly set matters = jsonb_set(matters, %s, %s) where community = %s and month = '2026-10-01'"
    town.as_owner(alter, "{0,open}", "2", town.name)
    assert len(months_that_differ(town)) == 2, "neither does the score follow from it, nor do the facts come to it"
    town.as_owner(alter, "{0,score}", "17", town.name)
    assert [difference.startswith("is listed as") for difference in months_that_differ(town)] == [True]
    town.as_owner("select erase_identity(%s, %s, 'retention')", town.name, october["first"])
    assert months_that_differ(town) == [], "who filed it is not known any more"
    town.as_owner(alter, "{1,score}", "30", town.name)
    assert len(months_that_differ(town)) == 1


def test_the_facts_as_of_the_end_decide_whenever_it_is_listed(town, october):
    """The clock stood still over the turn of the month; what was done since does not count."""
    town.at("2026-11-01 09:00")
    town.answers(october["again"])
    assert month(town, "2026-10")["final"] is False
    walk(town, "2026-11-02 10:00")
    assert numbers(town, "2026-10")["fees", "3"]["open"] == 1
    assert numbers(town, "2026-11") == {}, "nothing of it is open, and nothing new has come"


def test_the_present_month_is_as_of_the_last_day_that_was_taken(town, october):
    early = month(town, "2026-10")
    assert (early["final"], early["as_of"]) == (False, "2026-10-06T16:00:00.000000Z")
    assert numbers(town, "2026-10")["fees", "3"]["redos"] == 0
    walk(town, "2026-10-08 00:00:01")
    assert numbers(town, "2026-10")["fees", "3"]["redos"] == 1
    assert month(town, "2026-09") is None and month(town, "2026-11") is None, "before there was anything, and not yet"
    walk(town, "2026-11-01 00:00:01")
    assert (month(town, "2026-11")["items"], month(town, "2026-11")["final"]) == ([], False)


def test_growth_is_against_the_same_part_of_the_month_before(town, october):
    town.at("2026-10-20 10:00")
    for _ in range(4):
        town.files(town.water, category="fees", building="3")
    town.at("2026-11-02 10:00")
    for _ in range(5):
        town.files(town.water, category="fees", building="3")
    walk(town, "2026-11-11 00:00:01")
    fees = numbers(town, "2026-11")["fees", "3"]
    assert (fees["complaints"], fees["before"], fees["growth"], fees["reporters"]) == (5, 3, 2, 10), "those of October are open and late"
    walk(town, "2026-12-01 00:00:01")
    assert [numbers(town, "2026-11")["fees", "3"][name] for name in ("before", "growth")] == [7, -2]


def test_what_is_not_public_counts_only_where_five_or_more_people_stand_behind_it(town):
    filed = [town.files(category="staff", building="9", visibility="private") for _ in range(5)]
    public = town.files(category="medical", building="9")
    town.files(category="medical", building="9", visibility="private")
    by_phone(town, filed[0], b"\x01")
    by_phone(town, filed[1], b"\x01")
    walk(town, "2026-10-06 00:00:01")
    assert {key: item["complaints"] for key, item in numbers(town, "2026-10").items()} == {("medical", "9"): 1}, "one of them came twice: they are four"
    town.files(category="staff", building="9", visibility="private")
    walk(town, "2026-10-07 00:00:01")
    assert numbers(town, "2026-10")["staff", "9"]["reporters"] == 5
    cases = {item["category"]: [case["id"] for case in item["cases"]] for item in month(town, "2026-10")["items"]}
    assert cases == {"staff": [], "medical": [public]}


def test_a_cluster_is_one_matter_wherever_its_complaints_are(town):
    filed = [town.files(category=category, building=building) for category, building in (("fees", "1"), ("fees", "2"), ("other", "3"))]
    cluster = town.value("select gen_random_uuid()")
    town.as_owner("insert into cluster values (%s, %s, wall_now())", town.name, cluster)
    for complaint in filed:
        town.as_owner("insert into cluster_link (community, cluster, complaint, act, at) values (%s, %s, %s, 'confirmed', wall_now())", town.name, cluster, complaint)
    walk(town, "2026-11-01 00:00:01")
    (item,) = month(town, "2026-10")["items"]
    assert (item["subject"], item["category"], item["complaints"], item["reporters"]) == ("cluster", "fees", 3, 3)
    assert cluster not in json.dumps(item), "clusters are the working group's"


def test_what_was_withdrawn_or_rejected_is_no_matter_and_few_are_listed(town):
    kept, gone, refused = (town.files(category="fees", building=building) for building in ("1", "2", "3"))
    town.reporter(gone, "withdraw")
    town.acts(refused, "dispatcher", "reject", reason="duplicate", text="已有同类。", elsewhere=None)
    town.files(category="fees", building="4")
    town.as_owner("update policy set monthly_size = 1 where community = %s", town.name)
    walk(town, "2026-10-06 00:00:01")
    (item,) = month(town, "2026-10")["items"]
    assert [case["id"] for case in item["cases"]] == [kept]
    town.as_owner("update policy set monthly_from = 2 where community = %s", town.name)
    walk(town, "2026-10-07 00:00:01")
    assert month(town, "2026-10")["items"] == []


@pytest.mark.parametrize("named", ["2026-13", "2026-1", "nonsense", "0000-01", "2026-00", "2026-10-01", ""])
def test_what_is_no_month_is_refused(town, named):
    with pytest.raises(Exception, match="invalid_input"):
        month(town, named)
