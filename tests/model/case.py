"""A complaint as its facts: events, holdings, deadlines; and what time alone does to it (domain.md, section 5)."""

from model.ladder import moment_of
from model.moments import DAY, HOUR, MICRO, MINUTE, after_working_days, day_of, end_of, out_of_the_night

DEPARTMENTS = ("submitted", "assigned", "accepted")
RESIDENTS = ("need_info", "answered")
FINAL = ("closed", "rejected", "merged", "withdrawn")
DISPATCH = "dispatch"
SIMPLE = ("environment", "logistics", "other")  # categories that volunteers may take from
OVER = ("need_info", "promise", "lapse", "ledger_review", "vote", "claim")  # kinds that are over when they pass; the others may still be met, late


class Deadline:
    """`holder`, `met_by` ...: the department that held the case then. A `reply` climbs the ladder of reminders: `level`, and `step`, the next."""

    def __init__(self, kind, round, began, due, holder):
        self.kind, self.round, self.began, self.due, self.holder = kind, round, began, due, holder
        self.met = self.met_by = self.breached = self.breached_by = self.void = self.void_by = None
        self.level, self.step = 0, None

    @property
    def open(self):
        return not (self.met or self.void or self.breached and self.kind in OVER)

    @property
    def waits(self):
        return self.open and not self.breached


class Event:
    """What happened, with status, turn and holder after it."""

    def __init__(self, at, action, by, case):
        self.at, self.action, self.by = at, action, by
        self.status, self.turn, self.holder = case.status, case.turn, case.holder


