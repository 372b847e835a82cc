"""The daemon, its clock, and people who share one connection in each thread."""

import datetime
import pathlib
import shutil
import tempfile
import threading
import time

from support.actor import Actor, Complaint
from support.daemon import ADMIN_PASSWORD, Clock, Daemon, ZONE
from support.world import resident_session, staff_session

PASSWORD = "a password of the real run"
DEPARTMENTS = ("environment", "security", "property", "accounts", "health", "activities")
HOMES = {  # where categories go by themselves; the others want a dispatcher
    "environment": "environment",
    "safety": "security",
    "logistics": "property",
    "fees": "accounts",
    "medical": "health",
    "elderly": "health",
    "activities": "activities",
    "education": "activities",
}
CATEGORIES = "environment safety neighbours fees logistics activities medical education elderly commerce staff other".split()
BUILDINGS = [f"B{n}" for n in range(1, 13)]
of_thread = threading.local()


class Person(Actor):
    """Connections belong to threads, not to people: a person is at many desks at once."""

    @property
    def connection(self):
        return getattr(of_thread, "connection", None)

    @connection.setter
    def connection(self, made):
        of_thread.connection = made


class Town:
    def __init__(self, beginning):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="echo-wall-real-"))
        self.folder.chmod(0o711)  # the private cluster's user passes through
        self.clock = Clock(self.folder / "clock")
        self.beginning = beginning
        self.clock.instant = beginning
        self.clock.write(self.clock.now)
        self.daemon = Daemon(self.folder, None, self.clock.file)
        self.daemon.clock = self.clock
        self.clock.daemons.append(self.daemon)

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, kind, *_):
        self.stop(interrupted=kind in (KeyboardInterrupt, SystemExit))
        if kind in (None, KeyboardInterrupt, SystemExit):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"left as it was: {self.folder}")

    def stop(self, interrupted):
        """Whoever interrupts us has often told the daemon as well; told twice, it would leave its cluster behind."""
        if interrupted:
            time.sleep(0.5)
        if self.daemon.process and "event=stopping" in self.daemon.said():
            self.daemon.process.wait(60)
        elif self.daemon.process:
            self.daemon.stop()

    def add(self, path, body):
        response = self.admin.post(path, body)
        assert response.status == 201, response
        return response.json

    def person(self, session):
        return Person(self.daemon, session["token"], session["who"])

    def hire(self, role, number, department=None):
        body = {"login": f"{role}-{number}", "password": PASSWORD, "name": "王明", "role": role}
        self.add("/v1/staff", {**body, "department": department["id"]} if department else body)
        return self.person(staff_session(self.daemon, body["login"], PASSWORD))

    def people(self, residents):
        """Six departments of one or two officers, the working group, and residents who sign in by their phones."""
        self.anybody = Person(self.daemon)
        self.admin = self.person(staff_session(self.daemon, "admin", ADMIN_PASSWORD))
        self.departments = [self.add("/v1/departments", {"code": code, "name": code}) for code in DEPARTMENTS]
        self.ids = {department["code"]: department["id"] for department in self.departments}
        for category, code in HOMES.items():
            changed = self.admin.patch(f"/v1/categories/{category}", {"department": self.ids[code]})
            assert changed.status == 200, changed
        for building in BUILDINGS:
            self.add("/v1/buildings", {"code": building, "name": f"{building[1:]}号楼"})
        self.officers = {
            department["id"]: [self.hire("officer", f"{number}-{seat}", department) for seat in range(1 + number % 2)]
            for number, department in enumerate(self.departments)
        }
        self.dispatchers, self.visitors = ([self.hire(role, number) for number in (1, 2)] for role in ("dispatcher", "visitor"))
        self.supervisor = self.hire("supervisor", 1)
        phones = [f"138{number:08}" for number in range(1, residents + 1)]
        self.residents = [self.person(resident_session(self.daemon, phone)) for phone in phones]
        listed = self.anybody.get("/v1/departments").json["items"]
        self.ids |= {department["code"]: department["id"] for department in listed}
        self.codes = {department: code for code, department in self.ids.items()}
        self.dispatch = self.ids["dispatch"]

    @property
    def now(self):
        return self.clock.instant

    def walk(self, moment):
        self.clock.set(moment, 120)

    def at(self, day, time_of_day):
        local = self.beginning.astimezone(ZONE)
        return datetime.datetime.combine(local.date() + datetime.timedelta(days=day), datetime.time.fromisoformat(time_of_day), ZONE)


__all__ = ["BUILDINGS", "CATEGORIES", "Complaint", "Person", "Town"]
