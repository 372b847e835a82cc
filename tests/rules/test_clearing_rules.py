"""The daily clearing, with answers worked out by hand from the page of the domain."""

import pytest

from town import Town

CLEARED, DIRTY, LATE = (True, True), (False, False), (True, False)  # cleared, strictly cleared
STATE = "cleared, strictly_cleared"


def test_an_answered_case_leaves_a_cleared_day(town):
    town.answers(town.files(town.water))
    assert town.walk("2026-11-24 00:00:01") == ["2026-11-23"]
    assert town.day("2026-11-23", "water") == (1, 1, 0, 0, True, True, True)  # answered in the moment it came: at no moment on its turn


def test_a_case_that_took_an_hour_was_work(town):
    case = town.files(town.water)
    town.later(hours=1)
    town.answers(case)
    town.walk("2026-11-24 00:00:01")
    assert town.day("2026-11-23", "water") == (1, 1, 0, 0, True, True, False)
    assert town.day("2026-11-23", "garden") == (0, 0, 0, 0, True, True, True)


def test_a_case_that_came_back_after_it_was_passed_on_in_time_is_a_late_arrival(town):
    town.at("2026-11-23 19:30")
    case = town.files(town.water)
    town.later(hours=1)
    town.officer(case, "return", reason="不归我们管")
    town.later(minutes=5)
    town.assigns(case, town.water)
    town.walk("2026-11-24 00:00:01")
    assert town.day("2026-11-23", "water", "open, late_arrivals, cleared, strictly_cleared") == (1, 1, True, False)


def test_an_open_case_leaves_the_day_dirty_for_ever(town):
    case = town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    assert town.day("2026-11-23", "water") == (1, 0, 1, 0, False, False, False)
    assert town.cases("2026-11-23") == {("water", case)}
    town.answers(case)
    town.walk("2026-11-25 00:00:01")
    assert town.day("2026-11-23", "water", STATE) == DIRTY
    assert town.day("2026-11-24", "water") == (0, 1, 0, 0, True, True, False)


@pytest.mark.parametrize("answered, state", [("2026-11-23 23:59:59", CLEARED), ("2026-11-24 00:00:00", CLEARED)])
def test_an_answer_until_the_instant_of_midnight_is_of_the_day_that_ends(town, answered, state):
    case = town.files(town.water)
    town.at(answered)
    assert town.tick() == []
    town.answers(case)
    town.walk("2026-11-24 00:00:00.000001")
    assert town.day("2026-11-23", "water", STATE) == state


def test_an_answer_a_moment_after_midnight_is_too_late(town):
    case = town.files(town.water)
    town.at("2026-11-24 00:00:00.000001")
    town.answers(case)
    town.tick()
    assert town.day("2026-11-23", "water", STATE) == DIRTY
    assert town.differences() == []


@pytest.mark.parametrize("came, day", [("2026-11-23 23:59:59", "2026-11-23"), ("2026-11-24 00:00:00", "2026-11-23"), ("2026-11-24 00:00:01", "2026-11-24")])
def test_what_comes_is_received_on_its_day(town, came, day):
    town.at(came)
    town.files(town.water)
    town.walk("2026-11-25 00:00:01")
    assert {key: received for key, received in town.days("received").items() if key[1] == "water" and received} == {(day, "water"): 1}


@pytest.mark.parametrize("came, late, state", [("20:00:00", 0, DIRTY), ("20:00:01", 1, LATE), ("23:59:59", 1, LATE)])
def test_what_comes_after_the_grace_is_a_late_arrival(town, came, late, state):
    town.at(f"2026-11-23 {came}")
    town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    assert town.day("2026-11-23", "water", "open, late_arrivals") == (1, late)
    assert town.day("2026-11-23", "water", STATE) == state


def test_passing_on_in_the_last_four_hours_does_not_help(town):
    case = town.files(town.water)
    town.at("2026-11-23 21:00")
    town.assigns(case, town.garden, "reassign")
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == {("water", case)}
    assert town.value("select holder from clearing_case where complaint = %s", case) == town.garden
    assert town.day("2026-11-23", "garden") == (1, 0, 0, 0, True, True, False)
    town.walk("2026-11-25 00:00:01")
    assert town.cases("2026-11-24") == {("garden", case)}


def test_passing_on_before_the_grace_passes_the_blame(town):
    case = town.files(town.water)
    town.at("2026-11-23 20:00")
    town.assigns(case, town.garden, "reassign")
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == {("garden", case)}
    assert town.day("2026-11-23", "garden", "late_arrivals") == 0


@pytest.mark.parametrize("minutes, blamed", [(30, "water"), (31, "dispatch")])
def test_the_dispatch_office_has_its_half_hour(town, minutes, blamed):
    town.at("2026-11-23 19:45")
    case = town.files()
    town.later(minutes=minutes)
    town.assigns(case, town.water)
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == {(blamed, case)}
    assert town.day("2026-11-23", blamed, "late_arrivals") == (1 if blamed == "water" else 0)


