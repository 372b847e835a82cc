"""The daemon under test, and its clock."""

import datetime
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import zoneinfo

from support.program import complaints_of_sanitizers, environment, program
from support.wait import until

ADMIN_PASSWORD = "the admin's password"
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
BEGINNING = datetime.datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)  # a Monday morning
LIMITS = {
    "password-memory": 8192,
    "password-passes": 1,
    "sign-ins-per-minute": 100000,
    "anonymous-burst": 100000,
    "caller-rate": 100000,
    "workers": 2,
    "drain-timeout": 5,
}


def free_port():
    """Below the range that the kernel gives to clients, apart for each xdist worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for port in range(20000 + 1000 * worker + os.getpid() % 500, 32000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


def rfc3339(instant):
    return instant.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Daemon:
    """One `echo-wall serve`. `conninfo` None: with a private cluster."""

    def __init__(self, folder, conninfo, clock_file=None, community="home", **settings):
        self.folder = pathlib.Path(folder)
        self.conninfo = conninfo
        self.clock_file = clock_file
        self.community = community
        self.settings = {**LIMITS, **{name.replace("_", "-"): value for name, value in settings.items()}}
        self.admin_password = ADMIN_PASSWORD
        self.port = free_port()
        self.process = None
        self.log = self.folder / f"stderr-{self.port}"
        self.output = self.folder / f"stdout-{self.port}"
        self.outbox = self.folder / "outbox.log"

    def command(self, command="serve"):
        settings = {
            **self.settings,
            "listen": f"127.0.0.1:{self.port}",
            "data": f"{self.folder}/data",
            "community": self.community,
            "outbox-file": self.outbox,
            "database": self.conninfo,
            "clock-file": self.clock_file,
        }
        flags = [word for name, value in settings.items() if value is not None for word in (f"--{name}", str(value))]
        return [program(), command, *flags]

    def start(self, wait=True):
        given = {"ECHO_WALL_ADMIN_PASSWORD": self.admin_password} if self.admin_password else {}
        with open(self.log, "ab") as log, open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                self.command(), env=environment(**given), stdin=subprocess.DEVNULL, stdout=output, stderr=log
            )
        if wait:
            until(self.is_ready, 60, "the daemon to be ready")
        return self

    def is_ready(self):
        assert self.process.poll() is None, f"the daemon ended with {self.process.returncode}:\n{self.said()[-3000:]}"
        return self.ready()[0] == 200

    def ready(self):
        """Status and document of /readyz; 0 when nobody listens."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            body = response.read()
            connection.close()
            return response.status, json.loads(body) if body.startswith(b"{") else {}
        except OSError:
            return 0, {}

    def verify(self):
        """Exit status and what `echo-wall verify` printed."""
        ran = subprocess.run(
            self.command("verify"), env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120
        )
        return ran.returncode, ran.stdout.decode()

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def printed(self):
        return self.output.read_text(errors="replace")

    def stop(self):
        """By SIGTERM, with everything that a clean end means."""
        if not self.process:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"SIGTERM did not end the daemon:\n{self.said()[-3000:]}")
        reports = complaints_of_sanitizers(self.said())
        assert not reports, f"a sanitizer reports, see below\n{self.said()[-8000:]}"
        assert status == 0, f"after SIGTERM the daemon ended with {status}:\n{self.said()[-3000:]}"

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait()

    def children(self):
        """Processes that decode pictures for daemons of this folder's tests: by what they were started as and whose files they hold."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if b"--image-worker" in (process / "cmdline").read_bytes() and str(self.folder) in os.readlink(process / "fd/0"):
                    found.append(process.name)
            except OSError:
                pass
        return found

    def raw(self, sent, pieces=None, seconds=20):
        """Bytes over a socket of its own; everything that came back until the daemon closed or fell silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(sent)
            received = b""
            try:
                while True:
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    received += piece
                    if pieces and received.count(b"HTTP/1.1 ") >= pieces and is_whole(received):
                        break
            except socket.timeout:
                pass
            except ConnectionResetError:
                pass
            return received


def stopped(daemons):
    """What was wrong with any of them, when all have stopped."""
    faults = []
    for daemon in daemons:
        try:
            daemon.stop()
        except AssertionError as fault:
            faults.append(str(fault))
    return "\n".join(faults)


def is_whole(received):
    """The last answer has come with its whole body."""
    head, found, body = received[received.rfind(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return True


class Clock:
    """The time of one or several daemons: stands still at an instant, goes only forward."""

    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.instant = BEGINNING
        self.daemons = []
        self.write(rfc3339(self.instant))

    def write(self, line):
        self.line = line
        beside = self.file.with_suffix(".new")
        beside.write_text(line + "\n")
        beside.rename(self.file)

    def set(self, instant, seconds=60):
        self.instant = instant
        self.write(rfc3339(instant))
        self.wait(seconds)
        return self

    def wait(self, seconds=60):
        for daemon in self.daemons:
            if daemon.process:
                until(lambda: daemon.ready()[1].get("clock") == self.line, seconds, f"the clock to show {self.line}")

    def advance(self, **duration):
        return self.set(self.instant + datetime.timedelta(**duration))

    def to(self, time_of_day):
        """The next time that a clock in Shanghai shows this, now included, e.g. "23:59:59"."""
        wanted = datetime.time.fromisoformat(time_of_day)
        local = self.instant.astimezone(ZONE)
        instant = datetime.datetime.combine(local.date(), wanted, ZONE)
        if instant < local:
            instant += datetime.timedelta(days=1)
        return self.set(instant)

    def day(self, shift=0):
        return (self.instant.astimezone(ZONE) + datetime.timedelta(days=shift)).date().isoformat()

    def after(self, **duration):
        return rfc3339(self.instant + datetime.timedelta(**duration))

    @property
    def now(self):
        return rfc3339(self.instant)
