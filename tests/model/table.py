"""The table of transitions (domain.md, section 4): who may do what from where, and what stands in the way."""

from model.case import DEPARTMENTS, DISPATCH, SIMPLE
from model.moments import DAY, HOUR, end_of

OPEN = ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered")
ANY = OPEN + ("closed", "rejected", "merged", "withdrawn")
WORKING = ("assigned", "accepted")
STAFF = ("officer", "assistant", "dispatcher", "visitor", "supervisor")


class Row:
    """`besides`: who may do it too, but never now: a dispatcher answers only what the dispatch office holds, and is its officer then."""

    def __init__(self, action, sources, doers, besides=(), created=False):
        self.action, self.sources, self.doers, self.besides = action, sources, doers, besides
        self.success = 201 if created else 200


ROWS = {
    row.action: row
    for row in (
        Row("assign", ("submitted",), ("dispatcher", "supervisor")),
        Row("accept", ("assigned",), ("officer",)),
        Row("return", WORKING, ("officer",)),
        Row("reassign", ("assigned", "accepted", "answered"), ("dispatcher", "supervisor")),
        Row("join", WORKING, ("dispatcher", "officer")),
        Row("ask", WORKING, ("officer",)),
        Row("supply", ("need_info",), ("reporter", "dispatcher")),
        Row("interim", WORKING, ("officer",)),
        Row("answer", ("submitted", "assigned", "accepted", "need_info", "ledgered", "answered"), ("officer",), besides=("dispatcher",)),
        Row("accept_reply", ("submitted", "assigned", "accepted", "need_info", "ledgered"), ("reporter", "visitor", "supervisor")),
        Row("correct", ("answered", "closed"), ("officer", "supervisor")),
        Row("confirm", ("answered",), ("reporter", "visitor")),
        Row("redo", ("answered", "merged"), ("reporter", "visitor", "supervisor")),
        Row("reopen", ("closed",), ("reporter", "supervisor")),
        Row("request_ledger", ("accepted",), ("officer",)),
        Row("approve_ledger", ("accepted",), ("supervisor",)),
        Row("end_ledger", ("ledgered",), ("supervisor",)),
        Row("ledger_votes", ("answered", "closed", "merged"), ("reporter", "supporter"), created=True),
        Row("milestones", ("ledgered",), ("officer",), created=True),
        Row("reject", ("submitted", "assigned"), ("dispatcher", "supervisor")),
        Row("object", ("rejected",), ("reporter",)),
        Row("merge", ("submitted", "assigned", "accepted"), ("dispatcher", "supervisor")),
        Row("unmerge", ("merged",), ("dispatcher", "supervisor")),
        Row("withdraw", OPEN + ("merged",), ("reporter",)),
        Row("publish", ANY, ("dispatcher",)),
        Row("hide", ANY, ("dispatcher",)),
        Row("rating", ("answered", "closed", "merged"), ("reporter", "supporter"), created=True),
        Row("pictures", OPEN, ("reporter", "claimant")),
        Row("support", OPEN, ("public",)),
        Row("unsupport", ANY, ("supporter",)),
        Row("request_extension", WORKING, ("officer",)),
        Row("approve_extension", WORKING, ("supervisor",)),
        Row("privacy", ANY, ("reporter",)),
        Row("urgent", OPEN, ("dispatcher",)),
        Row("classify", OPEN, ("dispatcher",)),
        Row("urge", DEPARTMENTS, ("reporter",)),
        Row("messages", ANY, ("reporter",) + STAFF, created=True),
        Row("notes", ANY, STAFF, created=True),
        Row("visits", ("answered", "closed"), ("visitor",), created=True),
        Row("claim", WORKING, ("volunteer",), created=True),
        Row("finish_claim", OPEN, ("claimant",)),
        Row("hand_back_claim", OPEN, ("claimant",)),
        Row("confirm_claim", OPEN + ("closed",), ("reporter", "officer")),
    )
}


# What stands in the way beside the status: the code of the refusal, or None. `by`: the relations of `who` to the case.


def cannot_assign(case, at, by, who):
    return "not_allowed_now" if len(case.returns) >= 2 and "supervisor" not in by else None


def cannot_return(case, at, by, who):
    too_late = at > case.received + 2 * HOUR
    return "not_allowed_now" if too_late or case.holder in case.returns or len(case.returns) >= 2 or case.holder == DISPATCH else None


def cannot_ask(case, at, by, who):
    return "not_allowed_now" if case.asks >= 2 else None


def cannot_interim(case, at, by, who):
    return "not_allowed_now" if case.interims >= 2 else None


