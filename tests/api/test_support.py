"""Me too: who joins a complaint, what they see and may do, and how they are counted."""

import concurrent.futures

import pytest

from support.actor import Actor
from support.answer import problem

INSIDE = ("messages", "notes", "visits", "holdings", "deadlines", "contact", "alias")


@pytest.fixture
def passer_by(daemon):
    """Not signed in, and not the reporter."""
    return Actor(daemon)


def supporters(complaint):
    return complaint["supporters"]


# Giving it


def test_a_resident_supports_once_however_often_she_says_so(world, neighbour):
    complaint = world.complaint("assigned")
    first = neighbour.supports(complaint)
    assert (first["supporters"], "receipt" in first.json) == (1, False)
    assert neighbour.supports(complaint)["version"] == first["version"]
    assert supporters(complaint) == 1


def test_an_anonymous_supporter_gets_a_receipt_of_her_own(world, passer_by):
    complaint = world.complaint("assigned")
    mine = passer_by.joins_in(complaint)
    assert mine.receipt and mine.receipt != complaint.receipt
    opened = passer_by.get("/v1/receipts/current", receipt=mine.receipt)
    assert (opened["id"], opened["supporters"]) == (complaint.id, 1)
    assert "receipt" not in opened.json
    assert "unsupport" in opened["actions"] and "support" not in opened["actions"]


def test_every_anonymous_support_is_one_but_the_repeat_of_a_request(world, passer_by, stranger):
    complaint = world.complaint("assigned")
    mine = passer_by.joins_in(complaint, key="one tap")
    assert stranger.joins_in(complaint, key="one tap").receipt == mine.receipt
    assert passer_by.supports(complaint, receipt=mine.receipt)["supporters"] == 1
    other = passer_by.joins_in(complaint, key="another tap")
    assert other.receipt != mine.receipt
    assert supporters(complaint) == 2


def test_the_same_request_twice_at_once_is_one_support(world, daemon):
    complaint = world.complaint("assigned")
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        receipts = set(pool.map(lambda _: Actor(daemon).joins_in(complaint, key="both").receipt, range(6)))
    assert len(receipts) == 1
    assert supporters(complaint) == 1


def test_one_does_not_support_ones_own(world, resident, passer_by):
    named = world.complaint("assigned", reporter=resident, identity="named")
    assert resident.supports(named) == problem(409, "own_complaint")
    anonymous = world.complaint("assigned")
    assert passer_by.supports(anonymous, receipt=anonymous.receipt) == problem(409, "own_complaint")
    assert (supporters(named), supporters(anonymous)) == (0, 0)


def test_what_is_not_published_cannot_be_supported_and_is_not_there(world, neighbour, passer_by, dispatcher):
    private, hidden = world.complaint("assigned", visibility="private"), world.complaint("assigned")
    dispatcher.hides(hidden)
    for complaint in (private, hidden):
        assert passer_by.supports(complaint) == problem(404, "not_found")
        assert neighbour.supports(complaint) == problem(404, "not_found")


def test_saying_me_too_again_shows_nothing_of_what_was_hidden_since(world, neighbour, passer_by, dispatcher):
    complaint = world.complaint("assigned")
    mine = passer_by.joins_in(complaint)
    neighbour.supports(complaint)
    dispatcher.hides(complaint)
    assert neighbour.supports(complaint) == problem(404, "not_found")
    assert passer_by.supports(complaint, receipt=mine.receipt) == problem(404, "not_found")


@pytest.mark.parametrize("status", ["closed", "rejected", "merged", "withdrawn"])
def test_what_is_over_takes_no_new_supporter(world, passer_by, neighbour, status):
    complaint = world.complaint(status)
    assert passer_by.supports(complaint) == problem(409, "not_allowed_now")
    assert "support" not in neighbour.sees(complaint)["actions"]
    assert passer_by.get(complaint.path)["actions"] == []


