"""The policy time machine: what the facts come to under another policy; every setting changes something, or the answer says why it does not."""

import json

import pytest

from town import Town, new_id

SUPERVISED = ["overdue", "repeated", "concentrated", "stuck", "ledgered", "hollow"]

# What each setting is simulated as, and what it changes in the busy town.
CHANGES = {
    "reply": ("PT12H", "figures"), "accept": ("PT4H", "figures"), "dispatch": ("PT10M", "figures"), "return_window": ("PT10M", "figures"),
    "max_returns": (0, "figures"), "lapse": ("PT1H", "figures"), "reopen": ("PT1H", "figures"), "max_reopens": (0, "figures"), "rating": ("PT1H", "figures"),
    "followup_scored": ("PT25H", "figures"), "cutoff": ("PT18H", "figures"), "grace": ("PT0S", "figures"), "missed_days": (1, "missed_days"),
    "confident": (0.9, "routing"), "repeated_within": ("PT1H", "repeated"), "repeated_from": (3, "repeated"), "repeated_redos": (2, "repeated"),
    "concentrated_within": ("PT1H", "concentrated"), "concentrated_from": (7, "concentrated"), "concentrated_p": (0, "concentrated"),
    "stuck_redos": (1, "stuck"), "stuck_departments": (2, "stuck"), "stuck_returns": (1, "stuck"), "stuck_open": ("PT1H", "stuck"), "stuck_late": (1, "stuck"),
    "ledger_changes": (1, "ledgered"), "hollow_within": ("PT1H", "hollow"), "hollow_uses": (6, "hollow"), "hollow_length": (0, "hollow"),
    "hollow_last": ("PT4H", "hollow"), "hollow_bunch": (2, "hollow"),
}  # fmt: skip
WITHOUT_EFFECT = {
    "as_happened": {
        "need_info": "P1D", "max_asks": 0, "max_interims": 0, "promise_days": 1, "object": "P1D", "ledger_days": 1, "vote": "PT1H", "vote_share": 1,
        "guard": [], "guard_length": 0, "similar_from": 1, "posted_from": 1, "similar_within": "P1D", "cluster_from": 1, "cluster_within": "P1D",
    },
    "not_counted": {
        "urge": "PT1H", "followup": "PT1H", "night_from": "20:00", "night_until": "06:00", "visit_from": "10:00", "quiet_from": "21:00", "quiet_until": "06:00",
        "ladder": ["PT1H", "PT2H", "PT3H", "PT4H"], "ladder_to": ["head", "head", "head", "head"], "urgent_ladder": ["PT1H", "PT2H", "PT3H", "PT4H"],
        "urgent_ladder_to": ["head", "head", "head", "head"], "digest": "PT1H", "claim": "PT1H", "max_claims": 1, "claim_confirm": "PT1H",
        "publication": "after_review", "reviewed": [], "urgent_words": [], "retention": "P1D", "reveal": "PT1H", "proof_of_work": 9,
        "warning_stretches": ["PT6H"], "warning_from": 2, "warning_p": 1, "monthly_from": 1, "monthly_size": 1, "drawn_a_day": 5,
    },
}  # fmt: skip


@pytest.fixture
def town(rules):
    return Town(rules)


def both(compared):
    return [(compared[one]["numerator"], compared[one]["denominator"]) for one in ("was", "would_be")]


def figures_of(answer, code):
    return next(one for one in answer["departments"] if one["code"] == code)["figures"]


def read_answers(town, letters, text):
    """What C reads out of answers, of those that it has not read."""
    town.as_owner("insert into reply_reading select r.community, r.complaint, r.reply, r.at, r.department, %s, %s, false, sha256(%s) from reply r "
                  "where r.community = %s and r.kind = 'answer' and not exists (select from reply_reading x where x.reply = r.reply)",
                  letters, letters, text.encode(), town.name)  # fmt: skip