def cannot_accept_reply(case, at, by, who):
    return None if (case.round, case.holder) in case.held else "not_allowed_now"


def cannot_correct(case, at, by, who):
    return None if "answer" in case.replies else "not_allowed_now"


def cannot_redo(case, at, by, who):
    if case.status != "merged":
        return None
    return None if "reporter" in by and way_back(case.master, at) else "not_allowed_now"


def way_back(master, at):
    """By which action one merged into it takes it up again: the one that its own reporter would have."""
    if master.status == "answered":
        return "redo"
    if master.status == "closed" and not cannot_reopen(master, at, {"reporter"}, None):
        return "reopen"
    return "object" if master.status == "rejected" and not cannot_object(master, at, {"reporter"}, None) else None


def cannot_reopen(case, at, by, who):
    if "supervisor" in by:
        return None
    return "not_allowed_now" if at > case.closed + 30 * DAY or case.reopened_by_reporter >= 2 else None


def cannot_request_ledger(case, at, by, who):
    return "not_allowed_now" if ledger_pending(case, at) else None


def cannot_approve_ledger(case, at, by, who):
    return None if ledger_pending(case, at) else "not_allowed_now"


def ledger_pending(case, at):
    return case.ledger_asked and end_of(case.review) > at


def cannot_object(case, at, by, who):
    return "not_allowed_now" if case.objected or at > case.closed + 7 * DAY else None


def cannot_merge(case, at, by, who):
    return "not_allowed_now" if case.followers else None


def cannot_publish(case, at, by, who):
    spam = case.status == "rejected" and case.result == "spam"
    return "not_allowed_now" if case.visibility == "private" or case.publication == "published" or spam else None


def cannot_hide(case, at, by, who):
    return "not_allowed_now" if case.publication == "hidden" else None


def cannot_rating(case, at, by, who):
    if case.status == "merged" and not case.master.first_reply:
        return "not_allowed_now"
    if case.status == "closed" and (at > case.closed + 30 * DAY or case.result == "no_info"):
        return "not_allowed_now"
    return "already_rated" if (case.round, rater(by, who)) in [(round, by) for round, _, _, _, by in case.ratings] else None


def rater(by, who):
    """Reporters are one, whoever shows the receipt; each supporter is another one."""
    return "reporter" if "reporter" in by else who.name


def cannot_ledger_votes(case, at, by, who):
    voted = case.master if case.status == "merged" else case
    open = [one for one in voted.of("vote") if one.open]
    if not open or "reporter" not in by and case.supporters[who.name] > open[0].began:
        return "not_allowed_now"  # who joined after it was said to be done could bring any number of friends
    return "already_voted" if voter(case, by, who) in voted.votes else None


def voter(case, by, who):
    """A person: the same resident may have reported or support several of the cases merged into one."""
    return case.reporter or case.name if "reporter" in by else who.name


def cannot_support(case, at, by, who):
    return None if who.role == "public" or who.role == "resident" and not by & {"reporter", "supporter"} else "not_allowed_now"


def cannot_request_extension(case, at, by, who):
    return "not_allowed_now" if case.extension_asked or not [one for one in case.of("resolve") if one.open] else None


def cannot_approve_extension(case, at, by, who):
    return "not_allowed_now" if case.extended or not case.extension_asked or not [one for one in case.of("resolve") if one.open] else None


def cannot_claim(case, at, by, who):
    """Who is volunteering elsewhere is counted there: at most two at a time."""
    held = [claim for claim in case.all_claims if claim.volunteer == who.name and claim.state == "open"]
    return "not_allowed_now" if case.turn != "department" or case.claim or case.urgent or case.category not in SIMPLE or len(held) >= 2 else None


def at_work(case, who):
    return case.claim and case.claim.volunteer == who.name


def cannot_finish_claim(case, at, by, who):
    return None if at_work(case, who) and case.claim.state == "open" else "not_allowed_now"


cannot_hand_back_claim = cannot_finish_claim


def cannot_pictures(case, at, by, who):
    return None if "reporter" in by or at_work(case, who) else "not_allowed_now"


def cannot_confirm_claim(case, at, by, who):
    if not case.claim or case.claim.state != "finished":
        return "not_allowed_now"
    return None if "reporter" in by or at >= case.claim.finished + 72 * HOUR else "not_allowed_now"


def cannot_urge(case, at, by, who):
    return "urged_already" if case.urged and at < case.urged + 24 * HOUR else None


def hindrance(action, case, at, by, who):
    ask = globals().get("cannot_" + action)
    return ask(case, at, by, who) if ask else None
