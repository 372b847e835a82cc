"""Faults of other systems, each a test: traps 1-11, 15, 17, 19-24; 13 and 14 stand in test_traps_13_14.py. The number stands in the name."""

import concurrent.futures
import datetime
import json
import uuid

import pytest

from support.actor import Actor
from support.answer import problem
from support.daemon import ZONE, instant_of
from support.database import look_into
from support.wait import until
from support.world import World, unique

pytestmark = pytest.mark.slow


def database(cluster, site):
    return look_into(cluster, site.name)


def fraction(town, name):
    figure = town.anonymous.get("/v1/figures").json["figures"][name]
    return figure["numerator"], figure["denominator"]


def test_1_no_edit_restarts_the_clock(world, dispatcher, supervisor, officer, anonymous, other_department, department, other_officer, clock, db):
    complaint = world.complaint("assigned")
    due = complaint["reply_due"]

    def is_as_it_was():
        assert complaint["reply_due"] == due

    officer.returns(complaint)
    is_as_it_was()
    dispatcher.assigns(complaint, other_department)
    other_officer.returns(complaint)
    is_as_it_was()
    supervisor.assigns(complaint, department)
    for target in (other_department, department, other_department, department, other_department):
        dispatcher.reassigns(complaint, target)
        is_as_it_was()
    for category in ("fees", "safety", "medical"):
        dispatcher.classifies(complaint, category)
        is_as_it_was()
    anonymous.writes(complaint)
    other_officer.writes(complaint, "收到。")
    other_officer.accepts(complaint)
    anonymous.urges(complaint)
    dispatcher.marks_urgent(complaint)
    is_as_it_was()
    clock.set(instant_of(due))
    assert complaint["overdue"] is False
    clock.advance(seconds=1)
    assert complaint["overdue"] is True
    assert db.all("select at from deadline_mark where complaint = %s and kind = 'reply' and mark = 'breached'", complaint.id) == [(instant_of(due),)]


def test_2_the_oldest_are_reminded_first_and_each_once(town, cluster):
    one = town.complaint("assigned")
    db = database(cluster, town.site)
    db.all("set session_replication_role = replica")
    for table in ("complaint", "deadline", "timer", "event"):
        columns = [
            name
            for (name,) in db.all(
                "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum", f"wall.{table}"
            )
        ]
        older = "interval '1 millisecond' * n"
        replaced = {"complaint": "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid", "number": "'x-' || n", "seq": "-(10 * n + seq)"}
        moved = {"began", "due", "deadline", "submitted", "reply_due", "received", "last"} | ({"at"} if table == "event" else set())
        values = ", ".join(replaced.get(name, f"t.{name} - {older}" if name in moved else f"t.{name}") for name in columns)
        db.all(f"insert into {table} ({', '.join(columns)}) select {values} from {table} t, generate_series(1, 5000) n where t.complaint = %s", one.id)
    db.all("set session_replication_role = origin")
    town.clock.advance(hours=24, seconds=1)
    assert db.value("select count(*) from deadline_mark where kind = 'reply' and mark = 'breached'") == 5001
    told = db.all("select complaint, count(*) from outbox where event = 'remind' and payload->>'level' = '3' group by 1")
    assert len(told) == 5001 and {count for _, count in told} == {1}
    order = [at for (at,) in db.all("select at from outbox where event = 'remind' and payload->>'level' = '3' order by outbox")]
    assert order == sorted(order)
    db.connection.close()


def test_3_an_unassigned_case_breaks_the_dispatch_offices_day_and_climbs(town, cluster):
    complaint = town.complaint("submitted")
    day = town.clock.day()
    town.clock.advance(days=2, minutes=1)
    dispatch = [item for item in town.anonymous.get(f"/v1/clearing/{day}").json["items"] if item["department"]["code"] == "dispatch"]
    assert [(item["open"], item["cleared"]) for item in dispatch] == [(1, False)]
    db = database(cluster, town.site)
    assert db.all("select level from reminder where complaint = %s order by level", complaint.id) == [(1,), (2,), (3,), (4,)]
    assert complaint["overdue"] is True
    db.connection.close()


@pytest.mark.parametrize("status", ["submitted", "assigned", "accepted", "need_info", "answered", "ledgered"])
def test_4_every_open_state_takes_a_message_an_answer_and_a_withdrawal(world, anonymous, officer, dispatcher, status):
    complaint = world.complaint(status)
    assert anonymous.writes(complaint).status == 201
    assert (dispatcher if status == "submitted" else officer).answers(complaint).status == 200
    assert anonymous.withdraws(complaint).status == 200


def test_5_a_message_does_not_move_the_window_to_reopen(world, anonymous, clock):
    complaint = world.complaint("closed")
    clock.advance(days=29)
    anonymous.writes(complaint)
    clock.advance(days=1, seconds=1)
    assert anonymous.reopens(complaint) == problem(409, "not_allowed_now")


