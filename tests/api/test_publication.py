"""What is shown to everybody, when and by whose decision; and what never is: spam."""

import pytest

from support.answer import problem


@pytest.fixture
def decides(admin):
    """The community's policy from now on."""

    def decide(**settings):
        answer = admin.post("/v1/policies", settings)
        assert answer.status == 201, answer
        return answer.json

    yield decide
    decide(publication="at_once", reviewed=["neighbours", "staff"])


def is_public(stranger, complaint):
    answer = stranger.get(complaint.path)
    assert answer.status in (200, 404)
    listed = complaint.id in {item["id"] for item in stranger.items("/v1/complaints")}
    assert listed == (answer.status == 200)
    return listed


def waiting(dispatcher, publication=None):
    return {item["id"]: item for item in dispatcher.items("/v1/desk/publication", {"publication": publication} if publication else {})}


# By policy


def test_after_review_waits_for_the_dispatcher(decides, world, anonymous, dispatcher, stranger):
    decides(publication="after_review")
    complaint = world.complaint("answered")
    assert not is_public(stranger, complaint)
    assert complaint.shown["pending_review"] is True
    assert dispatcher.publishes(complaint)["publication"] == "published"
    assert is_public(stranger, complaint)
    assert complaint.shown["pending_review"] is False


def test_after_the_first_reply_it_is_published_in_that_moment_by_the_system(decides, world, officer, stranger, dispatcher, clock):
    decides(publication="after_first_reply")
    complaint = world.complaint("assigned")
    assert not is_public(stranger, complaint)
    assert complaint.shown["pending_review"] is False
    assert complaint.id not in waiting(dispatcher), "nobody need look at it"
    clock.advance(minutes=7)
    shown = officer.answers(complaint).json
    assert (shown["publication"], shown["publication_since"]) == ("published", shown["first_reply"])
    assert is_public(stranger, complaint)
    answer, publish = officer.events_of(complaint)[-2:]
    assert (answer["action"], publish["action"], publish["by"]) == ("answer", "publish", "system")
    assert answer["at"] == publish["at"]
    assert [event["action"] for event in stranger.events_of(complaint)] == ["submit", "assign", "answer", "publish"]


@pytest.mark.parametrize("reply", ["promises", "asks", "ledger"])
def test_every_public_reply_that_counts_publishes(decides, world, officer, stranger, clock, reply):
    decides(publication="after_first_reply")
    complaint = world.complaint("accepted" if reply == "ledger" else "assigned")
    if reply == "promises":
        officer.promises(complaint, clock.day(1))
    elif reply == "asks":
        officer.asks(complaint)
    else:
        world.do_ledger(complaint)
    assert is_public(stranger, complaint)


def test_a_private_reply_publishes_nothing_but_the_next_public_one_does(decides, world, officer, stranger, clock):
    decides(publication="after_first_reply")
    complaint = world.complaint("assigned")
    assert officer.does(complaint, "interim", private_text="只对您说。", promised=clock.day(1)).status == 200
    assert not is_public(stranger, complaint)
    officer.answers(complaint)
    assert is_public(stranger, complaint)


def test_a_rejection_in_public_is_a_first_reply(decides, world, anonymous, dispatcher, stranger):
    decides(publication="after_first_reply")
    complaint = anonymous.files()
    dispatcher.rejects(complaint, "not_ours", elsewhere="请拨打 12345。")
    assert is_public(stranger, complaint)


def test_a_merged_complaint_is_published_with_the_reply_of_its_master(decides, world, dispatcher, officer, stranger):
    decides(publication="after_first_reply")
    complaint = world.complaint("merged")
    assert not is_public(stranger, complaint)
    officer.answers(world.master)
    assert is_public(stranger, complaint)


def test_a_private_complaint_is_not_published_by_a_reply(decides, world, stranger, dispatcher):
    decides(publication="after_first_reply")
    complaint = world.complaint("answered", visibility="private")
    assert not is_public(stranger, complaint)
    decides(publication="after_review")
    assert world.anonymous.files(visibility="private").id not in waiting(dispatcher)


