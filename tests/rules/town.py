"""A small community for tests of days and figures, in a transaction that is rolled back: its clock, its departments, its people."""

import datetime
import itertools
import json
import uuid
from zoneinfo import ZoneInfo

serial = itertools.count(1)
ROW = "received, answered, open, late_arrivals, cleared, strictly_cleared, idle"


def new_id():
    return f"00000000-0000-7000-8000-{next(serial):012x}"


class Town:
    """Begins at an instant of its zone, "2026-11-23 10:00"; `policy`: columns of its first policy that differ."""

    def __init__(self, cursor, begins="2026-11-23 10:00", zone="Asia/Shanghai", **policy):
        self.cursor, self.zone = cursor, ZoneInfo(zone)
        self.name = f"town{next(serial)}"
        self.at(begins)
        self.run("select first_start(%s, %s, %s, 'admin', 'x', %s)", self.name, zone, new_id(), new_id())
        for column, value in policy.items():
            self.as_owner(f"update policy set {column} = %s where community = %s", value, self.name)
        self.dispatch = self.value("select dispatch_office(%s)", self.name)
        self.water, self.garden = self.department("water"), self.department("garden")

    # the database

    def run(self, sql, *values):
        self.cursor.execute(sql, values)
        return self.cursor.fetchall() if self.cursor.description else []

    def value(self, sql, *values):
        return self.run(sql, *values)[0][0]

    def as_owner(self, sql, *values):
        self.cursor.execute("set local role echo_wall_owner")
        self.cursor.execute(sql, values)
        self.cursor.execute("set local role echo_wall_daemon")

    # time

    def at(self, local):
        """The clock stands at this instant of the zone; nothing runs by itself."""
        return self.stands(datetime.datetime.fromisoformat(local).replace(tzinfo=self.zone))

    def later(self, **time):
        return self.stands(self.instant.astimezone(datetime.timezone.utc) + datetime.timedelta(**time))

    def stands(self, instant):
        self.instant = instant.astimezone(self.zone)
        self.run("update clock set instant = %s", self.instant)
        return self.instant

    def tick(self):
        """What the clock thread does when something is due."""
        while self.run("select more from settle_due(200)")[0][0]:
            pass
        taken = []
        while True:
            ((community, day),) = self.run("select community, day from take_day()")
            if day is None:
                return taken
            if community == self.name:
                taken.append(day.isoformat())

    def walk(self, local):
        self.at(local)
        return self.tick()

    # people

    def department(self, code):
        department = new_id()
        self.run("insert into department values (%s, %s, %s, %s, null, true, wall_now())", self.name, department, code, code)
        return department

    def files(self, department=None, text="楼道漏水三天了。", **body):
        complaint = new_id()
        self.run(
            "select version from submit(%s, row(null, 'public', null, null, null)::caller, %s, %s, null, null, %s, '\\x02', '\\x03', null, null)",
            self.name, json.dumps({"text": text, "category": "other", **body}), complaint, uuid.UUID(complaint).bytes,
        )  # fmt: skip
        if department:
            self.acts(complaint, "dispatcher", "assign", department=department)
        return complaint

    def acts(self, complaint, role, action, office=None, **body):
        opened = complaint if role == "receipt" else None
        actor = None if role == "receipt" else new_id()
        self.run(
            "select version from act(%s, %s, row(%s, %s, %s, %s, null)::caller, %s, null, %s, null, null)",
            self.name, complaint, actor, role, office, opened, action, json.dumps(body),
        )  # fmt: skip

    def officer(self, complaint, action, **body):
        holder = self.value("select department from complaint where community = %s and complaint = %s", self.name, complaint)
        self.acts(complaint, "officer", action, office=holder, **body)

    def answers(self, complaint):
        self.officer(complaint, "answer", public_text="已派人修好，请查看。")

    def answered(self, department, hours=1):
        """A complaint that this department answered after so long."""
        complaint = self.files(department)
        self.later(hours=hours)
        self.answers(complaint)
        return complaint

    def visits(self, complaint, **found):
        self.acts(complaint, "visitor", "visits", channel="phone", reached=True, **found)

    def reporter(self, complaint, action, **body):
        self.acts(complaint, "receipt", action, **body)

    def assigns(self, complaint, department, action="assign"):
        self.acts(complaint, "dispatcher", action, department=department, **({"reason": "归口"} if action == "reassign" else {}))

    # what is recorded

    def days(self, what="open"):
        """{(day, code): what} of all rows that are taken."""
        rows = self.run(f"select r.day, d.code, {what} from clearing r join department d using (community, department) where community = %s", self.name)
        return {(day.isoformat(), code): rest[0] if len(rest) == 1 else tuple(rest) for day, code, *rest in rows}

    def day(self, day, code, what=ROW):
        return self.days(what)[day, code]

    def cases(self, day):
        rows = self.run("select d.code, k.complaint from clearing_case k join department d using (community, department) where community = %s and day = %s",
                        self.name, day)  # fmt: skip
        return {(code, complaint) for code, complaint in rows}

    def differences(self):
        return self.run("select what, difference from verify(%s)", self.name)

    def figures(self, **query):
        body = self.value("select body from figures(%s, %s, %s, %s, %s)", self.name, query.get("since"), query.get("until"), query.get("by"), query.get("as_of"))
        return json.loads(body)

    def fraction(self, name, **query):
        figure = self.figures(**query)["figures"][name]
        return figure["numerator"], figure["denominator"]

    def simulated(self, days=10, role="supervisor", **policy):
        body = self.value("select body from simulate(%s, row(%s, %s, null, null, null)::caller, %s, %s)", self.name, new_id(), role, days, json.dumps(policy))
        return json.loads(body)

    def figure_cases(self, name, part="denominator", role="dispatcher", office=None, **asked):
        """Ids of the cases, and how many more there are that this caller does not see."""
        body = self.value("select body from list_figure_cases(%s, %s, %s, %s, row(%s, %s, %s, null, null)::caller, 100, null, null)",
                          self.name, name, part, json.dumps(asked), new_id(), role, office)  # fmt: skip
        read = json.loads(body)
        return {item["id"] for item in read["items"]}, read["unpublished"]

    def shown(self, day, role="public", office=None):
        rows = self.run("select body from show_clearing(%s, %s, row(%s, %s, %s, null, null)::caller)", self.name, day, new_id(), role, office)
        return json.loads(rows[0][0]) if rows else None
