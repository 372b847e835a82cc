"""What the benchmark prints."""

import os
import statistics

NOTES = """\
How it was measured
  Everything ran on this machine at once ({cores} processors): the daemon (release build, its own defaults), PostgreSQL, and who asks them. Only
  ratios within this run count. Ratios are medians of {rounds} alternating rounds of {seconds} s each: pgbench, HTTP, pgbench, HTTP ...
  PostgreSQL: fsync, synchronous_commit and full_page_writes on, shared_buffers an eighth of the memory, as the daemon starts its private cluster.
  Complaints: {rows} at first ({complaints} in the end), 30 departments, 40 buildings, 12 categories, 90 days. {bases} of them were lived through by
  calling the rules at the moments of their days (submit, assign, answer, visit, rate, lapse, days taken), the rest are copies with ids, texts,
  numbers and chains of hashes of their own. Texts are generated, about 205 characters in the median.
  HTTP: wrk, one thread, 64 kept connections, without pipelining. Times of answers (p50, p99): at about half of the measured rate, each connection
  pausing by chance between its requests.
  Nothing is delivered from the outbox meanwhile (as with --database); how fast it is, is measured at the end.
  Limits of callers are raised (--caller-rate, --anonymous-burst); all other settings of the daemon are its defaults.
  pgbench -M prepared runs the statements of src/api with the daemon's roles, search_path and options, over the number of connections of
  {clients} with which it does most. It makes ids by counting, where the daemon makes UUIDv7s, receipts and their hashes.
  The desk is that of the twelve departments that owe most, so that the pages are full.
  "built" is the same page put together by json_build_object from its columns (tests/bench/reference).
  A life is submit, assign, answer, read: four requests of three callers; pgbench runs their six statements one after another. What C reads
  out of texts (:reading) was taken from the daemon's own statements.
"""


def number(value):
    return f"{value:,.0f}"


def table(heads, rows):
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip())


def spread(values):
    return f"{number(min(values))}-{number(max(values))}"


def row_of(operation):
    rate, limit = statistics.median(operation.rates), statistics.median(operation.limits)
    ratios = [mine / theirs for mine, theirs in zip(operation.rates, operation.limits)]
    built = [mine / theirs for mine, theirs in zip(operation.rates, operation.references)]
    kind, goal = operation.goal
    reached = {"same": statistics.median(ratios), "built": statistics.median(built) if built else 0, "absolute": rate}[kind]
    unit = "/s" if kind == "absolute" else " x"
    times = operation.times
    return [
        operation.name,
        number(rate),
        spread(operation.rates),
        f"{number(limit)} ({operation.script.clients})",
        f"{statistics.median(ratios):.2f}",
        f"{number(statistics.median(operation.references))} ({operation.reference.clients})" if built else "",
        f"{statistics.median(built):.2f}" if built else "",
        f">= {goal:,}{unit}{'' if kind != 'built' else ' built'}",
        "yes" if reached >= goal else "no",
        f"{times[0]:.2f}" if times else "",
        f"{times[1]:.2f}" if times else "",
        f"<= {operation.longest}" if times else "",
        str(operation.failed),
    ]


def show(given, operations, odd, alone, facts):
    heads = ["operation", "req/s", "min-max", "pgbench tps (clients)", "ratio", "built tps (clients)", "ratio", "goal", "met", "p50 ms", "p99 ms", "goal", "failed"]
    print()
    table(heads, [row_of(operation) for operation in operations])
    starts = facts["starts"]
    print()
    print(f"memory of the daemon, busy:  {facts['memory']:.0f} MiB (goal <= 64)")
    print(f"ready after start on this database:  {statistics.median(starts) * 1000:.0f} ms, {min(starts) * 1000:.0f}-{max(starts) * 1000:.0f} (goal <= 300)")
    print(f"messages of the outbox delivered to a file:  {'all, too few to tell' if facts['messages'] is None else number(facts['messages']) + '/s'}")
    print(f"filling the database:  {facts['loading']:.0f} s")
    print()
    print("one request alone, ms:")
    for path, milliseconds in alone.items():
        print(f"  {path:<36} {milliseconds if isinstance(milliseconds, str) else f'{milliseconds:.1f}'}")
    print()
    found = [f"{name}: {line}" for name, lines in odd.items() for line in lines]
    print("plans of the hot statements:", "nothing odd" if not found else "")
    for line in found:
        print(f"  {line}")
    for operation in operations:
        for script in operation.scripts():
            tried = ", ".join(f"{clients}: {number(rate)}" for clients, rate in script.tried.items())
            print(f"  pgbench {script.name} by connections: {tried}")
    print()
    clients = ", ".join(str(clients) for clients in operations[0].script.tried)
    notes = {"cores": os.cpu_count(), "rounds": given.rounds, "seconds": given.seconds, "rows": number(given.rows)}
    print(NOTES.format(**notes, complaints=number(facts["complaints"]), bases=number(2000), clients=clients))
    if facts["busy"] > 0.5:
        print(f"This machine was not idle before (load {facts['busy']:.1f}): the numbers are too low, and the ratios rougher than they look.")
