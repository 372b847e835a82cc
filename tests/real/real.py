"""
Three days of a community whose residents wrote what stands in a file. Everything is done over HTTP, counted here in plain Python, and in
the end compared with what the daemon says: figures, days, every complaint, every desk. Ends with 1 at any difference or refusal.
"""

import argparse
import collections
import concurrent.futures
import datetime
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
sys.dont_write_bytecode = True

from support.tool import begin_with  # noqa: E402

STEPS = ("08:30", "09:40", "11:15", "14:05", "15:45", "18:30", "20:20", "22:05", "23:10")
WEIGHTS = (3, 4, 4, 3, 3, 2, 2, 1, 0.5)  # when people write
DAYS = 3
RESIDENTS = 30


def arguments():
    given = argparse.ArgumentParser(prog="tests/real/run", description="Three days of a community with the texts of FILE.")
    given.add_argument("file", help='JSON lines with "title" and "body"')
    given.add_argument("--texts", type=int, default=2000, help="how many of them are filed (default 2,000)")
    given.add_argument("--seed", type=int, default=None, help="of everything that happens by chance (default: made up and printed)")
    given.add_argument("--threads", type=int, default=4, help="that people share (default 4)")
    given.add_argument("--binary", default=str(HERE.parents[1] / "build/release/echo-wall"), help="the daemon (default build/release/echo-wall)")
    return given.parse_args()


def schedule(count, seed):
    """How many complaints come at each step of each day."""
    chance = random.Random(seed)
    places = [(day, step) for day in range(DAYS) for step in range(len(STEPS))]
    drawn = collections.Counter(chance.choices(places, [WEIGHTS[step] for _, step in places], k=count))
    return [(day, step, drawn[day, step]) for day, step in places]


class Run:
    def __init__(self, town, deeds, texts, threads):
        self.town, self.deeds, self.texts = town, deeds, texts
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)
        self.cases, self.since = [], time.monotonic()

    def say(self, what):
        print(f"{time.monotonic() - self.since:6.1f} s  {what}", flush=True)

    def all(self, deed, *of):
        return list(self.pool.map(deed, *of))

    def walk(self, moment):
        self.town.walk(moment)
        for case in self.cases:
            case.settle(moment)

    def step(self, name, count):
        first = len(self.cases)
        self.all(self.deeds.live, self.cases)
        self.cases += self.all(lambda number: self.deeds.file(number, *self.texts[number]), range(first, first + count))
        self.all(self.deeds.live, self.cases[first:])
        self.deeds.merge_some(self.cases, name)

    def days(self, seed):
        for day, step, count in schedule(len(self.texts), seed):
            self.walk(self.town.at(day, STEPS[step]))
            self.step((day, step), count)
            if step == len(STEPS) - 1:
                self.walk(self.town.at(day + 1, "00:00:01"))
                waiting = sum(case.turn == "department" for case in self.cases)
                self.say(f"day {day + 1} is over: {len(self.cases)} complaints, {waiting} wait for a department")
        self.walk(self.town.at(DAYS, "08:45"))
        self.all(self.deeds.live, self.cases)
        self.walk(self.town.at(DAYS, "12:00"))


def main():
    given = arguments()
    begin_with(given.binary, "tests/real/run")
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed

    import compare
    import texts
    from deeds import Deeds
    from support.daemon import BEGINNING
    from town import Town

    written = texts.read(given.file, given.texts)
    print(f"seed {seed}: {len(written)} texts, {len(''.join(text for _, text in written)) // max(1, len(written))} characters on average", flush=True)
    with Town(BEGINNING - datetime.timedelta(hours=2)) as town:
        town.people(RESIDENTS)
        run = Run(town, Deeds(town, seed), written, given.threads)
        run.say(f"{len(town.departments)} departments, {RESIDENTS} residents signed in by their phones")
        run.days(seed)
        run.say("done: " + ", ".join(f"{what} {count}" for what, count in sorted(run.deeds.done.items())))
        differences = compare.everything(run)
        run.say("compared")
    print(f"{differences} differences" if differences != 1 else "1 difference")
    raise SystemExit(1 if differences else 0)


if __name__ == "__main__":
    main()
