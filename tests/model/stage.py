"""The real thing: daemons on one database and one clock file, people with sessions, names instead of ids."""

import datetime
import json
import pathlib
import tempfile

from support.actor import Actor
from support.daemon import ADMIN_PASSWORD, BEGINNING, Clock, Daemon, stopped
from support.world import PASSWORD, code_for, staff_session

from model.case import SIMPLE
from model.moments import written

DEPARTMENTS = ("a", "b", "c")
STAFF = {
    "officer a": ("officer", "a"),
    "officer b": ("officer", "b"),
    "officer c": ("officer", "c"),
    "dispatcher": ("dispatcher", None),
    "visitor": ("visitor", None),
    "visitor a": ("visitor", "a"),
    "supervisor": ("supervisor", None),
    "admin": ("admin", None),
}
RESIDENTS = {"resident 1": "13900000001", "resident 2": "13900000002"}
ROUTED = {"fees": "a", "logistics": "b", "staff": "c"}  # categories with a department of their own
NOWHERE = "0198c0de-0000-7000-8000-000000000000"


class Person(Actor):
    """Speaks with whichever daemon is up."""

    def __init__(self, stage, sign_in=None):
        super().__init__(stage.daemons[0], sign_in=sign_in)
        self.connections = {}
        if sign_in:
            self.secret = sign_in()

    def speaks_to(self, daemon):
        self.connections[self.daemon.port] = self.connection
        self.daemon, self.connection = daemon, self.connections.get(daemon.port)


class Stage:
    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="echo-wall-model-"))
        conninfo = cluster.database(name)
        self.clock = Clock(self.folder / "clock")
        self.daemons = self.clock.daemons
        self.ids, self.names, self.receipts = {}, {}, {}
        for _ in range(2):
            daemon = Daemon(self.folder, conninfo, self.clock.file)
            daemon.clock = self.clock
            self.daemons.append(daemon.start())
        self.clock.wait()
        self.people = {"public": Person(self)}
        self.furnish()

    def furnish(self):
        """Departments, their officers, the others, two residents; three categories that are routed."""
        admin = self.people["admin"] = Person(self, self.staff_in("admin", ADMIN_PASSWORD))
        for code in DEPARTMENTS:
            self.named(code, self.made(admin.post("/v1/departments", {"code": code, "name": "部门" + code}))["id"])
        for department in admin.get("/v1/departments")["items"]:
            self.named(department["code"], department["id"])
        for name, (role, department) in STAFF.items():
            if role != "admin":
                body = {"login": name.replace(" ", "-"), "password": PASSWORD, "name": "王明", "role": role}
                self.made(admin.post("/v1/staff", {**body, **({"department": self.ids[department]} if department else {})}))
                self.people[name] = Person(self, self.staff_in(body["login"], PASSWORD))
        for name, phone in RESIDENTS.items():
            self.people[name] = Person(self, self.resident_in(phone))
        for category, department in ROUTED.items():
            assert admin.patch(f"/v1/categories/{category}", {"department": self.ids[department]}).status == 200
        for category in SIMPLE:
            assert admin.patch(f"/v1/categories/{category}", {"simple": True}).status == 200
        self.volunteers()

    def volunteers(self):
        """A group of all residents, which the first of them leads."""
        leader, *others = (self.people[name] for name in RESIDENTS)
        group = "/v1/volunteer-groups/" + self.made(leader.post("/v1/volunteer-groups", {"name": "水电队", "about": "会修水电的邻居。", "alias": "老周"}))["id"]
        assert self.people["dispatcher"].post(f"{group}/approve").status == 200
        for other in others:
            asked = self.made(other.post(f"{group}/join", {"alias": "小李"}))
            assert leader.post(f"{group}/admit", {"volunteer": asked["mine"]["volunteer"]}).status == 200

    def made(self, response):
        assert response.status == 201, response
        return response.json

    def named(self, name, id):
        self.ids[name], self.names[id] = id, name

    def up(self):
        return [daemon for daemon in self.daemons if daemon.process]

    def staff_in(self, login, password):
        return lambda: staff_session(self.up()[0], login, password)["token"]

    def resident_in(self, phone):
        def sign_in():
            daemon = self.up()[0]
            since = daemon.outbox.stat().st_size if daemon.outbox.exists() else 0
            anybody = Actor(daemon)
            assert anybody.post("/v1/codes", {"phone": phone}).status == 202
            return anybody.post("/v1/sessions", {"phone": phone, "code": code_for(daemon, phone, since)})["token"]

        return sign_in

    # What a history does

    def asks(self, caller, method, path, body=None, headers=None, daemon=0):
        """A request of a caller of the model; `daemon` says through which of those that are up."""
        person = self.people.get(caller.name) or self.people["public"]
        person.speaks_to(self.up()[daemon % len(self.up())])
        receipt = self.receipts[caller.case] if caller.role == "receipt" else None
        response = person.request(method, path, body, receipt=receipt, headers=headers)
        response.looked_at = True
        return response

    def set_clock(self, moment):
        self.clock.set(moment)

    def stop(self, daemon, how):
        (daemon.kill if how == "kill" else daemon.stop)()

    def downtime(self, moment, how):
        """All daemons are away while time passes."""
        for daemon in self.up():
            self.stop(daemon, how)
        self.clock.instant = moment
        self.clock.write(written(moment))
        self.start_all()

    def restart(self, number, how):
        self.stop(self.daemons[number], how)
        self.start_all()

    def start_all(self):
        for daemon in self.daemons:
            if not daemon.process:
                daemon.start()
        self.clock.wait()

    def reminders(self):
        """What the file channel delivered, by id: a repeat after a kill has the same."""
        lines = self.daemons[0].outbox.read_bytes().split(b"\n")[:-1] if self.daemons[0].outbox.exists() else []
        told = {line["id"]: line for line in map(json.loads, lines) if line["event"] == "remind"}
        return list(told.values())

    def end(self):
        faults = stopped(self.up())
        self.cluster.drop(self.name)
        assert not faults, faults


def beginning():
    return BEGINNING.astimezone(datetime.timezone.utc)
