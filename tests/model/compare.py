"""What the daemon shows against what the model says; the first difference is raised in words."""

from support.wait import until

from model.day import Day
from model.figures import Figures, wilson
from model.moments import DAY, day_of, written
from model.town import Answer, Caller
from model.traps import Memory, trap_3, trap_12

SUPERVISOR = Caller("supervisor", "supervisor")
DISPATCHER = Caller("dispatcher", "dispatcher")
PUBLIC = Caller("public", "public")


class Difference(AssertionError):
    """`case`: the complaint it is about, where it is about one."""

    def __init__(self, what, expected, found, case=None):
        super().__init__(f"{what}{' of ' + case if case else ''}: the model says {expected!r}, the daemon {found!r}")
        self.what, self.case = what, case


def same(what, expected, found, case=None):
    if expected != found:
        raise Difference(what, expected, found, case)


def parted(expected, found):
    """Of two lists only what the other has not."""
    return [one for one in expected if one not in found], [one for one in found if one not in expected]


def same_rows(what, expected, found, case=None):
    if sorted(expected, key=str) != sorted(found, key=str):
        raise Difference(what, *parted(expected, found), case)


class Comparer:
    def __init__(self, town, stage):
        self.town, self.stage = town, stage
        self.days_seen, self.scored, self.memory = 0, 0, Memory()

    def answer(self, expected, response, case):
        """Status, code of the problem, and with 409 the actions allowed."""
        found = Answer(response.status)
        if response.status >= 400:
            found = Answer(response.status, response.json["type"].rsplit("/", 1)[1], response.json.get("allowed"))
        same("the answer", str(expected), str(found), case)

    # One complaint

    def case(self, case, *callers):
        """As its insiders see it; and, where callers are named, its history and what they see of it and may do."""
        self.inside(case, self.look(SUPERVISOR, case).json)
        if callers:
            self.history(case)
        for caller in callers:
            self.outside(case, caller)

    def look(self, caller, case):
        return self.stage.asks(caller, "GET", "/v1/complaints/" + self.stage.ids[case.name])

    def inside(self, case, shown):
        for member, value in self.members(case).items():
            same(member, value, shown[member], case.name)
        same("the holder", case.holder, self.name(shown["department"]["id"]), case.name)
        same("the master", case.master and case.master.name, self.name(shown["merged_into"]), case.name)
        same("the supervisor's actions", self.town.allowed(SUPERVISOR, case), shown["actions"], case.name)
        self.facts(case, shown)
        self.memory.looks_at(case, shown)

    def members(self, case):
        return {
            "status": case.status,
            "turn": case.turn,
            "submitted": written(case.submitted),
            "reply_due": written(case.reply_due),
            "overdue": case.overdue,
            "first_reply": written(case.first_reply),
            "answered": written(case.answered),
            "closed": written(case.closed),
            "result": case.result,
            "category": case.category,
            "visibility": case.visibility,
            "publication": case.publication,
            "urgent": case.urgent,
            "supporters": len(case.supporters),
            "version": len(case.events),
        }

    def facts(self, case, shown):
        deadlines = [
            (one.kind, one.round, written(one.began), written(one.due), written(one.met), written(one.breached), written(one.void))
            for one in case.deadlines
        ]
        names = ("kind", "round", "began", "due", "met", "breached", "void")
        same_rows("the deadlines", deadlines, [tuple(one[name] for name in names) for one in shown["deadlines"]], case.name)
        holdings = [(department, kind, written(began)) for department, kind, began in case.holdings]
        found = [(self.name(one["department"]["id"]), one["kind"], one["began"]) for one in shown["holdings"]]
        same_rows("the holdings", holdings, found, case.name)
        same_rows("the ratings", [(round, written(at), stars, by == "reporter") for round, at, stars, _, by in case.ratings],
                  [(one["round"], one["at"], one["stars"], one["by"] == "reporter") for one in shown["ratings"]], case.name)
        claims = [(self.town.name_of(one), one.state, written(one.at), written(one.lease.due), written(one.finished), written(one.confirmed), one.confirmed_by)
                  for one in case.claims]  # fmt: skip
        same_rows("the claims", claims, [self.claim(one) for one in shown["claims"]], case.name)
        if not case.master:  # else the master's are shown with them
            same("the replies", case.replies, [one["kind"] for one in shown["replies"]], case.name)

    def claim(self, shown):
        finished, confirmed = shown["finished"] or {}, shown["confirmed"] or {}
        return (self.name(shown["id"]), shown["state"], shown["claimed"], shown["due"], finished.get("at"), confirmed.get("at"), confirmed.get("by"))

    def history(self, case):
        response = self.stage.asks(SUPERVISOR, "GET", f"/v1/complaints/{self.stage.ids[case.name]}/events")
        expected = [(written(one.at), one.action, one.by, one.status, one.turn, one.holder) for one in case.events]
        names = ("at", "action", "by", "status", "turn")
        found = [(*(one[name] for name in names), self.name(one["department"])) for one in response.json["items"]]
        if expected != found:
            raise Difference("the events", *parted(expected, found), case.name)

    def outside(self, case, caller):
        response = self.look(caller, case)
        same(f"what {caller} gets", 200 if self.town.sees(caller, case) else 404, response.status, case.name)
        if response.status == 200:
            same(f"the actions of {caller}", self.town.allowed(caller, case), response.json["actions"], case.name)

    def name(self, id):
        return self.stage.names.get(id, id)

    # The community

    def desk(self):
        """Who owes a reply to what."""
        found, cursor = set(), None
        while cursor is not False:
            response = self.stage.asks(SUPERVISOR, "GET", "/v1/desk/unanswered?limit=100" + (f"&cursor={cursor}" if cursor else "")).json
            found |= {self.name(item["id"]) for item in response["items"]}
            cursor = response["next"] or False
        trap_3(found, self.town.cases.values())
        same("the unanswered", sorted(case.name for case in self.town.cases.values() if case.turn == "department"), sorted(found))

    def days(self):
        """The days taken since the last look; and with them who was reminded."""
        for day in self.town.days[self.days_seen :]:
            self.day(day, str(day.day))
        if len(self.town.days) > self.days_seen:
            self.reminders()
        self.days_seen = len(self.town.days)

    GROUPS = (None, "department", "category", "day")

    def scores(self):
        """What may only be asked while the clock is where it was furthest; the figures, which take longest, each third time."""
        self.today()
        if self.scored % 3 == 0:
            self.figures(self.GROUPS[self.scored // 3 % len(self.GROUPS)])
        self.scored += 1

    def today(self):
        """Only while the clock is where it was furthest: today ends at what it shows."""
        self.day(Day(self.town, self.town.next_day, self.town.now), "today")

    def day(self, day, path):
        response = self.stage.asks(SUPERVISOR, "GET", "/v1/clearing/" + path)
        same("the day " + path, 200, response.status)
        shown = response.json
        same("the end of the day", str(day.day), shown["day"])
        same("whether the day is final", path != "today", shown["final"])
        for item in shown["items"]:
            department = item["department"]["code"]
            expected = day.rows[department]
            found = {name: item[name] for name in expected.shown()}
            found["explanation"] = item["explanation"] and item["explanation"]["text"]
            same(f"the row of {department} on {day.day} ({path})", expected.shown(), found)
            cases = {(self.name(one["id"]), one["late_arrival"]) for one in item["cases"]}
            same_rows(f"the cases of {department} on {day.day}", {(name, name in expected.late) for name in expected.open}, cases)
        same("the departments", sorted(day.rows), sorted(item["department"]["code"] for item in shown["items"]))

    def figures(self, by):
        first, last = day_of(self.town.now) - 29 * DAY, day_of(self.town.now)
        shown = self.stage.asks(PUBLIC, "GET", "/v1/figures" + (f"?by={by}" if by else "")).json
        same("the period", (str(first), str(last)), (shown["from"], shown["to"]))
        expected = Figures(self.town, first, last, by)
        self.set_of_figures(f"the figures by {by}", expected.shown(), shown["figures"])
        if by:
            groups = {self.name(group["key"]): group["figures"] for group in shown["groups"]}
            same(f"the groups by {by}", expected.keys(), sorted(groups))
            for key in groups:
                self.set_of_figures(f"the figures of {by} {key}", expected.shown(key), groups[key])

    def set_of_figures(self, what, expected, found):
        for name, figure in expected.items():
            same(f"{name} in {what}", figure, {member: found[name][member] for member in figure})
        trap_12(found)
        n = found["satisfaction"]["denominator"]
        bound = wilson(found["satisfaction"]["numerator"], n)
        shown = found["satisfaction"]["lower_bound"]
        same(f"n of satisfaction in {what}", (n, bound is None), (found["satisfaction"]["n"], shown is None))
        same(f"whether {shown} is Wilson's {bound} in {what}", True, bound is None or abs(bound - shown) <= 0.0501)

    def reminders(self):
        """Each level of each round exactly once, at its moment, as it was told."""
        expected = {(case.name, level, written(at)) for case in self.town.cases.values() for level, at in case.reminders}
        until(lambda: len(self.stage.reminders()) >= len(expected), 20, f"{len(expected)} reminders")
        same_rows("the reminders", expected, [(self.name(one["complaint"]), one["level"], one["at"]) for one in self.stage.reminders()])