def test_a_department_that_returns_a_case_in_its_two_hours_is_not_blamed(town):
    town.at("2026-11-23 19:00")
    case = town.files(town.water)
    town.at("2026-11-23 20:30")
    town.officer(case, "return", reason="不归我们管")
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == {("dispatch", case)}
    assert town.day("2026-11-23", "dispatch", STATE) == LATE


def test_an_undispatched_case_breaks_the_day_of_the_dispatch_office(town):
    case = town.files()
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == {("dispatch", case)}


def test_a_redo_in_the_evening_is_a_late_arrival_and_keeps_no_old_debt(town):
    case = town.files(town.water)
    town.later(hours=1)
    town.answers(case)
    town.at("2026-11-23 21:00")
    town.reporter(case, "redo", reason="还漏")
    town.walk("2026-11-24 00:00:01")
    assert town.day("2026-11-23", "water", "open, late_arrivals, cleared") == (1, 1, True)


@pytest.mark.parametrize("leaves", ["ask", "interim", "ledger", "reject", "withdraw", "answer"])
def test_what_is_not_on_the_departments_turn_is_not_open(town, leaves):
    case = town.files(town.water)
    town.later(hours=1)
    if leaves == "ask":
        town.officer(case, "ask", text="几号楼？")
    elif leaves == "interim":
        town.officer(case, "interim", public_text="已联系厂家。", promised="2026-11-25")
    elif leaves == "ledger":
        town.officer(case, "accept")
        town.officer(case, "request_ledger", plan="换管", public_reason="等备件", review="2026-12-01")
        town.acts(case, "supervisor", "approve_ledger")
    elif leaves == "reject":
        town.acts(case, "dispatcher", "reject", reason="elsewhere", text="请找供水公司")
    elif leaves == "withdraw":
        town.reporter(case, "withdraw")
    else:
        town.answers(case)
    town.walk("2026-11-24 00:00:01")
    assert town.cases("2026-11-23") == set()
    assert town.day("2026-11-23", "water", STATE) == CLEARED
    assert town.differences() == []


def test_a_broken_promise_comes_back_at_the_end_of_the_promised_day(town):
    case = town.files(town.water)
    town.officer(case, "interim", public_text="明天修好。", promised="2026-11-24")
    town.walk("2026-11-26 00:00:01")
    assert [town.day(f"2026-11-{day}", "water", "open, late_arrivals, cleared") for day in (23, 24, 25)] == [(0, 0, True), (1, 1, True), (1, 0, False)]
    assert town.differences() == []


def test_a_ledgered_case_comes_back_when_its_review_passes(town):
    case = town.files(town.water)
    town.officer(case, "accept")
    town.officer(case, "request_ledger", plan="换管", public_reason="等备件", review="2026-11-24")
    town.acts(case, "supervisor", "approve_ledger")
    town.walk("2026-11-26 00:00:01")
    assert [town.day(f"2026-11-{day}", "water", "open") for day in (23, 24, 25)] == [0, 1, 1]


@pytest.mark.parametrize("first, lengths", [("2026-03-07", [24, 23, 24]), ("2026-10-31", [24, 25, 24])])
def test_days_of_new_york_have_the_hours_that_its_clocks_say(rules, first, lengths):
    town = Town(rules, f"{first} 12:00", "America/New_York")
    town.later(days=4)
    town.tick()
    bounds = town.run("select distinct day, cutoff - began, cutoff - grace from clearing where community = %s order by day limit 3", town.name)
    assert bounds[0][0].isoformat() == first
    assert [length.total_seconds() / 3600 for _, length, _ in bounds] == lengths
    assert {grace.total_seconds() for _, _, grace in bounds} == {4 * 3600}
    assert town.differences() == []


def test_a_cutoff_in_the_afternoon_ends_the_day_there(rules):
    town = Town(rules, "2026-11-23 10:00", cutoff="17:30", grace="1 hour")
    early = town.files(town.water)
    town.at("2026-11-23 17:00")
    late = town.files(town.water)
    assert town.walk("2026-11-23 17:30:00") == []
    assert town.walk("2026-11-23 17:30:01") == ["2026-11-23"]
    assert town.cases("2026-11-23") == {("water", early), ("water", late)}
    assert town.day("2026-11-23", "water", "open, late_arrivals, cleared") == (2, 1, False)
    assert town.shown("today")["day"] == "2026-11-24"
    assert town.differences() == []


def test_a_community_made_after_its_cutoff_begins_with_the_next_day(rules):
    town = Town(rules, "2026-11-23 18:00", cutoff="17:30")
    town.as_owner("update community set created = %s where community = %s", town.instant, town.name)
    assert town.walk("2026-11-24 17:30:01") == ["2026-11-24"]


def test_another_policy_moves_the_cutoff_without_a_gap(town):
    town.as_owner("insert into policy (community, version, begins, cutoff) values (%s, 2, %s, '18:00')", town.name, "2026-11-25 00:00+08")
    town.walk("2026-11-27 00:00:01")
    rows = town.run("select distinct day, policy, began, cutoff from clearing where community = %s order by day", town.name)
    assert [(day.day, policy, (cutoff - began).total_seconds() / 3600) for day, policy, began, cutoff in rows] == [(23, 1, 24), (24, 1, 24), (25, 2, 18), (26, 2, 24)]
    assert town.differences() == []


