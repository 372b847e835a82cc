"""The daily clearing as a pure function of the facts (domain.md, section 6)."""

import datetime

from model.case import DISPATCH
from model.moments import DAY, HOUR, MINUTE, cutoff_of

FOREVER = datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)


def stretches(case, until):
    """When the department had the turn: (began, ended or None), from the events up to and at `until`."""
    found, began = [], None
    for event in [one for one in case.events if one.at <= until]:
        if event.turn == "department" and began is None:
            began = event.at
        if event.turn != "department" and began is not None:
            found.append((began, event.at))
            began = None
    return found + ([(began, None)] if began is not None else [])


def leads(case):
    """The lead holdings: (department, began, ended or None)."""
    held = [(department, began) for department, kind, began in case.holdings if kind == "lead"]
    ends = [began for _, began in held[1:]] + [None]
    return [(department, began, ended) for (department, began), ended in zip(held, ends)]


def holding_at(case, moment):
    return [lead for lead in leads(case) if lead[1] <= moment][-1]


def passed_on_in_own_time(case, holding, turn_began, cutoff):
    """Whether who held it at the grace gave it away by the cutoff within the time that was his for that, from when it was his to do."""
    department, began, ended = holding
    began = max(began, turn_began)
    if not ended or ended > cutoff:
        return False
    passed = [event for event in case.events if event.at == ended and event.action in ("assign", "reassign", "return")][0]
    if department == DISPATCH:
        return ended <= began + 30 * MINUTE
    return passed.action == "return" and ended <= began + 2 * HOUR


class Row:
    """A department's day."""

    def __init__(self):
        self.received = self.answered = 0
        self.open, self.late = set(), set()
        self.idle = True
        self.explanation = None

    @property
    def cleared(self):
        return not self.open - self.late

    def shown(self):
        return {
            "received": self.received,
            "answered": self.answered,
            "open": len(self.open),
            "late_arrivals": len(self.late),
            "cleared": self.cleared,
            "strictly_cleared": not self.open,
            "idle": self.idle,
            "explanation": self.explanation,
        }


class Day:
    """`cutoff`: C, or now where the day has not ended."""

    def __init__(self, town, day, cutoff):
        self.day, self.cutoff = day, cutoff
        self.before, self.grace = cutoff_of(day - DAY), cutoff - 4 * HOUR
        self.rows = {department: Row() for department in town.departments}
        for case in town.cases.values():
            self.count(case)

    def count(self, case):
        for department, began, _ in leads(case):
            if self.before < began <= self.cutoff:
                self.rows[department].received += 1
        for deadline in case.of("reply"):
            if deadline.met and self.before < deadline.met <= self.cutoff:
                self.rows[deadline.met_by].answered += 1
        for began, ended in stretches(case, self.cutoff):
            self.worked(case, began, ended)
            if ended is None:
                self.unanswered(case, began)

    def worked(self, case, began, ended):
        """Who had it on its turn at some moment of the day is not idle."""
        for department, held, left in leads(case):
            first = max(began, held)
            last = min(moment for moment in (ended, left, FOREVER) if moment)
            if first <= self.cutoff and last > max(self.before, first):
                self.rows[department].idle = False

    def unanswered(self, case, began):
        holding, grace = holding_at(case, self.cutoff), began > self.grace
        if began <= self.grace:
            early = holding_at(case, self.grace)
            if passed_on_in_own_time(case, early, began, self.cutoff):
                grace = holding[1] > self.grace
            else:
                holding = early
        row = self.rows[holding[0]]
        row.open.add(case.name)
        if grace:
            row.late.add(case.name)
