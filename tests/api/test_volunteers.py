"""Volunteers: groups, the board, claims with a lease, confirmation and thanks. The department's clock runs on."""

import concurrent.futures

import pytest

from support.actor import Actor
from support.answer import problem
from support.pictures import distinct
from support.world import unique


@pytest.fixture(scope="module", autouse=True)
def simple_category(site):
    from support.world import World

    assert World(site.daemons[0]).admin.patch("/v1/categories/environment", {"simple": True}).status == 200


@pytest.fixture
def group(world, resident, dispatcher):
    founded = resident.post("/v1/volunteer-groups", {"name": unique("队"), "about": "会修水电的邻居。", "alias": "老周"})
    assert (founded.status, founded["state"], founded["mine"]["leader"]) == (201, "requested", True)
    assert dispatcher.post(f"/v1/volunteer-groups/{founded['id']}/approve")["state"] == "approved"
    return founded["id"]


@pytest.fixture
def volunteer(world, group, resident):
    """An admitted member who leads nothing."""
    return new_member(world, group, resident)


def new_member(world, group, leader, alias="小李"):
    member = world.new_resident()
    asked = member.post(f"/v1/volunteer-groups/{group}/join", {"alias": alias})
    assert asked.status == 201
    member.volunteer = asked["mine"]["volunteer"]
    assert leader.post(f"/v1/volunteer-groups/{group}/admit", {"volunteer": member.volunteer}).status == 200
    return member


def simple(world, **body):
    return world.complaint("assigned", category="environment", **body)


def claims(volunteer, complaint):
    return volunteer.post(f"{complaint.path}/claim")


def does(actor, claim, action, receipt=None, **body):
    return actor.post(f"/v1/claims/{claim['id']}/{action}", body or None, receipt=receipt)


def finishes(volunteer, claim, minutes=30):
    return does(volunteer, claim, "finish", text="灯泡换好了。", minutes=minutes)


def on_board(volunteer, complaint):
    return complaint.id in [item["id"] for item in volunteer.items("/v1/volunteer/board", {"limit": 100})]


# Groups


def test_a_leader_who_parted_leads_no_more(world, group, resident, dispatcher):
    newcomer = world.new_resident()
    asked = {"volunteer": newcomer.post(f"/v1/volunteer-groups/{group}/join", {"alias": "小王"})["mine"]["volunteer"]}
    own = {"volunteer": next(one["volunteer"] for one in resident.get(f"/v1/volunteer-groups/{group}/members")["items"] if one["leader"])}
    assert resident.post(f"/v1/volunteer-groups/{group}/part", own).status == 200
    assert resident.post(f"/v1/volunteer-groups/{group}/admit", asked) == problem(404, "not_found")
    assert resident.get(f"/v1/volunteer-groups/{group}/members") == problem(403, "not_permitted")
    assert dispatcher.post(f"/v1/volunteer-groups/{group}/admit", asked).status == 200


def test_a_group_that_is_not_approved_helps_nobody(world, resident, stranger, dispatcher):
    founded = resident.post("/v1/volunteer-groups", {"name": unique("队"), "about": "会修水电。", "alias": "老周"})
    assert founded["id"] not in [item["id"] for item in stranger.get("/v1/volunteer-groups").json["items"]]
    assert founded["id"] in [item["id"] for item in dispatcher.get("/v1/volunteer-groups", {"state": "requested"}).json["items"]]
    assert resident.get("/v1/volunteer/board") == problem(403, "not_permitted")
    assert claims(resident, simple(world)) == problem(403, "not_permitted")
    assert resident.post(f"/v1/volunteer-groups/{founded['id']}/approve") == problem(403, "not_permitted")
    refused = dispatcher.post(f"/v1/volunteer-groups/{founded['id']}/refuse", {"reason": "人数不足。"})
    assert (refused["state"], refused["reason"]) == ("refused", "人数不足。")


