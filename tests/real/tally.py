"""Counts everything from the cases: the figures, and the days with their cutoffs. Plain loops, slow and easy to believe."""

import datetime

from case import ACCEPT, RETURN, SCORED
from support.daemon import ZONE

GRACE = datetime.timedelta(hours=4)
OWN_TIME = datetime.timedelta(minutes=30)


def share(numerator, denominator):
    return (numerator, denominator)


def in_cohort(case):
    if case.status == "withdrawn" and case.closed <= case.rounds[0].due:
        return False
    return not (case.status == "rejected" and case.reason == "spam")


def counted(deadlines, as_of, early=False, span=None):
    """Met in time, of those whose time has come (with `early` also those that were met before)."""
    met = of = 0
    for deadline in deadlines:
        due = deadline.began + span if span else deadline.due
        if deadline.dropped(due) or due > as_of and not (early and deadline.in_time(due)):
            continue
        of += 1
        met += deadline.in_time(due)
    return met, of


def stars_of(case):
    """The reporter's of each round; where there are none, those that a visitor was told last."""
    told = {round_: stars for round_, _, _, _, stars in case.visits if stars is not None}
    return list({**told, **dict(case.ratings)}.values())


def figures(cases, as_of):
    """Numerator and denominator of each figure over some cases."""
    cohort = [case for case in cases if in_cohort(case)]
    stars = [each for case in cohort for each in stars_of(case)]
    reached = [visit for case in cohort for visit in case.visits if visit[1]]
    answers = sum(len(case.followups) for case in cohort)
    reopenings = sum(case.reopens for case in cohort)
    waiting = [case for case in cases if case.turn == "department"]
    return {
        "reply_rate": share(sum(case.first_reply is not None for case in cohort), len(cohort)),
        "on_time_rate": counted([each for case in cohort for each in case.rounds], as_of, early=True),
        "accept_rate": counted([each for case in cohort for each in case.accepts], as_of, span=ACCEPT),
        "followup_rate": counted([each for case in cohort for each in case.followups], as_of, span=SCORED),
        "satisfaction": share(sum(each >= 4 for each in stars), len(stars)),
        "contacted": share(sum(contacted for _, _, contacted, _, _ in reached), len(reached)),
        "solved": share(sum(solved == "yes" for _, _, _, solved, _ in reached), len(reached)),
        "redo_rate": share(sum(case.redos + case.reopens for case in cohort), answers),
        "return_rate": share(sum(len(case.returned_by) for case in cohort), sum(len(case.accepts) for case in cohort)),
        "reopen_rate": share(reopenings, reopenings + sum(case.status == "closed" for case in cohort)),
        "backlog": share(len(waiting), None),
        "oldest": share(int(max(((as_of - case.submitted).total_seconds() for case in waiting), default=0)), None),
    }


def percent(numerator, denominator):
    """One decimal, half up; nothing of nothing is no data."""
    if not denominator:
        return None
    return ((numerator * 2000 + denominator) // (denominator * 2)) / 10


# Days


class Day:
    """`date` in the community's zone; `until`: how far it has come, when it is not over."""

    def __init__(self, date, until=None):
        midnight = datetime.datetime.combine(date, datetime.time(), ZONE)
        self.date, self.began = date, midnight
        self.cutoff = min(midnight + datetime.timedelta(days=1), until or datetime.datetime.max.replace(tzinfo=ZONE))
        self.grace = self.cutoff - GRACE

    def holds(self, moment):
        return self.began < moment <= self.cutoff


def state_at(case, moment):
    """Turn and holder at a moment; what happened in that instant has happened."""
    found = None
    for at, turn, department in case.states:
        if at <= moment:
            found = (turn, department)
    return found


def turn_began(case, moment):
    began = None
    for at, turn, _ in case.states:
        if at <= moment:
            began = (began or at) if turn == "department" else None
    return began


def passed_in_own_time(case, day, began, dispatch):
    """The holder at the grace has passed it on within his own time."""
    holder = state_at(case, day.grace)[1]
    received = max(began, max(at for at, department in case.holdings if at <= day.grace and department == holder))
    at, department = next((at, department) for at, department in case.holdings if at > day.grace)
    if holder == dispatch:
        return at <= received + OWN_TIME
    return department == dispatch and at <= received + RETURN


def responsible(case, day, dispatch):
    """Whose day an unanswered case counts for, and whether it came late."""
    began, holder = turn_began(case, day.cutoff), state_at(case, day.cutoff)[1]
    if began > day.grace:
        return holder, True
    before = state_at(case, day.grace)[1]
    if before != holder and passed_in_own_time(case, day, began, dispatch):
        return holder, True
    return before, False


def busy(case, day):
    """The departments on whose turn it was at some moment of the day."""
    found = set()
    before = state_at(case, day.began)
    if before and before[0] == "department":
        found.add(before[1])
    for number, (at, turn, department) in enumerate(case.states):
        last_of_instant = all(later[0] > at for later in case.states[number + 1 :])
        if day.holds(at) and turn == "department" and last_of_instant:
            found.add(department)
    return found


def clearing(cases, departments, dispatch, day):
    """A row for each department: received, answered, open, late_arrivals, cleared, strictly_cleared, idle."""
    rows = {department: {"received": 0, "answered": 0, "open": 0, "late_arrivals": 0, "idle": True} for department in departments}
    for case in cases:
        for at, department in case.holdings:
            rows[department]["received"] += day.holds(at)
        for at, department in case.answers_of:
            rows[department]["answered"] += day.holds(at)
        for department in busy(case, day):
            rows[department]["idle"] = False
        state = state_at(case, day.cutoff)
        if state and state[0] == "department":
            department, late = responsible(case, day, dispatch)
            rows[department]["open"] += 1
            rows[department]["late_arrivals"] += late
    for row in rows.values():
        row["cleared"] = row["open"] == row["late_arrivals"]
        row["strictly_cleared"] = row["open"] == 0
    return rows


def clearing_rate(days):
    """Of the rows of all days: cleared, strictly cleared, with work, idle, and the longest row of days on which everybody was cleared."""
    rows = [row for day in days for row in day.values()]
    working = [row for row in rows if not row["idle"]]
    streak = longest = 0
    for day in days:
        streak = streak + 1 if all(row["cleared"] for row in day.values() if not row["idle"]) else 0
        longest = max(longest, streak)
    return {
        "figure": (sum(row["cleared"] for row in working), len(working)),
        "strict": (sum(row["strictly_cleared"] for row in working), len(working)),
        "idle": len(rows) - len(working),
        "longest_streak": longest,
    }
