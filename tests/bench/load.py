"""HTTP load: wrk for as much as there is, h2load at a steady rate for how long it takes then."""

import pathlib
import re
import subprocess
import tempfile

CONNECTIONS = 64
SCRIPTS = pathlib.Path(__file__).with_name("wrk")


def full(town, script, file, seconds):
    """Requests a second over 64 kept connections, and how many of them failed."""
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout", "10s", "-s", f"{script}.lua"]
    ran = subprocess.run(
        [*command, f"http://127.0.0.1:{town.daemon.port}", "--", str(file)], cwd=SCRIPTS, capture_output=True, text=True, check=False
    )
    found = re.search(r"requests=(\d+) microseconds=(\d+) failed=(\d+)", ran.stdout)
    if not found:
        raise SystemExit(f"wrk failed with {script}.lua:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    requests, microseconds, failed = map(int, found.groups())
    return requests * 1e6 / microseconds, failed


def steady(town, rate, seconds, paths, headers=(), body=None):
    """The times in milliseconds of all requests at `rate` a second, sorted, and the share of failed ones."""
    base = f"http://127.0.0.1:{town.daemon.port}"
    with tempfile.TemporaryDirectory() as folder:
        log, uris = f"{folder}/log", pathlib.Path(folder) / "uris"
        uris.write_text("".join(f"{base}{path}\n" for path in paths))
        command = ["h2load", "--h1", "-t", "1", "-c", str(CONNECTIONS), "-D", str(seconds), "--rps", f"{rate / CONNECTIONS:.2f}", "--log-file", log]
        for header in headers:
            command += ["-H", header]
        if body:
            file = pathlib.Path(folder) / "body"
            file.write_text(body)
            command += ["-H", "Content-Type: application/json", "-d", str(file)]
        ran = subprocess.run([*command, "-i", str(uris)], capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"h2load failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        rows = [line.split("\t") for line in pathlib.Path(log).read_text().splitlines()]
    failed = sum(not 200 <= int(status) < 300 for _, status, _ in rows)
    return sorted(int(microseconds) / 1000 for _, _, microseconds in rows), failed


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
