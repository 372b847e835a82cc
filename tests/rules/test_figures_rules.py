"""Figures: known answers from small towns, worked out by hand from the page of the domain."""

import json

import pytest

from town import Town, new_id


@pytest.fixture
def town(rules):
    return Town(rules)


def answered(town, department, hours=1):
    case = town.files(department)
    town.later(hours=hours)
    town.answers(case)
    return case


def visits(town, case, **found):
    town.acts(case, "visitor", "visits", channel="phone", reached=True, **found)


def test_nothing_of_nothing_is_no_data(town):
    for name, figure in town.figures()["figures"].items():
        if figure["unit"] == "percent":
            assert (figure["value"], figure["numerator"], figure["denominator"]) == (None, 0, 0), name
    assert town.figures()["figures"]["backlog"]["value"] == 0
    assert town.figures()["figures"]["oldest"]["value"] is None


@pytest.mark.parametrize("numerator, denominator, value", [(951, 1000, "95.1"), (2, 3, "66.7"), (1, 3, "33.3"), (1, 2000, "0.1"), (1, 2001, "0.0"), (0, 5, "0.0"), (7, 7, "100.0")])
def test_one_decimal_half_up_from_integers(rules, numerator, denominator, value):
    rules.execute("select percent(%s, %s)::text", [numerator, denominator])
    assert rules.fetchone()[0] == value


def test_wilsons_lower_bound_asks_for_more_than_a_handful(rules):
    rules.execute("select wilson(1, 1), wilson(96, 100), wilson(960, 1000), wilson(0, 0), wilson(3, 2)")
    assert [bound and float(bound) for bound in rules.fetchone()] == [20.7, 90.2, 94.6, None, 34.2]


def test_the_least_likely_burst_is_still_a_number(rules):
    rules.execute("select poisson_tail(5000, 0.125), poisson_tail(0, 3), poisson_tail(3, 3), poisson_tail(2000, 2000)")
    least, surely, three, many = rules.fetchone()
    assert 0 <= least < 1e-200 and surely == 1 and round(three, 6) == 0.57681 and 0.49 < many < 0.52


def test_reply_rate_counts_first_replies_of_all_and_of_those_whose_time_has_passed(town):
    answered(town, town.water)
    town.files(town.water)
    town.later(hours=23, minutes=30)  # the first one's 24 hours are over, those of the second are not
    figure = town.figures()["figures"]["reply_rate"]
    assert (figure["value"], figure["numerator"], figure["denominator"]) == (50.0, 1, 2)
    assert figure["matured"] == {"value": 100.0, "numerator": 1, "denominator": 1}


def test_asking_promising_and_rejecting_are_replies_and_accepting_is_none(town):
    for action, body in (("ask", {"text": "？"}), ("interim", {"public_text": "明天。", "promised": "2026-11-24"}), ("accept", {})):
        town.officer(town.files(town.water), action, **body)
    town.acts(town.files(), "dispatcher", "reject", reason="elsewhere", text="请找供水公司")
    assert town.fraction("reply_rate") == (3, 4)


def test_spam_and_what_was_withdrawn_in_time_are_out(town):
    answered(town, town.water)
    town.acts(town.files(), "dispatcher", "reject", reason="spam", text="广告")
    town.reporter(town.files(town.water), "withdraw")
    late = town.files(town.water)
    town.later(hours=24, seconds=1)
    town.reporter(late, "withdraw")
    town.tick()
    assert town.fraction("reply_rate") == (1, 2)
    assert town.fraction("on_time_rate") == (1, 2)


def test_an_objection_makes_it_no_spam_any_more(town):
    case = town.files()
    town.acts(case, "dispatcher", "reject", reason="spam", text="广告")
    town.reporter(case, "object", reason="不是广告")
    assert town.fraction("reply_rate") == (1, 1)


def test_on_time_counts_the_open_overdue_and_forgets_no_breach(town):
    answered(town, town.water)
    late, never, young = town.files(town.water), town.files(town.water), None
    town.later(hours=24)
    assert town.fraction("on_time_rate") == (1, 3)  # due exactly now
    young = town.files(town.water)
    town.later(hours=2)
    town.answers(late)
    town.tick()
    assert town.fraction("on_time_rate") == (1, 3)
    town.reporter(late, "confirm")
    assert town.fraction("on_time_rate") == (1, 3)
    town.answers(young)
    assert town.fraction("on_time_rate") == (2, 4)
    assert town.fraction("backlog") == (1, None)
    assert never != young