@pytest.mark.parametrize("publication", ["at_once", "after_first_reply", "after_review"])
@pytest.mark.parametrize("category", ["neighbours", "staff"])
def test_neighbours_and_staff_wait_for_review_whatever_the_policy(decides, world, dispatcher, stranger, publication, category):
    decides(publication=publication)
    complaint = world.complaint("answered", category=category)
    assert not is_public(stranger, complaint)
    assert complaint.id in waiting(dispatcher)
    dispatcher.publishes(complaint)
    assert is_public(stranger, complaint)


def test_what_may_be_about_neighbours_waits_for_review_as_well(decides, anonymous, dispatcher, stranger):
    decides(publication="at_once")
    complaint = anonymous.files("邻居半夜吵架，楼道灯也坏了。")
    assert complaint.first["category"] != "neighbours" or complaint.first["publication"] == "pending"
    if complaint.first["publication"] == "pending":
        assert complaint.id in waiting(dispatcher)


def test_what_turns_out_to_be_about_neighbours_is_taken_back_until_somebody_has_looked(decides, anonymous, dispatcher, stranger):
    decides(publication="at_once")
    complaint = anonymous.files("请你们管一管。", category="other")
    assert is_public(stranger, complaint)
    dispatcher.classifies(complaint, "neighbours")
    assert not is_public(stranger, complaint)
    assert waiting(dispatcher)[complaint.id]["pending_review"] is True
    assert dispatcher.events_of(complaint)[-1]["data"]["publication"] == "pending"
    dispatcher.publishes(complaint)
    dispatcher.classifies(complaint, "other")
    dispatcher.classifies(complaint, "staff")
    assert is_public(stranger, complaint), "a person has decided"


def test_a_complaint_keeps_the_policy_it_was_filed_under(decides, world, anonymous, officer, stranger):
    decides(publication="after_first_reply")
    before = world.complaint("assigned")
    decides(publication="after_review")
    after = world.complaint("assigned")
    officer.answers(before)
    officer.answers(after)
    assert is_public(stranger, before) and not is_public(stranger, after)


# By the dispatcher


def test_the_reason_for_hiding_is_told_to_the_reporter_and_not_to_the_public(anonymous, dispatcher, stranger, officer, clock):
    complaint = anonymous.files()
    clock.advance(minutes=3)
    hidden = dispatcher.hides(complaint, "含有他人的姓名和电话。").json
    assert hidden["publication_reason"] == "含有他人的姓名和电话。"
    assert (complaint["publication"], complaint["publication_reason"]) == ("hidden", "含有他人的姓名和电话。")
    assert not is_public(stranger, complaint)
    item = waiting(dispatcher, "hidden")[complaint.id]
    assert (item["publication_reason"], item["publication_since"]) == ("含有他人的姓名和电话。", hidden["publication_since"])
    assert complaint.id not in waiting(dispatcher)
    assert dispatcher.publishes(complaint)["publication_reason"] is None
    history = stranger.get(f"{complaint.path}/events")
    assert [event["action"] for event in history.json["items"]] == ["submit", "hide", "publish"]
    assert "姓名" not in history.text and "姓名" not in stranger.get(complaint.path).text


def test_a_named_reporter_is_told_that_it_was_hidden(resident, dispatcher, db):
    complaint = resident.files(identity="named")
    dispatcher.hides(complaint)
    assert db.all("select audience from wall.outbox where complaint = %s and event = 'hide'", complaint.id) == [("reporter",)]


def test_the_desk_says_who_waits_and_since_when(decides, anonymous, resident, dispatcher, supervisor, officer, clock):
    decides(publication="after_review")
    first = resident.files(identity="masked")
    clock.advance(minutes=10)
    second = anonymous.files()
    items = [item for item in supervisor.items("/v1/desk/publication", {"limit": 1}) if item["id"] in (first.id, second.id)]
    assert [item["id"] for item in items] == [first.id, second.id], "what waits longest first"
    assert items[0]["alias"].startswith("居民") and items[0]["identity"] == "masked"
    assert items[0]["publication_since"] == items[0]["submitted"] < items[1]["publication_since"]
    assert officer.get("/v1/desk/publication") == problem(403, "not_permitted")


