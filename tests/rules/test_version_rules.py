"""A complaint keeps the version of the policy that it was filed under, in each rule that concerns it; what does not concern it goes by the version in force."""

import datetime
import json

import psycopg2
import pytest

from town import Town, new_id

TIGHT = {
    "reply": "PT1H", "dispatch": "PT1M", "accept": "PT1M", "return_window": "PT1M", "max_returns": 1, "need_info": "PT1H", "max_asks": 0, "max_interims": 0,
    "promise_days": 1, "lapse": "PT1H", "reopen": "PT1H", "max_reopens": 0, "object": "PT1H", "rating": "PT1H", "followup": "PT1H", "followup_scored": "PT1H",
    "ladder": ["PT10M"], "ladder_to": ["head"], "ledger_days": 1, "vote": "PT1H", "vote_share": 1, "guard_length": 100, "publication": "after_review",
    "reveal": "PT1H", "claim": "PT1H",
}  # fmt: skip


@pytest.fixture
def town(rules):
    return Town(rules)


def decides(town, **settings):
    town.value("select body from add_policy(%s, row(%s, 'admin', null, null, null)::caller, %s, null, null)", town.name, new_id(), json.dumps(settings))
    town.later(seconds=1)


def due(town, case, kind, round=0):
    """How long after it began."""
    return town.value("select due - began from deadline where complaint = %s and kind = %s and round = %s", case, kind, round)


def column(town, case, name):
    return town.value(f"select {name} from complaint where complaint = %s", case)


def refused(town, do, *given, **more):
    """What a deed that is not let is refused as."""
    town.run("savepoint before")
    with pytest.raises(psycopg2.Error) as fault:
        do(*given, **more)
    town.run("rollback to before")
    return fault.value.diag.constraint_name


def hours(n):
    return datetime.timedelta(hours=n)


def test_deadlines_windows_and_limits_are_those_it_was_filed_under(town):
    names = "waits asked promised redone closed rejected returned ledgered short".split()
    case = {name: town.files() for name in names}
    decides(town, **TIGHT)
    tight = {name: town.files() for name in names}
    town.later(minutes=20)
    for name in names:
        if name != "rejected":
            town.assigns(case[name], town.water), town.assigns(tight[name], town.water)
    assert [due(town, k["waits"], "reply") for k in (case, tight)] == [hours(24), hours(1)]
    assert [due(town, k["waits"], "accept") for k in (case, tight)] == [hours(2), datetime.timedelta(minutes=1)]
    late = "select exists (select from deadline_mark where complaint = %s and kind = 'dispatch' and mark = 'breached')"
    assert [town.value(late, k["waits"]) for k in (case, tight)] == [False, True]
    assert [column(town, k["waits"], "publication") for k in (case, tight)] == ["published", "pending"]
    town.later(minutes=10)
    town.officer(case["returned"], "return", reason="不归我们管", proposed=town.garden)
    town.assigns(case["returned"], town.garden)                           # a dispatcher may: it was returned once, and twice is let
    assert refused(town, town.officer, tight["returned"], "return", reason="不归我们管", proposed=town.garden) == "not_allowed_now"
    town.officer(case["asked"], "ask", text="几号楼？")
    assert refused(town, town.officer, tight["asked"], "ask", text="几号楼？") == "not_allowed_now"
    assert due(town, case["asked"], "need_info") == hours(7 * 24)
    in_five_days = (town.instant + datetime.timedelta(days=5)).date().isoformat()
    town.officer(case["promised"], "interim", public_text="五天内修好。", promised=in_five_days)
    assert refused(town, town.officer, tight["promised"], "interim", public_text="五天内修好。", promised=in_five_days) == "not_allowed_now"
    for k in (case, tight):
        town.officer(k["ledgered"], "accept")
    asks = {"plan": "等材料", "public_reason": "等材料", "review": (town.instant + datetime.timedelta(days=20)).date().isoformat()}
    town.officer(case["ledgered"], "request_ledger", **asks)
    assert refused(town, town.officer, tight["ledgered"], "request_ledger", **asks) == "invalid_input"
    town.acts(case["ledgered"], "supervisor", "approve_ledger")
    for k in (case, tight):
        town.acts(k["rejected"], "dispatcher", "reject", reason="not_community", text="不属于社区", turn_to="12345")
        for name in ("redone", "closed"):
            town.answers(k[name])
        town.reporter(k["closed"], "confirm")
    assert [due(town, k["redone"], "lapse") for k in (case, tight)] == [hours(7 * 24), hours(1)]
    town.walk("2026-11-25 10:00")
    town.reporter(case["asked"], "supply", text="三号楼")
    assert due(town, case["asked"], "reply", 1) == hours(24)
    town.reporter(case["redone"], "redo", reason="还漏")
    assert due(town, case["redone"], "reply", 1) == hours(24)
    assert column(town, tight["redone"], "result") == "silence"
    town.reporter(case["closed"], "rating", stars=5, solved="yes")
    assert refused(town, town.reporter, tight["closed"], "rating", stars=5, solved="yes") == "not_allowed_now"
    town.reporter(case["closed"], "reopen", reason="又漏了")
    assert refused(town, town.reporter, tight["closed"], "reopen", reason="又漏了") == "not_allowed_now"
    town.reporter(case["rejected"], "object", reason="就是社区的事")
    assert refused(town, town.reporter, tight["rejected"], "object", reason="就是社区的事") == "not_allowed_now"
    town.officer(case["ledgered"], "answer", public_text="材料已到，已经修好。")
    assert due(town, case["ledgered"], "vote") == hours(72)
    ladder = "select array_agg(audience order by level) from reminder where complaint = %s and round = 0"
    assert [town.value(ladder, k["waits"]) for k in (case, tight)] == [["officers", "officers", "supervisor"], ["head"]]
    assert town.differences() == []