def test_each_round_counts_for_itself(town):
    case = answered(town, town.water)
    town.reporter(case, "redo", reason="还漏")
    town.later(hours=25)
    town.answers(case)
    assert town.fraction("on_time_rate") == (1, 2)
    assert town.fraction("reply_rate") == (1, 1)


def test_a_breach_is_the_department_s_that_held_the_case_then(town):
    case = town.files(town.water)
    town.later(hours=25)
    town.tick()
    town.assigns(case, town.garden, "reassign")
    town.answers(case)
    groups = {group["code"]: group["figures"]["on_time_rate"] for group in town.figures(by="department")["groups"]}
    assert (groups["water"]["numerator"], groups["water"]["denominator"]) == (0, 1)
    assert groups["garden"]["denominator"] == 0


def test_accepting_in_two_hours(town):
    in_time, late, never, dropped = (town.files(town.water) for _ in range(4))
    town.later(hours=1)
    town.assigns(dropped, town.garden, "reassign")  # lost its object in time; garden has two hours of its own
    assert town.fraction("accept_rate") == (0, 0)
    town.later(hours=1)
    town.officer(in_time, "accept")
    town.later(hours=1)
    town.officer(late, "accept")
    town.officer(dropped, "return", reason="不归我们管")
    assert town.fraction("accept_rate") == (2, 4)
    assert never


def test_resolving_counts_what_was_due_in_the_period(town):
    town.as_owner("update category set days = 1 where community = %s", town.name)
    answered(town, town.water)
    town.files(town.water)  # both due at the end of Tuesday the 24th
    assert town.fraction("resolve_rate") == (0, 0)
    town.walk("2026-11-25 00:00:01")
    assert town.fraction("resolve_rate") == (1, 2)
    assert town.fraction("resolve_rate", since="2026-11-24", until="2026-11-24") == (1, 2)
    assert town.fraction("resolve_rate", since="2026-11-25", until="2026-11-25") == (0, 0)


def test_clearing_counts_department_days_with_work(town):
    town.files(town.water)
    case = town.files(town.garden)
    town.later(hours=1)
    town.answers(case)
    town.walk("2026-11-25 09:00")
    figure = town.figures()["figures"]["clearing_rate"]
    assert (figure["value"], figure["numerator"], figure["denominator"], figure["idle"]) == (33.3, 1, 3, 3)  # dispatch idle twice, garden once
    assert (figure["strict"]["numerator"], figure["strict"]["denominator"]) == (1, 3)
    assert figure["longest_streak"] == 0
    streaks = {group["code"]: group["figures"]["clearing_rate"]["longest_streak"] for group in town.figures(by="department")["groups"]}
    assert streaks == {"water": 0, "garden": 1, "dispatch": 0}


def test_the_longest_streak_passes_over_idle_days(town):
    for day in (23, 24, 26):  # the 25th is idle
        town.walk(f"2026-11-{day} 10:00")
        answered(town, town.water)
    town.walk("2026-11-27 10:00")
    town.files(town.water)
    town.walk("2026-11-28 00:00:01")
    figure = town.figures()["figures"]["clearing_rate"]
    assert (figure["numerator"], figure["denominator"], figure["longest_streak"]) == (3, 4, 3)


def test_the_backlog_and_its_oldest(town):
    town.files(town.water)
    town.later(hours=2)
    town.files(town.garden)
    answered(town, town.water, hours=1)
    figures = town.figures()["figures"]
    assert (figures["backlog"]["value"], figures["oldest"]["value"]) == (2, 3 * 3600)


def test_following_up_in_72_hours(town):
    visited, late, rated, _ = (answered(town, town.water, hours=0) for _ in range(4))
    again = answered(town, town.water, hours=0)
    town.later(hours=2)
    visits(town, visited, contacted=True, solved="yes")
    town.reporter(rated, "rating", stars=4, solved="yes")
    town.reporter(again, "redo", reason="还漏")  # this answer lost its object
    assert town.fraction("followup_rate") == (0, 0)
    town.later(hours=70)
    assert town.fraction("followup_rate") == (2, 4)
    town.later(hours=1)
    visits(town, late, contacted=True, solved="yes")
    assert town.fraction("followup_rate") == (2, 4)


def test_satisfaction_is_of_the_rated_and_each_round_is_rated_once(town):
    cases = [answered(town, town.water, hours=0) for _ in range(5)]
    for case, stars in zip(cases, (5, 4, 3)):
        town.reporter(case, "rating", stars=stars, solved="yes")
    visits(town, cases[2], contacted=True, solved="no", stars=5)  # its reporter has spoken for himself
    visits(town, cases[3], contacted=True, solved="partly", stars=2)
    figure = town.figures()["figures"]["satisfaction"]
    assert (figure["value"], figure["numerator"], figure["n"]) == (50.0, 2, 4)
    assert figure["lower_bound"] == 15.0


