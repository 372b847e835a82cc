"""Figures: known answers from small towns, worked out by hand from the page of the domain."""

import pytest


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
    rules.execute("select poisson_tail(5000, 0.125), poisson_tail(0, 3), poisson_tail(500, 3000), poisson_tail(3, 3), poisson_tail(2000, 2000)")
    least, surely, most_surely, three, many = rules.fetchone()
    assert 0 <= least < 1e-200 and surely == most_surely == 1 and round(three, 6) == 0.57681 and 0.49 < many < 0.52


def test_reply_rate_counts_first_replies_of_all_and_of_those_whose_time_has_passed(town):
    town.answered(town.water)
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
    town.answered(town.water)
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
    town.answered(town.water)
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
    case = town.answered(town.water)
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
    town.answered(town.water)
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
        town.answered(town.water)
    town.walk("2026-11-27 10:00")
    town.files(town.water)
    town.walk("2026-11-28 00:00:01")
    figure = town.figures()["figures"]["clearing_rate"]
    assert (figure["numerator"], figure["denominator"], figure["longest_streak"]) == (3, 4, 3)


def test_the_backlog_and_its_oldest(town):
    town.files(town.water)
    town.later(hours=2)
    town.files(town.garden)
    town.answered(town.water, hours=1)
    figures = town.figures()["figures"]
    assert (figures["backlog"]["value"], figures["oldest"]["value"]) == (2, 3 * 3600)


def test_following_up_in_72_hours(town):
    visited, late, rated, _ = (town.answered(town.water, hours=0) for _ in range(4))
    again = town.answered(town.water, hours=0)
    town.later(hours=2)
    town.visits(visited, contacted=True, solved="yes")
    town.reporter(rated, "rating", stars=4, solved="yes")
    town.reporter(again, "redo", reason="还漏")  # this answer lost its object
    assert town.fraction("followup_rate") == (0, 0)
    town.later(hours=70)
    assert town.fraction("followup_rate") == (2, 4)
    town.later(hours=1)
    town.visits(late, contacted=True, solved="yes")
    assert town.fraction("followup_rate") == (2, 4)


def test_satisfaction_is_of_the_rated_and_each_round_is_rated_once(town):
    cases = [town.answered(town.water, hours=0) for _ in range(5)]
    for case, stars in zip(cases, (5, 4, 3)):
        town.reporter(case, "rating", stars=stars, solved="yes")
    town.visits(cases[2], contacted=True, solved="no", stars=5)  # its reporter has spoken for himself
    town.visits(cases[3], contacted=True, solved="partly", stars=2)
    figure = town.figures()["figures"]["satisfaction"]
    assert (figure["value"], figure["numerator"], figure["n"]) == (50.0, 2, 4)
    assert figure["lower_bound"] == 15.0


def test_silence_is_not_satisfaction(town):
    for _ in range(5):
        town.answered(town.water, hours=0)
    town.later(days=8)
    town.tick()
    assert town.value("select count(*) from complaint where community = %s and result = 'silence'", town.name) == 5
    assert town.fraction("satisfaction") == (0, 0)


def test_contacted_and_solved_are_of_visits_that_reached_somebody(town):
    cases = [town.answered(town.water, hours=0) for _ in range(3)]
    town.visits(cases[0], contacted=True, solved="yes")
    town.visits(cases[1], contacted=False, solved="partly")
    town.acts(cases[2], "visitor", "visits", channel="phone", reached=False)
    assert (town.fraction("contacted"), town.fraction("solved")) == ((1, 2), (1, 2))


def test_redo_return_and_reopen(town):
    sent_back, closed, _ = (town.answered(town.water, hours=0) for _ in range(3))
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
    complaint = town.answered(town.water, hours=0)
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
    town.answered(town.water)
    town.files(town.garden, category="fees", building="3")
    town.walk("2026-11-24 09:00")
    town.visits(town.answered(town.garden, hours=3), contacted=True, solved="yes", stars=5)
    town.walk("2026-11-24 23:59")
    answer = town.figures(by=by)
    assert keys is None or {group["key"] for group in answer["groups"]} == keys
    for name, figure in answer["figures"].items():
        if name in ("oldest", "clearing_rate", "resolve_rate") or (name, by) == ("demand_change", "day"):
            continue
        for part in ("numerator", "denominator"):
            assert (figure[part] or 0) == sum(group["figures"][name][part] or 0 for group in answer["groups"]), (name, part)


def test_the_figures_of_all_are_the_same_whatever_they_are_grouped_by(town):
    for _ in range(3):
        town.answered(town.water)
        town.files(town.garden, category="fees", building="3")
        town.later(days=5)
        town.tick()
    whole = town.figures()["figures"]
    assert whole["clearing_rate"]["denominator"] > 3 and whole["demand_change"]["denominator"] > 0
    for by in ("department", "category", "building", "day"):
        assert town.figures(by=by)["figures"] == whole, by
