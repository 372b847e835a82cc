"""The community of the benchmark: a PostgreSQL that is as durable as a real one, a daemon, departments, buildings and people."""

import concurrent.futures
import os
import pathlib
import shutil
import tempfile

from support.actor import Actor
from support.cluster import Cluster
from support.daemon import Clock, Daemon, rfc3339
from support.world import World, signed_in_staff

DATABASE = "wall_bench"
DEPARTMENTS, BUILDINGS, RESIDENTS = 30, 40, 60
DURABLE = {  # as the daemon starts its private cluster; the test clusters are quick instead
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": f"{min(max(os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGESIZE') // 2**23, 64), 2048)}MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1min",
    "log_error_verbosity": "default",  # with the parameters of statements: see readings.py
}
UNHINDERED = {  # the limits of callers are not what is measured; all else is as delivered
    "password-memory": 8192,
    "password-passes": 1,
    "sign-ins-per-minute": 1000000,
    "anonymous-burst": 1000000,
    "caller-rate": 1000000,
}
ROUTED = ("environment", "safety", "logistics", "medical")  # categories that go to a department without a dispatcher


class Town:
    """`began` is when the community was founded, before all complaints."""

    def __init__(self, began):
        self.began = began
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="echo-wall-bench-"))
        self.cluster = self.daemon = None
        self.clock = Clock(self.folder / "clock")
        self.clock.instant = began
        self.clock.write(rfc3339(began))
        self.logins = {}

    def __enter__(self):
        self.cluster = Cluster.start(**DURABLE)
        return self

    def __exit__(self, *_):
        if self.daemon and self.daemon.process:
            self.daemon.kill()
        if self.cluster:
            self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self, clock_file=None, wait=True, outbox=False):
        self.daemon = Daemon(self.folder, self.conninfo, clock_file)
        self.daemon.outbox = self.folder / "outbox.log" if outbox else None
        self.daemon.settings = UNHINDERED
        self.daemon.people = {}
        return self.daemon.start(wait)

    def settle_down(self):
        """Departments, staff, buildings and residents, through the API, on the first day."""
        self.conninfo = self.cluster.database(DATABASE)
        daemon = self.serve(self.clock.file, outbox=True)
        daemon.clock = self.clock
        world = World(daemon)
        self.admin = world.admin
        self.departments = [self.add("/v1/departments", {"code": f"d{n:02}", "name": f"第{n}服务部"}) for n in range(1, DEPARTMENTS + 1)]
        self.buildings = [f"B{n}" for n in range(1, BUILDINGS + 1)]
        for code in self.buildings:
            self.add("/v1/buildings", {"code": code, "name": f"{code[1:]}号楼"})
        self.officers = {department["id"]: self.hire("officer", department) for department in self.departments}
        self.dispatchers = [self.hire("dispatcher") for _ in range(2)]
        self.visitors = [self.hire("visitor") for _ in range(2)]
        self.supervisor = self.hire("supervisor")
        for category, department in zip(ROUTED, self.departments):
            changed = self.admin.patch(f"/v1/categories/{category}", {"department": department["id"]})
            assert changed.status == 200, changed
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.residents = [actor.id for actor in pool.map(lambda _: world.new_resident(), range(RESIDENTS))]
        daemon.stop()

    def add(self, path, body):
        response = self.admin.post(path, body)
        assert response.status == 201, response
        return response.json

    def hire(self, role, department=None):
        login = f"{role}-{len(self.logins) + 1}"
        body = {"login": login, "password": "a password of the bench", "name": "王明", "role": role}
        who = self.add("/v1/staff", {**body, "department": department["id"]} if department else body)
        self.logins[who["id"]] = login
        return who["id"]

    def token(self, staff):
        """Signed in now: sessions of the first day have long ended."""
        return signed_in_staff(self.daemon, self.logins[staff], "a password of the bench").secret

    def actor(self, token=None):
        return Actor(self.daemon, token)

    def anybody(self):
        return self.actor()

    def count(self, table, condition="true"):
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) from wall.{table} where {condition}")
            return cursor.fetchone()[0]

    def connect(self, *settings, user="postgres"):
        connection = self.cluster.connect(DATABASE, user)
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"set {setting}")
        return connection
