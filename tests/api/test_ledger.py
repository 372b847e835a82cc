"""The ledger: public, with every date, and struck off only when those affected agree."""

import pytest

from support.answer import problem


def entries(actor, **query):
    return actor.items("/v1/ledger", query)


def entry(actor, complaint, **query):
    return next((item["ledger"] for item in entries(actor, **query) if item["id"] == complaint.id), None)


def votes(actor, complaint, solved):
    return actor.does(complaint, "ledger_votes", solved=solved)


@pytest.fixture
def ledgered(world):
    return world.complaint("ledgered")


def test_the_ledger_is_public_with_plan_reason_and_review(ledgered, stranger, clock, world, officer):
    assert officer.sets_milestone(ledgered, clock.day(10)).status == 201
    shown = entry(stranger, ledgered)
    assert (shown["state"], shown["plan"], shown["public_reason"]) == ("running", "列入年度改造计划。", "需等改造资金到位。")
    assert (shown["review"], shown["postponements"], shown["claimed"], shown["ended"]) == (clock.day(20), 0, None, None)
    assert [(step["text"], step["due"]) for step in shown["milestones"]] == [("完成招标。", clock.day(10))]


def test_what_is_only_asked_for_is_seen_inside_alone(world, officer, supervisor, stranger, clock):
    complaint = world.complaint("accepted")
    assert officer.requests_ledger(complaint, clock.day(20)).status == 200
    assert entry(stranger, complaint) is None
    assert [asked["state"] for asked in supervisor.sees(complaint)["ledger"]] == ["requested"]


def test_what_nobody_approved_before_its_review_date_may_be_asked_for_anew(world, officer, supervisor, clock):
    complaint = world.complaint("accepted")
    assert officer.requests_ledger(complaint, clock.day(1)).status == 200
    assert officer.requests_ledger(complaint, clock.day(20)) == problem(409, "not_allowed_now")
    clock.advance(days=2)
    assert supervisor.approves_ledger(complaint) == problem(409, "not_allowed_now")
    assert officer.requests_ledger(complaint, clock.day(20)).status == 200
    assert supervisor.approves_ledger(complaint)["status"] == "ledgered"


def test_nothing_is_approved_in_the_name_of_a_department_that_did_not_ask(world, officer, dispatcher, supervisor, clock):
    complaint = world.complaint("accepted")
    officer.requests_ledger(complaint, clock.day(20))
    dispatcher.reassigns(complaint, world.other_department)
    other = world.other_officer
    assert other.accepts(complaint).status == 200
    assert supervisor.approves_ledger(complaint) == problem(409, "not_allowed_now")
    assert other.requests_ledger(complaint, clock.day(20)).status == 200


def test_what_was_asked_before_an_answer_is_moot_after_a_redo(world, officer, supervisor, clock):
    complaint = world.complaint("accepted")
    officer.requests_ledger(complaint, clock.day(20))
    officer.answers(complaint)
    complaint.reporter.redoes(complaint)
    assert supervisor.approves_ledger(complaint) == problem(409, "not_allowed_now")
    assert officer.requests_ledger(complaint, clock.day(20)).status == 200


def test_a_private_complaint_is_not_in_the_public_ledger(world, stranger):
    complaint = world.complaint("ledgered", visibility="private")
    assert entry(stranger, complaint) is None


def test_every_postponement_is_shown(ledgered, officer, supervisor, stranger, clock):
    clock.advance(days=21)
    assert entry(stranger, ledgered)["state"] == "returned"
    assert officer.accepts(ledgered) == problem(409, "not_allowed_now")
    assert officer.requests_ledger(ledgered, clock.day(25)).status == 200
    assert supervisor.approves_ledger(ledgered).status == 200
    mine = [item["ledger"] for item in entries(stranger) if item["id"] == ledgered.id]
    assert [(one["state"], one["postponements"]) for one in mine] == [("running", 1), ("returned", 0)]


def test_when_the_department_says_done_those_affected_vote(ledgered, officer, stranger, clock):
    officer.answers(ledgered, "管道已整体更换。")
    said = clock.now
    shown = entry(stranger, ledgered)
    assert (shown["state"], shown["claimed"], shown["vote_until"]) == ("voting", said, clock.after(hours=72))
    assert "ledger_votes" in ledgered["actions"]
    assert votes(ledgered.reporter, ledgered, "yes").status == 201
    assert votes(ledgered.reporter, ledgered, "no") == problem(409, "already_voted")
    assert votes(officer, ledgered, "yes") == problem(403, "not_permitted")
    assert votes(stranger, ledgered, "maybe") == problem(422, "invalid_input")
    clock.advance(hours=72, seconds=1)
    shown = entry(stranger, ledgered)
    assert (shown["state"], shown["votes"]) == ("struck_off", {"yes": 1, "partly": 0, "no": 0})
    assert ledgered["status"] == "answered"
    assert votes(ledgered.reporter, ledgered, "yes") == problem(409, "not_allowed_now")


