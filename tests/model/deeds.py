"""
What each action does to the case (domain.md, section 4), and what of its body does not fit (422). A deed returns the name of what happened
where that is not the action's own.
"""

from model.claims import do_claim, do_confirm_claim, do_finish_claim, do_hand_back_claim  # noqa: F401
from model.moments import DAY, day_of, end_of
from model.table import rater, voter, way_back

NOTHING = "nothing"
REVIEWED = ("neighbours", "staff")
OFFICIAL = ("answer", "accept_reply", "ask", "interim", "approve_ledger", "reject")  # what counts for the cases merged into it
HOLLOW = "已收悉，正在处理。"
PRIVATE = ("named", "masked", "anonymous")


class Refused(Exception):
    """The body does not fit this case: the code of the problem."""


def fits(condition, code="invalid_input"):
    if not condition:
        raise Refused(code)


def department_fits(town, department, *not_these):
    fits(department in town.departments, "unknown_department")
    fits(department not in not_these)


def afterwards(case, at, happened):
    """A master's counting reply counts for those merged into it; one that there was already counts at once."""
    if happened == "merge" and case.master.first_reply:
        case.replied_by_master(at, answer=bool(case.master.answered))
    elif happened in OFFICIAL:
        for follower in case.followers:
            follower.replied_by_master(at, answer=happened in ("answer", "accept_reply"))


def do_assign(town, case, at, body, who):
    department_fits(town, body["department"], "dispatch")
    classified(case, body.get("category"))
    case.meets(at, "dispatch")
    given_to(case, body["department"], at)


def given_to(case, department, at):
    case.voids(at, "accept")
    case.status, case.ledger_asked = "assigned", None
    case.held_by(department, at)
    case.opens("accept", at)


def do_accept(town, case, at, body, who):
    case.meets(at, "accept")
    case.status = "accepted"


def do_return(town, case, at, body, who):
    case.meets(at, "accept")
    case.returns.append(case.holder)
    to_dispatch(case, at)


def to_dispatch(case, at):
    case.status, case.ledger_asked = "submitted", None
    case.held_by("dispatch", at)
    case.opens("dispatch", at)


def do_reassign(town, case, at, body, who):
    department_fits(town, body["department"], "dispatch", case.holder)
    was_answered = case.status == "answered"
    case.voids(at, "lapse", "followup", "vote")
    given_to(case, body["department"], at)
    if was_answered:
        case.back_on_the_list(at)


def do_join(town, case, at, body, who):
    department_fits(town, body["department"], case.holder, *case.assistants)
    case.holdings.append((body["department"], "assist", at))


def do_ask(town, case, at, body, who):
    case.asks += 1
    case.replies.append("ask")
    case.counts(at)
    case.status = "need_info"
    case.opens("need_info", at)


def do_supply(town, case, at, body, who):
    case.meets(at, "need_info")
    case.status = "accepted"
    case.back_on_the_list(at)


def do_interim(town, case, at, body, who):
    fits(day_of(at) <= body["promised"] <= day_of(at) + 7 * DAY)
    case.interims += 1
    case.replies.append("interim")
    case.status = "accepted"
    case.counts(at)
    case.opens("promise", at, end_of(body["promised"]))


def do_answer(town, case, at, body, who):
    """One that says nothing is warned of; who insists publishes it, and it does not count until it is accepted, if none counts already."""
    hollow = is_hollow(body)
    case.replies.append("answer")
    if case.status == "answered":
        return None
    if hollow:
        case.held.append((case.round, case.holder))
        return "hold_back"
    answered(case, at)
    return None


def is_hollow(body):
    hollow = body.get("public_text") == HOLLOW
    fits(not hollow or body.get("insist"), "hollow_reply")
    return hollow


def do_accept_reply(town, case, at, body, who):
    case.held.remove((case.round, case.holder))
    answered(case, at)


def answered(case, at):
    case.voids(at, "need_info", "ledger_review")
    case.meets(at, "dispatch", "promise", "resolve")
    case.counts(at)
    if case.status == "ledgered":
        case.opens("vote", at)
    case.status = "answered"
    case.answered = at
    case.opens("lapse", at)
    case.opens("followup", at)


def do_correct(town, case, at, body, who):
    is_hollow(body)
    case.replies.append("correct")


def do_confirm(town, case, at, body, who):
    case.meets(at, "lapse")
    case.ends(at, "closed", "confirmed")


def do_redo(town, case, at, body, who):
    if case.status == "merged":
        take_up_again(town, case.master, at, body, who)
        return
    case.voids(at, "lapse", "followup", "vote")
    again(case, at)


def take_up_again(town, master, at, body, who):
    """By one that is merged into it."""
    action = way_back(master, at)
    if action == "object":
        do_object(town, master, at, body, who)
    else:
        master.voids(at, "lapse", "followup", "vote")
        master.reopened_by_reporter += action == "reopen"
        again(master, at)
    master.event(at, action, "reporter")


def again(case, at):
    case.status, case.ledger_asked = "accepted", None
    case.closed = case.result = None
    case.back_on_the_list(at)