def proposes(town, case, category, share):
    town.as_owner("insert into classification (community, complaint, classification, at, by, category, share, rank) values (%s, %s, %s, %s, 'lexicon', %s, %s, 1)",
                  town.name, case, new_id(), town.instant, category, share)  # fmt: skip


def busy(rules):
    """A town in which every setting that can change something does."""
    town = Town(rules, begins="2026-11-20 10:00")
    town.as_owner("update category set department = %s where community = %s and code = 'fees'", town.water, town.name)
    town.walk("2026-11-23 10:00")
    one, again, two = town.files(town.water), town.files(town.water), town.files(town.water)
    for case in (one, again):
        town.as_owner("insert into complaint_identity (community, complaint, phone_hash) values (%s, %s, '\\x01')", town.name, case)
    town.walk("2026-11-23 13:00")
    town.officer(one, "accept")                                          # after 3 h
    town.officer(two, "interim", public_text="明天派人来修。", promised="2026-11-25")
    returned = town.files(town.garden)
    town.walk("2026-11-23 13:30")
    town.officer(returned, "return", reason="不归我们管", proposed=town.water)
    town.assigns(returned, town.water)                                   # never answered
    town.walk("2026-11-23 19:50")
    late = town.files()
    town.walk("2026-11-23 20:20")
    town.assigns(late, town.water)
    town.answers(again)
    read_answers(town, 10, "太短")                                        # hollow by its length
    for _ in range(6):
        town.files(category="safety", building="3")
    town.walk("2026-11-23 23:00")
    for case in (one, *(town.files(town.water) for _ in range(2))):
        town.answers(case)                                               # the first of them after 13 h
    town.walk("2026-11-23 23:55")
    for case in [town.files(town.water) for _ in range(2)]:
        town.answers(case)
    read_answers(town, 20, "一样的话")
    town.walk("2026-11-24 09:00")
    town.reporter(again, "redo", reason="还漏")
    town.reporter(one, "confirm")
    town.walk("2026-11-25 06:00")
    town.reporter(one, "rating", stars=2, solved="no")                   # 31 h after the answer, 21 h after it was closed
    town.reporter(one, "reopen", reason="又漏了")
    ledgered = town.files(town.garden)
    for review in ("2026-12-01", "2026-12-10"):
        if review != "2026-12-01":
            town.acts(ledgered, "supervisor", "end_ledger")
        town.officer(ledgered, "accept") if review == "2026-12-01" else None
        town.officer(ledgered, "request_ledger", plan="等材料", public_reason="等材料", review=review)
        town.acts(ledgered, "supervisor", "approve_ledger")
    proposes(town, town.files(category=None), "fees", 0.7)
    town.walk("2026-11-26 12:00")
    town.as_owner("update community set created = created - interval '90 days' where community = %s", town.name)
    while town.value("select look_out()"):
        pass  # what is beyond chance is counted by the hour
    return town


def test_every_setting_changes_something_or_says_why_not(rules):
    town = busy(rules)
    as_it_is = town.simulated()
    assert as_it_is["without_effect"] == []
    walked = set()
    for name, (value, where) in CHANGES.items():
        answer = town.simulated(**{name: value})
        changed = {part for part in ("figures", "missed_days", "routing") if answer[part] != as_it_is[part]}
        changed |= {part for part in SUPERVISED if answer["lists"][part] != as_it_is["lists"][part]}
        assert where in changed and answer["without_effect"] == [], (name, changed)
        walked.add(name)
    for reason, settings in WITHOUT_EFFECT.items():
        for name, value in settings.items():
            answer = town.simulated(**{name: value})
            (told,) = answer.pop("without_effect")
            assert (told["setting"], told["reason"]) == (name, reason) and told["text"] and told["text_en"]
            assert answer == {key: value for key, value in as_it_is.items() if key != "without_effect"}, name
            walked.add(name)
    columns = town.run("select column_name from information_schema.columns where table_schema = 'wall' and table_name = 'policy'")
    assert walked == {name for (name,) in columns} - {"community", "version", "begins"}, "a new setting needs its row in 19_simulation.sql and here"


