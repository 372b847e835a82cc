"""Many deadlines at once are settled with a few statements; what is written is what settle() writes for each of them."""

import pytest

from town import Town

TABLES = {
    "deadline_mark": "c.number, x.kind, x.round, x.mark, x.at, x.department",
    "reminder": "c.number, x.round, x.level, x.audience, x.at",
    "timer": "c.number, x.kind, x.round, x.due, x.deadline, x.level, x.breached",
    "event": "c.number, x.at, x.action, x.actor_kind, x.actor is null, x.status, x.turn, x.department, x.data",
    "outbox": "c.number, x.at, x.channel, x.event, x.audience, x.department, x.payload, x.due, x.tries",
}


def fill(town):
    """Cases in every state at which something can be due, one of them urgent, one late in its second round."""
    cases = [town.files(town.water) for _ in range(6)] + [town.files() for _ in range(2)]
    town.acts(cases[0], "dispatcher", "urgent", urgent=True)
    town.officer(cases[1], "accept")
    town.answers(cases[2])
    town.officer(cases[3], "interim", public_text="明天。", promised="2026-11-24")
    town.acts(cases[4], "dispatcher", "merge", into=cases[5])
    town.later(hours=1)
    town.reporter(cases[2], "redo", reason="还漏")
    return cases


def recorded(town):
    rows = {}
    for table, columns in TABLES.items():
        rows[table] = sorted(map(str, town.run(f"select {columns} from {table} x join complaint c using (community, complaint) where community = %s", town.name)))
    rows["complaint"] = sorted(map(str, town.run(
        "select number, status, turn, round, reply_open, reply_due, overdue, last, version, entry = entry_json(c) from complaint c where community = %s",
        town.name)))  # fmt: skip
    return rows


def settle_one_by_one(town):
    """What settle_due() did if there were no sweep."""
    town.cursor.execute("set local role echo_wall_owner")
    town.run("do $$ declare c wall.complaint; begin for c in select * from wall.complaint order by submitted, complaint loop perform settle(c, wall_now()); end loop; end $$")
    town.cursor.execute("set local role echo_wall_daemon")


def settle_in_batches(town):
    while town.run("select more from settle_due(3)")[0][0]:
        pass


def named(town, rows):
    """With names in place of ids, which differ from town to town."""
    names = {town.water: "water", town.garden: "garden", town.dispatch: "dispatch"}
    names.update(town.run("select complaint, number from complaint where community = %s", town.name))

    def readable(line):
        for one, name in names.items():
            line = line.replace(one, name)
        return line

    return {table: sorted(map(readable, lines)) for table, lines in rows.items()}


@pytest.mark.parametrize("until", ["2026-11-23 12:00:01", "2026-11-24 07:30", "2026-11-24 10:00:00.000001", "2026-11-25 11:00", "2026-12-20 00:00"])
def test_the_sweep_writes_what_settle_writes(rules, until):
    rules.execute("savepoint before")
    found = []
    for settle in (settle_one_by_one, settle_in_batches):
        town = Town(rules)
        fill(town)
        town.at(until)
        settle(town)
        found.append(named(town, recorded(town)))
        assert town.differences() == []
        rules.execute("rollback to before")
    one_by_one, in_batches = found
    for table in one_by_one:
        assert one_by_one[table] == in_batches[table], table


def test_what_is_kept_for_lists_is_what_would_be_made_anew(rules):
    town = Town(rules)
    fill(town)
    town.at("2026-11-25 11:00")
    settle_in_batches(town)
    assert town.value("select count(*) from complaint c where community = %s and entry <> entry_json(c)", town.name) == 0
    assert town.value("select count(*) from complaint c where community = %s and overdue", town.name) > 0


def test_the_oldest_come_first_and_each_level_once(rules):
    town = Town(rules)
    for _ in range(20):
        town.files(town.water)
        town.later(seconds=1)
    town.at("2026-11-24 11:00")
    settle_in_batches(town)
    told = town.run("select at, complaint from outbox where community = %s and event = 'remind' and payload->>'level' = '3' order by outbox", town.name)
    assert len(told) == len({case for _, case in told}) == 20
    assert told == sorted(told)


@pytest.mark.parametrize("settle", [settle_one_by_one, settle_in_batches])
def test_what_becomes_urgent_at_its_due_is_reminded_of_then_and_not_in_the_past(rules, settle):
    town = Town(rules)
    case = town.files(town.water)
    town.later(hours=20)
    settle(town)
    due = town.later(hours=4)
    town.acts(case, "dispatcher", "urgent", urgent=True)
    town.later(seconds=1)
    settle(town)
    told = dict(town.run("select level, at from reminder where community = %s", town.name))
    assert told[3] == due and town.differences() == []


def test_nothing_due_settles_nothing(rules):
    town = Town(rules)
    town.files(town.water)
    assert town.run("select settled, more from settle_due(200)") == [(0, False)]