def test_silence_is_not_satisfaction(town):
    for _ in range(5):
        answered(town, town.water, hours=0)
    town.later(days=8)
    town.tick()
    assert town.value("select count(*) from complaint where community = %s and result = 'silence'", town.name) == 5
    assert town.fraction("satisfaction") == (0, 0)


def test_contacted_and_solved_are_of_visits_that_reached_somebody(town):
    cases = [answered(town, town.water, hours=0) for _ in range(3)]
    visits(town, cases[0], contacted=True, solved="yes")
    visits(town, cases[1], contacted=False, solved="partly")
    town.acts(cases[2], "visitor", "visits", channel="phone", reached=False)
    assert (town.fraction("contacted"), town.fraction("solved")) == ((1, 2), (1, 2))


def test_redo_return_and_reopen(town):
    sent_back, closed, _ = (answered(town, town.water, hours=0) for _ in range(3))
    town.reporter(sent_back, "redo", reason="还漏")
    town.answers(sent_back)
    town.reporter(closed, "confirm")
    town.reporter(closed, "reopen", reason="又漏了")
    returned = town.files(town.garden)
    town.officer(returned, "return", reason="不归我们管")
    assert town.fraction("redo_rate") == (2, 4)  # four answers, one sent back at once, one after the case was closed
    assert town.fraction("reopen_rate") == (1, 1)
    assert town.fraction("return_rate") == (1, 4)
    groups = {group["code"]: group["figures"]["return_rate"] for group in town.figures(by="department")["groups"]}
    assert (groups["garden"]["numerator"], groups["garden"]["denominator"]) == (1, 1)


def test_what_closed_without_an_answer_sends_none_back(town):
    asked = town.files(town.water)
    town.officer(asked, "ask", text="在几号楼？")
    town.walk("2026-12-01 12:00")
    town.reporter(asked, "reopen", reason="在三号楼。")
    assert town.fraction("redo_rate") == (0, 0)
    assert town.fraction("reopen_rate") == (1, 1)


def test_reopenings_by_department_sum_up_to_those_of_all(town):
    complaint = answered(town, town.water, hours=0)
    for department in (town.garden, town.water):
        town.reporter(complaint, "confirm")
        town.reporter(complaint, "reopen", reason="又漏了")
        town.assigns(complaint, department, "reassign")
        town.answers(complaint)
    town.reporter(complaint, "confirm")
    assert town.fraction("reopen_rate") == town.fraction("reopen_rate", by="department") == (2, 3)
    groups = {group["code"]: group["figures"]["reopen_rate"] for group in town.figures(by="department")["groups"] if group.get("code")}
    assert [(groups[code]["numerator"], groups[code]["denominator"]) for code in ("water", "garden")] == [(1, 2), (1, 1)]


def test_a_period_has_both_its_days(town):
    town.at("2026-11-23 23:59:59")
    town.files(town.water)
    town.at("2026-11-24 00:00:00")
    town.files(town.water)
    town.at("2026-11-25 00:00:00")
    town.files(town.water)
    assert town.fraction("reply_rate", since="2026-11-23", until="2026-11-23") == (0, 1)
    assert town.fraction("reply_rate", since="2026-11-24", until="2026-11-24") == (0, 1)
    assert town.fraction("reply_rate", since="2026-11-23", until="2026-11-25") == (0, 3)


@pytest.mark.parametrize("by, keys", [("department", None), ("category", {"fees", "other"}), ("building", {"3", None}), ("day", {"2026-11-23", "2026-11-24"})])
def test_the_groups_are_the_whole(town, by, keys):
    answered(town, town.water)
    town.files(town.garden, category="fees", building="3")
    town.walk("2026-11-24 09:00")
    visits(town, answered(town, town.garden, hours=3), contacted=True, solved="yes", stars=5)
    town.walk("2026-11-24 23:59")
    answer = town.figures(by=by)
    assert keys is None or {group["key"] for group in answer["groups"]} == keys
    for name, figure in answer["figures"].items():
        if name in ("oldest", "clearing_rate", "resolve_rate") or (name, by) == ("demand_change", "day"):
            continue
        for part in ("numerator", "denominator"):
            assert (figure[part] or 0) == sum(group["figures"][name][part] or 0 for group in answer["groups"]), (name, part)