def test_what_was_is_what_the_figures_and_the_lists_say(rules):
    town = busy(rules)
    answer = town.simulated(reply="PT12H", cutoff="PT18H", stuck_open="PT1H", hollow_uses=2)
    period = {"since": answer["from"], "until": answer["to"]}
    figures = town.figures(**period)["figures"]
    assert set(answer["figures"]) == set(figures)
    for name, compared in answer["figures"].items():
        said = {key: value for key, value in figures[name].items() if key in compared["was"]}
        assert said == compared["was"] and set(compared["was"]) == set(compared["would_be"]), name
        assert compared["formula"] == figures[name]["formula"]
    for group in town.figures(by="department", **period)["groups"]:
        for name, compared in figures_of(answer, group["code"]).items():
            assert {key: group["figures"][name][key] for key in compared["was"]} == compared["was"], (group["code"], name)
    for name in SUPERVISED:
        body = town.value("select body from list_supervised(%s, %s, row(null, 'supervisor', null, null, null)::caller, 100, null, null)", town.name, name)
        assert len(json.loads(body)["items"]) == answer["lists"][name]["was"], name
    for name in ("backlog", "oldest", "resolve_rate", "time_to_reply", "repeat_rate", "demand_change", "spam", "repeats_avoided", "classification_accuracy"):
        assert answer["figures"][name]["was"] == answer["figures"][name]["would_be"], f"no setting changes {name}"


def test_a_list_tells_what_comes_and_goes_and_by_which_rules(rules):
    town = busy(rules)
    comes = town.simulated(stuck_open="PT1H")["lists"]["stuck"]
    assert comes["was"] == 0 and comes["would_be"] == comes["difference"] == comes["come"] > 3 and comes["go"] == 0 and comes["complete"]
    assert comes["rules"] == {"open": {"was": 0, "would_be": comes["come"], "difference": comes["come"]}}
    assert {hit["rules"][0]["rule"] for hit in comes["coming"]} == {"open"} and comes["coming"][0]["complaint"]["number"]
    assert "late" not in town.simulated(stuck_late=2)["lists"]["stuck"]["rules"]
    twice = town.simulated(stuck_late=2, reply="PT12H")["lists"]["stuck"]["rules"]["late"]
    assert twice["would_be"] == 1, "it was answered after 13 hours, and not at all when it came back"
    goes = town.simulated(repeated_from=3)["lists"]["repeated"]
    assert goes["go"] == 0 and goes["rules"]["same_reporter"] == {"was": 2, "would_be": 0, "difference": -2}, "they stay by another rule: they were redone"
    place = town.simulated(concentrated_from=7)["lists"]["concentrated"]
    assert [(hit["subject"], hit["building"]) for hit in place["going"] if hit["subject"] == "place"] == [("place", "3")]
    hollow = town.simulated(hollow_length=0)["lists"]["hollow"]
    assert [hit["rules"][0] for hit in hollow["going"]] == [{"rule": "too_short", "facts": {"letters": 10}}] and hollow["going"][0]["reply"]
    overdue = town.simulated(reply="P30D")["lists"]["overdue"]
    assert (overdue["was"] > 0, overdue["would_be"]) == (True, 0)
    assert "coming" not in town.simulated(role="admin", stuck_open="PT1H")["lists"]["stuck"], "cases are the working group's"


