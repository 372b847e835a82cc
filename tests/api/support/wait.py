"""Waiting for a condition, never for a time."""

import time


def until(condition, seconds=20, what="the condition"):
    """What condition() gives as soon as it is true; fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