def test_time_to_reply_keeps_those_that_wait_at_risk(town):
    """By hand: three replies after 1 h, 2 h and 30 h; one that waits for 12 h by then is at risk until then and leaves without an end."""
    cases = [town.files(town.water) for _ in range(3)]
    for hours, case in zip((1, 1), cases):
        town.later(hours=hours)
        town.answers(case)
    town.later(hours=16)
    town.files(town.water)
    town.later(hours=12)
    town.answers(cases[2])
    figure = town.figures()["figures"]["time_to_reply"]
    # 4 at risk: 3/4 wait after 1 h, 2/4 after 2 h - half have their reply; after 12 h one leaves; after 30 h nobody waits
    assert (figure["p50"], figure["p90"], figure["value"]) == (2 * 3600, 30 * 3600, 2 * 3600)
    assert (figure["numerator"], figure["denominator"]) == (3, 4)
    within = {hours: (share["numerator"], share["denominator"]) for hours, share in figure["within"].items()}
    assert within == {"1": (1, 4), "4": (2, 4), "12": (2, 4), "24": (2, 3), "48": (0, 0), "72": (0, 0)}


def test_nobody_has_a_ninetieth_percentile_while_too_many_wait(town):
    answered(town, town.water)
    for _ in range(2):
        town.files(town.water)
    town.later(hours=3)
    figure = town.figures()["figures"]["time_to_reply"]
    assert (figure["p50"], figure["p90"]) == (None, None)


def test_holder_time_says_who_used_up_the_day(town):
    case = town.files()
    town.later(hours=5)
    town.assigns(case, town.water)
    town.later(hours=1)
    town.officer(case, "return", reason="不归我们管")
    town.later(hours=2)
    town.assigns(case, town.garden)
    town.later(hours=20)
    town.answers(case)
    answered(town, town.water)  # in time: counts nowhere here
    figure = town.figures(by="department")
    times = {group["code"]: group["figures"]["holder_time"] for group in figure["groups"]}
    assert {code: time["value"] for code, time in times.items()} == {"dispatch": 7 * 3600, "water": 3600, "garden": 16 * 3600}
    assert {code: time["breached"] for code, time in times.items()} == {"dispatch": 0, "water": 0, "garden": 1}
    assert times["garden"]["share"] == 66.7
    assert figure["figures"]["holder_time"]["value"] == 24 * 3600
    shown = town.run("select responsibility_json(%s, %s)", town.name, case)[0][0]
    assert [item["seconds"] for item in json.loads(shown)] == [7 * 3600, 3600, 20 * 3600]


def test_a_repeat_is_one_whose_cluster_had_another_in_the_thirty_days_before(town):
    first, other = town.files(town.water), town.files(town.water)
    town.later(days=20)
    second = town.files(town.water)
    town.later(days=31)
    third = town.files(town.water)
    cluster, before = new_id(), town.instant
    town.as_owner("insert into cluster values (%s, %s, %s)", town.name, cluster, before)
    town.later(hours=1)
    for case, act in ((first, "proposed"), (second, "confirmed"), (third, "proposed"), (other, "parted")):
        town.as_owner("insert into cluster_link (community, cluster, complaint, act, at) values (%s, %s, %s, %s, %s)", town.name, cluster, case, act, town.instant)
    period = {"since": "2026-11-01", "until": "2027-01-31"}
    figure = town.figures(**period)["figures"]["repeat_rate"]
    assert (figure["numerator"], figure["denominator"], figure["confirmed"]["numerator"]) == (1, 4, 1)
    assert town.fraction("repeat_rate", as_of=before, **period) == (0, 4)


def test_ranks_begin_with_ten_and_go_by_what_is_sure(town):
    for department, good, bad in ((town.water, 10, 0), (town.garden, 30, 1)):
        for number in range(good + bad):
            case = town.files(department)
            town.answers(case)
            town.reporter(case, "rating", stars=5 if number < good else 1, solved="yes")
    groups = {group["code"]: group["figures"]["satisfaction"] for group in town.figures(by="department")["groups"]}
    assert (groups["water"]["lower_bound"], groups["garden"]["lower_bound"]) == (72.2, 83.8)
    assert (groups["water"]["rank"], groups["garden"]["rank"]) == (2, 1)
    town.as_owner("delete from rating where ctid = (select min(ctid) from rating where department = %s)", town.water)
    groups = {group["code"]: group["figures"]["satisfaction"] for group in town.figures(by="department")["groups"]}
    assert (groups["water"]["rank"], groups["garden"]["rank"]) == (None, 1)
    assert "rank" not in town.figures()["figures"]["satisfaction"]


