"""The daily clearing: a pure function of the facts, taken once a day for every department, and checked by verify."""

import datetime

import pytest

from support.answer import problem
from support.daemon import ZONE
from support.database import look_into
from support.world import World

pytestmark = pytest.mark.slow

COLUMNS = "day, d.code, received, answered, open, late_arrivals, cleared, strictly_cleared, idle"


def rows(cluster, site, what=COLUMNS):
    db = look_into(cluster, site.name)
    found = db.all(f"select {what} from clearing join department d using (community, department) order by day, d.code")
    db.connection.close()
    return found


def of(actor, day, department):
    found = [item for item in actor.get(f"/v1/clearing/{day}").json["items"] if item["department"]["id"] == department["id"]]
    assert len(found) == 1
    return found[0]


def end_day(town):
    """To one second after midnight; the day that has ended."""
    day = town.clock.day()
    town.clock.to("00:00")
    town.clock.advance(seconds=1)
    return day


def test_an_answered_day_is_cleared(town):
    town.complaint("answered")
    item = of(town.anonymous, end_day(town), town.department)
    assert (item["received"], item["answered"], item["open"], item["late_arrivals"]) == (1, 1, 0, 0)
    assert item["cleared"] is True and item["strictly_cleared"] is True


def test_an_open_case_leaves_the_day_dirty(town):
    complaint = town.complaint("assigned")
    day = end_day(town)
    item = of(town.anonymous, day, town.department)
    assert (item["open"], item["late_arrivals"], item["cleared"]) == (1, 0, False)
    town.officer.answers(complaint)
    assert of(town.anonymous, day, town.department)["cleared"] is False


def test_a_late_arrival_clears_but_not_strictly(town):
    town.clock.to("20:00")
    town.clock.advance(seconds=1)
    town.complaint("assigned")
    item = of(town.anonymous, end_day(town), town.department)
    assert (item["open"], item["late_arrivals"], item["cleared"], item["strictly_cleared"]) == (1, 1, True, False)


def test_a_case_that_came_exactly_at_the_grace_is_no_late_arrival(town):
    town.clock.to("20:00")
    town.complaint("assigned")
    item = of(town.anonymous, end_day(town), town.department)
    assert (item["open"], item["late_arrivals"], item["cleared"]) == (1, 0, False)


def test_passing_on_in_the_last_hours_does_not_help(town):
    complaint = town.complaint("assigned")
    town.clock.to("23:00")
    assert town.dispatcher.reassigns(complaint, town.other_department).status == 200
    day = end_day(town)
    assert of(town.anonymous, day, town.department)["open"] == 1
    assert of(town.anonymous, day, town.other_department)["open"] == 0


def test_the_dispatch_office_passing_on_in_its_own_time_is_not_blamed(town):
    town.clock.to("19:50")
    complaint = town.complaint("submitted")
    town.clock.to("20:10")
    town.dispatcher.assigns(complaint, town.department)
    day = end_day(town)
    item = of(town.anonymous, day, town.department)
    assert (item["open"], item["late_arrivals"], item["cleared"]) == (1, 1, True)
    dispatch = [one for one in town.anonymous.get(f"/v1/clearing/{day}").json["items"] if one["department"]["code"] == "dispatch"]
    assert [one["open"] for one in dispatch] == [0]


@pytest.mark.parametrize("status", ["need_info", "answered", "closed", "ledgered", "rejected", "withdrawn"])
def test_what_is_not_on_the_departments_turn_is_not_open(town, status):
    town.complaint(status)
    assert of(town.anonymous, end_day(town), town.department)["open"] == 0


def test_a_promise_takes_the_case_off_until_it_is_broken(town):
    complaint = town.complaint("assigned")
    town.officer.promises(complaint, town.clock.day(1))
    assert of(town.anonymous, end_day(town), town.department)["cleared"] is True
    assert of(town.anonymous, end_day(town), town.department)["cleared"] is True  # broken at the cutoff itself: it counts from then
    assert of(town.anonymous, end_day(town), town.department)["cleared"] is False


def test_the_instants_of_midnight_belong_to_the_day_that_ends(town):
    town.clock.to("23:59:59")
    town.complaint("answered")
    town.clock.to("00:00")
    day = town.clock.day(-1)
    last = town.complaint("assigned")
    town.clock.advance(seconds=1)
    item = of(town.anonymous, day, town.department)
    assert (item["received"], item["answered"], item["open"]) == (2, 1, 1)
    assert last["number"].startswith(town.clock.day().replace("-", ""))


def test_today_is_live_and_not_final(town):
    complaint = town.complaint("assigned")
    today = town.anonymous.get("/v1/clearing/today").json
    assert today["final"] is False
    assert of(town.anonymous, "today", town.department)["open"] == 1
    town.officer.answers(complaint)
    assert of(town.anonymous, "today", town.department)["open"] == 0
    day = end_day(town)
    assert town.anonymous.get(f"/v1/clearing/{day}").json["final"] is True


def test_an_idle_day_is_shown_apart(town):
    item = of(town.anonymous, end_day(town), town.department)
    assert (item["received"], item["open"], item["cleared"]) == (0, 0, True)
    assert item["idle"] is True


def test_every_department_has_its_row_every_day(town, cluster):
    town.other_department
    for _ in range(3):
        end_day(town)
    found = rows(cluster, town.site, "day, d.code")
    assert len(found) == len(set(found)) == 3 * 3


def test_a_day_not_taken_yet_or_never_is_not_found(town):
    assert town.anonymous.get(f"/v1/clearing/{town.clock.day(3)}") == problem(404, "not_found")
    assert town.anonymous.get("/v1/clearing/2020-01-01") == problem(404, "not_found")
    assert town.anonymous.get("/v1/clearing/yesterday").status in (400, 404, 422)