def test_the_leader_admits_and_anybody_may_part(world, group, resident, stranger):
    newcomer = world.new_resident()
    asked = newcomer.post(f"/v1/volunteer-groups/{group}/join", {"alias": "小王"})
    assert (asked.status, asked["mine"]["state"]) == (201, "requested")
    assert newcomer.post(f"/v1/volunteer-groups/{group}/join", {"alias": "小王"}) == problem(409, "already_a_volunteer")
    own = {"volunteer": asked["mine"]["volunteer"]}
    assert newcomer.post(f"/v1/volunteer-groups/{group}/admit", own) == problem(403, "not_permitted")
    assert newcomer.get(f"/v1/volunteer-groups/{group}/members") == problem(403, "not_permitted")
    assert resident.post(f"/v1/volunteer-groups/{group}/admit", own).status == 200
    assert newcomer.get("/v1/volunteer/board").status == 200
    assert newcomer.post(f"/v1/volunteer-groups/{group}/part", own).status == 200
    assert newcomer.get("/v1/volunteer/board") == problem(403, "not_permitted")
    assert [item["members"] for item in stranger.get("/v1/volunteer-groups").json["items"] if item["id"] == group] == [1]


def test_a_dissolved_group_claims_nothing_more(world, group, volunteer, dispatcher):
    complaint = simple(world)
    assert dispatcher.post(f"/v1/volunteer-groups/{group}/dissolve", {"reason": "解散。"})["state"] == "dissolved"
    assert claims(volunteer, complaint) == problem(403, "not_permitted")


# The board


def test_the_board_holds_simple_published_cases_without_urgency(world, volunteer, dispatcher):
    wanted = simple(world)
    private = simple(world, visibility="private")
    difficult = world.complaint("assigned", category="fees")
    urgent = simple(world)
    dispatcher.marks_urgent(urgent)
    answered = world.complaint("answered", category="environment")
    hidden = simple(world)
    dispatcher.hides(hidden)
    assert [on_board(volunteer, one) for one in (wanted, private, difficult, urgent, answered, hidden)] == [True] + 5 * [False]
    for one, refusal in ((private, problem(404, "not_found")), (difficult, problem(409, "not_allowed_now")), (urgent, problem(409, "not_allowed_now"))):
        assert claims(volunteer, one) == refusal


# Claims


def test_a_claim_is_a_lease_of_two_days_and_the_departments_clock_runs_on(world, volunteer, clock):
    complaint = simple(world)
    before = complaint.shown
    claim = claims(volunteer, complaint)
    assert (claim.status, claim["state"], claim["due"], claim["volunteer"]) == (201, "open", clock.after(hours=48), "小李")
    after = complaint.shown
    assert (after["status"], after["turn"], after["reply_due"]) == (before["status"], "department", before["reply_due"])
    assert not on_board(volunteer, complaint)
    clock.advance(hours=24, seconds=1)
    assert complaint["overdue"] is True
    clock.advance(hours=24)
    assert volunteer.get(f"/v1/claims/{claim['id']}")["state"] == "expired"
    assert on_board(volunteer, complaint)
    assert finishes(volunteer, claim) == problem(409, "not_allowed_now")


def test_of_several_who_claim_at_once_one_gets_it(world, group, resident):
    complaint = simple(world)
    people = [new_member(world, group, resident, alias=f"志愿者{n}") for n in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: claims(person, complaint), people))
    assert sorted(answer.status for answer in answers) == [201, 403, 403, 403] or sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert len(complaint["claims"]) == 1


def test_one_volunteer_holds_at_most_two_even_when_asking_at_once(world, volunteer):
    complaints = [simple(world) for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda complaint: claims(Actor(volunteer.daemon, volunteer.token()), complaint), complaints))
    assert sorted(answer.status for answer in answers) == [201, 201, 409]
    first = next(answer for answer in answers if answer.status == 201)
    assert does(volunteer, first, "hand_back", reason="没有工具。")["state"] == "handed_back"
    left = next(complaint for complaint, answer in zip(complaints, answers) if answer.status == 409)
    assert claims(volunteer, left).status == 201