def test_below_the_share_of_yes_it_goes_back_on_the_clock(ledgered, officer, stranger, clock):
    officer.answers(ledgered, "管道已整体更换。")
    assert votes(ledgered.reporter, ledgered, "partly").status == 201
    clock.advance(hours=72)
    assert ledgered["status"] == "answered"
    ended = clock.now
    clock.advance(seconds=1)
    shown = ledgered.shown
    assert (shown["status"], shown["turn"]) == ("accepted", "department")
    assert shown["reply_due"] > clock.after(hours=23)
    assert entry(stranger, ledgered) | {"milestones": []} == entry(stranger, ledgered, state="returned") | {"milestones": []}
    assert [event["action"] for event in stranger.events_of(ledgered)][-1] == "vote_failed"
    assert stranger.events_of(ledgered)[-1]["at"] == ended


def test_exactly_the_share_of_yes_strikes_it_off(world, ledgered, officer, anonymous, admin, stranger, clock):
    """Three fifths of five are three, also where 0.6 is no binary fraction."""
    assert admin.post("/v1/policies", {"vote_share": 0.6}).status == 201
    other = world.complaint("ledgered")
    assert admin.post("/v1/policies", {"vote_share": 0.5}).status == 201
    neighbours = [stranger.joins_in(other) for _ in range(4)]
    officer.answers(other, "管道已整体更换，各户水压恢复正常。")
    assert [stranger.does(mine, "ledger_votes", solved=solved).status for mine, solved in zip(neighbours, ("yes", "yes", "no", "no"))] == [201] * 4
    assert votes(other.reporter, other, "yes").status == 201
    clock.advance(hours=73)
    assert entry(stranger, other)["state"] == "struck_off"


def test_without_a_vote_silence_strikes_it_off(ledgered, officer, stranger, clock):
    officer.answers(ledgered, "管道已整体更换。")
    clock.advance(hours=73)
    assert entry(stranger, ledgered)["state"] == "struck_off"
    assert ledgered["status"] == "answered"


def test_a_failed_vote_takes_back_what_the_reporter_alone_confirmed(world, ledgered, officer, dispatcher, clock):
    follower = world.anonymous.files("我家也漏水。")
    world.do_assign(follower)
    other = world.anonymous.files("二楼也漏水。")
    world.do_assign(other)
    master = ledgered
    assert dispatcher.merges(follower, master).status == 200
    assert dispatcher.merges(other, master).status == 200
    officer.answers(master, "管道已整体更换。")
    assert master.reporter.confirms(master).status == 200
    assert votes(follower.reporter, follower, "no").status == 201
    assert votes(other.reporter, other, "no").status == 201
    assert votes(master.reporter, master, "yes").status == 201
    clock.advance(hours=73)
    assert master["status"] == "accepted"


def test_who_redoes_ends_the_vote(ledgered, officer, stranger, clock):
    officer.answers(ledgered, "管道已整体更换。")
    assert ledgered.reporter.redoes(ledgered).status == 200
    assert votes(ledgered.reporter, ledgered, "no") == problem(409, "not_allowed_now")
    assert entry(stranger, ledgered)["state"] == "returned"
    clock.advance(hours=73)
    assert [event["action"] for event in stranger.events_of(ledgered) if event["action"].startswith("vote")] == []


def test_an_answer_of_a_case_that_was_not_on_the_ledger_opens_no_vote(world):
    complaint = world.complaint("answered")
    assert votes(complaint.reporter, complaint, "yes") == problem(409, "not_allowed_now")


def test_supporters_vote_by_session_or_receipt(ledgered, neighbour, stranger, officer, clock):
    neighbour.joins_in(ledgered)
    mine = stranger.joins_in(ledgered)
    clock.advance(seconds=1)
    officer.answers(ledgered, "管道已整体更换。")
    assert votes(neighbour, ledgered, "no").status == 201
    assert stranger.does(mine, "ledger_votes", solved="no").status == 201
    assert stranger.does(mine, "ledger_votes", solved="yes") == problem(409, "already_voted")
    assert votes(ledgered.reporter, ledgered, "yes").status == 201
    clock.advance(hours=73)
    assert ledgered["status"] == "accepted"


def test_a_resident_has_one_vote_however_many_of_the_merged_cases_are_his(world, ledgered, neighbour, officer, dispatcher, clock):
    mine = neighbour.files("我家也漏水。", identity="named")
    dispatcher.merges(mine, ledgered)
    neighbour.joins_in(ledgered)
    clock.advance(seconds=1)
    officer.answers(ledgered, "管道已整体更换。")
    assert votes(neighbour, ledgered, "no").status == 201
    assert votes(neighbour, mine, "no") == problem(409, "already_voted")
    assert mine.reporter.does(mine, "ledger_votes", solved="no") == problem(409, "already_voted")
    assert votes(ledgered.reporter, ledgered, "yes").status == 201


def test_who_joins_after_the_department_has_said_done_has_no_vote(ledgered, neighbour, officer, clock):
    officer.answers(ledgered, "管道已整体更换。")
    clock.advance(seconds=1)
    neighbour.joins_in(ledgered)
    assert votes(neighbour, ledgered, "yes") == problem(409, "not_allowed_now")


def test_a_phone_number_in_a_plan_is_not_public(world, officer, supervisor, stranger, clock):
    complaint = world.complaint("accepted")
    assert officer.requests_ledger(complaint, clock.day(20), plan="请联系施工队 13812345678。").status == 200
    assert supervisor.approves_ledger(complaint).status == 200
    assert "13812345678" not in stranger.get("/v1/ledger").text
