"""The clock thread: breaches, reminders, lapses - each at its moment, once, in order, also after downtime and with two daemons."""

import datetime
import time

import pytest

from support.actor import Actor
from support.daemon import ZONE, instant_of
from support.database import look_into
from support.wait import until
from support.world import World


def breaches(db, complaint, kind="reply"):
    return db.all(
        "select round, at from deadline_mark where complaint = %s and kind = %s and mark = 'breached' order by at", complaint.id, kind
    )


def reminders(db, complaint):
    return db.all("select round, level, audience, at from reminder where complaint = %s order by at, level", complaint.id)


def test_a_breach_is_recorded_with_its_due_moment(world, clock, db):
    complaint = world.complaint("assigned")
    due = instant_of(complaint["reply_due"])
    clock.set(due)
    assert breaches(db, complaint) == []
    assert complaint["overdue"] is False
    clock.advance(seconds=1)
    assert breaches(db, complaint) == [(0, due)]
    assert complaint["overdue"] is True


def test_an_answer_exactly_at_its_due_is_in_time(world, clock, officer, db):
    complaint = world.complaint("assigned")
    clock.set(instant_of(complaint["reply_due"]))
    officer.answers(complaint)
    clock.advance(hours=1)
    assert breaches(db, complaint) == []
    assert complaint["overdue"] is False


def test_a_breach_is_flagged_within_a_second_of_the_real_clock(new_site):
    site = new_site()
    world = World(site.daemon())
    complaint = world.complaint("assigned")
    due = instant_of(complaint["reply_due"])
    ahead = due - datetime.timedelta(seconds=1.5) - datetime.datetime.now(datetime.timezone.utc)
    site.clock.write(f"+{int(ahead.total_seconds())}s" if ahead.total_seconds() >= 0 else f"{int(ahead.total_seconds())}s")
    site.clock.wait()
    began = time.monotonic()
    until(lambda: complaint["overdue"], 6, "the breach")
    assert time.monotonic() - began < 4


def test_no_breach_waits_for_what_may_last(world, clock, db):
    """Somebody holds up the look for bursts: deadlines are kept meanwhile, and the time counts as followed when that is done as well."""
    complaint = world.complaint("assigned")
    db.all("begin")
    db.all("lock table warning_look in access exclusive mode")
    before = clock.line
    for hours in (1, 24):
        clock.instant += datetime.timedelta(hours=hours)
        clock.write(clock.now)
        until(lambda: db.value("select count(*) from pg_locks where not granted and relation = 'warning_look'::regclass"), 10, "the look for bursts")
    due = instant_of(complaint["reply_due"])
    until(lambda: breaches(db, complaint) == [(0, due)], 10, "the breach")
    assert clock.daemons[0].ready()[1]["clock"] == before
    db.all("rollback")
    clock.wait()
    assert db.value("select count(*) from warning_look where hour = date_trunc('hour', %s::timestamptz)", clock.now) == 1


def test_overdue_never_goes_back(world, clock, officer, anonymous):
    complaint = world.complaint("assigned")
    clock.advance(hours=25)
    officer.answers(complaint)
    assert complaint["overdue"] is True
    anonymous.confirms(complaint)
    assert complaint["overdue"] is True


def test_reminders_climb_the_ladder_once(world, clock, db):
    clock.to("10:00")
    complaint = world.complaint("assigned")
    submitted = clock.instant
    for hours in (12, 13, 20, 24.5, 30, 48.5, 60):
        clock.set(submitted + datetime.timedelta(hours=hours))
    levels = reminders(db, complaint)
    assert [(round, level) for round, level, _, _ in levels] == [(0, 1), (0, 2), (0, 3), (0, 4)]
    assert [at - submitted for _, _, _, at in levels][2:] == [datetime.timedelta(hours=24), datetime.timedelta(hours=48)]
    assert [audience for _, _, audience, _ in levels][:3] == ["officers", "officers", "supervisor"]


def test_reminders_are_the_same_however_the_clock_ran(new_site, cluster):
    def walk(steps):
        site = new_site()
        world = World(site.daemon())
        site.clock.to("10:00")
        complaint = world.complaint("assigned")
        began = site.clock.instant
        for hours in steps:
            site.clock.set(began + datetime.timedelta(hours=hours))
        db = look_into(cluster, site.name)
        found = [(*row[:3], row[3] - began) for row in reminders(db, complaint)]
        db.connection.close()
        return found

    assert walk([60]) == walk([3, 12, 12.5, 19.5, 22, 24, 24.01, 31, 48, 49, 60])


def test_quiet_hours_hold_back_what_is_not_due_yet(world, clock, db):
    clock.to("12:00")
    complaint = world.complaint("assigned")  # 12 h later is midnight: quiet until 07:00
    clock.advance(hours=12, minutes=30)
    assert reminders(db, complaint) == []
    clock.advance(hours=7)
    levels = reminders(db, complaint)
    assert levels and levels[0][3].astimezone(ZONE).strftime("%H:%M") == "07:00"