@pytest.mark.parametrize("status", ["submitted", "accepted", "need_info", "answered", "ledgered"])
def test_whatever_is_open_may_be_joined_and_says_so(world, passer_by, neighbour, status):
    complaint = world.complaint(status)
    assert passer_by.get(complaint.path)["actions"] == ["support"]
    assert neighbour.sees(complaint)["actions"] == ["support"]
    before = complaint.shown
    after = passer_by.supports(complaint).json
    assert [after[name] for name in ("status", "turn", "reply_due")] == [before[name] for name in ("status", "turn", "reply_due")]


def test_those_who_work_for_the_community_do_not_support(world, officer, dispatcher):
    complaint = world.complaint("assigned")
    assert officer.supports(complaint) == problem(403, "not_permitted")
    assert dispatcher.supports(complaint) == problem(403, "not_permitted")
    assert "support" not in officer.sees(complaint)["actions"]


def test_a_receipt_joins_nothing_but_what_it_opens(world, passer_by):
    mine, other = world.complaint("assigned"), world.complaint("assigned")
    assert passer_by.supports(other, receipt=mine.receipt) == problem(409, "not_allowed_now")
    joined = passer_by.joins_in(mine)
    assert passer_by.supports(other, receipt=joined.receipt) == problem(409, "not_allowed_now")


