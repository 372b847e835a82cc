"""What is concentrated beyond chance: a week of a category against the mean of its eight weeks before."""

import datetime
import json
import math

import pytest


def tail(count, mean):
    return 1 - sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(count))


@pytest.mark.parametrize("count, mean", [(1, 0.5), (5, 2.0), (12, 4.25), (30, 30.0), (70, 100.0), (800, 790.0), (900, 800.0)])
def test_the_chance_is_the_tail_of_poissons_distribution(rules, count, mean):
    rules.execute("select poisson_tail(%s, %s)", [count, mean])
    assert rules.fetchone()[0] == pytest.approx(tail(count, mean), rel=1e-6, abs=1e-10)


def test_chance_at_its_ends(rules):
    rules.execute("select poisson_tail(0, 3), poisson_tail(5, 0), poisson_tail(2000, 1000), poisson_tail(1, 5000), poisson_tail(1, 50000), poisson_tail(20000, 0.1)")
    none, new, many, few, fewer, absurd = rules.fetchone()
    assert (none, new, absurd) == (1, 0, 0) and 0 < many < 1e-100 and few == fewer == pytest.approx(1)


def unusual(town):
    body = town.value("select body from list_supervised(%s, 'concentrated', row(%s, 'supervisor', null, null, null)::caller, 20, null, null)", town.name, town.dispatch)
    return {hit["category"]: hit["rules"][0]["facts"] for hit in json.loads(body)["items"] if hit["subject"] == "category"}


def weeks(town, days):
    """So many days pass in which nothing comes, and the clock looks."""
    town.later(days=days)
    while town.value("select look_out()"):
        pass


def test_a_week_is_unusual_when_chance_does_not_explain_it(town):
    town.as_owner("update policy set concentrated_from = 2 where community = %s", town.name)
    weeks(town, 64)
    # four a week for eight weeks, then none
    town.as_owner("insert into submission_hour select %s, date_trunc('hour', %s::timestamptz) - n * interval '7 days', 'fees', '', 4 from generate_series(1, 8) as n",
                  town.name, town.instant)  # fmt: skip
    for n in range(9):
        town.files(category="fees")
        assert unusual(town) == {}, n
    town.files(category="fees")
    facts = unusual(town)["fees"]
    assert (facts["count"], facts["mean"]) == (10, 4.0)
    assert facts["p"] == pytest.approx(tail(10, 4.0)) and facts["p"] < 0.01
    assert datetime.datetime.fromisoformat(facts["since"]) == town.instant + datetime.timedelta(hours=1, days=-7)
    assert (facts["reporters"], len(facts["complaints"])) == (10, 10)
    town.as_owner("insert into complaint_identity (community, complaint, phone_hash) select community, complaint, '\\x01' from complaint where community = %s", town.name)
    assert unusual(town) == {}, "one person who writes ten times is no burst"


def test_a_young_community_has_no_weeks_to_compare(town):
    weeks(town, 20)
    for _ in range(9):
        town.files(category="fees")
    assert unusual(town) == {}
