"""The figures (domain.md, section 8): each case says what it adds to which, integers only, and sums are all there is."""

import math

from model.moments import DAY, HOUR, MICRO, day_of, midnight

PERCENT = (
    "reply_rate", "on_time_rate", "accept_rate", "resolve_rate", "clearing_rate", "followup_rate", "satisfaction", "contacted", "solved",
    "redo_rate", "return_rate", "reopen_rate",
)
NO_GROUP = "no group"  # what adds to the figures of all together alone


def percent(numerator, denominator):
    """One decimal, half up, from integers; nothing of nothing is no data."""
    return (numerator * 2000 + denominator) // (denominator * 2) / 10 if denominator else None


def wilson(numerator, n):
    """The lower bound of the true share at 95 %."""
    if not n:
        return None
    p, z = numerator / n, 1.959964
    return 100 * (p + z * z / (2 * n) - z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


class Figures:
    """Of the complaints submitted from the one day to the other, both included, as they stand now."""

    def __init__(self, town, since, until, by):
        self.town, self.now, self.since, self.until, self.by = town, town.now, since, until, by
        self.sums, self.oldest = {}, {}
        for case in town.cases.values():
            self.backlog(case)
            self.resolved(case)
            if self.counted(case):
                self.count(case)
            elif self.spam(case) and self.submitted_then(case):
                self.add("spam", self.key(case, case.holder), 1, 0)
        self.clearing()

    def add(self, figure, key, numerator, denominator, part=""):
        found = self.sums.setdefault((figure, part), {}).setdefault(key, [0, 0])
        found[0] += numerator
        found[1] += denominator

    def key(self, case, department):
        """The group: by department it is who did it or left it undone, else the case's own."""
        own = {"category": case.category, "day": str(day_of(case.submitted)), None: ""}
        return department if self.by == "department" else own[self.by]

    def counted(self, case):
        """Without spam, and without what was withdrawn before its reply was due."""
        withdrawn_early = case.status == "withdrawn" and case.closed <= case.submitted + 24 * HOUR
        return self.submitted_then(case) and not withdrawn_early and not self.spam(case)

    def submitted_then(self, case):
        return midnight(self.since) <= case.submitted < midnight(self.until + DAY)

    def spam(self, case):
        return case.status == "rejected" and case.result == "spam"

    def count(self, case):
        self.replied(case)
        for one in case.of("reply"):
            self.deadline("on_time_rate", case, one, one.due, one.met_by if self.in_time(one, one.due) else one.breached_by or case.holder)
        for one in case.of("accept"):
            self.deadline("accept_rate", case, one, one.due, one.holder)
            self.add("return_rate", self.key(case, one.holder), 0, 1)
        for one in case.of("followup"):
            self.deadline("followup_rate", case, one, one.began + 72 * HOUR, one.holder)
            self.add("redo_rate", self.key(case, one.holder), 0, 1)
        self.sent_back(case)
        self.asked(case)

    def replied(self, case):
        key = self.key(case, case.holder)
        replied = bool(case.first_reply and case.first_reply <= self.now)
        self.add("reply_rate", key, replied, 1)
        if case.submitted + 24 * HOUR <= self.now:
            self.add("reply_rate", key, replied, 1, "matured")

    def in_time(self, one, due):
        return bool(one.met and one.met <= due)

    def deadline(self, figure, case, one, due, department):
        """Met in time, of those met or due; one that lost its object before it was due counts nowhere."""
        if one.void and one.void <= due:
            return
        in_time = self.in_time(one, due)
        if due <= self.now or figure == "on_time_rate" and in_time:
            self.add(figure, self.key(case, department), in_time, 1)

    def sent_back(self, case):
        """Answers that were not enough; closings that did not last. What closed without an answer sends none back."""
        answered = False
        for event in case.events:
            key = self.key(case, event.holder)
            if event.action in ("redo", "reopen") and event.status != "merged":
                self.add("redo_rate", key, answered, 0)
                answered = False
            if event.action == "reopen":
                self.add("reopen_rate", key, 1, 1)
            answered = answered or event.status == "answered"
        if case.status == "closed":
            self.add("reopen_rate", self.key(case, case.holder), 0, 1)
        for department in case.returns:
            self.add("return_rate", self.key(case, department), 1, 0)

    def asked(self, case):
        """Ratings, and what a visitor was told where the reporter did not rate."""
        stars = {}
        for round, _, given, department in case.visits_reached():
            if given.get("stars"):
                stars[round] = (given["stars"], department)
            key = self.key(case, department)
            self.add("contacted", key, bool(given.get("contacted")), 1)
            self.add("solved", key, given.get("solved") == "yes", 1)
        stars.update({round: (given, department) for round, _, given, department, by in case.ratings if by == "reporter"})
        supporters = [(given, department) for _, _, given, department, by in case.ratings if by != "reporter"]
        for given, department in [*stars.values(), *supporters]:
            self.add("satisfaction", self.key(case, department), given >= 4, 1)

    def resolved(self, case):
        """By what was due in the period; the end of a day falls due in it, not in the next one."""
        for one in case.of("resolve"):
            dropped = one.void and one.void <= one.due
            if midnight(self.since) < one.due <= min(midnight(self.until + DAY), self.now) and not dropped:
                key = self.key(case, one.met_by or one.void_by or case.holder)
                key = str(day_of(one.due - MICRO)) if self.by == "day" else key
                self.add("resolve_rate", key, self.in_time(one, one.due), 1)

    def backlog(self, case):
        if case.turn == "department":
            key = self.key(case, case.holder)
            self.add("backlog", key, 1, 0)
            age = int((self.now - case.submitted).total_seconds())
            self.oldest[key] = max(self.oldest.get(key, 0), age)

    # The clearing's days

    def clearing(self):
        for day in self.days():
            for department, row in day.rows.items():
                key = {"department": department, "day": str(day.day), "category": NO_GROUP, None: ""}[self.by]
                worked = not row.idle
                self.add("clearing_rate", key, worked and row.cleared, worked)
                self.add("clearing_rate", key, worked and not row.open, worked, "strict")
                self.add("clearing_rate", key, row.idle, 0, "idle")

    def days(self):
        return [day for day in self.town.days if self.since <= day.day <= self.until]

    def streak(self, *departments):
        """The longest row of days with work on which each of them was cleared."""
        longest = row = 0
        for day in self.days():
            worked = [day.rows[one] for one in departments if not day.rows[one].idle]
            if worked:
                row = row + 1 if all(one.cleared for one in worked) else 0
                longest = max(longest, row)
        return longest

    # As they are shown

    def keys(self):
        return sorted({key for sums in self.sums.values() for key in sums} - {NO_GROUP})

    def shown(self, key=None):
        """Of one group, or of the whole."""
        found = {name: self.share(name, key) for name in PERCENT}
        found["reply_rate"]["matured"] = self.share("reply_rate", key, "matured")
        rate = found["clearing_rate"]
        rate["strict"], rate["idle"] = self.share("clearing_rate", key, "strict"), self.sum("clearing_rate", key, "idle")[0]
        rate["longest_streak"] = self.streak_of(key)
        found["backlog"] = {"value": self.sum("backlog", key)[0]}
        found["spam"] = {"value": self.sum("spam", key)[0]}
        ages = [age for one, age in self.oldest.items() if key in (None, one)]
        found["oldest"] = {"value": max(ages) if ages else None}
        return found

    def streak_of(self, key):
        if key is None:
            return self.streak(*self.town.departments)
        return self.streak(key) if self.by == "department" else None

    def sum(self, figure, key, part=""):
        sums = self.sums.get((figure, part), {})
        chosen = sums.values() if key is None else [sums.get(key, [0, 0])]
        return [sum(one[0] for one in chosen), sum(one[1] for one in chosen)]

    def share(self, figure, key, part=""):
        numerator, denominator = self.sum(figure, key, part)
        return {"value": percent(numerator, denominator), "numerator": numerator, "denominator": denominator}
