"""
A complaint as this script knows it: written from the words of the domain, not from the daemon's rules, so that both can be compared.
Each deed is told to it with its moment; what time does by itself it does before.
"""

import datetime

from support.daemon import ZONE

REPLY, ACCEPT, RETURN, SCORED = (datetime.timedelta(hours=hours) for hours in (24, 2, 2, 72))


class Deadline:
    def __init__(self, began, due, department):
        self.began, self.due, self.department = began, due, department
        self.met = self.void = None

    @property
    def is_open(self):
        return self.met is None and self.void is None

    def in_time(self, due=None):
        return self.met is not None and self.met <= (due or self.due)

    def dropped(self, due=None):
        """Lost its object before it was due."""
        return self.void is not None and self.void <= (due or self.due)


class Case:
    def __init__(self, complaint, at, dispatch):
        self.complaint, self.dispatch = complaint, dispatch
        self.submitted = self.received = at
        self.department, self.status = dispatch, "submitted"
        self.rounds = [Deadline(at, at + REPLY, dispatch)]
        self.accepts, self.followups, self.promises = [], [], []
        self.answers_of, self.holdings, self.states = [], [(at, dispatch)], []
        self.first_reply = self.answered = self.closed = self.reason = self.parted = self.master = None
        self.followers, self.ratings, self.visits, self.returned_by, self.assistants = [], [], [], [], []
        self.asks = self.interims = self.redos = self.reopens = self.objections = 0
        self.overdue = False
        self.note(at)

    # The axes

    @property
    def id(self):
        return self.complaint.id

    @property
    def round(self):
        return len(self.rounds) - 1

    @property
    def turn(self):
        if self.status in ("submitted", "assigned", "accepted") and self.rounds[-1].is_open:
            return "department"
        return "resident" if self.status in ("need_info", "answered") else "none"

    def note(self, at):
        self.states.append((at, self.turn, self.department))

    def hold(self, at, department):
        if department != self.department:
            self.department, self.received = department, at
            self.holdings.append((at, department))

    def open_round(self, at):
        if not self.rounds[-1].is_open:
            self.rounds.append(Deadline(at, at + REPLY, self.department))

    def end(self, deadlines, at, how="met"):
        for deadline in deadlines:
            if deadline.is_open:
                setattr(deadline, how, at)

    def reply(self, at):
        """A counting reply of the department, or of the master."""
        self.first_reply = self.first_reply or at
        if self.rounds[-1].is_open:
            self.rounds[-1].met = at
            self.answers_of.append((at, self.department))

    # Time

    def settle(self, at):
        """What was due before `at`: broken promises bring a case back, unmet rounds are late."""
        for promise in self.promises:
            if promise.is_open and promise.due < at:
                promise.void = promise.due
                if self.status in ("submitted", "assigned", "accepted"):
                    self.open_round(promise.due)
                self.note(promise.due)
        for round_ in self.rounds:
            ended = round_.met or round_.void or at
            self.overdue |= round_.due < ended

    # Deeds

    def assign(self, at, department):
        self.end(self.accepts, at, "void")
        self.hold(at, department)
        self.accepts.append(Deadline(at, at + ACCEPT, department))
        self.status = "assigned"
        self.note(at)

    def accept(self, at):
        self.end(self.accepts, at)
        self.status = "accepted"
        self.note(at)

    def give_back(self, at):
        self.end(self.accepts, at)
        self.returned_by.append(self.department)
        self.hold(at, self.dispatch)
        self.status = "submitted"
        self.note(at)

    def ask(self, at):
        self.asks += 1
        self.replies(at, "need_info")

    def interim(self, at, promised):
        end = datetime.datetime.combine(promised + datetime.timedelta(days=1), datetime.time(), ZONE)
        self.promises.append(Deadline(at, end, self.department))
        self.interims += 1
        self.replies(at, "accepted")

    def answer(self, at):
        self.end(self.promises, at)
        self.followups.append(Deadline(at, at + SCORED, self.department))
        self.answered = at
        self.replies(at, "answered")

    def put_on_ledger(self, at):
        self.end(self.promises, at, "void")
        self.replies(at, "ledgered")

    def replies(self, at, status):
        self.reply(at)
        self.end(self.accepts, at)
        self.status = status
        self.note(at)
        for follower in self.followers:
            if follower.status == "merged" and follower.master is self and follower.rounds[-1].is_open:
                follower.reply(at)

    def supply(self, at):
        """What the reporter was asked for has come; or the ledger has ended."""
        self.back(at, "accepted")

    def redo(self, at):
        self.redos += 1
        self.end(self.followups, at, "void")
        self.back(at, "accepted")

    def reopen(self, at):
        self.reopens += 1
        self.closed = None
        self.end(self.followups, at, "void")
        self.back(at, "accepted")

    def object(self, at):
        self.objections += 1
        self.closed = self.reason = None
        self.hold(at, self.dispatch)
        self.back(at, "submitted")

    def back(self, at, status):
        self.status = status
        self.answered = None
        self.open_round(at)
        self.note(at)

    def finish(self, at, status, *voided):
        self.end([deadline for kind in voided for deadline in kind], at, "void")
        self.status, self.closed = status, at
        self.note(at)

    def confirm(self, at):
        self.finish(at, "closed", self.promises, self.accepts)

    def withdraw(self, at):
        self.finish(at, "withdrawn", self.rounds, self.promises, self.accepts, self.followups)

    def reject(self, at, reason):
        self.reply(at)
        self.end(self.accepts, at)
        self.reason = reason
        self.finish(at, "rejected", self.promises, self.followups)

    def merge(self, at, master):
        self.parted, self.master = self.status, master
        master.followers.append(self)
        self.finish(at, "merged", self.promises, self.accepts, self.followups)
        if master.first_reply and self.rounds[-1].is_open:
            self.reply(at)

    def unmerge(self, at):
        self.master.followers.remove(self)
        self.status, self.closed, self.master = self.parted, None, None
        self.answered = None
        self.open_round(at)
        self.note(at)

    def rate(self, at, stars):
        self.end(self.followups, at)
        self.ratings.append((self.round, stars))

    def visit(self, at, reached, contacted, solved, stars):
        self.visits.append((self.round, reached, contacted, solved, stars))
        if reached:
            self.end(self.followups, at)

    def is_rated(self):
        return any(round_ == self.round for round_, _ in self.ratings)

    def is_visited(self):
        return any(round_ == self.round for round_, *_ in self.visits)

    def may_return(self, at):
        return at <= self.received + RETURN and len(self.returned_by) < 2 and self.department not in self.returned_by