def do_reopen(town, case, at, body, who):
    case.voids(at, "followup", "vote")
    case.reopened_by_reporter += "reporter" in town.relations(who, case)
    again(case, at)


def do_request_ledger(town, case, at, body, who):
    fits(day_of(at) <= body["review"] <= day_of(at) + 30 * DAY)
    case.ledger_asked, case.review = True, body["review"]


def do_approve_ledger(town, case, at, body, who):
    case.ledger_asked, case.votes = False, {}
    case.replies.append("ledger")
    case.voids(at, "promise")
    case.counts(at)
    case.status = "ledgered"
    case.opens("ledger_review", at, end_of(case.review))


def do_end_ledger(town, case, at, body, who):
    case.meets(at, "ledger_review")
    case.status = "accepted"
    case.back_on_the_list(at)


def do_milestones(town, case, at, body, who):
    pass


def do_reject(town, case, at, body, who):
    case.replies.append("reject")
    case.counts(at)
    case.meets(at, "dispatch")
    case.voids(at, "promise", "resolve")
    case.ends(at, "rejected", body["reason"])
    if body["reason"] in ("spam", "abusive"):
        case.publication = "hidden"
        part_followers(town, case, at, body, who)


def do_object(town, case, at, body, who):
    case.objected = True
    if case.result in ("spam", "abusive"):
        case.publication = "pending"  # somebody has to look
    case.closed = case.result = None
    to_dispatch(case, at)
    case.back_on_the_list(at)


def do_merge(town, case, at, body, who):
    master = town.cases.get(body["into"])
    fits(master and master is not case and master.status not in ("merged", "rejected", "withdrawn"))
    fits(master.status != "closed" or way_back(master, at))
    case.before, case.master = case.status, master
    master.merged_into_it.append(case)
    case.voids(at, "dispatch", "accept", "promise")
    case.ends(at, "merged")


def do_unmerge(town, case, at, body, who):
    case.master.merged_into_it.remove(case)
    case.status, case.master, case.closed = case.before, None, None
    case.back_on_the_list(at)


def do_withdraw(town, case, at, body, who):
    case.voids(at, *{one.kind for one in case.deadlines})
    case.ends(at, "withdrawn")
    part_followers(town, case, at, body, who)


def part_followers(town, case, at, body, who):
    """Those merged into what is withdrawn or unfit are again what they were."""
    for follower in case.followers:
        do_unmerge(town, follower, at, body, who)
        follower.event(at, "unmerge", "system")


def do_publish(town, case, at, body, who):
    case.looked_at = True
    case.publication = "published"


def do_hide(town, case, at, body, who):
    case.publication = "hidden"


def do_rating(town, case, at, body, who):
    case.ratings.append((case.round, at, body["stars"], case.holder, rater(town.relations(who, case), who)))
    case.meets(at, "followup")


def do_ledger_votes(town, case, at, body, who):
    voted = case.master if case.status == "merged" else case
    voted.votes[voter(case, town.relations(who, case), who)] = body["solved"]


def do_support(town, case, at, body, who):
    case.supporters[who.name] = at


def do_unsupport(town, case, at, body, who):
    del case.supporters[who.name]


def do_request_extension(town, case, at, body, who):
    fits(day_of(at) <= body["until"] <= day_of(at) + 365 * DAY and end_of(body["until"]) > case.of("resolve")[-1].due)
    case.extension_asked, case.until = True, body["until"]


def do_approve_extension(town, case, at, body, who):
    fits(end_of(case.until) > at)
    case.extended = True
    case.voids(at, "resolve")
    case.opens("resolve", at, end_of(case.until))


def do_privacy(town, case, at, body, who):
    """More private, never less; who becomes anonymous has no link to the case any more but the receipt."""
    identity, visibility = body.get("identity", case.identity), body.get("visibility", case.visibility)
    fits(PRIVATE.index(identity) >= PRIVATE.index(case.identity) and (visibility == "private" or case.visibility == "public"), "less_private")
    if (identity, visibility) == (case.identity, case.visibility):
        return NOTHING
    case.identity, case.visibility = identity, visibility
    case.reporter = None if identity == "anonymous" else case.reporter
    return None


def do_urgent(town, case, at, body, who):
    case.urgent = body["urgent"]
    for one in case.unmet():
        case.climbs(one, at)


def do_classify(town, case, at, body, who):
    classified(case, body["category"])


def classified(case, category):
    """Of a category that is published after review only, it goes back to pending, unless a person had published it."""
    case.category = category or case.category
    if category in REVIEWED and case.publication == "published" and not case.looked_at:
        case.publication = "pending"


def do_urge(town, case, at, body, who):
    case.urged = at


def do_messages(town, case, at, body, who):
    pass


do_notes = do_messages


def do_visits(town, case, at, body, who):
    case.visits.append((case.round, at, body, case.holder))
    failed = [visit for round, _, visit, _ in case.visits if round == case.round and not visit["reached"]]
    if body["reached"] or len(failed) >= 3:
        case.meets(at, "followup")