def test_quiet_hours_do_not_hold_back_the_breach(world, clock, db):
    clock.to("23:30")
    complaint = world.complaint("assigned")
    clock.advance(hours=24, seconds=1)
    assert [level for _, level, _, _ in reminders(db, complaint)][-1] == 3
    assert len(breaches(db, complaint)) == 1


def test_urgent_cases_are_told_at_once_in_the_night(world, clock, db, dispatcher):
    clock.to("23:00")
    complaint = world.complaint("assigned")
    dispatcher.marks_urgent(complaint)
    clock.advance(hours=1, seconds=1)
    assert [level for _, level, _, _ in reminders(db, complaint)] == [1]
    clock.advance(hours=3)
    assert [level for _, level, _, _ in reminders(db, complaint)] == [1, 2]


def test_a_reply_stops_the_ladder_and_an_acknowledgement_does_not(world, clock, officer, db):
    clock.to("10:00")
    answered, accepted = world.complaint("assigned"), world.complaint("accepted")
    officer.answers(answered)
    clock.advance(hours=49)
    assert reminders(db, answered) == []
    assert len(reminders(db, accepted)) == 4


def test_each_round_has_its_own_ladder_and_breach(world, clock, officer, anonymous, db):
    clock.to("10:00")
    complaint = world.complaint("assigned")
    clock.advance(hours=25)
    officer.answers(complaint)
    anonymous.redoes(complaint)
    clock.advance(hours=25)
    assert [round for round, _ in breaches(db, complaint)] == [0, 1]


def test_two_hours_before_the_cutoff_comes_a_digest(world, clock, db, department):
    world.complaint("assigned")
    clock.to("22:00")
    clock.advance(seconds=1)
    digests = db.all("select audience, department::text from outbox where event = 'digest' and at > %s::timestamptz - interval '1 minute'", clock.now)
    assert department["id"] in {of for _, of in digests}
    clock.advance(minutes=30)
    again = db.all("select audience, department::text from outbox where event = 'digest' and at > %s::timestamptz - interval '1 hour'", clock.now)
    assert len(again) == len(digests)


def test_after_downtime_everything_has_its_own_moment(new_site, cluster):
    site = new_site()
    daemon = site.daemon()
    world = World(daemon)
    site.clock.to("10:00")
    late, silent, asked = world.complaint("assigned"), world.complaint("answered"), world.complaint("need_info")
    began = site.clock.instant
    daemon.stop()
    site.clock.instant += datetime.timedelta(days=10)
    site.clock.write(site.clock.now)
    daemon.start()
    site.clock.wait()
    assert instant_of(silent["closed"]) == began + datetime.timedelta(days=7)
    assert instant_of(asked["closed"]) == began + datetime.timedelta(days=7)
    db = look_into(cluster, site.name)
    assert breaches(db, late) == [(0, began + datetime.timedelta(hours=24))]
    assert [at - began for _, _, _, at in reminders(db, late)][2:] == [datetime.timedelta(hours=24), datetime.timedelta(hours=48)]
    db.connection.close()


def test_two_daemons_record_everything_once(new_site, cluster):
    site = new_site()
    first, second = site.daemon(), site.daemon()
    world = World(first)
    site.clock.to("10:00")
    filed = [world.complaint("assigned") for _ in range(40)]
    began = site.clock.instant
    site.clock.advance(hours=25)
    for complaint in filed:
        assert complaint["overdue"] is True
    receipt = filed[0].receipt
    assert Actor(second).get("/v1/receipts/current", receipt=receipt)["overdue"] is True
    db = look_into(cluster, site.name)
    assert db.value("select count(*) from deadline_mark where kind = 'reply' and mark = 'breached'") == 40
    assert db.value("select count(*) from event where action = 'breach'") == 40
    assert db.value("select count(*) from reminder where level = 3") == 40
    assert db.value("select count(*) from outbox where event = 'remind' and payload->>'level' = '3'") == 40
    assert db.all("select distinct at from deadline_mark where kind = 'reply' and mark = 'breached'") == [(began + datetime.timedelta(hours=24),)]
    db.connection.close()


def test_a_clock_that_steps_back_changes_nothing_recorded(world, clock, officer, anonymous, db):
    complaint = world.complaint("assigned")
    before = clock.instant
    clock.set(before - datetime.timedelta(hours=1))
    officer.answers(complaint)
    assert instant_of(complaint["answered"]) >= before
    clock.set(before)


@pytest.mark.parametrize("line", ["nonsense", "", "2026-13-01T00:00:00Z", "tomorrow", "+5 days"])
def test_a_clock_file_that_says_nothing_is_not_followed(new_site, line):
    site = new_site()
    daemon = site.daemon()
    before = daemon.ready()[1]["clock"]
    site.clock.write(line)
    until(lambda: not line or "clock" in daemon.said(), 5, "a look at the file")
    site.clock.line = before
    assert daemon.ready()[0] == 200
    assert daemon.ready()[1]["clock"] == before
