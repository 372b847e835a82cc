"""The community of the model: its clock, its cases, its days; what an action answers and does (domain.md, sections 4 to 6)."""

from model import deeds
from model.case import Case
from model.day import Day
from model.moments import DAY, MICRO, cutoff_of, day_of
from model.table import ROWS, hindrance


class Caller:
    """Somebody who asks: a role, of staff with a department perhaps, of a receipt with the case that it opens."""

    def __init__(self, name, role, department=None, case=None):
        self.name, self.role, self.department, self.case = name, role, department, case

    def __repr__(self):
        return self.name


class Answer:
    def __init__(self, status, code=None, allowed=None):
        self.status, self.code, self.allowed = status, code, allowed

    def __eq__(self, other):
        return (self.status, self.code, self.allowed) == (other.status, other.code, other.allowed)

    def __repr__(self):
        return f"{self.status} {self.code or ''} {'' if self.allowed is None else self.allowed}".strip()


class Category:
    def __init__(self, code, days, visibility="public", department=None):
        self.code, self.days, self.visibility, self.department = code, days, visibility, department


DANGER = "电梯井里漏电"  # holds a word that puts a matter of safety on the emergency path


class Town:
    def __init__(self, now, departments, categories):
        self.now = self.furthest = now
        self.departments = ["dispatch", *departments]
        self.categories = {category.code: category for category in categories}
        self.cases = {}
        self.days = []
        self.claims = []
        self.settled_until = cutoff_of(day_of(now) - DAY)

    # Time

    def clock_shows(self, now):
        """Everything due before `now` happens, day by day: a day is settled up to its cutoff, then taken."""
        self.now, self.furthest = now, max(now, self.furthest)
        while cutoff_of(self.next_day) < now:
            self.settle_all(cutoff_of(self.next_day) + MICRO)
            day = Day(self, self.next_day, cutoff_of(self.next_day))
            self.settled_until = day.cutoff
            self.days.append(day)
        self.settle_all(now)

    @property
    def next_day(self):
        return day_of(self.settled_until)

    def settle_all(self, at):
        for case in self.cases.values():
            case.settle(at)

    def moment(self, *cases):
        return max([self.now, self.settled_until + MICRO] + [case.known for case in cases])

    # Who

    def name_of(self, claim):
        return f"claim {self.claims.index(claim) + 1}"

    def relations(self, caller, case):
        """Who this caller is to the case; `public` to what is published."""
        shown = {"public"} if case.publication == "published" and case.visibility == "public" else set()
        inside = self.inside(caller, case)
        if shown and caller.name in case.supporters:
            inside.add("supporter")
        if shown and caller.role == "resident" and "reporter" not in inside:
            inside.add("volunteer")  # both residents are; nobody helps himself
        if shown and caller.name in [claim.volunteer for claim in case.claims]:
            inside.add("claimant")  # who was at work is told what is not allowed now, and not that he may not
        return shown | inside

    def inside(self, caller, case):
        if caller.role == "receipt":
            return {"reporter"} if caller.case == case.name else set()
        if caller.role == "resident":
            found = {"reporter"} if case.reporter == caller.name else set()
            return found | ({"claimant"} if case.claim and case.claim.volunteer == caller.name else set())
        if caller.role == "officer":
            held = {department for department, _, _ in case.holdings}
            found = {"officer"} if caller.department == case.holder else {"former"} if caller.department in held else set()
            answers = case.status == "merged" and caller.department == case.master.holder != case.holder
            return found | ({"assistant"} if answers or caller.department in case.assistants else set())
        if caller.role == "dispatcher":
            return {"dispatcher", "officer"} if case.holder == "dispatch" else {"dispatcher"}
        if caller.role == "visitor":
            return set() if caller.department == case.holder else {"visitor"}
        return {caller.role} if caller.role == "supervisor" else set()

    def sees(self, caller, case):
        return bool(self.relations(caller, case))

    def allowed(self, caller, case):
        """The actions that this caller may take now."""
        at = self.moment(case)
        by = self.relations(caller, case)
        found = [row for row in ROWS.values() if case.status in row.sources and by & set(row.doers)]
        return sorted(row.action for row in found if not hindrance(row.action, case, at, by, caller))

    # What

    def submit(self, name, caller, body):
        at = self.moment()
        category = self.categories[body["category"]]
        visibility = body.get("visibility") or category.visibility
        public = visibility == "public" and category.code not in deeds.REVIEWED
        reporter = caller.name if caller.role == "resident" and body["identity"] != "anonymous" else None
        urgent = category.code == "safety" and DANGER in body["text"]
        case = Case(name, at, reporter, body["identity"], category.code, category.days, visibility, "published" if public else "pending", urgent)
        for kind in ("reply", "dispatch", "resolve"):
            case.opens(kind, at)
        by = caller.role if caller.role in ("dispatcher", "key") else "reporter"
        case.event(at, "submit", by)
        case.all_claims = self.claims
        if category.department and category.code != "staff":
            deeds.do_assign(self, case, at, {"department": category.department}, None)
            case.event(at, "assign", "system")
        self.cases[name] = case
        return case

    def act(self, caller, action, case, body, stale=False):
        """What the daemon must answer; what was allowed is done."""
        if action == "assign" and case.status == "assigned":
            action = "reassign"
        answer = self.refuses(caller, action, case, "nonsense" in body, stale)
        return answer or self.does(caller, action, case, body)

    def refuses(self, caller, action, case, malformed, stale):
        """The order of checks: section 1.4."""
        row = ROWS[action]
        if caller.role == "public":
            return Answer(401, "not_signed_in")
        if malformed:
            return Answer(422, "invalid_input")
        if not self.sees(caller, case):
            return Answer(404, "not_found")
        by = self.relations(caller, case)
        if not by & {*row.doers, *row.besides}:
            return Answer(403, "not_permitted")
        if stale:
            return Answer(412, "changed_meanwhile")
        code = hindrance(action, case, self.moment(case), by, caller) if case.status in row.sources and by & set(row.doers) else "not_allowed_now"
        return code and Answer(409, code, self.allowed(caller, case))

    def does(self, caller, action, case, body):
        others = [self.cases[body["into"]]] if body.get("into") in self.cases else []
        at = self.moment(case, *others, *([case.master] if case.master else []), *case.followers)
        by = self.signs(caller, case, action)
        try:
            happened = getattr(deeds, "do_" + action)(self, case, at, body, caller) or action
        except deeds.Refused as refused:
            return Answer(422, str(refused))
        if happened == deeds.NOTHING:
            return Answer(ROWS[action].success)
        case.event(at, happened, by)
        deeds.afterwards(case, at, happened)
        return Answer(ROWS[action].success)

    def signs(self, caller, case, action):
        """As whom events name the caller."""
        if action in ("claim", "finish_claim", "hand_back_claim"):
            return "volunteer"
        by = self.relations(caller, case)
        return "reporter" if "reporter" in by else "supporter" if caller.role == "resident" else caller.role

    def support(self, caller, case, wanted):
        """Me too, or no longer: what is so already changes nothing."""
        by = self.relations(caller, case)
        if not by:
            return Answer(404, "not_found")
        if "reporter" in by and wanted:
            return Answer(409, "own_complaint")
        if ("supporter" in by) == wanted:
            return Answer(200)
        return self.act(caller, "support" if wanted else "unsupport", case, {})

    def explain(self, caller, day, department, text):
        """Once, by an officer of the department, for a day that was not cleared."""
        if caller.role not in ("officer", "dispatcher") or (caller.department or "dispatch") != department:
            return Answer(403, "not_permitted")
        row = day.rows[department]
        if row.cleared:
            return Answer(409, "not_allowed_now")
        if row.explanation:
            return Answer(409, "already_explained")
        row.explanation = text
        return Answer(201)