def play(town):
    """Five days of a small community; steps are instants, so that the clock may walk them in any way."""
    first, second, third = (town.complaint("assigned") for _ in range(3))
    town.clock.advance(hours=3)
    town.officer.answers(first)
    town.officer.promises(second, town.clock.day(1))
    return third


def test_days_after_downtime_equal_those_of_a_daemon_that_ran(new_site, cluster):
    def walk(stopped):
        site = new_site()
        daemon = site.daemon()
        town = World(daemon)
        site.clock.to("10:00")
        town.clock = site.clock
        play(town)
        if stopped:
            daemon.stop()
            site.clock.instant += datetime.timedelta(days=3)
            site.clock.write(site.clock.now)
            daemon.start()
            site.clock.wait()
        else:
            for _ in range(3):
                site.clock.advance(hours=8)
                site.clock.advance(hours=16)
        codes = {town.department["code"]: "a"}
        found = [[codes.get(value, value) for value in row] for row in rows(cluster, site)]
        assert daemon.verify()[0] == 0
        return found

    assert walk(stopped=True) == walk(stopped=False)


def test_two_daemons_write_one_row(new_site, cluster):
    site = new_site()
    first = site.daemon()
    site.daemon()
    town = World(first)
    site.clock.to("10:00")
    town.clock = site.clock
    play(town)
    for _ in range(3):
        site.clock.advance(days=1)
    found = rows(cluster, site, "day, d.code")
    assert len(found) == len(set(found)) == 3 * 2
    assert first.verify()[0] == 0


def test_verify_is_content_and_finds_an_altered_row(town, cluster):
    play(town)
    for _ in range(3):
        end_day(town)
    status, said = town.daemon.verify()
    assert status == 0, said
    db = look_into(cluster, town.site.name)
    db.all("update clearing set open = open + 1 where department = %s and day = (select min(day) from clearing)", town.department["id"])
    status, said = town.daemon.verify()
    assert status == 1 and said
    db.all("update clearing set open = open - 1 where department = %s and day = (select min(day) from clearing)", town.department["id"])
    assert town.daemon.verify()[0] == 0
    db.connection.close()


def test_verify_finds_an_altered_event(town, cluster):
    play(town)
    end_day(town)
    db = look_into(cluster, town.site.name)
    db.all("update event set at = at - interval '1 second' where seq = (select max(seq) from event where action = 'answer')")
    assert town.daemon.verify()[0] == 1
    db.connection.close()


def test_the_officers_owe_an_explanation(town):
    town.complaint("assigned")
    day = end_day(town)
    assert of(town.anonymous, day, town.department)["explanation"] is None
    assert town.officer.explains(day, town.department, "人手不足。").status in (200, 201)
    assert "人手不足。" in str(of(town.anonymous, day, town.department)["explanation"])
    assert town.officer.explains(day, town.department) == problem(409, "already_explained")


def test_who_explains_what(town):
    town.complaint("assigned")
    day = end_day(town)
    assert town.other_officer.explains(day, town.department).status in (403, 404)
    assert town.anonymous.explains(day, town.department) == problem(401, "not_signed_in")
    assert town.officer.explains(town.clock.day(), town.department).status in (404, 409)


def supervisions(cluster, town, rule):
    db = look_into(cluster, town.site.name)
    found = db.all("select department::text, complaint::text from supervision where rule = %s", rule)
    db.connection.close()
    return found


def test_three_missed_days_in_a_row_open_one_supervision_case(town, cluster):
    complaint = town.complaint("assigned")
    for _ in range(2):
        end_day(town)
    assert supervisions(cluster, town, "missed_days") == []
    end_day(town)
    assert [department for department, _ in supervisions(cluster, town, "missed_days")] == [town.department["id"]]
    end_day(town)
    assert len(supervisions(cluster, town, "missed_days")) == 1
    assert complaint["overdue"] is True


def test_a_case_open_over_two_cutoffs_opens_one(town, cluster):
    complaint = town.complaint("assigned")
    end_day(town)
    assert supervisions(cluster, town, "two_cutoffs") == []
    end_day(town)
    assert [case for _, case in supervisions(cluster, town, "two_cutoffs")] == [complaint.id]


def test_nothing_slips_behind_a_taken_day(town):
    """An action cannot happen at or before a cutoff that has been taken."""
    complaint = town.complaint("assigned")
    end_day(town)
    town.clock.set(town.clock.instant - datetime.timedelta(hours=1))
    town.officer.answers(complaint)
    answered = datetime.datetime.fromisoformat(complaint["answered"].replace("Z", "+00:00")).astimezone(ZONE)
    assert answered.hour == 0
    assert town.daemon.verify()[0] == 0


@pytest.mark.parametrize("night", ["2026-10-31", "2027-03-13"])
def test_days_in_new_york_end_at_midnight_there_also_when_clocks_change(new_site, cluster, night):
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/New_York")
    site = new_site()
    noon = datetime.datetime.fromisoformat(night + "T12:00:00").replace(tzinfo=zone)
    site.clock.instant = noon
    site.clock.write(site.clock.now)
    site.daemon(time_zone="America/New_York")
    for _ in range(3):
        site.clock.advance(days=1)
    found = rows(cluster, site, "day, cutoff, grace")
    expected = []
    for shift in range(3):
        day = noon.date() + datetime.timedelta(days=shift)
        cutoff = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), zone).astimezone(datetime.timezone.utc)
        expected.append((day, cutoff, cutoff - datetime.timedelta(hours=4)))
    assert found == expected
    assert expected[1][1] - expected[0][1] != datetime.timedelta(hours=24)
    assert site.daemons[0].verify()[0] == 0