def test_the_guard_and_the_followup_are_those_it_was_filed_under(town):
    case = {"short": town.files(town.water), "visited": town.files(town.water)}
    decides(town, **TIGHT)
    tight = {"short": town.files(town.water), "visited": town.files(town.water)}

    def answers(which):
        town.run("select version from act(%s, %s, row(%s, 'officer', %s, null, null)::caller, 'answer', null, %s, null, null, %s)",
                 town.name, which, new_id(), town.water, '{"public_text": "修好了，请看一看。"}',
                 '{"folded": {"public_text": "修好了"}, "hollow": {"letters": 8, "rest": 8, "undated": false}}')  # fmt: skip

    answers(case["short"])
    assert refused(town, answers, tight["short"]) == "hollow_reply"
    for k in (case, tight):
        town.answers(k["visited"])
    town.later(hours=30)
    for k in (case, tight):
        town.acts(k["visited"], "visitor", "visits", channel="phone", reached=True, contacted=True, solved="yes")
    town.later(hours=50)
    assert town.figure_cases("followup_rate", "numerator")[0] == {case["visited"]}
    assert town.figure_cases("followup_rate", "denominator")[0] == {case["short"], case["visited"], tight["visited"]}


def test_a_case_that_is_passed_on_late_in_the_day_is_judged_by_its_own_version(town):
    town.at("2026-11-23 19:50")
    mine = town.files()
    decides(town, dispatch="PT1M")
    other = town.files()
    town.at("2026-11-23 20:10")
    for case in (mine, other):
        town.assigns(case, town.water)
    town.walk("2026-11-24 00:01")
    assert town.cases("2026-11-23") == {("water", mine), ("dispatch", other)}


def test_a_reveal_lasts_as_long_as_was_said_when_it_was_filed(town):
    case = town.files()
    town.as_owner("insert into complaint_identity (community, complaint, phone_hash) values (%s, %s, '\\x01')", town.name, case)
    town.as_owner("update complaint set identity = 'masked' where complaint = %s", case)
    decides(town, reveal="PT1H")
    reveal = new_id()
    town.run("select body from request_reveal(%s, row(%s, 'dispatcher', null, null, null)::caller, %s, %s, null, null)", town.name, new_id(), reveal,
             json.dumps({"complaint": case, "reason": "要上门"}))  # fmt: skip
    town.run("select approve_reveal(%s, row(%s, 'supervisor', null, null, null)::caller, %s)", town.name, new_id(), reveal)
    assert town.value("select until from reveal_approval where reveal = %s", reveal) == town.instant + hours(24)


def test_nobody_is_known_for_longer_than_was_said_or_is_said_now(town):
    """Filed while it was 180 days, then two days, then ten years: the shorter of its own and of what holds now."""
    cases = []
    for settings in ({}, {"retention": "P2D"}, {"retention": "P3650D"}):
        if settings:
            decides(town, **settings)
        case = town.files(town.water)
        town.as_owner("update complaint set identity = 'named' where complaint = %s", case)
        town.answers(case)
        town.reporter(case, "confirm")
        cases.append(case)

    def known():
        while town.value("select forgotten from retain()"):
            pass
        return [column(town, case, "identity") != "anonymous" for case in cases]

    town.later(days=3)
    assert known() == [True, False, True], "two days were promised to the second, whatever was decided since"
    decides(town, retention="P2D")
    assert known() == [False, False, False], "what is shortened is shortened for all"
