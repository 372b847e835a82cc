"""
How long the scoreboard takes among many complaints: tests/bench/run --scoreboard [--rows N]. Two thousand complaints live through ninety days by the
rules; their facts are copied, as far as figures are made of them. The daemon's clock sums them up; then the figures of all departments, over a period that
holds every complaint, are asked for over HTTP, one after another, while complaints come in; and once counted from the facts.
"""

import argparse
import datetime
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
sys.dont_write_bytecode = True

from bench import BASES, Progress  # noqa: E402
from copies import Copies  # noqa: E402
from support.tool import begin_with  # noqa: E402

FACTS = "event deadline deadline_mark followup rating classification".split()  # and complaint
DAYS = 90
WARMING = 8  # asked for before it is timed: each of the daemon's connections makes its plans once

# The clock has summed up everything, and done what so many complaints at once leave it to do.
AT_REST = """filled is null and until > clock_timestamp() - interval '10 seconds' and not exists (select from wall.likeness_new)
    and not exists (select from wall.warning_look where hour < date_trunc('hour', clock_timestamp())) and until > all (select at from wall.cluster_link)"""


class Facts(Copies):
    """Copies of what figures are made of: neither texts of their own nor chains."""

    def copied(self, table, name, kind):
        if (table, name) == ("complaint", "text"):
            return "x.text"
        return super().copied(table, name, kind)

    def make(self, progress):
        self.prepare()
        for table in ["complaint", *FACTS]:
            progress(f"copying: {table}")
            self.copy(table)


def arguments():
    given = argparse.ArgumentParser(prog="tests/bench/run --scoreboard", description="Measures the scoreboard among many complaints.")
    given.add_argument("--rows", type=int, default=200_000, help="complaints, a multiple of 2,000 (default 200,000)")
    given.add_argument("--times", type=int, default=40, help="how often it is asked for (default 40)")
    given.add_argument("--pause", type=float, default=0.5, help="seconds between two of them (default 0.5)")
    given.add_argument("--binary", default=str(HERE.parents[1] / "build/release/echo-wall"), help="the daemon (default build/release/echo-wall)")
    read = given.parse_args()
    if read.rows < BASES or read.rows % BASES:
        given.error(f"--rows must be a multiple of {BASES}")
    return read


def fill(town, rows, now, say):
    from history import History

    say(f"{BASES} complaints live through {DAYS} days by the rules")
    history = History(town, BASES, rows // BASES, town.began, now, 1)
    history.run()
    connection = town.connect("synchronous_commit = off", "search_path = wall, rules", "jit = off", "work_mem = '64MB'")
    with connection.cursor() as cursor:
        Facts(cursor, town.daemon.community, rows // BASES).make(say)
        cursor.execute("delete from counting")  # nothing comes in of months ago: everything is summed up from the beginning
        say("vacuum analyze, checkpoint")
        cursor.execute("vacuum analyze")
        cursor.execute("checkpoint")
    connection.close()


def until(town, condition):
    """Seconds until it holds."""
    since = time.monotonic()
    while not town.count("counting", condition):
        time.sleep(0.2)
    return time.monotonic() - since


def ask(town, path):
    since = time.monotonic()
    response = town.anybody().get(path)
    assert response.status == 200, response
    return (time.monotonic() - since) * 1000, response.json


def yardstick():
    """Milliseconds of something that is always the same: how fast the machine is just now."""
    since = time.monotonic()
    sum(number * number for number in range(400_000))
    return (time.monotonic() - since) * 1000


def scoreboard(town, path, given):
    """Milliseconds of each, and of the yardstick before it; complaints come in meanwhile."""
    times = []
    for number in range(given.times + WARMING):
        town.anybody().files(text=f"楼道的灯坏了，第{number}次。", category="safety")
        times.append((ask(town, path)[0], yardstick()))
        time.sleep(given.pause)
    return zip(*times[WARMING:])


def show(what, times, measures=()):
    times = sorted(times)
    beside = f"  (yardstick {min(measures):.1f} to {max(measures):.1f}, p50 {statistics.median(measures):.1f} ms)" if measures else ""
    print(f"{what:<48} p50 {statistics.median(times):8.1f} ms  p95 {times[int(len(times) * 0.95)]:8.1f} ms{beside}")


def main():
    given = arguments()
    begin_with(given.binary, "tests/bench/run")
    from town import Town

    say, now = Progress(), datetime.datetime.now(datetime.timezone.utc)
    with Town(now - datetime.timedelta(days=DAYS)) as town:
        town.settle_down()
        fill(town, given.rows, now, say)
        say("summing up")
        town.serve().community = "home"
        filling = until(town, "filled is null")
        say("coming to rest")
        until(town, AT_REST)
        first, last = ((now + datetime.timedelta(days=days)).date() for days in (-DAYS - 1, 1))
        path = f"/v1/figures?from={first}&to={last}&by="
        say("the scoreboard")
        print(f"{town.count('complaint'):,} complaints, {len(town.departments)} departments, {town.count('counted_sum'):,} sums, made in {filling:.0f} s")
        for by in ("department", "category"):
            show(f"figures by {by}, live", *scoreboard(town, path + by, given))
        moment = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        since, response = time.monotonic(), town.anybody().get(f"{path}department&as_of={moment}")
        if response.status == 200:
            show("figures by department, from the facts, once", [(time.monotonic() - since) * 1000])
        else:
            print(f"figures by department, from the facts: not within --slow-statement-timeout ({response.json['title']})")
        town.daemon.stop()


if __name__ == "__main__":
    main()
