"""What is concentrated beyond chance: a week of a category against the mean of its eight weeks before."""

import datetime
import json
import math

import pytest

from town import Town


@pytest.fixture
def town(rules):
    return Town(rules)


def tail(count, mean):
    return 1 - sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(count))


@pytest.mark.parametrize("count, mean", [(1, 0.5), (5, 2.0), (12, 4.25), (30, 30.0), (70, 100.0), (800, 790.0), (900, 800.0)])
def test_the_chance_is_the_tail_of_poissons_distribution(rules, count, mean):
    rules.execute("select chance_of(%s, %s)", [count, mean])
    assert rules.fetchone()[0] == pytest.approx(tail(count, mean), rel=1e-6, abs=1e-10)


def test_chance_at_its_ends(rules):
    rules.execute("select chance_of(0, 3), chance_of(5, 0), chance_of(2000, 1000), chance_of(1, 5000)")
    none, new, many, few = rules.fetchone()
    assert (none, new) == (1, 0) and many < 1e-100 and few == pytest.approx(1)


def unusual(town):
    body = town.value("select body from list_supervised(%s, 'concentrated', row(%s, 'supervisor', null, null, null)::caller, 20, null, null)", town.name, town.dispatch)
    return {hit["category"]: hit["rules"][0]["facts"] for hit in json.loads(body)["items"] if hit["subject"] == "category"}


def weeks(town, days):
    """So many days are taken in which nothing came."""
    town.later(days=days)
    town.tick()


def test_a_week_is_unusual_when_chance_does_not_explain_it(town):
    town.as_owner("update policy set concentrated_from = 2 where community = %s", town.name)
    weeks(town, 63)
    last = town.value("select last_day(%s)", town.name)
    # four a week for eight weeks, then six days of none
    town.as_owner("insert into submission_count select %s, %s::date - 61 + n * 7, 'fees', 4 from generate_series(0, 7) as n", town.name, last)
    for n in range(9):
        town.files(category="fees")
        assert unusual(town) == {}, n
    town.files(category="fees")
    facts = unusual(town)["fees"]
    assert (facts["count"], facts["mean"]) == (10, 4.0)
    assert facts["p"] == pytest.approx(tail(10, 4.0)) and facts["p"] < 0.01
    assert facts["from"] == (last - datetime.timedelta(days=5)).isoformat()


def test_a_young_community_has_no_weeks_to_compare(town):
    weeks(town, 20)
    for _ in range(9):
        town.files(category="fees")
    assert unusual(town) == {}