def test_6_two_days_of_downtime_equal_days_that_ran(new_site, cluster):
    def walk(stopped):
        site = new_site()
        daemon, clock = site.daemon(), site.clock
        world = World(daemon)
        clock.to("10:00")
        for status in ("assigned", "answered", "accepted"):
            world.complaint(status)
        if stopped:
            daemon.stop()
            clock.instant += datetime.timedelta(days=2)
            clock.write(clock.now)
            daemon.start()
            clock.wait()
        else:
            for _ in range(48):
                clock.advance(hours=1)
        db = database(cluster, site)
        found = db.all(
            "select day, d.code = 'dispatch', received, answered, open, late_arrivals, cleared, strictly_cleared from clearing "
            "join department d using (community, department) order by 1, 2"
        )
        db.connection.close()
        return found

    ran = walk(stopped=False)
    assert len(ran) == 4
    assert walk(stopped=True) == ran


def test_7_days_are_the_communitys(town):
    town.clock.to("23:59:59")
    before = town.complaint("submitted")
    town.clock.advance(seconds=2)
    after = town.complaint("submitted")
    day = town.clock.instant.astimezone(ZONE).date()
    assert before.number.startswith((day - datetime.timedelta(days=1)).strftime("%Y%m%d"))
    assert after.number.startswith(day.strftime("%Y%m%d"))
    received = {
        shift: [item["received"] for item in town.anonymous.get(f"/v1/clearing/{town.clock.day(shift)}").json["items"] if item["department"]["code"] == "dispatch"]
        for shift in (-1,)
    }
    assert received[-1] == [1]


def test_8_closing_does_not_wipe_late(town):
    complaint = town.complaint("assigned")
    town.clock.advance(hours=25)
    town.officer.answers(complaint)
    town.anonymous.confirms(complaint)
    assert complaint["overdue"] is True
    assert fraction(town, "on_time_rate") == (0, 1)
    town.clock.advance(days=3)
    assert complaint["overdue"] is True
    assert fraction(town, "on_time_rate") == (0, 1)


def test_9_closed_late_is_found(world, anonymous, officer, stranger, clock):
    complaint = world.complaint("assigned")
    clock.advance(hours=25)
    officer.answers(complaint)
    anonymous.confirms(complaint)
    closed = {item["id"]: item for item in stranger.items("/v1/complaints", {"status": "closed", "department": world.department["id"]})}
    assert closed[complaint.id]["overdue"] is True


def resolve_due(officer, complaint):
    deadlines = [deadline for deadline in officer.sees(complaint)["deadlines"] if deadline["kind"] == "resolve"]
    return instant_of(deadlines[0]["due"]).astimezone(ZONE)


def test_10_resolve_knows_holidays_and_make_up_days_and_the_24_hours_do_not(new_site):
    site = new_site()
    site.clock.instant = datetime.datetime(2026, 9, 28, 10, 0, tzinfo=ZONE)  # the Monday before National Day
    site.clock.write(site.clock.now)
    town = World(site.daemon())
    holidays = [f"2026-10-{day:02d}" for day in range(1, 8)]
    for day, working in [(day, False) for day in holidays] + [("2026-10-10", True)]:
        assert town.admin.put(f"/v1/calendar/{day}", {"working": working}).status in (200, 201, 204)
    town.admin.patch("/v1/categories/fees", {"days": 5})
    complaint = town.complaint("assigned", category="fees")
    # Tue 29, Wed 30, Thu 8 and Fri 9 October, Sat 10 worked for the holidays
    assert resolve_due(town.officer, complaint) == datetime.datetime(2026, 10, 11, 0, 0, tzinfo=ZONE)
    assert complaint["reply_due"] == site.clock.after(hours=24)
    site.clock.set(datetime.datetime(2026, 10, 2, 10, 0, tzinfo=ZONE))
    in_the_holidays = town.complaint("assigned", category="fees")
    assert in_the_holidays["reply_due"] == site.clock.after(hours=24)


def test_11_a_new_category_at_hour_23_is_no_new_deadline(world, dispatcher, clock):
    complaint = world.complaint("assigned", category="fees")
    due = complaint["reply_due"]
    clock.advance(hours=23)
    dispatcher.classifies(complaint, "safety")
    assert complaint["reply_due"] == due
    clock.advance(hours=1, seconds=1)
    assert complaint["overdue"] is True


@pytest.mark.parametrize("version", [None, "*", '"1-0000000000000000"', '"99-0000000000000000"', "nonsense"])
def test_15_a_stranger_with_any_version_finds_nothing(world, neighbour, other_officer, version):
    complaint = world.complaint("assigned", visibility="private")
    assert neighbour.withdraws(complaint).status == 404
    for actor in (neighbour, other_officer):
        refused = actor.post(f"{complaint.path}/messages", {"text": "?"}, headers={"If-Match": version})
        assert refused == problem(404, "not_found")