class Case:
    def __init__(self, name, at, reporter, identity, category, days, visibility, publication, urgent):
        self.name, self.submitted, self.reporter, self.identity = name, at, reporter, identity
        self.category, self.days = category, days
        self.visibility, self.publication, self.urgent = visibility, publication, urgent
        self.status = "submitted"
        self.holdings = [(DISPATCH, "lead", at)]
        self.deadlines, self.events, self.replies, self.visits, self.ratings = [], [], [], [], []
        self.first_reply = self.answered = self.closed = self.result = None
        self.master, self.merged_into_it, self.before = None, [], None
        self.reminders, self.looked_at = [], False
        self.held = []  # the rounds in which an answer waits to be accepted, once for each
        self.returns, self.asks, self.interims = [], 0, 0
        self.reopened_by_reporter, self.objected = 0, False
        self.ledger_asked = self.review = None
        self.votes, self.supporters = {}, {}
        self.extension_asked, self.until, self.extended = False, None, False
        self.urged = None
        self.claims = []

    # What stands now

    @property
    def holder(self):
        return [department for department, kind, _ in self.holdings if kind == "lead"][-1]

    @property
    def received(self):
        """When the holder got it."""
        return [began for _, kind, began in self.holdings if kind == "lead"][-1]

    @property
    def assistants(self):
        return {department for department, kind, _ in self.holdings if kind == "assist"}

    @property
    def turn(self):
        if self.status in DEPARTMENTS and self.unmet():
            return "department"
        return "resident" if self.status in RESIDENTS else "none"

    @property
    def overdue(self):
        return any(one.breached for one in self.of("reply"))

    @property
    def reply_due(self):
        return self.of("reply")[-1].due

    @property
    def round(self):
        return self.of("reply")[-1].round

    @property
    def followers(self):
        return [case for case in self.merged_into_it if case.status == "merged"]

    @property
    def claim(self):
        """The one that is under way."""
        return self.claims[-1] if self.claims and self.claims[-1].under_way else None

    @property
    def last(self):
        return self.events[-1].at

    def of(self, kind):
        return [one for one in self.deadlines if one.kind == kind]

    def visits_reached(self):
        return [visit for visit in self.visits if visit[2]["reached"]]

    def unmet(self):
        return [one for one in self.of("reply") if one.open]

    # What happens to it

    def event(self, at, action, by):
        self.events.append(Event(at, action, by, self))

    def opens(self, kind, at, due=None):
        due = due or {
            "reply": lambda: at + 24 * HOUR,
            "dispatch": lambda: at + 30 * MINUTE,
            "accept": lambda: at + 2 * HOUR,
            "resolve": lambda: end_of(after_working_days(day_of(at), self.days)),
            "need_info": lambda: at + 7 * DAY,
            "lapse": lambda: at + 7 * DAY,
            "vote": lambda: at + 72 * HOUR,
            "claim": lambda: at + 48 * HOUR,
            "followup": lambda: out_of_the_night(at + 24 * HOUR),
        }[kind]()
        self.deadlines.append(Deadline(kind, len(self.of(kind)), at, due, self.holder))
        if kind == "reply":
            self.climbs(self.deadlines[-1])

    def meets(self, at, *kinds):
        for one in self.deadlines:
            if one.open and one.kind in kinds:
                one.met, one.met_by = at, self.holder

    def voids(self, at, *kinds):
        for one in self.deadlines:
            if one.open and one.kind in kinds:
                one.void, one.void_by = at, self.holder

    def back_on_the_list(self, at):
        """Every action that brings a case back to the department when no round is unmet opens one."""
        if not self.unmet():
            self.opens("reply", at)
            self.answered = None

    def held_by(self, department, at):
        if department != self.holder:
            self.holdings.append((department, "lead", at))

    def counts(self, at):
        """A counting official reply."""
        self.meets(at, "reply", "accept")
        self.first_reply = self.first_reply or at

    def replied_by_master(self, at, answer):
        """A question or a promise meets the follower's `reply`, an answer also what it had to be resolved by."""
        if self.unmet() or answer and [one for one in self.of("resolve") if one.open]:
            self.meets(at, "reply", *(["resolve"] if answer else []))
            self.first_reply = self.first_reply or at
            self.event(at, "master_answered" if answer else "master_replied", "system")

    def ends(self, at, status, result=None):
        self.status, self.closed, self.result = status, at, result
        if self.claim and self.claim.state == "open":
            self.claim.state = "dropped"
            self.voids(at, "claim")

    # What time does to it

    @property
    def known(self):
        """Nothing is done before what is recorded, should the clock be set back."""
        return max([self.last] + [one.breached + MICRO for one in self.deadlines if one.breached])

    def settle(self, at):
        """All that was due before `at`, in order of due, each with its due as its moment."""
        while True:
            due = [(one.due, 0, one.kind, self.passes, one) for one in self.deadlines if one.waits and one.due < at]
            due += [(one.step, 1, one.kind, self.reminds, one) for one in self.of("reply") if one.open and one.step and one.step < at]
            if not due:
                return
            *_, happens, deadline = min(due, key=lambda one: one[:3])
            happens(deadline)

    def climbs(self, deadline, earliest=None):
        """The ladder's next step; what was passed already when a case became urgent is said at once."""
        moment = moment_of(deadline, self.urgent)
        deadline.step = max(moment, earliest) if moment and earliest else moment

    def reminds(self, deadline):
        deadline.level += 1
        self.reminders.append((deadline.level, deadline.step))
        self.climbs(deadline, deadline.step)

    def passes(self, deadline):
        deadline.breached, deadline.breached_by = deadline.due, self.holder
        effect = getattr(self, "passed_" + deadline.kind, None)
        if effect:
            effect(deadline.due)

    def passed_reply(self, due):
        self.event(due, "breach", "system")

    def passed_need_info(self, due):
        self.ends(due, "closed", "no_info")
        self.voids(due, "promise", "resolve")
        self.event(due, "lapse", "system")

    def passed_lapse(self, due):
        self.ends(due, "closed", "silence")
        self.event(due, "lapse", "system")

    def passed_promise(self, due):
        if self.status in DEPARTMENTS:
            self.back_on_the_list(due)
        self.event(due, "promise_broken", "system")

    def passed_vote(self, due):
        """Of those who voted at least half must say that it is done; without a vote nobody says no."""
        if 2 * list(self.votes.values()).count("yes") >= len(self.votes):
            self.event(due, "vote_passed", "system")
            return
        self.voids(due, "lapse", "followup")
        self.status, self.closed, self.result = "accepted", None, None
        self.back_on_the_list(due)
        self.event(due, "vote_failed", "system")

    def passed_claim(self, due):
        self.claim.state = "expired"
        self.event(due, "expire_claim", "system")

    def passed_ledger_review(self, due):
        self.status = "accepted"
        self.back_on_the_list(due)
        self.event(due, "end_ledger", "system")
