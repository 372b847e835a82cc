"""Plays random histories: tests/model/run --actions N --days N --seed N; --replay FILE plays one that was written down."""

import argparse
import datetime
import itertools
import json
import os
import random
import sys
import tempfile
import time

from support.cluster import Cluster

from model.compare import Difference
from model.history import History
from model.player import CLOCK, Player
from model.traps import Trap

FAULTS = (Difference, Trap)
SHORTER = 12  # replays that a failure is given to become shorter
number = itertools.count(1)


class Failed(AssertionError):
    """Says the seed, what differed, and a short history that differs the same way."""


def history(cluster):
    return History(cluster, f"wall_model_{os.getpid()}_{next(number)}")


def play(cluster, seed, actions, days):
    """A random history; what it took and how much was refused."""
    played = history(cluster)
    try:
        pace = datetime.timedelta(days=days) / (actions * CLOCK)
        player = Player(seed, played.town, pace)
        while played.acted < actions:
            played.step(player.next())
        played.finish()
    except Exception as fault:
        raise Failed(words(cluster, seed, fault, played.steps)) from fault
    finally:
        played.stage.end()
    return played


def words(cluster, seed, fault, steps):
    """What differed and after which steps. That a daemon did not answer in time, say, differs in each replay: no history becomes shorter by that."""
    short, fault = shortened(cluster, fault, steps) if isinstance(fault, FAULTS) else (steps, fault)
    with tempfile.NamedTemporaryFile("w", prefix="echo-wall-history-", suffix=".json", delete=False) as file:
        file.write("\n".join(json.dumps(step, ensure_ascii=False) for step in short) + "\n")
    lines = "\n".join(json.dumps(step, ensure_ascii=False) for step in short[-12:])
    return f"seed {seed}: {fault}\nafter {len(short)} steps (of {len(steps)}), the last:\n{lines}\nagain: tests/model/run --replay {file.name}"


def replay(cluster, steps):
    """The fault that these steps end in, or None."""
    played = history(cluster)
    try:
        for step in steps:
            played.step(step)
    except Exception as fault:
        return fault
    finally:
        played.stage.end()


def shortened(cluster, fault, steps):
    """First without what concerns other complaints, then without one half, quarter ... after the other."""
    tries, kept = SHORTER, steps
    concerned = related(steps, getattr(fault, "case", None))
    if concerned:
        fewer = [step for step in steps if step.get("case") in concerned or "case" not in step]
        again = replay(cluster, fewer)
        kept, fault = (fewer, again) if alike(again, fault) else (kept, fault)
    chunk, start = len(kept) // 2, 0
    while chunk and tries:
        fewer = kept[:start] + kept[start + chunk :]
        again = replay(cluster, fewer)
        tries -= 1
        if alike(again, fault):
            kept, fault = fewer, again
        else:
            start += chunk
        if start >= len(kept):
            chunk, start = chunk // 2, 0
    return kept, fault


def related(steps, name):
    """The complaint and those it was merged with."""
    pairs = [(step["case"], step["body"].get("into")) for step in steps if step["do"] == "merge"]
    found = {name} if name else set()
    for one, other in pairs + pairs[::-1]:
        if one in found or other in found:
            found |= {one, other}
    return found


def alike(one, other):
    return isinstance(one, FAULTS) and isinstance(other, FAULTS) and (one.what, one.case) == (other.what, other.case)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=10000)
    parser.add_argument("--days", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--replay", help="a file with a history, a step a line")
    given = parser.parse_args()
    cluster = Cluster.start()
    try:
        if given.replay:
            with open(given.replay) as file:
                print(replay(cluster, [json.loads(line) for line in file]) or "no difference")
            return
        began = time.monotonic()
        played = play(cluster, given.seed, given.actions, given.days)
        print(f"seed {given.seed}: {summary(played)} in {time.monotonic() - began:.0f} s")
    except Failed as failed:
        sys.exit(str(failed))
    finally:
        cluster.stop()


def summary(played):
    town = played.town
    return f"{played.acted} actions, {100 * played.refused // played.acted} % refused, {len(town.cases)} complaints, {len(town.days)} days agree"


if __name__ == "__main__":
    main()