def test_a_claim_is_finished_with_pictures(world, group, resident, volunteer, stranger, officer):
    complaint = simple(world)
    world.anonymous.shows(complaint, 1, distinct(1))
    claim = claims(volunteer, complaint)
    assert "pictures" in volunteer.get(complaint.path)["actions"]
    assert volunteer.shows(complaint, 2, distinct(2)).status == 201
    finishes(volunteer, claim)
    assert volunteer.shows(complaint, 3, distinct(3)).status == 201
    assert [picture["claim"] for picture in stranger.get(complaint.path)["pictures"]] == [None, claim["id"], claim["id"]]
    assert volunteer.get(f"/v1/claims/{claim['id']}")["pictures"] == [2, 3]
    assert [event["by"] for event in officer.get(f"{complaint.path}/events")["items"] if event["action"] == "pictures"] == ["reporter", "volunteer", "volunteer"]
    assert volunteer.shows(complaint, 3, distinct(3)).status == 201
    assert volunteer.shows(complaint, 1, distinct(3)) == problem(409, "place_taken")
    assert new_member(world, group, resident).shows(complaint, 4, distinct(4)) == problem(403, "not_permitted")
    assert does(stranger, claim, "confirm", receipt=complaint.receipt).status == 200
    assert volunteer.shows(complaint, 4, distinct(4)) == problem(409, "not_allowed_now")


def test_who_handed_a_claim_back_adds_no_picture_to_it(world, group, resident, volunteer):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    does(volunteer, claim, "hand_back", reason="没有工具。")
    assert volunteer.shows(complaint, 1, distinct(1)) == problem(409, "not_allowed_now")
    claims(new_member(world, group, resident), complaint)
    assert volunteer.shows(complaint, 1, distinct(1)) == problem(409, "not_allowed_now")


def test_who_handed_a_claim_back_is_offered_nothing_of_the_next_one(world, group, resident, volunteer):
    complaint = simple(world)
    does(volunteer, claims(volunteer, complaint), "hand_back", reason="没有工具。")
    next_one = new_member(world, group, resident)
    claim = claims(next_one, complaint)
    assert {"finish_claim", "hand_back_claim"} <= set(next_one.get(complaint.path)["actions"])
    assert not {"finish_claim", "hand_back_claim"} & set(volunteer.get(complaint.path)["actions"])
    assert finishes(volunteer, claim) == problem(409, "not_allowed_now")
    assert finishes(next_one, claim).status == 200


def test_a_case_that_is_hidden_stays_open_to_who_works_on_it_and_to_nobody_who_did(world, volunteer, dispatcher):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    picture = volunteer.shows(complaint, 1, distinct(41))["pictures"][0]
    dispatcher.hides(complaint)
    assert volunteer.get(complaint.path).status == 200
    assert volunteer.looks_at_picture(picture).status == 200
    does(volunteer, claim, "hand_back", reason="没有工具。")
    assert volunteer.get(complaint.path) == problem(404, "not_found")
    assert volunteer.looks_at_picture(picture) == problem(404, "not_found")
    assert volunteer.get(f"/v1/claims/{claim['id']}")["state"] == "handed_back"


def test_what_is_finished_the_reporter_confirms(world, volunteer, stranger, clock):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    assert does(stranger, claim, "confirm", receipt=complaint.receipt) == problem(409, "not_allowed_now")
    done = finishes(volunteer, claim)
    assert (done["state"], done["finished"]["minutes"]) == ("finished", 30)
    assert does(volunteer, claim, "confirm") == problem(403, "not_permitted")
    assert "confirm_claim" in complaint["actions"]
    confirmed = does(stranger, claim, "confirm", receipt=complaint.receipt)
    assert (confirmed["state"], confirmed["confirmed"]["by"]) == ("confirmed", "reporter")
    assert does(stranger, claim, "confirm", receipt=complaint.receipt) == problem(409, "not_allowed_now")
    assert complaint["status"] == "assigned"


def test_a_claim_is_dealt_with_as_it_was_seen(world, volunteer):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    path = f"/v1/claims/{claim['id']}"
    seen = volunteer.get(path).etag
    assert volunteer.get(path, headers={"If-None-Match": seen}).status == 304
    done = volunteer.post(path + "/finish", {"text": "修好了。", "minutes": 20}, headers={"If-Match": seen})
    assert done.status == 200 and done.etag == volunteer.get(path).etag != seen
    assert complaint.reporter.post(path + "/confirm", receipt=complaint.receipt, headers={"If-Match": seen}) == problem(412, "changed_meanwhile")
    assert complaint.reporter.post(path + "/confirm", receipt=complaint.receipt, headers={"If-Match": done.etag}).status == 200


