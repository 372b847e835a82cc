"""People and departments made through the API, each when a test first names them."""

import itertools
import json
import re
import uuid

from support.actor import Actor
from support.daemon import ADMIN_PASSWORD
from support.wait import until

PASSWORD = "a password of the tests"
serial = itertools.count(1)


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:6]}{next(serial)}"


def staff_session(daemon, login, password=PASSWORD):
    """The token and who it is."""
    response = Actor(daemon).post("/v1/sessions", {"login": login, "password": password})
    assert response.status == 201, response
    return response.json


def signed_in_staff(daemon, login, password=PASSWORD):
    session = staff_session(daemon, login, password)
    return Actor(daemon, session["token"], session["who"], lambda: staff_session(daemon, login, password)["token"])


def code_for(daemon, phone, since):
    """The newest sign-in code that the outbox's file channel has written for this phone after `since` bytes."""

    def look():
        if not daemon.outbox.exists():
            return None
        found = None
        for line in daemon.outbox.read_bytes()[since:].decode().splitlines():
            if phone in line:
                code = re.search(r'"code": ?"(\d{4,8})"', json.dumps(json.loads(line), ensure_ascii=False))
                found = code.group(1) if code else found
        return found

    return until(look, 10, f"a code for {phone} in {daemon.outbox}")


def resident_session(daemon, phone):
    since = daemon.outbox.stat().st_size if daemon.outbox.exists() else 0
    anybody = Actor(daemon)
    asked = anybody.post("/v1/codes", {"phone": phone})
    assert asked.status == 202, asked
    response = anybody.post("/v1/sessions", {"phone": phone, "code": code_for(daemon, phone, since)})
    assert response.status == 201, response
    return response.json


class World:
    """What one test needs, in names of its own; the roles without a department are shared by the daemon's tests."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.made = {}

    def once(self, name, make):
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    @property
    def admin(self):
        if "admin" not in self.daemon.people:
            self.daemon.people["admin"] = signed_in_staff(self.daemon, "admin", ADMIN_PASSWORD)
        return self.daemon.people["admin"]

    @property
    def anonymous(self):
        return self.once("anonymous", lambda: Actor(self.daemon))

    def new_department(self, name="物业部"):
        response = self.admin.post("/v1/departments", {"code": unique("d"), "name": name})
        assert response.status == 201, response
        return response.json

    def new_staff(self, role, department=None):
        login = unique(role)
        body = {"login": login, "password": PASSWORD, "name": "王明", "role": role}
        if department:
            body["department"] = department["id"]
        response = self.admin.post("/v1/staff", body)
        assert response.status == 201, response
        actor = signed_in_staff(self.daemon, login)
        actor.login = login
        return actor

    def new_resident(self):
        phone = f"139{uuid.uuid4().int % 10**8:08d}"
        session = resident_session(self.daemon, phone)
        actor = Actor(self.daemon, session["token"], session["who"], lambda: resident_session(self.daemon, phone)["token"])
        actor.phone = phone
        return actor

    def staff_of_all(self, role):
        if role not in self.daemon.people:
            self.daemon.people[role] = self.new_staff(role)
        return self.daemon.people[role]

    @property
    def dispatcher(self):
        return self.staff_of_all("dispatcher")

    @property
    def visitor(self):
        return self.staff_of_all("visitor")

    @property
    def supervisor(self):
        return self.staff_of_all("supervisor")

    @property
    def department(self):
        return self.once("department", self.new_department)

    @property
    def other_department(self):
        return self.once("other_department", lambda: self.new_department("绿化部"))

    @property
    def officer(self):
        return self.once("officer", lambda: self.new_staff("officer", self.department))

    @property
    def other_officer(self):
        return self.once("other_officer", lambda: self.new_staff("officer", self.other_department))

    @property
    def resident(self):
        return self.once("resident", self.new_resident)

    def complaint(self, status="assigned", reporter=None, **body):
        """One that the department has brought this far."""
        complaint = (reporter or self.anonymous).files(**body)
        steps = {
            "submitted": [],
            "assigned": ["assign"],
            "accepted": ["assign", "accept"],
            "need_info": ["assign", "ask"],
            "answered": ["assign", "answer"],
            "ledgered": ["assign", "accept", "ledger"],
            "closed": ["assign", "answer", "confirm"],
            "rejected": ["reject"],
            "merged": ["merge"],
            "withdrawn": ["withdraw"],
        }
        for step in steps[status]:
            response = getattr(self, "do_" + step)(complaint)
            assert response.status == 200, response
        return complaint

    def do_assign(self, complaint):
        return self.dispatcher.assigns(complaint, self.department)

    def do_accept(self, complaint):
        return self.officer.accepts(complaint)

    def do_ask(self, complaint):
        return self.officer.asks(complaint)

    def do_answer(self, complaint):
        return self.officer.answers(complaint)

    def do_ledger(self, complaint):
        asked = self.officer.requests_ledger(complaint, self.daemon.clock.day(20))
        assert asked.status == 200, asked
        return self.supervisor.approves_ledger(complaint)

    def do_confirm(self, complaint):
        return complaint.reporter.confirms(complaint)

    def do_reject(self, complaint):
        return self.dispatcher.rejects(complaint)

    def do_withdraw(self, complaint):
        return complaint.reporter.withdraws(complaint)

    def do_merge(self, complaint):
        self.master = self.complaint("assigned")
        return self.dispatcher.merges(complaint, self.master)