def test_demand_change_is_a_week_against_eight(town):
    town.at("2026-09-28 10:00")
    for week in range(8):
        town.files(category="fees")
        town.later(days=7)
    assert town.instant.date().isoformat() == "2026-11-23"
    town.later(hours=-1)
    for _ in range(5):
        town.files(category="fees")
    figure = {group["key"]: group["figures"]["demand_change"] for group in town.figures(by="category")["groups"]}["fees"]
    assert (figure["numerator"], figure["denominator"], figure["expected"], figure["value"]) == (6, 7, 0.875, 685.7)
    assert figure["p"] == 0.000296  # Poisson with 0.875: one less the chances of none to five


def without_links(answer):
    """{(group, figure): all that is said of it}"""
    groups = [("all", answer), *((group["key"], group) for group in answer.get("groups", []))]
    return {(key, name): {**figure, "cases": None} for key, group in groups for name, figure in group["figures"].items()}


def test_as_of_a_past_moment_is_what_was_said_then(town):
    """A town of all sorts; after each deed the figures are written down, and at the end asked for again."""
    said = []

    def note():
        for by in (None, "department", "category"):
            said.append((by, town.instant, town.figures(by=by)))

    late, back, spam, gone = town.files(town.water), town.files(town.garden, category="fees", building="3"), town.files(), town.files(town.water)
    note()
    town.later(hours=1)
    town.acts(spam, "dispatcher", "reject", reason="spam", text="广告")
    town.reporter(gone, "withdraw")
    town.officer(back, "return", reason="不归我们管")
    note()
    town.later(hours=2)
    town.reporter(spam, "object", reason="不是广告")
    town.acts(back, "dispatcher", "classify", category="safety")
    town.assigns(back, town.water)
    town.answers(back)
    note()
    town.walk("2026-11-25 00:00:01")
    note()
    town.later(minutes=1)
    town.answers(late)
    visits(town, back, contacted=True, solved="yes", stars=5)
    town.reporter(late, "rating", stars=2, solved="no")
    note()
    town.later(hours=3)
    town.reporter(back, "redo", reason="还漏")
    town.reporter(late, "confirm")
    note()
    town.later(hours=1)
    town.reporter(late, "reopen", reason="又漏了")
    town.assigns(late, town.garden, "reassign")
    note()
    town.walk("2026-12-20 09:00")
    for by, moment, then in said:
        again = town.figures(by=by, as_of=moment)
        assert without_links(again) == without_links(then), (by, moment)


def test_a_figure_shows_its_cases(town):
    good, late, waiting = (town.files(town.water) for _ in range(3))
    hidden = town.files(town.garden)
    town.later(hours=1)
    town.answers(good)
    town.acts(hidden, "dispatcher", "hide", reason="隐私")
    town.later(hours=24)
    town.tick()
    town.answers(late)
    assert town.figure_cases("on_time_rate", "numerator") == ({good}, 0)
    assert town.figure_cases("on_time_rate", "missing") == ({late, waiting, hidden}, 0)
    assert town.figure_cases("on_time_rate", "missing", role="public") == ({late, waiting}, 1)
    assert town.figure_cases("on_time_rate", "missing", role="officer", office=town.garden) == ({late, waiting, hidden}, 0)
    assert town.figure_cases("on_time_rate", "denominator", department=town.garden) == ({hidden}, 0)
    assert town.figure_cases("backlog", "numerator") == ({waiting, hidden}, 0)
    assert town.figure_cases("holder_time", "numerator") == ({late, waiting, hidden}, 0)
    assert town.figure_cases("clearing_rate", "missing")[0] == {late, waiting, hidden}
    for name, figure in town.figures()["figures"].items():
        if figure["denominator"] == 0 and figure["unit"] == "percent" and name != "clearing_rate":
            assert town.figure_cases(name) == (set(), 0), name


def test_metrics_count_by_category_and_department(town):
    town.files(town.water)
    town.files(town.water, category="fees")
    town.walk("2026-11-24 12:00")
    town.acts(town.files(town.garden, category="fees"), "dispatcher", "classify", category="safety")

    def metric(name, **labels):
        wanted = ",".join(f'{key}="{value}"' for key, value in {"community": town.name, **labels}.items())
        return float(town.value("select value from metrics() where name = %s and labels = %s", f"echo_wall_{name}", wanted))

    assert metric("complaints_submitted_total", category="fees") == 2
    assert metric("complaints_submitted_total", category="other") == 1
    assert metric("unanswered", department="water") == 2
    assert metric("overdue", department="water") == 2
    assert metric("overdue", department="garden") == 0
    assert metric("oldest_unanswered_seconds", department="water") == 26 * 3600
    assert metric("cleared_days_total", department="water", result="missed") == 1
    assert metric("cleared_days_total", department="garden", result="idle") == 1
    assert metric("outbox_pending") > 0
