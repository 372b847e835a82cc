"""The benchmark: tests/bench/run starts it. See NOTES for how it measures."""

import argparse
import datetime
import os
import pathlib
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
sys.dont_write_bytecode = True

from support.tool import begin_with  # noqa: E402

BASES = 2000  # complaints that are lived through; the rest are their copies


def arguments():
    given = argparse.ArgumentParser(prog="tests/bench/run", description="Measures Echo Wall beside pgbench running the same statements.")
    given.add_argument("--rows", type=int, default=200_000, help="complaints to begin with, a multiple of 2,000 (default 200,000)")
    given.add_argument("--rounds", type=int, default=5, help="alternating rounds; medians count (default 5)")
    given.add_argument("--seconds", type=int, default=4, help="of each measurement (default 4)")
    given.add_argument("--seed", type=int, default=1, help="of the complaints (default 1)")
    given.add_argument("--binary", default=str(HERE.parents[1] / "build/release/echo-wall"), help="the daemon (default build/release/echo-wall)")
    read = given.parse_args()
    if not 1 <= read.rounds <= 50 or read.seconds < 1:
        given.error("--rounds is from 1 to 50, --seconds at least 1")
    if read.rows < BASES or read.rows % BASES:
        given.error(f"--rows must be a multiple of {BASES}")
    return read


class Progress:
    def __init__(self):
        self.since = time.monotonic()

    def __call__(self, what):
        print(f"{time.monotonic() - self.since:7.1f} s  {what}", file=sys.stderr, flush=True)


class Memory(threading.Thread):
    """The greatest resident memory of a process while it is watched."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status, self.greatest, self.over = pathlib.Path(f"/proc/{pid}/status"), 0, threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            for line in self.status.read_text().splitlines():
                if line.startswith("VmRSS:"):
                    self.greatest = max(self.greatest, int(line.split()[1]))

    def stop(self):
        self.over.set()
        self.join()
        return self.greatest / 1024


def fill(town, given, began, now, say):
    """The complaints, and how long they took."""
    import found
    from copies import Copies
    from history import History

    since = time.monotonic()
    factor = given.rows // BASES
    say(f"{BASES} complaints live through 90 days by the rules")
    history = History(town, BASES, factor, began, now, given.seed)
    history.run()
    say(f"{history.done} deeds done, {sum(history.refused.values())} refused; copying each complaint {factor} times")
    connection = town.connect("synchronous_commit = off", "search_path = wall, rules", "jit = off", "work_mem = '64MB'")
    with connection.cursor() as cursor:
        Copies(cursor, town.daemon.community, factor).make(say)
        say("what they are found by")
        found.file_all(town, cursor)
        say("vacuum analyze, checkpoint")
        cursor.execute("vacuum analyze")
        cursor.execute("checkpoint")
    connection.close()
    return time.monotonic() - since


def starting(town, times=5):
    """Seconds from the start of the process until /readyz says 200, each time."""
    found = []
    for _ in range(times):
        if town.daemon and town.daemon.process:
            town.daemon.stop()
        since = time.monotonic()
        town.serve(wait=False)
        while town.daemon.ready()[0] != 200:
            time.sleep(0.002)
        found.append(time.monotonic() - since)
    return found


def measure(town, operations, given, say):
    import load

    say("how many connections suit pgbench best")
    for operation in operations:
        for script in operation.scripts():
            script.choose_clients(town, max(1, given.seconds // 2))
    memory = Memory(town.daemon.process.pid)
    memory.start()
    for number in range(given.rounds):
        say(f"round {number + 1} of {given.rounds}")
        for operation in operations:
            operation.limits.append(operation.script.run(town, given.seconds))
            rate, failed = load.full(town, operation.load, operation.file, given.seconds)
            operation.rates.append(rate / operation.steps)
            operation.failed += failed
            if operation.reference:
                operation.references.append(operation.reference.run(town, given.seconds))
    say("times of answers at half load")
    for operation in operations:
        if operation.longest:
            half = statistics.median(operation.rates) / 2
            median, late, failed = load.steady(town, operation.load, operation.file, given.seconds, half)
            operation.times = (median, late)
            operation.failed += failed
    return memory.stop()


def singles(town):
    """Milliseconds of requests that nobody hurries: the median of five, one after another."""
    found = {}
    yesterday = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date()
    paths = ("/v1/figures", "/v1/figures?by=department", "/v1/clearing/today", f"/v1/clearing/{yesterday}", "/v1/complaints?status=answered")
    for path in paths:
        times = []
        for _ in range(5):
            since = time.monotonic()
            response = town.anybody().get(path)
            times.append((time.monotonic() - since) * 1000)
        found[path] = statistics.median(times) if response.status == 200 else f"status {response.status}"
    return found


def delivering(town, seconds):
    """Messages of the outbox told a second, when many wait."""
    town.daemon.stop()
    town.serve(outbox=True)
    before, since = town.count("outbox", "sent is null"), time.monotonic()
    time.sleep(seconds)
    after, over = town.count("outbox", "sent is null"), time.monotonic()
    return None if not after else (before - after) / (over - since)


def main():
    given = arguments()
    begin_with(given.binary, "tests/bench/run")

    import plans
    import report
    from operations import Operations
    from town import Town

    say, busy = Progress(), os.getloadavg()[0]
    now = datetime.datetime.now(datetime.timezone.utc)
    with Town(now - datetime.timedelta(days=90)) as town:
        say("a PostgreSQL, a community, its people")
        town.settle_down()
        loading = fill(town, given, town.began, now, say)
        starts = starting(town)
        operations = Operations(town, town.folder, BASES, given.rows // BASES).all
        say("plans")
        odd = {operation.name: plans.oddities(town, operation.script) for operation in operations}
        alone = singles(town)
        memory = measure(town, operations, given, say)
        facts = {"memory": memory, "starts": starts, "loading": loading, "complaints": town.count("complaint"), "busy": busy}
        facts["messages"] = delivering(town, given.seconds)
        town.daemon.stop()
    report.show(given, operations, odd, alone, facts)
    if any(operation.failed for operation in operations):
        raise SystemExit("some requests failed")


if __name__ == "__main__":
    main()