def test_another_time_to_reply_is_replayed_from_the_facts(town):
    """Answered after 3 h, after 20 h (so open at midnight, since 10 o'clock) and never."""
    quick, slow, never = (town.files(town.water) for _ in range(3))
    town.later(hours=3)
    town.answers(quick)
    town.walk("2026-11-24 06:00")
    town.answers(slow)
    town.walk("2026-11-25 12:00")
    assert never
    figures = town.simulated(reply="PT12H", accept="PT4H")["figures"]
    assert both(figures["on_time_rate"]) == [(2, 3), (1, 3)]
    assert figures["on_time_rate"]["difference"] == -33.4
    assert both(figures["accept_rate"]) == [(0, 3), (1, 3)]
    assert both(figures["clearing_rate"])[0] == both(figures["clearing_rate"])[1]
    # the days end at noon: on the first two were open for two hours, on the second one is, and so it is on the third, which is over now under that policy
    water = figures_of(town.simulated(grace="PT0S", cutoff="PT12H"), "water")
    assert both(water["clearing_rate"]) == [(0, 2), (0, 2)]
    town.walk("2026-11-25 12:00:01")
    water = figures_of(town.simulated(grace="PT0S", cutoff="PT12H"), "water")
    assert both(water["clearing_rate"]) == [(0, 2), (0, 3)]
    water = figures_of(town.simulated(grace="PT12H", cutoff="PT12H"), "water")["clearing_rate"]
    assert both(water) == [(0, 2), (1, 3)], "on the first day all came after the grace"
    assert (water["would_be"]["strict"]["numerator"], water["would_be"]["longest_streak"]) == (0, 1)
    missed = town.simulated(cutoff="PT12H", grace="PT0S", missed_days=3)["missed_days"]
    assert missed == {"was": 0, "would_be": 1, "difference": 1}


def test_a_day_that_is_not_over_under_the_other_policy_is_none(rules):
    """The day ends at 18:00; under the other policy yesterday is the last that is over."""
    town = Town(rules, cutoff="18:00")
    town.files(town.water)
    town.walk("2026-11-24 20:00")
    rate = figures_of(town.simulated(cutoff="PT24H"), "water")["clearing_rate"]
    assert [rate[one]["denominator"] for one in ("was", "would_be")] == [2, 1]


@pytest.mark.parametrize("zone, begins, until", [("Europe/Berlin", "2026-10-23 10:00", "2026-10-28 09:00"), ("America/New_York", "2026-03-06 10:00", "2026-03-11 09:00")])
def test_the_same_policy_makes_no_difference_even_where_clocks_change(rules, zone, begins, until):
    town = Town(rules, begins=begins, zone=zone)
    case = town.files()
    town.later(hours=12)
    town.assigns(case, town.water)
    town.files(town.garden)
    town.walk(until)
    answer = town.simulated(cutoff="PT24H", grace="PT4H", dispatch="PT30M", reply="PT24H", accept="PT2H", lapse="P7D", rating="P30D", followup_scored="PT72H")
    for group in [answer, *answer["departments"]]:
        for name, compared in group["figures"].items():
            assert compared["was"] == compared["would_be"], name


def test_a_day_keeps_the_zone_it_was_taken_in(town):
    """It was decided to live by another zone: what is past is not counted anew because of it."""
    town.files(town.water)
    town.walk("2026-11-25 12:00")
    before = town.simulated(grace="PT0S")["figures"]["clearing_rate"]
    town.as_owner("update community set time_zone = 'America/New_York' where community = %s", town.name)
    after = town.simulated(grace="PT0S")["figures"]["clearing_rate"]
    assert before == after and before["was"]["denominator"] == 2


def test_what_would_have_gone_by_itself_and_whether_it_was_right(town):
    town.as_owner("update category set department = %s where community = %s and code in ('fees', 'safety')", town.water, town.name)
    for suggested, final, share in (("fees", "fees", 0.95), ("fees", "safety", 0.7), ("safety", None, 0.4), ("staff", None, 0.99)):
        case = town.files(category=None)
        proposes(town, case, suggested, share)
        if final:
            town.acts(case, "dispatcher", "classify", category=final)
    town.files(category="fees")  # somebody said what it is: no threshold decides
    routing = town.simulated(confident=0.9)["routing"]
    assert both(routing["by_itself"]) == [(2, 4), (1, 4)] and routing["by_itself"]["difference"] == -25
    assert both(routing["accuracy"]) == [(1, 2), (1, 1)] and routing["accuracy"]["difference"] == 50
    assert both(town.simulated(confident=0.3)["routing"]["by_itself"])[1] == (3, 4), "what may be about a person goes nowhere by itself"