def play(town, walk):
    """Three days of which `walk` says when the clock runs in them."""
    first, second, third = (town.files(town.water) for _ in range(3))
    walk("2026-11-23 14:00")
    town.answers(first)
    town.officer(second, "interim", public_text="明天。", promised="2026-11-24")
    town.assigns(third, town.garden, "reassign")
    for hour in ("2026-11-23 22:00", "2026-11-24 00:00:01", "2026-11-24 12:00", "2026-11-25 03:00", "2026-11-26 00:30"):
        walk(hour)
    town.tick()


def test_downtime_over_midnights_gives_the_same_rows(rules):
    ran = Town(rules)
    play(ran, ran.walk)
    stopped = Town(rules)
    play(stopped, stopped.at)
    everything = "received, answered, open, late_arrivals, cleared, strictly_cleared, idle, began, grace, cutoff"
    assert ran.days(everything) == stopped.days(everything)
    assert len(ran.days()) == 9

    def of(town, table, columns):
        return sorted(str(row) for row in town.run(f"select {columns} from {table} where community = %s", town.name))

    for table, columns in (("clearing_case", "day, late_arrival, reply_due"), ("supervision", "rule, opened"), ("deadline_mark", "kind, mark, round, at"),
                           ("reminder", "round, level, audience, at"), ("event", "action, at, status, turn")):  # fmt: skip
        assert of(ran, table, columns) == of(stopped, table, columns), table
    assert ran.differences() == stopped.differences() == []


def test_nothing_happens_at_or_before_a_cutoff_that_was_taken(town):
    case = town.files(town.water)
    town.walk("2026-11-24 00:00:01")
    town.at("2026-11-23 23:00")
    town.answers(case)
    assert town.value("select answered at time zone 'Asia/Shanghai' from complaint where complaint = %s", case).isoformat() == "2026-11-24T00:00:00.000001"
    assert town.differences() == []


def test_a_department_counts_from_its_first_to_its_last_day(town):
    town.at("2026-11-24 09:00")
    town.tick()
    lift = town.department("lift")
    town.at("2026-11-25 09:00")
    town.tick()
    town.as_owner("update department set active = false where department = %s", lift)
    town.walk("2026-11-27 09:00")
    assert sorted(day for day, code in town.days() if code == "lift") == ["2026-11-24", "2026-11-25"]
    assert town.differences() == []


def test_three_missed_days_in_a_row_open_one_supervision_case(town):
    case = town.files(town.water)

    def opened():
        return town.run("select department, opened at time zone 'Asia/Shanghai' from supervision where community = %s and rule = 'missed_days'", town.name)

    town.walk("2026-11-25 00:00:01")
    assert opened() == []
    town.walk("2026-11-26 00:00:01")
    assert [(department, at.isoformat()) for department, at in opened()] == [(town.water, "2026-11-26T00:00:00")]
    town.walk("2026-11-29 00:00:01")
    assert len(opened()) == 1
    assert town.run("select supervision_act.status from supervision_act join supervision using (community, supervision) where rule = 'missed_days' and community = %s",
                    town.name) == [("screened",)]  # fmt: skip
    town.answers(case)


def miss(town, day):
    """A day that water spoils with a case that it passed on too late; the day after has no work of it."""
    town.walk(f"2026-11-{day} 10:00")
    case = town.files(town.water)
    town.at(f"2026-11-{day} 21:00")
    town.assigns(case, town.garden, "reassign")
    town.walk(f"2026-11-{day + 1} 00:00:01")
    town.answers(case)


def test_a_cleared_day_breaks_the_row_and_an_idle_one_does_not(town):
    def opened():
        return town.value("select count(*) from supervision where community = %s and department = %s and rule = 'missed_days'", town.name, town.water)

    miss(town, 23)
    miss(town, 24)
    town.walk("2026-11-25 10:00")
    case = town.files(town.water)
    town.later(hours=1)
    town.answers(case)
    miss(town, 26)
    assert opened() == 0
    miss(town, 28)
    assert town.day("2026-11-27", "water", "idle, cleared") == (True, True)
    assert opened() == 0
    miss(town, 29)
    assert opened() == 1
    assert town.differences() == []


def test_a_case_open_over_two_cutoffs_opens_one_until_it_is_over(town):
    case = town.files(town.water)

    def opened():
        return town.run("select complaint, department from supervision where community = %s and rule = 'two_cutoffs'", town.name)

    town.walk("2026-11-24 00:00:01")
    assert opened() == []
    town.walk("2026-11-25 00:00:01")
    assert opened() == [(case, town.water)]
    town.walk("2026-11-26 00:00:01")
    assert len(opened()) == 1
    town.as_owner("insert into supervision_act (community, supervision, seq, status, at) select community, supervision, 2, 'dismissed', wall_now() "
             "from supervision where community = %s and rule = 'two_cutoffs'", town.name)  # fmt: skip
    town.as_owner("update supervision set status = 'dismissed' where community = %s and rule = 'two_cutoffs'", town.name)
    town.walk("2026-11-27 00:00:01")
    assert len(opened()) == 2
