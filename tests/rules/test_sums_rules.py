"""Figures summed up: what is read is what the facts come to, whatever happens, whenever the clock runs and wherever it stands."""

import datetime
import json
import os
import random

import pytest

from town import Town, new_id

GROUPS = (None, "department", "category", "building", "day")
STEPS = 90


@pytest.fixture
def town(rules):
    return Town(rules, begins="2026-10-29 10:00", lapse="3 days")


def figures(town, since, until, by, as_of=None):
    """{(group, figure): all that is said of it}, as staff are told, from whom no moment is rounded"""
    who = "row(null, 'supervisor', null, null, null)::caller"
    answer = json.loads(town.value(f"select body from figures(%s, %s, %s, %s, %s, {who})", town.name, since, until, by, as_of))
    groups = [("all", answer), *((group["key"], group) for group in answer.get("groups", []))]
    return {(key, name): {**figure, "cases": None} for key, group in groups for name, figure in group["figures"].items()}


def sums_up(town):
    """What the clock does, until there is nothing more to do."""
    steps = 0
    while town.value("select count(*) from sum_up(3) where community is not null"):
        steps += 1
        assert steps < 500
    return steps


def summed_until(town):
    rows = town.run("select until from counting where community = %s and filled is null", town.name)
    return rows and rows[0][0]


def same_as_the_facts(town, groups=GROUPS, periods=((None, None),)):
    for by in groups:
        for since, until in periods:
            assert figures(town, since, until, by) == figures(town, since, until, by, town.instant), (by, since, until, town.instant)


def refused(town, deed):
    """Some deeds do not fit: what they had begun is taken back."""
    town.run("savepoint deed")
    try:
        deed()
    except Exception as fault:
        if getattr(fault, "pgcode", None) != "EW000":
            raise
        town.run("rollback to savepoint deed")


class Life:
    def __init__(self, town, seed):
        self.town, self.chance, self.cases, self.clusters = town, random.Random(seed), [], []

    def case(self):
        return self.chance.choice(self.cases[-12:])

    def files(self):
        chance, body = self.chance, {}
        if chance.random() < 0.3:
            body["round_times"] = True
        self.cases.append(self.town.files(chance.choice((None, self.town.water, self.town.garden)), category=chance.choice(("fees", "safety")),
                                          building=chance.choice(("1", "2")), **body))  # fmt: skip

    def links(self):
        town, chance = self.town, self.chance
        self.clusters = self.clusters or [self.opens(), self.opens()]
        town.as_owner("select write_link(%s, %s, %s, %s, %s, null, %s)", town.name, chance.choice(self.clusters), self.case(),
                      chance.choice(("proposed", "confirmed", "parted")), town.instant, chance.choice((None, new_id())))  # fmt: skip

    def opens(self):
        cluster = new_id()
        self.town.as_owner("insert into cluster values (%s, %s, %s)", self.town.name, cluster, self.town.instant)
        return cluster

    def acts(self):
        town, case, chance = self.town, self.case(), self.chance
        deeds = (
            lambda: town.answers(case),
            lambda: town.answers(case),
            lambda: town.officer(case, "accept"),
            lambda: town.officer(case, "ask", text="？"),
            lambda: town.reporter(case, "supply", text="二楼。"),
            lambda: town.officer(case, "interim", public_text="明天。", promised=(town.instant + datetime.timedelta(days=1)).date().isoformat()),
            lambda: town.officer(case, "return", reason="不归我们管"),
            lambda: town.assigns(case, town.garden),
            lambda: town.assigns(case, town.water, "reassign"),
            lambda: town.acts(case, "dispatcher", "classify", category=chance.choice(("fees", "other"))),
            lambda: town.acts(case, "dispatcher", "reject", reason="spam", text="广告"),
            lambda: town.acts(case, "dispatcher", "merge", into=self.case()),
            lambda: town.acts(case, "visitor", "visits", channel="phone", reached=True, contacted=True, solved="yes", stars=chance.randint(1, 5)),
            lambda: town.reporter(case, "object", reason="不是"),
            lambda: town.reporter(case, "rating", stars=chance.randint(1, 5), solved="yes"),
            lambda: town.reporter(case, "redo", reason="还漏"),
            lambda: town.reporter(case, "confirm"),
            lambda: town.reporter(case, "reopen", reason="又漏了"),
            lambda: town.reporter(case, "withdraw"),
            lambda: town.reporter(case, "privacy", round_times=True),
        )
        refused(town, chance.choice(deeds))

    def time(self):
        """Mostly on, onto what is due and beside it, and now and then back."""
        town, chance = self.town, self.chance
        due = town.run("select min(due) from timer where community = %s and due >= %s", town.name, town.instant)[0][0]
        if chance.random() < 0.15:
            town.later(minutes=-chance.choice((1, 20, 50)))
        elif chance.random() < 0.3 and due:
            town.later(seconds=(due - town.instant).total_seconds() + chance.choice((0, 0.000001, 1)))
        else:
            town.later(minutes=chance.choice((1, 7, 60, 200, 900)), microseconds=chance.randrange(1000000))
        if chance.random() < 0.7:
            town.tick()

    def goes_on(self):
        deed = self.chance.choices((self.files, self.acts, self.links, self.time), (3, 10, 2, 6))[0]
        if self.cases or deed == self.files:
            deed()


