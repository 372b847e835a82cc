"""
The faults of other systems (traps.md, by number), held against what the daemon itself shows, not against the model: what must be true of every
history. 2 (each reminded once), 6 and 7 (days taken after downtime, days of the community) and 20 (silence is not satisfaction) are held by the
comparison of reminders, days and figures with the model, and by verify().
"""

from model.moments import HOUR, after_working_days, day_of, end_of, written


class Trap(AssertionError):
    def __init__(self, number, what, case):
        super().__init__(f"trap {number}: {what}: {case}")
        self.what, self.case = what, case


def holds(number, what, true, case=None):
    if not true:
        raise Trap(number, what, case)


class Memory:
    """What was shown of each complaint before, and may not be taken back."""

    def __init__(self):
        self.late, self.dues = set(), {}

    def looks_at(self, case, shown):
        deadlines = {(one["kind"], one["round"]): one for one in shown["deadlines"]}
        self.trap_4(case, shown)
        self.trap_8(case, shown, deadlines)
        self.trap_10(case, deadlines)
        self.trap_11(case, deadlines)
        self.trap_21(case, shown, deadlines)

    def trap_4(self, case, shown):
        """Every state that is not final takes a message; the supervisor's own stand for all."""
        holds(4, "a message may be written", "messages" in shown["actions"], case.name)

    def trap_8(self, case, shown, deadlines):
        """Closing does not wipe late (9: nor does any other status), and a breach stays where it was."""
        if case.name in self.late:
            holds(8, "late stays late", shown["overdue"], case.name)
        if any(one["breached"] for (kind, _), one in deadlines.items() if kind == "reply"):
            holds(8, "a breach is shown as late", shown["overdue"], case.name)
            self.late.add(case.name)

    def trap_10(self, case, deadlines):
        """`resolve` counts working days, the 24 hours do not."""
        holds(10, "24 hours are 24 hours", deadlines["reply", 0]["due"] == written(case.submitted + 24 * HOUR), case.name)
        due = end_of(after_working_days(day_of(case.submitted), case.days))
        holds(10, "resolve is due after working days", deadlines["resolve", 0]["due"] == written(due), case.name)

    def trap_11(self, case, deadlines):
        """No edit, not even a new category, moves what is due."""
        for which, one in deadlines.items():
            before = self.dues.setdefault((case.name, *which), one["due"])
            holds(11, f"the due of {which} stays", before == one["due"], case.name)

    def trap_21(self, case, shown, deadlines):
        """No chains of merges; a merged case keeps its deadline."""
        if shown["status"] == "merged":
            holds(21, "the master is not merged itself", case.master.status != "merged", case.name)
            holds(21, "the deadline is not void", not any(one["void"] for (kind, _), one in deadlines.items() if kind == "reply"), case.name)


def trap_3(names_open, cases):
    """What nobody was assigned to is on somebody's list: the dispatch office's."""
    for case in cases:
        if case.status == "submitted" and case.turn == "department":
            holds(3, "an unassigned case is on the list", case.name in names_open, case.name)


def trap_12(figures):
    """No average over survivors: what is late and open is in the denominator; and no figure of nothing is 100 %."""
    for name, figure in figures.items():
        if figure["denominator"] == 0:
            holds(12, f"{name} of nothing is no data", figure["value"] is None)
