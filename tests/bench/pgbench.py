"""pgbench, running the very statements of the daemon as the daemon's roles run them."""

import itertools
import pathlib
import re
import subprocess

from support.cluster import LOGIN, binaries
from support.program import ROOT
from town import DATABASE

ROLES = {"public": ("echo_wall_public", "published,rules"), "daemon": ("echo_wall_daemon", "wall,rules")}
CLIENTS = (1, 2, 4, 8, 16)
runs = itertools.count(1)


def statement(path, values):
    """The text of a .sql file with what its :names stand for. Casts (::type) are left alone."""
    text = (ROOT / path).read_text()
    text = re.sub(r"^--.*\n", "", text, flags=re.M)
    return re.sub(r"(?<!:):([a-z_]+)", lambda name: values[name.group(1)], text).rstrip() + ";\n"


def literal(value):
    return "'" + value.replace("'", "''") + "'"


class Script:
    """One operation: scripts of which pgbench picks one at a time, each a list of statements."""

    def __init__(self, folder, name, role, texts):
        self.name, self.role = name, role
        self.files = []
        for number, text in enumerate(texts):
            file = pathlib.Path(folder) / f"{name}-{number}.pgbench"
            file.write_text(text)
            self.files.append(str(file))
        self.probes = [self.once(texts[0], number) for number in (1, 2)]
        self.clients = None
        self.tried = {}

    @staticmethod
    def once(text, number):
        """The statements of a script with values, the same for all but what has to be new."""
        setting = re.search(r"\\set n (\d+)", text)
        value = str(int(setting.group(1)) + (number if ":k" in text else 0)) if setting else ""
        text = re.sub(r"^\\.*\n", "", text, flags=re.M).replace(":n)", f"{value})")
        return [sql for sql in text.split(";\n") if sql]

    def run(self, town, seconds, clients=None):
        """Transactions a second."""
        role, path = ROLES[self.role]
        clients = clients or self.clients
        options = f"-c role={role} -c search_path={path} -c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c statement_timeout=5000"
        command = [
            f"{binaries()}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds),
            "-D", f"run={next(runs)}", "-D", "k=0", "-h", town.cluster.folder, "-U", LOGIN,
            *(word for file in self.files for word in ("-f", file)), DATABASE,
        ]  # fmt: skip
        ran = subprocess.run(command, env={"PGOPTIONS": options, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
        found = re.search(r"tps = ([\d.]+)", ran.stdout)
        if ran.returncode or not found:
            raise SystemExit(f"pgbench failed with {self.name}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return float(found.group(1))

    def choose_clients(self, town, seconds):
        """The number of connections with which PostgreSQL does most."""
        self.tried = {clients: self.run(town, seconds, clients) for clients in CLIENTS}
        self.clients = max(self.tried, key=self.tried.get)