@pytest.mark.parametrize("seed", [402892, int(os.environ["WALL_TEST_SEED"])])
def test_what_is_summed_up_is_what_the_facts_come_to(town, seed):
    life = Life(town, seed)
    for step in range(STEPS):
        life.goes_on()
        if step % 4 == 0:
            sums_up(town)
        if summed_until(town) and step % 3 == 0:
            same_as_the_facts(town, groups=GROUPS[step // 3 % 5 :][:2], periods=((None, None), ("2026-10-01", "2026-11-04")))
    town.later(days=70)
    town.tick()
    sums_up(town)
    same_as_the_facts(town, periods=((None, None), ("2026-10-30", "2026-11-02"), ("2026-01-01", "2027-12-31")))
    assert town.differences() == []


# The night in which the clocks are set back an hour, or forward by half of one.
@pytest.mark.parametrize("zone, begins", [("Europe/Berlin", "2026-10-24 20:00"), ("Australia/Lord_Howe", "2026-10-03 20:00")])
def test_demand_is_of_the_last_seven_times_24_hours_to_the_microsecond_whatever_the_hours_of_their_days(rules, zone, begins):
    chance, town = random.Random(zone), Town(rules, begins=begins, zone=zone)
    filed = []
    while len(filed) < 60:
        town.later(minutes=chance.randrange(50), microseconds=chance.randrange(1000000))
        town.files(chance.choice((town.water, town.garden)))
        filed.append(town.instant.astimezone(datetime.timezone.utc))
    week = datetime.timedelta(hours=168)
    town.later(hours=1)
    sums_up(town)
    for moment in sorted([at + week for at in filed[::5]] + [at + week - datetime.timedelta(microseconds=1) for at in filed[::7]]):
        town.stands(moment)
        town.tick()
        if chance.random() < 0.5:
            sums_up(town)
        demand = figures(town, None, None, None)["all", "demand_change"]
        assert demand["numerator"] == sum(at > moment - week for at in filed), (moment, demand)
        assert demand["denominator"] == sum(at <= moment - week for at in filed)
        assert town.value("select (sums_for(%s, %s)).community is not null", town.name, moment), "it is read from the sums"
    same_as_the_facts(town, periods=((None, None), (filed[0].date(), town.instant.date() - datetime.timedelta(days=2))))
    assert town.differences() == []


@pytest.mark.parametrize("round_times", [False, True])
def test_whoever_joins_a_cluster_last_has_nobody_else_counted_anew(town, round_times):
    cluster = Life(town, 1).opens()

    def joins():
        case = town.files(category="fees", round_times=round_times)
        town.as_owner("select write_link(%s, %s, %s, 'confirmed', %s, null, null)", town.name, cluster, case, town.instant)
        town.later(minutes=3)
        return case

    def counted_anew():
        found = town.value("select affected(%s, %s, %s)::text[]", town.name, summed_until(town), town.instant)
        return {*found, *(case for (case,) in town.run("select complaint::text from uncounted where community = %s", town.name))}

    before = [joins() for _ in range(3)]
    sums_up(town)
    last = joins()
    assert counted_anew() == {last}
    town.as_owner("select write_link(%s, %s, %s, 'parted', %s, null, null)", town.name, cluster, before[1], town.instant)
    assert counted_anew() == {before[1], before[2], last}
    same_as_the_facts(town)


def test_verify_finds_a_sum_that_was_altered(town):
    town.answers(town.files(town.water))
    town.later(minutes=1)
    assert sums_up(town) > 1
    assert town.differences() == []
    town.as_owner("update counted_sum set numerators[29] = 7 where community = %s and figure = 'reply_rate' and part = '' and by_what = '' and span = 'month'", town.name)
    found = town.differences()
    assert [what for what, _ in found] == ["sum of reply_rate, month 2026-10-01"]
    assert "0,7,1,1}" in found[0][1] and "0,1,1,1}" in found[0][1]


def test_sums_of_other_days_or_of_a_clock_gone_wrong_are_made_anew(town):
    town.answers(town.files(town.water))
    town.later(hours=10)
    sums_up(town)
    town.as_owner("update community set time_zone = 'America/New_York' where community = %s", town.name)
    same_as_the_facts(town)
    sums_up(town)
    assert town.run("select zone, filled from counting where community = %s", town.name) == [("America/New_York", None)]
    same_as_the_facts(town)
    town.later(hours=-2)
    same_as_the_facts(town)
    sums_up(town)
    assert summed_until(town) <= town.instant
    assert town.differences() == []


def test_nobody_but_the_clock_s_door_changes_sums(town):
    for statement in ("update counted_sum set key = key", "delete from counting", "insert into uncounted values ('a', gen_random_uuid())",
                      "select leave_out('a', '{}', now())"):  # fmt: skip
        town.run("savepoint deed")
        with pytest.raises(Exception, match="permission denied"):
            town.run(statement)
        town.run("rollback to savepoint deed")
