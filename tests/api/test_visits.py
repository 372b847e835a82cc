"""Follow-up visits and ratings: somebody else asks whether it was solved."""

import datetime

from support.answer import problem
from support.daemon import ZONE, instant_of


def followup(actor, complaint):
    return [deadline for deadline in actor.sees(complaint)["deadlines"] if deadline["kind"] == "followup"]


def test_a_visit_is_due_24_hours_after_the_answer(world, officer, clock):
    clock.to("10:00")
    complaint = world.complaint("answered")
    assert [deadline["due"] for deadline in followup(officer, complaint)] == [clock.after(hours=24)]


def test_a_visit_due_in_the_night_moves_to_nine(world, officer, clock):
    for answered, moved in (("22:00", 11), ("02:00", 7), ("07:59:59", 2), ("21:59:59", 0), ("08:00", 0)):
        clock.to(answered)
        complaint = world.complaint("answered")
        due = instant_of(followup(officer, complaint)[0]["due"]).astimezone(ZONE)
        plain = clock.instant + datetime.timedelta(hours=24)
        if moved:
            assert due.strftime("%H:%M:%S") == "09:00:00" and due - plain <= datetime.timedelta(hours=moved)
        else:
            assert due == plain


def test_a_visit_records_contacted_solved_and_stars_apart(world, visitor):
    complaint = world.complaint("answered")
    visit = visitor.visits(complaint, "phone", reached=True, contacted=False, solved="no", stars=2, comment="没人来过。")
    assert visit.status == 201
    seen = visitor.sees(complaint)["visits"][-1]
    assert (seen["reached"], seen["contacted"], seen["solved"], seen["stars"]) == (True, False, "no", 2)


def test_a_visit_that_reached_somebody_meets_the_deadline(world, visitor, officer, clock):
    complaint = world.complaint("answered")
    clock.advance(hours=3)
    visitor.visits(complaint)
    assert followup(officer, complaint)[0]["met"] == clock.now


def test_three_failed_tries_are_enough(world, visitor, officer):
    complaint = world.complaint("answered")
    for _ in range(2):
        assert visitor.visits(complaint, reached=False, contacted=None, solved=None).status == 201
    assert followup(officer, complaint)[0]["met"] is None
    assert visitor.visits(complaint, reached=False, contacted=None, solved=None).status == 201
    assert complaint.id not in {item["id"] for item in visitor.items("/v1/desk/visits")}


def test_a_rating_meets_the_deadline_too(world, anonymous, officer, clock):
    complaint = world.complaint("answered")
    anonymous.rates(complaint)
    assert followup(officer, complaint)[0]["met"] == clock.now


def test_a_missed_visit_is_late_and_stays_so(world, visitor, officer, clock):
    complaint = world.complaint("answered")
    clock.advance(hours=48)
    visitor.visits(complaint)
    seen = followup(officer, complaint)[0]
    assert seen["breached"] == seen["due"]
    assert seen["met"] == clock.now


def test_nobody_visits_about_the_own_department(world, daemon, admin, department):
    complaint = world.complaint("answered")
    own = world.new_staff("visitor", department)
    assert own.visits(complaint) == problem(403, "not_permitted")
    assert complaint.id not in {item["id"] for item in own.items("/v1/desk/visits")}


def test_officers_and_residents_do_not_visit(world, officer, dispatcher, anonymous, neighbour):
    complaint = world.complaint("answered")
    for actor in (officer, dispatcher, anonymous, neighbour):
        assert actor.visits(complaint) == problem(403, "not_permitted")


def test_there_is_nothing_to_visit_before_an_answer(world, visitor):
    assert visitor.visits(world.complaint("assigned")) == problem(409, "not_allowed_now")


def test_a_closed_case_is_visited_too(world, visitor):
    assert visitor.visits(world.complaint("closed")).status == 201


def test_each_round_has_its_visit(world, visitor, officer, anonymous):
    complaint = world.complaint("answered")
    visitor.visits(complaint)
    anonymous.redoes(complaint)
    officer.answers(complaint)
    assert complaint.id in {item["id"] for item in visitor.items("/v1/desk/visits")}
    assert len(followup(officer, complaint)) == 2


def test_a_wrong_visit_is_refused(world, visitor):
    complaint = world.complaint("answered")
    for wrong in ({"channel": "fax"}, {"reached": "yes"}, {"reached": None}, {"solved": "perhaps"}, {"stars": 6}):
        assert visitor.visits(complaint, **wrong) == problem(422, "invalid_input"), wrong