def test_after_three_days_the_department_confirms(world, volunteer, officer, other_officer, clock):
    claim = claims(volunteer, simple(world))
    finishes(volunteer, claim)
    assert does(officer, claim, "confirm") == problem(409, "not_allowed_now")
    clock.advance(hours=72)
    assert does(other_officer, claim, "confirm") == problem(403, "not_permitted")
    assert does(officer, claim, "confirm")["confirmed"]["by"] == "officer"


def test_a_case_that_ends_takes_an_open_claim_with_it(world, volunteer):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    assert complaint.reporter.withdraws(complaint).status == 200
    assert volunteer.get(f"/v1/claims/{claim['id']}")["state"] == "dropped"


def test_nobody_helps_himself(world, volunteer):
    complaint = simple(world, reporter=volunteer, identity="named")
    assert claims(volunteer, complaint) == problem(403, "not_permitted")


def test_a_claim_is_for_those_concerned_alone(world, group, resident, volunteer, neighbour, officer, stranger):
    complaint = simple(world)
    claim = claims(volunteer, complaint)
    assert finishes(new_member(world, group, resident), claim) == problem(403, "not_permitted")
    assert [entry["id"] for entry in volunteer.items("/v1/volunteer/claims")] == [claim["id"]]
    assert officer.get(f"/v1/claims/{claim['id']}").status == 200
    assert neighbour.get(f"/v1/claims/{claim['id']}") == problem(404, "not_found")
    assert does(neighbour, claim, "finish", text="我来。", minutes=5) == problem(403, "not_permitted")
    assert "claims" not in stranger.get(complaint.path).json
    assert "messages" not in volunteer.get(complaint.path).json


def test_minutes_are_thanked_for_in_the_month_they_were_confirmed(world, volunteer, stranger, clock):
    for minutes in (30, 45):
        complaint = simple(world)
        claim = claims(volunteer, complaint)
        finishes(volunteer, claim, minutes)
        assert does(stranger, claim, "confirm", receipt=complaint.receipt).status == 200
    unconfirmed = claims(volunteer, simple(world))
    finishes(volunteer, unconfirmed, 999)
    thanked = [item for item in stranger.get("/v1/volunteer/thanks").json["items"] if item["minutes"] == 75]
    assert [(item["volunteer"], item["claims"]) for item in thanked] == [("小李", 2)]
    assert stranger.get("/v1/volunteer/thanks", {"month": "2020-01"}).json["items"] == []
    this_month = stranger.get("/v1/volunteer/thanks")
    assert stranger.get("/v1/volunteer/thanks", {"month": this_month["month"]}).json == this_month.json
    for wrong in ("2026-13", "0000-01", "2026-11-22", "now"):
        refused = stranger.get("/v1/volunteer/thanks", {"month": wrong})
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/month")


def test_who_leaves_the_community_leaves_the_minutes_and_no_name(world, volunteer, officer, stranger, db):
    complaint = simple(world)
    world.anonymous.shows(complaint, 1, distinct(42))
    claim = claims(volunteer, complaint)
    mine = volunteer.shows(complaint, 2, distinct(43))["pictures"][1]
    finishes(volunteer, claim)
    assert does(stranger, claim, "confirm", receipt=complaint.receipt).status == 200
    held = volunteer.get("/v1/me/export").json["volunteers"]
    assert [(one["alias"], len(one["claims"])) for one in held] == [("小李", 1)]
    assert volunteer.delete("/v1/me").status == 204
    shown = officer.get(f"/v1/claims/{claim['id']}")
    assert (shown["volunteer"], shown["finished"]["text"], shown["finished"]["minutes"], shown["state"]) == ("已注销", None, 30, "confirmed")
    assert db.all("select count(*) from volunteer where resident is not null and volunteer = %s", volunteer.volunteer) == [(0,)]
    assert [picture["claim"] for picture in complaint["pictures"]] == [None]
    assert stranger.looks_at_picture(mine) == problem(404, "not_found")
