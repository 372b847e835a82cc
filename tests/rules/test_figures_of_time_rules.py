"""Figures: how long it took and whose time that was, what comes again, as of another moment, and for the operators."""

import json

from town import new_id


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
    town.answered(town.water)
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
    town.answered(town.water)  # in time: counts nowhere here
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
    town.visits(back, contacted=True, solved="yes", stars=5)
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
