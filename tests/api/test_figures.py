"""Figures: each with numerator, denominator, moment and formula; nobody can polish them."""

import datetime

import pytest

from support.answer import problem

pytestmark = pytest.mark.slow


def figures(town, **query):
    answer = town.anonymous.get("/v1/figures", query)
    assert answer.status == 200, answer
    return answer.json["figures"]


def fraction(town, name, **query):
    figure = figures(town, **query)[name]
    return figure["numerator"], figure["denominator"]


def test_each_figure_explains_itself(town):
    town.complaint("answered")
    for name in ("reply_rate", "on_time_rate", "clearing_rate", "backlog"):
        figure = figures(town)[name]
        assert {"value", "numerator", "denominator", "as_of", "formula"} <= set(figure)
        assert figure["as_of"] == town.clock.now
        assert figure["formula"]


def test_reply_rate_counts_first_replies_over_all(town):
    town.complaint("answered")
    town.complaint("need_info")
    town.complaint("rejected")
    town.complaint("assigned")
    assert fraction(town, "reply_rate") == (3, 4)
    assert figures(town)["reply_rate"]["value"] == 75.0


def test_on_time_rate_counts_open_overdue_cases(town):
    town.complaint("answered")
    assert fraction(town, "on_time_rate") == (1, 1)
    late, never = town.complaint("assigned"), town.complaint("assigned")
    assert fraction(town, "on_time_rate") == (1, 1)
    town.clock.advance(hours=25)
    assert fraction(town, "on_time_rate") == (1, 3)
    town.officer.answers(late)
    assert fraction(town, "on_time_rate") == (1, 3)
    never["overdue"]


def test_withdrawn_before_due_is_counted_apart(town):
    town.complaint("answered")
    town.complaint("withdrawn")
    assert fraction(town, "reply_rate") == (1, 1)
    assert fraction(town, "on_time_rate") == (1, 1)


def test_withdrawn_after_due_is_still_late(town):
    complaint = town.complaint("assigned")
    town.clock.advance(hours=25)
    town.anonymous.withdraws(complaint)
    assert fraction(town, "on_time_rate") == (0, 1)


def test_nothing_is_no_data_and_never_100_percent(town):
    for name in ("reply_rate", "on_time_rate"):
        figure = figures(town)[name]
        assert (figure["value"], figure["denominator"]) == (None, 0)


def test_clearing_rate_counts_department_days_with_work(town):
    town.complaint("answered")
    town.complaint("assigned")
    town.clock.to("00:00")
    town.clock.advance(seconds=1)
    numerator, denominator = fraction(town, "clearing_rate")
    assert denominator >= 1
    assert numerator == denominator - 1


def test_backlog_is_what_is_on_the_departments_turn_now(town):
    town.complaint("assigned")
    town.complaint("accepted")
    town.complaint("answered")
    assert figures(town)["backlog"]["value"] == 2
    town.clock.advance(hours=5)
    assert figures(town)["backlog"]["value"] == 2


def test_a_period_takes_those_submitted_in_it(town):
    town.complaint("answered")
    first = town.clock.day()
    town.clock.advance(days=2)
    town.complaint("assigned")
    second = town.clock.day()
    everything = fraction(town, "reply_rate")
    assert everything == (1, 2)
    after = {"from": first, "to": (datetime.date.fromisoformat(first) + datetime.timedelta(days=1)).isoformat()}
    assert fraction(town, "reply_rate", **after) == (1, 1)
    assert fraction(town, "reply_rate", **{"from": second, "to": town.clock.day(1)}) == (0, 1)


def test_the_last_thirty_days_unless_said(town):
    town.complaint("answered")
    town.clock.advance(days=31)
    assert fraction(town, "reply_rate") == (0, 0)


def test_figures_by_department(town):
    town.complaint("answered")
    other = town.anonymous.files()
    town.dispatcher.assigns(other, town.other_department)
    answer = town.anonymous.get("/v1/figures", {"by": "department"})
    assert answer.status == 200
    text = answer.text
    assert town.department["id"] in text and town.other_department["id"] in text


def test_a_wrong_question_is_refused(town):
    assert town.anonymous.get("/v1/figures", {"by": "weather"}) == problem(422, "invalid_input")
    assert town.anonymous.get("/v1/figures", {"from": "yesterday"}) == problem(422, "invalid_input")