def test_the_desk_does_not_tell_when_somebody_came_who_asked_for_rounding(decides, anonymous, dispatcher, clock):
    decides(publication="after_review")
    clock.advance(minutes=17, seconds=5)
    rounded, later = anonymous.files(round_times=True), anonymous.files()
    anonymous.does(later, "privacy", round_times=True)
    items = waiting(dispatcher)
    for complaint in (rounded, later):
        assert items[complaint.id]["publication_since"].endswith(":00:00.000000Z")


# Spam


def test_spam_is_hidden_at_once_and_needs_no_reply(anonymous, dispatcher, stranger):
    complaint = anonymous.files("低价办证，加微信。")
    shown = dispatcher.does(complaint, "reject", reason="spam").json
    assert (shown["status"], shown["publication"], shown["result"], shown["replies"]) == ("rejected", "hidden", "spam", [])
    assert shown["first_reply"] is not None
    assert not is_public(stranger, complaint)
    assert complaint["publication_reason"] == "spam"


def test_what_is_said_to_spam_is_said_to_its_sender_alone(decides, anonymous, dispatcher, stranger):
    decides(publication="after_first_reply")
    complaint = anonymous.files("低价办证，加微信。")
    assert dispatcher.rejects(complaint, "spam", "这是广告。").status == 200
    assert [reply["public_text"] for reply in complaint["replies"]] == [None]
    assert [reply["private_text"] for reply in complaint["replies"]] == ["这是广告。"]
    assert not is_public(stranger, complaint)


def test_spam_cannot_be_published_until_it_is_no_spam_any_more(anonymous, dispatcher, stranger):
    complaint = anonymous.files()
    dispatcher.rejects(complaint, "spam")
    assert dispatcher.publishes(complaint) == problem(409, "not_allowed_now")
    assert complaint.reporter.objects(complaint, "这不是广告，楼道真的漏水。").status == 200
    assert (complaint["publication"], complaint["result"]) == ("pending", None)
    assert complaint.id in waiting(dispatcher)
    assert dispatcher.publishes(complaint).status == 200
    assert is_public(stranger, complaint)


def test_abuse_is_hidden_but_answered_and_counted(anonymous, dispatcher, stranger):
    complaint = anonymous.files()
    assert dispatcher.rejects(complaint, "abusive", "请文明表达后重新提交。")["publication"] == "hidden"
    assert not is_public(stranger, complaint)
    assert complaint["publication_reason"] == "abusive"


def test_a_rejection_has_one_of_the_coded_reasons_and_a_text(anonymous, dispatcher):
    complaint = anonymous.files()
    assert dispatcher.rejects(complaint, "because") == problem(422, "invalid_input")
    refused = dispatcher.does(complaint, "reject", reason="not_ours")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/text"]
    assert refused == problem(422, "invalid_input")
    assert dispatcher.rejects(complaint, "court")["result"] == "court"


def test_spam_is_counted_apart(world, anonymous, dispatcher, stranger):
    def figures():
        found = stranger.get("/v1/figures").json["figures"]
        return found["spam"]["value"], found["reply_rate"]["denominator"]

    def metric():
        text = stranger.get("/metrics", headers={"Accept": "*/*"}).text
        return int(next(line for line in text.splitlines() if line.startswith('echo_wall_spam{community="home"}')).split()[-1])

    spam, counted = figures()
    before = metric()
    complaint = anonymous.files()
    assert figures() == (spam, counted + 1)
    dispatcher.rejects(complaint, "spam")
    assert figures() == (spam + 1, counted)
    assert metric() == before + 1
    complaint.reporter.objects(complaint)
    assert figures() == (spam, counted + 1)