def test_15_permission_comes_before_the_version(world, visitor):
    complaint = world.complaint("assigned")
    assert visitor.answers(complaint, version='"99-0000000000000000"') == problem(403, "not_permitted")


def test_17_what_was_created_is_readable_at_once_by_anybody(daemon, anonymous):
    for _ in range(100):
        complaint = anonymous.files()
        assert Actor(daemon).get(complaint.path).status == 200
        assert Actor(daemon).get("/v1/receipts/current", receipt=complaint.receipt).status == 200


def test_19_the_same_key_in_parallel_is_one_complaint(daemon, resident, db):
    for identity, token in (("anonymous", None), ("named", resident.secret)):
        key = unique("key")
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: Actor(daemon, token).submits("同一件事。", key=key, identity=identity), range(10)))
        assert {answer.status for answer in answers} == {201}
        assert len({answer["id"] for answer in answers}) == 1
        assert len({answer["receipt"] for answer in answers}) == 1


def test_20_silence_is_not_satisfaction(town):
    for _ in range(100):
        town.complaint("answered")
    town.clock.advance(days=7, seconds=1)
    figures = town.anonymous.get("/v1/figures").json["figures"]
    assert "satisfaction" not in figures or (figures["satisfaction"]["value"], figures["satisfaction"]["denominator"]) == (None, 0)


def test_21_no_chains_and_no_cycles_of_merges(world, dispatcher):
    one, two, three = (world.complaint("assigned") for _ in range(3))
    dispatcher.merges(one, two)
    assert dispatcher.merges(two, one).status in (409, 422)
    assert dispatcher.merges(three, one).status in (409, 422)
    assert dispatcher.merges(two, three).status in (409, 422)
    assert dispatcher.merges(three, three).status in (409, 422)
    assert two["status"] == "assigned" and three["status"] == "assigned"


def test_21_two_merges_into_each_other_at_once_leave_no_cycle(daemon, world, dispatcher):
    token = dispatcher.token()
    for _ in range(5):
        one, two = world.complaint("assigned"), world.complaint("assigned")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pairs = [(one, two), (two, one)]
            statuses = sorted(pool.map(lambda pair: Actor(daemon, token).merges(*pair).status, pairs))
        assert statuses[0] == 200 and statuses[1] in (409, 422)
        assert sorted([one["status"], two["status"]]) == ["assigned", "merged"]


def test_21_a_merged_late_case_stays_late(town):
    late = town.complaint("assigned")
    town.clock.advance(hours=25)
    master = town.complaint("assigned")
    town.dispatcher.merges(late, master)
    town.officer.answers(master)
    town.clock.advance(days=1)
    assert late["overdue"] is True
    assert fraction(town, "on_time_rate") == (1, 2)


def test_23_one_receipt_rates_a_round_once_also_at_once(daemon, world):
    complaint = world.complaint("answered")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Actor(daemon).rates(complaint, 1), range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    refused = [answer for answer in answers if answer.status == 409]
    assert refused[0] == problem(409, "already_rated")


def test_24_reminders_survive_a_kill_and_are_recorded_once(town, cluster):
    filed = [town.complaint("assigned") for _ in range(60)]
    daemon, db = town.daemon, database(cluster, town.site)
    sent = daemon.outbox
    town.clock.instant += datetime.timedelta(hours=24, seconds=1)
    town.clock.write(town.clock.now)
    until(lambda: db.value("select count(*) from reminder where level = 3") > 0, 20, "the first reminders")
    daemon.kill()
    daemon.start()
    town.clock.wait()
    assert db.value("select count(*) from reminder where level = 3") == len(filed)
    assert db.value("select count(*) from outbox where event = 'remind' and payload->>'level' = '3'") == len(filed)
    town.clock.advance(minutes=2)  # what was leased by the one that died
    until(lambda: db.value("select count(*) from outbox where event = 'remind' and sent is null") == 0, 20, "everything to be sent")
    lines = [json.loads(line) for line in sent.read_text().splitlines()]
    level = [line["id"] for line in lines if line["event"] == "remind" and line.get("level") == 3]
    assert len(set(level)) == len(filed)
    db.connection.close()


def test_22_thousands_of_ids_in_one_url_are_refused_cleanly(daemon, anonymous):
    """The library below refuses what does not fit its memory; whatever it says, it says at once, closes, and nobody else notices."""
    ids = ",".join(str(uuid.uuid4()) for _ in range(2000))
    before = anonymous.get("/v1/complaints").status
    answer = daemon.raw(f"GET /v1/complaints?ids={ids} HTTP/1.1\r\nHost: wall\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 414 ", b"HTTP/1.1 431 ", b"HTTP/1.0 414 ")) and answer.count(b"HTTP/1.") == 1
    short = anonymous.get("/v1/complaints?ids=" + ids[:3700])
    assert (before, short.status, short.json["errors"][0]["pointer"]) == (200, 422, "/ids")
    assert anonymous.get("/v1/complaints").status == 200
