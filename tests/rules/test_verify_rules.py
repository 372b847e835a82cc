"""Verify is content with what happened, and finds whatever somebody has changed by hand."""

import pytest

from town import Town, new_id


@pytest.fixture
def town(rules):
    """Three days with a bit of everything."""
    town = Town(rules)
    cases = [town.files(town.water) for _ in range(5)] + [town.files()]
    town.walk("2026-11-23 12:00")
    town.answers(cases[0])
    town.officer(cases[1], "ask", text="几号楼？")
    town.officer(cases[2], "interim", public_text="明天。", promised="2026-11-24")
    town.acts(cases[3], "dispatcher", "merge", into=cases[4])
    town.walk("2026-11-23 22:30")
    town.assigns(cases[4], town.garden, "reassign")
    town.walk("2026-11-24 11:00")
    town.reporter(cases[0], "redo", reason="还漏")
    town.answers(cases[4])
    town.reporter(cases[1], "supply", text="三号楼")
    town.walk("2026-11-26 00:00:01")
    cluster = new_id()
    town.as_owner("insert into cluster values (%s, %s, wall_now())", town.name, cluster)
    for case in cases[4:]:
        town.as_owner("select write_link(%s, %s, %s, 'proposed', wall_now(), 0.5, null)", town.name, cluster, case)
    town.cases_filed = cases
    return town


def test_what_happened_is_what_is_recorded(town):
    assert town.differences() == []


ALTERED = {
    "an open count": ("update clearing set open = open + 1 where department = '{water}' and day = '2026-11-23'", "department"),
    "a cleared day": ("update clearing set cleared = true where not cleared and department = '{water}' and day = '2026-11-24'", "department"),
    "a received count": ("update clearing set received = 0 where department = '{water}' and day = '2026-11-23'", "department"),
    "a row": ("delete from clearing where department = '{garden}' and day = '2026-11-25' and not exists "
              "(select from clearing_case k where k.day = '2026-11-25' and k.department = '{garden}')", "has no row"),
    "a case that was open": ("delete from clearing_case where complaint = '{last}' and day = '2026-11-23'", "was open, but is not recorded"),
    "a case that was not": ("insert into clearing_case values ('{name}', '2026-11-23', '{water}', '{first}', '{water}', false, now())", "was not open"),
    "a cutoff": ("update clearing set cutoff = cutoff + interval '1 second' where day = '2026-11-24'", "cutoff"),
    "one row's cutoff": ("update clearing set cutoff = cutoff + interval '1 second' where day = '2026-11-24' and department = '{water}'", "different bounds"),
    "settled_until": ("update community set settled_until = settled_until - interval '1 hour'", "settled"),
    "the moment of an event": ("update event set at = at - interval '1 second' where action = 'redo'", "hash"),
    "the data of an event": ("update event set data = data || '{{\"x\": 1}}' where action = 'interim'", "hash"),
    "an event away": ("delete from event where action = 'redo'", "hash"),
    "a text": ("update event_text set text = text || '!' where seq in (select seq from event where action = 'answer')", "committed"),
    "a status": ("update complaint set status = 'closed' where complaint = '{first}'", "status"),
    "a publication": ("update complaint set publication = 'hidden' where complaint = '{first}'", "its events say"),
    "a turn": ("update complaint set turn = 'none' where turn = 'department' and complaint = '{last}'", "turn"),
    "overdue": ("update complaint set overdue = false where complaint = '{last}'", "overdue"),
    "first_reply": ("update complaint set first_reply = first_reply - interval '1 hour' where complaint = '{first}'", "first_reply"),
    "a holder": ("update complaint set department = '{garden}' where complaint = '{first}'", "department"),
    "a due": ("update complaint set reply_due = reply_due + interval '1 hour' where complaint = '{last}'", "reply_due"),
    "a timer": ("delete from timer where kind = 'reply' and complaint = '{last}'", "has no timer"),
    "a timer's deadline": ("update timer set deadline = deadline + interval '1 hour' where kind = 'reply' and complaint = '{last}'", "does not fit"),
    "a breach": ("delete from deadline_mark where kind = 'reply' and mark = 'breached' and complaint = '{last}'", "no breach"),
    "a breach's moment": ("update deadline_mark set at = at - interval '1 hour' where kind = 'reply' and mark = 'breached' and complaint = '{last}'", "not breached at its due"),
    "where a supervision case stands": ("update supervision set status = 'confirmed'", "its last step says screened"),
    "the due of a supervision case": ("update supervision_timer set due = due + interval '1 hour'", "has a timer that does not fit"),
    "a supervision case's timer": ("delete from supervision_timer", "is due, but has no timer"),
    "a place in a cluster": ("update cluster_member set confirmed = true where complaint = '{last}'", "is kept in its cluster"),
    "a cluster's member": ("delete from cluster_member where complaint = '{last}'", "is not kept there"),
    "a link": ("delete from cluster_link where complaint = '{last}'", "no link says so"),
    "a reminder": ("delete from reminder where complaint = '{last}' and level = 1", "reminders"),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_whoever_alters_something_is_found(town, what):
    sql, found = ALTERED[what]
    names = {"name": town.name, "water": town.water, "garden": town.garden, "first": town.cases_filed[0], "last": town.cases_filed[5]}
    town.cursor.execute("set local role echo_wall_owner")
    town.cursor.execute(sql.format(**names))
    assert town.cursor.rowcount > 0, "nothing was altered"
    town.cursor.execute("set local role echo_wall_daemon")
    differences = [f"{what}: {difference}" for what, difference in town.differences()]
    assert any(found in difference for difference in differences), differences


def test_a_missing_day_is_found(town):
    town.as_owner("delete from clearing_case where day = '2026-11-24' and community = %s", town.name)
    town.as_owner("delete from clearing where day = '2026-11-24' and community = %s", town.name)
    assert any("the day before is missing" in difference for _, difference in town.differences())


def test_an_erased_text_leaves_the_chain_whole(town):
    town.as_owner("update event_text set text = null where community = %s", town.name)
    assert town.differences() == []


def test_another_community_is_left_alone(town, rules):
    other = Town(rules, "2026-11-23 10:00")
    town.as_owner("update complaint set status = 'closed' where community = %s", town.name)
    assert other.differences() == []
    assert town.differences() != []


def test_a_clock_that_steps_back_meets_nothing_that_was_breached(town):
    late, case = town.files(town.water), town.files()
    town.later(hours=24, minutes=1)
    town.tick()
    town.later(minutes=-50)
    town.assigns(case, town.water)
    town.answers(late)
    for complaint, kind in ((case, "dispatch"), (late, "reply")):
        assert town.value("select m.at > d.due from deadline_mark m join deadline d using (community, complaint, kind, round) where m.complaint = %s and m.kind = %s and m.mark = 'met'", complaint, kind)
    assert town.differences() == []