def test_anonymous_support_is_as_rare_as_anonymous_submission(new_site):
    site = new_site()
    daemon = site.daemon(anonymous_burst=3)
    passer_by = Actor(daemon)
    complaint = passer_by.files()
    answers = [passer_by.supports(complaint).status for _ in range(2)]
    refused = passer_by.supports(complaint)
    assert answers == [200, 200]
    assert refused == problem(429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0


# Taking it back


def test_a_support_is_taken_back_and_given_again(world, neighbour, passer_by):
    complaint = world.complaint("assigned")
    named, anonymous = neighbour.joins_in(complaint), passer_by.joins_in(complaint)
    assert supporters(complaint) == 2
    assert neighbour.takes_back(named)["supporters"] == 1
    assert neighbour.takes_back(named)["supporters"] == 1
    assert passer_by.takes_back(anonymous)["supporters"] == 0
    assert passer_by.get("/v1/receipts/current", receipt=anonymous.receipt)["actions"] == ["support"]
    assert passer_by.supports(complaint, receipt=anonymous.receipt)["supporters"] == 1
    assert neighbour.supports(complaint)["supporters"] == 2


def test_only_the_supporter_takes_a_support_back(world, neighbour, passer_by):
    complaint = world.complaint("assigned")
    neighbour.joins_in(complaint)
    assert passer_by.delete(f"{complaint.path}/support") == problem(401, "not_signed_in")
    assert world.resident.takes_back(complaint)["supporters"] == 1
    assert passer_by.takes_back(complaint)["supporters"] == 1  # with the reporter's receipt
    assert supporters(complaint) == 1


# What a supporter sees


def test_a_supporter_sees_what_everybody_sees_and_no_more(world, passer_by, officer, anonymous, neighbour):
    complaint = world.complaint("assigned")
    mine = passer_by.joins_in(complaint)
    named = neighbour.joins_in(complaint)
    anonymous.writes(complaint, "我住 502，白天都在家。")
    officer.notes(complaint, "业主情绪激动。")
    officer.answers(complaint, "已修好。", private_text="师傅明天再来 502。")
    for seen in (passer_by.get("/v1/receipts/current", receipt=mine.receipt), passer_by.looks_at(mine), neighbour.looks_at(named)):
        assert [reply["public_text"] for reply in seen["replies"]] == ["已修好。"]
        assert "502" not in seen.text and "情绪" not in seen.text
        assert [member for member in INSIDE if member in seen.json] == []
    events = passer_by.events_of(mine)
    assert [event["action"] for event in events] == ["submit", "assign", "answer"]
    assert not any("data" in event for event in events)


def test_a_supporter_does_nothing_that_only_the_reporter_may(world, passer_by, officer):
    mine = passer_by.joins_in(world.complaint("assigned"))
    assert passer_by.writes(mine) == problem(403, "not_permitted")
    assert passer_by.withdraws(mine) == problem(403, "not_permitted")
    assert passer_by.urges(mine) == problem(403, "not_permitted")
    officer.answers(mine)
    assert passer_by.confirms(mine) == problem(403, "not_permitted")
    assert passer_by.redoes(mine) == problem(403, "not_permitted")


def test_what_is_hidden_is_hidden_from_its_supporters_too(world, passer_by, neighbour, dispatcher):
    complaint = world.complaint("assigned")
    mine, named = passer_by.joins_in(complaint), neighbour.joins_in(complaint)
    dispatcher.hides(complaint)
    assert passer_by.get("/v1/receipts/current", receipt=mine.receipt) == problem(404, "not_found")
    assert neighbour.looks_at(named) == problem(404, "not_found")
    assert neighbour.takes_back(named) == problem(404, "not_found")
    assert neighbour.items("/v1/me/supported") == []
    dispatcher.publishes(complaint)
    assert passer_by.looks_at(mine)["supporters"] == 2


def test_a_resident_finds_what_she_supports(world, neighbour):
    one, two = world.complaint("assigned"), world.complaint("answered")
    for complaint in (one, two):
        neighbour.joins_in(complaint)
    assert [item["id"] for item in neighbour.items("/v1/me/supported")] == [two.id, one.id]
    neighbour.takes_back(neighbour.joins_in(two))
    assert [item["id"] for item in neighbour.items("/v1/me/supported")] == [one.id]


# What a supporter hears


def test_supporters_hear_of_replies_as_the_reporter_does(world, neighbour, resident, officer, db):
    complaint = world.complaint("assigned", reporter=resident, identity="named")
    neighbour.joins_in(complaint)
    resident.writes(complaint)
    officer.writes(complaint, "师傅在路上。")
    officer.answers(complaint)
    told = db.all("select event, audience from outbox where complaint = %s and audience in ('reporter', 'supporter')", complaint.id)
    assert sorted(told) == [("answer", "reporter"), ("answer", "supporter"), ("messages", "reporter")]


def test_who_took_it_back_hears_no_more(world, neighbour, officer, db):
    complaint = world.complaint("assigned")
    neighbour.takes_back(neighbour.joins_in(complaint))
    officer.answers(complaint)
    assert db.value("select count(*) from outbox where complaint = %s and audience = 'supporter'", complaint.id) == 0


# What a supporter may do: rate


def test_a_supporter_rates_each_round_once_beside_the_reporter(world, neighbour, passer_by, anonymous, officer):
    complaint = world.complaint("assigned")
    named, mine = neighbour.joins_in(complaint), passer_by.joins_in(complaint)
    officer.answers(complaint)
    assert neighbour.rates(named, 2, "no", "楼上还是不亮").status == 201
    assert neighbour.rates(named, 5) == problem(409, "already_rated")
    assert passer_by.rates(mine, 3, "partly").status == 201
    assert passer_by.rates(mine, 3) == problem(409, "already_rated")
    assert anonymous.rates(complaint, 5).status == 201
    assert [(one["by"], one["stars"], one["counts"]) for one in complaint["ratings"]] == [
        ("supporter", 2, True),
        ("supporter", 3, False),
        ("reporter", 5, True),
    ]
    assert [one["stars"] for one in neighbour.sees(named)["ratings"]] == [2]
    anonymous.redoes(complaint)
    officer.answers(complaint)
    assert neighbour.rates(named, 4).status == 201


def test_taking_it_back_and_giving_it_again_rates_no_second_time(world, neighbour, officer):
    complaint = world.complaint("assigned")
    named = neighbour.joins_in(complaint)
    officer.answers(complaint)
    neighbour.rates(named, 1)
    neighbour.takes_back(named)
    assert neighbour.rates(named, 1) == problem(403, "not_permitted")
    neighbour.joins_in(complaint)
    assert neighbour.rates(named, 1) == problem(409, "already_rated")


def followups(complaint):
    return [deadline["met"] is not None for deadline in complaint["deadlines"] if deadline["kind"] == "followup"]


def test_a_rating_stands_for_a_visit_unless_anybody_could_have_made_it(world, neighbour, passer_by, officer):
    complaint = world.complaint("assigned")
    named, mine = neighbour.joins_in(complaint), passer_by.joins_in(complaint)
    officer.answers(complaint)
    passer_by.rates(mine, 5)
    assert followups(complaint) == [False]
    neighbour.rates(named, 5)
    assert followups(complaint) == [True]


def test_satisfaction_counts_supporters_who_are_signed_in(new_site):
    from support.world import World

    site = new_site()
    world = World(site.daemon())
    complaint = world.complaint("assigned")
    named, mine = world.new_resident().joins_in(complaint), Actor(world.daemon).joins_in(complaint)
    world.officer.answers(complaint)
    named.reporter.rates(named, 2, "no")
    mine.reporter.rates(mine, 5)
    world.visitor.visits(complaint, stars=4)
    shown = world.anonymous.get("/v1/figures").json["figures"]["satisfaction"]
    assert (shown["numerator"], shown["denominator"]) == (1, 2)
    world.anonymous.rates(complaint, 5)
    shown = world.anonymous.get("/v1/figures").json["figures"]["satisfaction"]
    assert (shown["numerator"], shown["denominator"]) == (1, 2)


# What is recorded


def test_events_say_that_somebody_joined_but_not_who(world, neighbour, passer_by, officer, db):
    complaint = world.complaint("assigned")
    neighbour.takes_back(neighbour.joins_in(complaint))
    passer_by.joins_in(complaint)
    events = [event for event in officer.events_of(complaint) if event["action"] in ("support", "unsupport")]
    assert [(event["action"], event["by"]) for event in events] == [("support", "supporter"), ("unsupport", "supporter"), ("support", "supporter")]
    assert db.value("select count(*) from event where complaint = %s and actor is not null and action like '%%support'", complaint.id) == 0
    everybodys = {event["action"] for event in passer_by.get(f"{complaint.path}/events")["items"]}
    assert not everybodys & {"support", "unsupport"}


def test_verify_is_content_with_supporters_and_finds_a_wrong_count(world, neighbour, site, db):
    complaint = world.complaint("assigned")
    neighbour.joins_in(complaint)
    assert db.all("select * from verify(%s)", "home") == []
    db.all("update complaint set supporters = 5 where complaint = %s", complaint.id)
    assert any("supporters" in difference for _, difference in db.all("select * from verify(%s)", "home"))
    db.all("update complaint set supporters = 1 where complaint = %s", complaint.id)
    db.all("update support set ended = began where complaint = %s", complaint.id)
    assert any("supporters" in difference for _, difference in db.all("select * from verify(%s)", "home"))
    db.all("update support set ended = null where complaint = %s", complaint.id)


# Merged cases


def test_supporters_of_both_hear_the_masters_reply_and_rate(world, dispatcher, officer, clock, db):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    ours, theirs = world.new_resident().joins_in(master), world.new_resident().joins_in(follower)
    dispatcher.merges(follower, master)
    clock.advance(hours=2)
    officer.answers(master, "已统一维修。")
    told = db.all("select complaint::text, event from outbox where audience = 'supporter' and event <> 'merge' and at = %s", clock.now)
    assert sorted(told) == sorted([(master.id, "answer"), (follower.id, "master_answered")])
    for joined in (ours, theirs):
        assert [reply["public_text"] for reply in joined.shown["replies"]] == ["已统一维修。"]
        assert joined.reporter.rates(joined, 4).status == 201
        assert joined.reporter.rates(joined, 4) == problem(409, "already_rated")


def test_unmerging_leaves_each_their_supporters(world, dispatcher, officer, clock):
    master, follower = world.complaint("assigned"), world.complaint("assigned")
    theirs = world.new_resident().joins_in(follower)
    due = follower["reply_due"]
    dispatcher.merges(follower, master)
    assert (supporters(master), supporters(follower)) == (0, 1)
    dispatcher.unmerges(follower)
    assert follower["reply_due"] == due
    officer.answers(master, "主件已办。")
    assert theirs.shown["replies"] == []
    officer.answers(follower, "本件另办。")
    assert theirs.reporter.rates(theirs, 5).status == 201
