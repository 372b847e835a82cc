"""Reminders: each level of a round exactly once, at its moment (domain.md, section 5)."""

from model.moments import HOUR, MINUTE, out_of_the_quiet

LEVELS = (12 * HOUR, 19 * HOUR + 12 * MINUTE, 24 * HOUR, 48 * HOUR)
URGENT = (1 * HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR)


def moment_of(deadline, urgent):
    """When the next level comes; None after the last. Quiet hours hold back what comes before the due moment, never what is urgent."""
    levels = URGENT if urgent else LEVELS
    if deadline.level == len(levels):
        return None
    moment = deadline.began + levels[deadline.level]
    return out_of_the_quiet(moment, deadline.due) if moment < deadline.due and not urgent else moment