def test_a_later_recategorisation_or_closing_does_not_mend_a_late_reply(town):
    complaint = town.complaint("assigned")
    town.clock.advance(hours=25)
    town.officer.answers(complaint)
    town.anonymous.confirms(complaint)
    town.clock.advance(days=1)
    assert fraction(town, "on_time_rate") == (0, 1)


def test_figures_show_their_cases_to_everybody_and_count_the_unpublished(town):
    shown, kept = town.complaint("answered"), town.complaint("assigned")
    town.dispatcher.hides(kept)
    answer = town.anonymous.get("/v1/figures/reply_rate/cases").json
    assert ([item["id"] for item in answer["items"]], answer["count"], answer["unpublished"]) == ([shown["id"]], 2, 1)
    assert {item["id"] for item in town.supervisor.get("/v1/figures/reply_rate/cases").json["items"]} == {shown["id"], kept["id"]}
    missing = town.supervisor.get("/v1/figures/reply_rate/cases", {"part": "missing"}).json
    assert [item["id"] for item in missing["items"]] == [kept["id"]]
    assert town.anonymous.get(figures(town)["reply_rate"]["cases"]).json["count"] == 2


def test_every_group_leads_to_its_cases_also_that_of_what_has_no_building_or_category(town):
    assert town.admin.post("/v1/buildings", {"code": "甲&乙 100%", "name": "甲乙楼"}).status == 201
    town.complaint("answered", building="甲&乙 100%", category="fees")
    assert town.anonymous.files("嗯嗯嗯嗯嗯嗯")["category"] is None
    for by in ("building", "category"):
        groups = town.anonymous.get("/v1/figures", {"by": by}).json["groups"]
        assert len(groups) == 2 and None in [group["key"] for group in groups]
        for group in groups:
            assert town.anonymous.get(group["figures"]["reply_rate"]["cases"]).json["count"] == 1, group["key"]


def test_the_cases_come_in_pages(town):
    ids = [town.complaint("answered")["id"] for _ in range(3)]
    first = town.anonymous.get("/v1/figures/reply_rate/cases", {"limit": 2}).json
    second = town.anonymous.get("/v1/figures/reply_rate/cases", {"limit": 2, "cursor": first["next"]}).json
    assert [item["id"] for item in first["items"] + second["items"]] == sorted(ids, reverse=True)
    assert second["next"] is None
    assert town.anonymous.get("/v1/figures/happiness/cases") == problem(404, "not_found")


def test_a_past_moment_shows_what_was_said_then(town):
    town.complaint("assigned")
    then, said = town.clock.now, figures(town)
    town.clock.advance(hours=25)
    town.complaint("answered")
    assert said["on_time_rate"]["denominator"] == 0
    assert figures(town)["on_time_rate"]["denominator"] == 2
    assert {name: figure["value"] for name, figure in figures(town, as_of=then).items()} == {name: figure["value"] for name, figure in said.items()}
    assert town.anonymous.get("/v1/figures", {"as_of": "2099-01-01T00:00:00Z"}) == problem(422, "invalid_input")


def test_a_complaint_says_with_whom_it_lay(town):
    complaint = town.complaint("submitted")
    town.clock.advance(minutes=10)
    town.dispatcher.assigns(complaint, town.department)
    town.clock.advance(hours=3)
    town.officer.answers(complaint)
    town.clock.advance(hours=3)
    for caller in (town.anonymous, town.dispatcher):
        lay = caller.get(f"/v1/complaints/{complaint['id']}").json["responsibility"]
        assert [item["seconds"] for item in lay] == [600, 3 * 3600]
        assert lay[1]["department"]["id"] == town.department["id"]
    for name in ("改了名的部门", lay[1]["department"]["name"]):  # it is kept from the first reply on, but for the names
        assert town.admin.patch(f"/v1/departments/{town.department['id']}", {"name": name}).status == 200
        shown = town.anonymous.get(f"/v1/complaints/{complaint['id']}").json["responsibility"]
        assert [item["seconds"] for item in shown] == [600, 3 * 3600]
        assert shown[1]["department"]["name"] == name
