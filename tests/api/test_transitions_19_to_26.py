"""The status machine, row by row of the table of transitions: 19 reject to 26 extension."""

import pytest

from support.answer import problem

OPEN = ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered")


def state(complaint):
    shown = complaint.shown
    return shown["status"], shown["turn"]


# 19 reject


@pytest.mark.parametrize("status", ["submitted", "assigned"])
def test_a_rejection_is_a_first_reply(world, dispatcher, clock, status):
    complaint = world.complaint(status)
    assert dispatcher.rejects(complaint, text="属供电公司管理，请拨打 95598。")["status"] == "rejected"
    assert state(complaint) == ("rejected", "none")
    assert complaint["first_reply"] == clock.now
    assert "95598" in complaint["replies"][-1]["public_text"]


def test_an_accepted_case_is_not_rejected_and_an_officer_rejects_nothing(world, dispatcher, officer):
    assert dispatcher.rejects(world.complaint("accepted")) == problem(409, "not_allowed_now")
    assert officer.rejects(world.complaint("assigned")) == problem(403, "not_permitted")


# 20 object


def test_the_reporter_objects_once_within_seven_days(world, anonymous, dispatcher, clock):
    complaint = world.complaint("rejected")
    clock.advance(days=7)
    assert anonymous.objects(complaint)["status"] == "submitted"
    assert state(complaint) == ("submitted", "department")
    assert complaint["reply_due"] == clock.after(hours=24)
    dispatcher.rejects(complaint)
    assert anonymous.objects(complaint) == problem(409, "not_allowed_now")


def test_an_objection_after_seven_days_is_late(world, anonymous, clock):
    complaint = world.complaint("rejected")
    clock.advance(days=7, seconds=1)
    assert anonymous.objects(complaint) == problem(409, "not_allowed_now")


# 21 merge


@pytest.mark.parametrize("status", ["submitted", "assigned", "accepted"])
def test_a_case_is_merged_into_another(world, dispatcher, status):
    master, follower = world.complaint("assigned"), world.complaint(status)
    assert dispatcher.merges(follower, master)["status"] == "merged"
    assert state(follower) == ("merged", "none")


