"""HTTP load by wrk: as much as there is, and at half of that, to see how long an answer takes then."""

import pathlib
import re
import subprocess

CONNECTIONS = 64
SCRIPTS = pathlib.Path(__file__).with_name("wrk")


def wrk(town, script, seconds, *arguments):
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout", "10s", "-s", f"{script}.lua"]
    command += [f"http://127.0.0.1:{town.daemon.port}", "--", *map(str, arguments)]
    ran = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=False)
    found = re.search(r"requests=(\d+) microseconds=(\d+) failed=(\d+) median=(\d+) late=(\d+)", ran.stdout)
    if not found:
        raise SystemExit(f"wrk failed with {script}.lua:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return [int(number) for number in found.groups()]


def full(town, script, file, seconds):
    """Requests a second over 64 kept connections, and how many of them failed."""
    requests, microseconds, failed, _, _ = wrk(town, script, seconds, file)
    return requests * 1e6 / microseconds, failed


def steady(town, script, file, seconds, rate):
    """At about `rate` requests a second, come by chance: p50 and p99 in milliseconds, and how many failed."""
    pause = 1000 * CONNECTIONS / rate
    _, _, _, median, _ = wrk(town, script, 1, file, pause)
    _, _, failed, median, late = wrk(town, script, seconds, file, max(0, pause - median / 1000))
    return median / 1000, late / 1000, failed