def test_the_masters_reply_meets_the_followers_deadline(world, dispatcher, officer, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    clock.advance(hours=3)
    officer.answers(master, "已统一维修。")
    assert follower["first_reply"] == clock.now
    assert follower["overdue"] is False
    assert any(reply["public_text"] == "已统一维修。" for reply in follower["replies"])
    clock.advance(hours=30)
    assert follower["overdue"] is False


def test_merging_into_an_answered_master_meets_the_deadline_at_once(world, dispatcher, clock):
    master, follower = world.complaint("answered"), world.complaint("assigned")
    clock.advance(hours=1)
    dispatcher.merges(follower, master)
    assert follower["first_reply"] == clock.now


def met(actor, complaint, kind):
    return [deadline["met"] for deadline in actor.sees(complaint)["deadlines"] if deadline["kind"] == kind]


def test_the_masters_answer_also_resolves_a_follower_that_had_a_reply_before(world, dispatcher, officer, clock):
    master, promised, asked = world.complaint("assigned"), world.complaint("assigned"), world.complaint("assigned")
    officer.promises(promised, clock.day(2))
    dispatcher.merges(promised, master)
    dispatcher.merges(asked, master)
    officer.asks(master)
    assert met(dispatcher, asked, "reply") == [clock.now]
    clock.advance(hours=1)
    officer.answers(master)
    assert met(dispatcher, promised, "resolve") == met(dispatcher, asked, "resolve") == [clock.now]
    late = world.complaint("assigned")
    officer.promises(late, clock.day(2))
    clock.advance(hours=1)
    dispatcher.merges(late, master)
    assert met(dispatcher, late, "resolve") == [clock.now]


def test_a_follower_is_rated_when_its_master_has_a_reply(world, dispatcher, officer, anonymous, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    officer.promises(follower, clock.day(2))
    dispatcher.merges(follower, master)
    assert anonymous.rates(follower) == problem(409, "not_allowed_now")
    officer.answers(master)
    assert anonymous.rates(follower).status == 201


def test_who_answers_a_master_reads_and_hears_those_merged_into_it(world, dispatcher, officer, other_officer, db):
    follower, master = world.complaint("accepted"), world.complaint("submitted")
    dispatcher.assigns(master, world.other_department)
    dispatcher.merges(follower, master)
    assert [one["id"] for one in other_officer.sees(master)["followers"]] == [follower.id]
    assert follower.reporter.writes(follower, "我家也停水，老人在家。").status == 201
    assert "我家也停水，老人在家。" in [said["text"] for said in other_officer.sees(follower)["messages"]]
    told = "select department from wall.outbox where complaint = %s and event = 'messages'"
    assert db.value(told, follower.id) == world.other_department["id"]
    dispatcher.unmerges(follower)
    assert "messages" not in other_officer.looks_at(follower).json
    assert other_officer.sees(master)["followers"] == []


def test_nothing_is_merged_into_what_is_closed_for_good(world, dispatcher, clock):
    master = world.complaint("closed")
    clock.advance(days=29)
    assert dispatcher.merges(world.complaint("assigned"), master)["status"] == "merged"
    clock.advance(days=2)
    follower = world.complaint("assigned")
    refused = dispatcher.merges(follower, master)
    assert refused == problem(422, "invalid_input") and refused.json["errors"][0]["pointer"] == "/into"
    assert state(follower) == ("assigned", "department")


def test_what_was_merged_into_spam_is_again_what_it_was(world, dispatcher, clock):
    follower, master = world.complaint("assigned"), world.complaint("submitted")
    due = follower["reply_due"]
    dispatcher.merges(follower, master)
    assert dispatcher.rejects(master, reason="spam").status == 200
    assert state(follower) == ("assigned", "department")
    assert (follower["first_reply"], follower["reply_due"]) == (None, due)
    clock.advance(hours=25)
    assert follower["overdue"]


def test_a_case_whose_followers_were_withdrawn_may_be_merged(world, dispatcher, anonymous):
    master, follower, other = (world.complaint("assigned") for _ in range(3))
    dispatcher.merges(follower, master)
    assert dispatcher.merges(master, other) == problem(409, "not_allowed_now")
    anonymous.withdraws(follower)
    assert dispatcher.merges(master, other).status == 200


def test_a_followers_deadline_lives_until_the_master_replies(world, dispatcher, officer, clock):
    follower = world.complaint("assigned")
    clock.advance(hours=12)
    master = world.complaint("assigned")
    dispatcher.merges(follower, master)
    clock.advance(hours=13)
    assert follower["overdue"] is True
    assert master["overdue"] is False


def test_the_followers_reporter_rates_writes_and_withdraws(world, dispatcher, officer, anonymous):
    master, one, two = world.complaint("assigned"), world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(one, master)
    dispatcher.merges(two, master)
    officer.answers(master)
    assert anonymous.writes(one).status == 201
    assert anonymous.rates(one, 4).status == 201
    assert anonymous.withdraws(two)["status"] == "withdrawn"


def test_a_followers_redo_reopens_the_master(world, dispatcher, officer, anonymous):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    officer.answers(master)
    assert anonymous.redoes(follower).status == 200
    assert state(master) == ("accepted", "department")


def test_what_one_reporter_confirms_or_withdraws_takes_no_right_from_the_others(world, dispatcher, officer, anonymous, clock):
    master, one, two = (world.complaint("assigned") for _ in range(3))
    dispatcher.merges(one, master)
    dispatcher.merges(two, master)
    officer.answers(master)
    assert anonymous.confirms(master)["status"] == "closed"
    assert "redo" in one["actions"]
    assert anonymous.redoes(one).status == 200
    assert state(master) == ("accepted", "department")
    officer.answers(master)
    clock.advance(days=7, hours=720)  # lapsed, and 30 days from then
    assert anonymous.redoes(two).status == 200
    due = master["reply_due"]
    assert anonymous.withdraws(master)["status"] == "withdrawn"
    assert (state(one), state(two)) == (("assigned", "department"), ("assigned", "department"))
    assert one["reply_due"] == two["reply_due"] == due


def test_whose_case_was_rejected_with_its_master_may_object(world, dispatcher, anonymous, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    dispatcher.rejects(master)
    assert anonymous.redoes(follower).status == 200
    assert state(master) == ("submitted", "department")
    dispatcher.rejects(master)
    assert anonymous.redoes(follower) == problem(409, "not_allowed_now")  # once


# 22 unmerge


def test_unmerging_restores_what_was_before(world, dispatcher):
    master, follower = world.complaint("assigned"), world.complaint("accepted")
    due = follower["reply_due"]
    dispatcher.merges(follower, master)
    assert dispatcher.unmerges(follower)["status"] == "accepted"
    assert state(follower) == ("accepted", "department")
    assert follower["reply_due"] == due


def test_unmerging_after_the_masters_reply_opens_a_round(world, dispatcher, officer, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    dispatcher.merges(follower, master)
    officer.answers(master)
    clock.advance(hours=5)
    assert dispatcher.unmerges(follower)["status"] == "assigned"
    assert follower["reply_due"] == clock.after(hours=24)


# 23 withdraw


@pytest.mark.parametrize("status", OPEN)
def test_whatever_is_not_final_may_be_withdrawn(world, anonymous, status):
    complaint = world.complaint(status)
    assert anonymous.withdraws(complaint, "已自行解决。")["status"] == "withdrawn"
    assert state(complaint) == ("withdrawn", "none")


@pytest.mark.parametrize("status", ["closed", "rejected", "withdrawn"])
def test_what_is_final_is_not_withdrawn(world, anonymous, status):
    assert anonymous.withdraws(world.complaint(status)) == problem(409, "not_allowed_now")


# 24 publish, hide


@pytest.mark.parametrize("status", ["submitted", "assigned", "answered", "closed", "rejected"])
def test_hiding_and_publishing_leave_status_and_clock(world, dispatcher, stranger, status):
    complaint = world.complaint(status)
    before = complaint.shown
    assert dispatcher.hides(complaint)["publication"] == "hidden"
    assert stranger.get(complaint.path) == problem(404, "not_found")
    assert dispatcher.publishes(complaint)["publication"] == "published"
    assert stranger.get(complaint.path).status == 200
    after = complaint.shown
    assert [after[name] for name in ("status", "turn", "reply_due")] == [before[name] for name in ("status", "turn", "reply_due")]


def test_a_private_complaint_is_never_published(world, dispatcher):
    assert dispatcher.publishes(world.complaint("assigned", visibility="private")) == problem(409, "not_allowed_now")


# 25 rating


def test_a_round_is_rated_once(world, anonymous, officer):
    complaint = world.complaint("answered")
    assert anonymous.rates(complaint, 2, "no", "没修好").status == 201
    assert anonymous.rates(complaint, 5) == problem(409, "already_rated")
    anonymous.redoes(complaint)
    assert anonymous.rates(complaint, 5) == problem(409, "not_allowed_now")
    officer.answers(complaint)
    assert anonymous.rates(complaint, 5).status == 201


def test_a_closed_case_is_rated_within_thirty_days(world, anonymous, clock):
    in_time, late = world.complaint("closed"), world.complaint("closed")
    clock.advance(days=30)
    assert anonymous.rates(in_time).status == 201
    clock.advance(seconds=1)
    assert anonymous.rates(late) == problem(409, "not_allowed_now")


def test_a_rating_is_one_to_five_stars(world, anonymous):
    complaint = world.complaint("answered")
    for stars in (0, 6, "5", 2.5, True, 1e300, -1e300):
        assert anonymous.rates(complaint, stars) == problem(422, "invalid_input")
    assert anonymous.rates(complaint, 5, "perhaps") == problem(422, "invalid_input")
    assert anonymous.rates(complaint, 5.0).status == 201


# 26 extension


def test_an_extension_moves_resolve_once_and_the_original_stays(world, officer, supervisor, clock, db):
    complaint = world.complaint("accepted")
    reply_due = complaint["reply_due"]
    assert supervisor.approves_extension(complaint) == problem(409, "not_allowed_now")
    assert officer.requests_extension(complaint, clock.day(40)).status == 200
    assert supervisor.approves_extension(complaint).status == 200
    assert officer.requests_extension(complaint, clock.day(60)) == problem(409, "not_allowed_now")
    dues = db.all("select due from deadline where complaint = %s and kind = 'resolve' order by round", complaint.id)
    assert len(dues) == 2 and dues[0] < dues[1]
    assert complaint["reply_due"] == reply_due


def test_an_extension_to_a_day_that_has_passed_is_not_approved(world, officer, supervisor, clock):
    complaint = world.complaint("accepted", category="fees")
    officer.requests_extension(complaint, clock.day(16))
    clock.advance(days=17)
    assert supervisor.approves_extension(complaint) == problem(422, "invalid_input")
