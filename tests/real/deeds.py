"""What people do to complaints, by chance: each deed is done through the API and told to the case."""

import datetime
import random

from case import Case
from support.actor import Actor
from support.daemon import ZONE
from town import BUILDINGS, CATEGORIES, Complaint

DIRTY = "property"  # the department that never answers everything
EVENING = datetime.time(22, 0)  # from when clean departments clear their desks


class Refused(Exception):
    """The daemon did not do what the words of the domain allow."""


class Deeds:
    def __init__(self, town, seed):
        self.town, self.seed = town, seed
        self.done = {}

    def chance(self, *of):
        """The same whichever thread comes first."""
        return random.Random(repr((self.seed, *of)))

    def did(self, response, what, expected=200):
        if response.status != expected:
            raise Refused(f"{what}: {response!r}")
        self.done[what] = self.done.get(what, 0) + 1
        return response

    # Filing

    def file(self, number, title, text):
        """As a resident, anonymously, or by a dispatcher for somebody who called."""
        chance, town = self.chance("file", number), self.town
        body = {"title": title, "text": text, "visibility": "private" if chance.random() < 0.1 else "public"}
        if chance.random() < 0.5:
            body["category"] = chance.choice(CATEGORIES)
        if chance.random() < 0.6:
            body["building"] = chance.choice(BUILDINGS)
        way = chance.random()
        if way < 0.5:
            resident = chance.choice(town.residents)
            body["identity"] = chance.choice(("named", "named", "masked", "anonymous"))
            filed = self.submit(resident, number, body, chance)
            reporter = town.anybody if body["identity"] == "anonymous" else resident
        elif way < 0.85:
            body["identity"] = "anonymous"
            filed, reporter = self.submit(town.anybody, number, body, chance), town.anybody
        else:
            body["identity"] = chance.choice(("named", "masked"))
            body["contact"] = {"name": "李华", "phone": f"137{number:08}"}
            body["channel"] = chance.choice(("phone", "desk", "door"))
            filed, reporter = self.submit(chance.choice(town.dispatchers), number, body, chance), town.anybody
        case = Case(Complaint(filed, reporter), town.now, town.dispatch)
        case.visible = body["visibility"] == "public"
        case.building = body.get("building")
        if filed["status"] == "assigned":
            case.assign(town.now, filed["department"]["id"])
        case.chance = self.chance("life", number)
        case.forgotten = case.chance.random() < 0.35  # if it comes to the dirty department
        self.see(case, filed)
        return case

    def submit(self, who, number, body, chance):
        repeated = chance.random() < 0.03
        key = f"real-{self.seed}-{number}" if repeated else None
        filed = self.did(who.submits(key=key, **body), "submit", 201).json
        if repeated:
            again = self.did(who.submits(key=key, **body), "submit again", 201).json
            if (again["id"], again["receipt"]) != (filed["id"], filed["receipt"]):
                raise Refused(f"submit again: another complaint or receipt than {filed['id']}")
        return filed

    def see(self, case, shown):
        case.category, case.publication = shown["category"], shown["publication"]

    def do(self, case, who, action, expected=200, **body):
        complaint = case.complaint if isinstance(who, Actor) and who is case.complaint.reporter else Complaint(case.complaint.first, who)
        if who is not case.complaint.reporter:
            complaint.receipt = None
        shown = self.did(who.does(complaint, action, **body), action, expected).json
        self.see(case, shown)
        return shown

    # People

    def officer(self, case):
        return case.chance.choice(self.town.officers[case.department])

    def dispatcher(self, case):
        return case.chance.choice(self.town.dispatchers)

    def reports(self, case, action, expected=200, **body):
        return self.do(case, case.complaint.reporter, action, expected, **body)

    # One step of a case's life

    def live(self, case):
        step = getattr(self, "when_" + case.status, None)
        if step:
            step(case, case.chance.random(), self.town.now)

    def when_submitted(self, case, chance, now):
        if case.publication == "pending" and case.visible and chance < 0.5:
            self.do(case, self.dispatcher(case), "publish")
        if chance < 0.03:
            reason = case.chance.choice(("not_ours", "not_ours", "spam"))
            self.do(case, self.dispatcher(case), "reject", reason=reason, text="此事不属本社区管理。", elsewhere="请拨打市民热线。")
            case.reject(now, reason)
        elif chance < 0.05:
            self.reports(case, "withdraw")
            case.withdraw(now)
        elif chance < 0.92:
            self.assign(case, now)

    def assign(self, case, now):
        who = self.town.supervisor if len(case.returned_by) >= 2 else self.dispatcher(case)
        department = case.chance.choice(self.town.departments)["id"]
        category = case.chance.choice(CATEGORIES) if case.chance.random() < 0.3 else None
        self.do(case, who, "assign", department=department, **({"category": category} if category else {}))
        case.assign(now, department)

    def is_clearing(self, case, now):
        return now.astimezone(ZONE).time() >= EVENING and self.town.codes[case.department] != DIRTY

    def is_forgotten(self, case):
        return case.forgotten and self.town.codes[case.department] == DIRTY

    def when_assigned(self, case, chance, now):
        if self.is_clearing(case, now) and chance < 0.97:
            self.answer(case, now)
        elif chance < 0.05 and case.may_return(now):
            self.do(case, self.officer(case), "return", reason="不归我部门管。")
            case.give_back(now)
        elif chance < 0.07:
            department = case.chance.choice([each["id"] for each in self.town.departments if each["id"] != case.department])
            self.do(case, self.dispatcher(case), "reassign", department=department, reason="应由该部门办理。")
            case.assign(now, department)
        elif chance < 0.4:
            self.do(case, self.officer(case), "accept")
            case.accept(now)
        elif not self.is_forgotten(case):
            self.when_accepted(case, case.chance.random(), now)

    def when_accepted(self, case, chance, now):
        if self.is_forgotten(case) or not case.rounds[-1].is_open and chance > 0.5:
            return
        if self.is_clearing(case, now) and chance < 0.97:
            self.answer(case, now)
        elif chance < 0.08 and case.asks < 2:
            self.do(case, self.officer(case), "ask", text="请问具体在几号楼？")
            case.ask(now)
        elif chance < 0.16 and case.interims < 1:
            promised = now.astimezone(ZONE).date() + datetime.timedelta(days=case.chance.randint(0, 3))
            self.do(case, self.officer(case), "interim", public_text="已联系厂家，配件到货即修。", promised=promised.isoformat())
            case.interim(now, promised)
        elif chance < 0.7:
            self.answer(case, now)
        elif chance < 0.75:
            self.do(case, self.officer(case), "notes", 201, text="已电话联系厂家。")
        elif chance < 0.77 and case.rounds[-1].is_open:
            self.put_on_ledger(case, now)
        elif chance < 0.8:
            self.involve(case)
        elif chance < 0.81:
            self.do(case, self.dispatcher(case), "urgent", urgent=True)

    def put_on_ledger(self, case, now):
        """It cannot be done soon: the officer asks, the supervisor approves."""
        review = (now.astimezone(ZONE).date() + datetime.timedelta(days=20)).isoformat()
        if case.status == "assigned":
            self.do(case, self.officer(case), "accept")
            case.accept(now)
        self.do(case, self.officer(case), "request_ledger", plan="列入年度改造计划。", public_reason="需等改造资金到位。", review=review)
        self.do(case, self.town.supervisor, "approve_ledger")
        case.put_on_ledger(now)

    def involve(self, case):
        """Another department assists; who answers for the case stays the same."""
        others = [each["id"] for each in self.town.departments if each["id"] not in (case.department, *case.assistants)]
        if others and case.department != self.town.dispatch:
            assistant = case.chance.choice(others)
            self.do(case, self.dispatcher(case), "join", department=assistant)
            case.assistants.append(assistant)

    def when_ledgered(self, case, chance, now):
        if chance < 0.15:
            self.do(case, self.town.supervisor, "end_ledger")
            case.supply(now)
        elif chance < 0.3:
            self.answer(case, now)

    def answer(self, case, now):
        words = {"public_text": "已派人修好，请查看。"}
        if case.chance.random() < 0.2:
            words["private_text"] = "维修人员下午到您家，请保持电话畅通。"
        self.do(case, self.officer(case), "answer", **words)
        case.answer(now)

    def when_need_info(self, case, chance, now):
        if chance < 0.6:
            self.reports(case, "supply", text="在三号楼二单元四楼。")
            case.supply(now)

    def when_answered(self, case, chance, now):
        if chance < 0.25 and not case.is_visited():
            self.visit(case, now)
        elif chance < 0.45 and not case.is_rated():
            stars = case.chance.choice((5, 5, 5, 4, 4, 3, 2, 1))
            self.reports(case, "rating", 201, stars=stars, solved="yes" if stars > 2 else "no")
            case.rate(now, stars)
        elif chance < 0.55:
            self.reports(case, "confirm")
            case.confirm(now)
        elif chance < 0.57:
            self.reports(case, "redo", reason="还是没有解决。")
            case.redo(now)
        elif chance < 0.62:
            self.reports(case, "messages", 201, text="收到，谢谢。")

    def visit(self, case, now):
        reached = case.chance.random() < 0.8
        said = {"contacted": False, "solved": None, "stars": None}
        if reached:
            said = {"contacted": case.chance.random() < 0.9, "solved": case.chance.choice(("yes", "yes", "partly", "no"))}
            said["stars"] = case.chance.choice((5, 4, 2, None))
        self.do(case, case.chance.choice(self.town.visitors), "visits", 201, channel="phone", reached=reached, **{k: v for k, v in said.items() if v is not None})
        case.visit(now, reached, **said)

    def when_closed(self, case, chance, now):
        if chance < 0.01 and not case.reopens:
            self.reports(case, "reopen", reason="问题又出现了。")
            case.reopen(now)

    def when_rejected(self, case, chance, now):
        if chance < 0.2 and not case.objections:
            self.reports(case, "object", reason="这正是物业该管的。")
            case.object(now)

    # Two cases at once: one after the other, never by several threads

    def merge_some(self, cases, step):
        chance = self.chance("merge", step)
        now = self.town.now
        waiting = [case for case in cases if case.status in ("submitted", "assigned", "accepted") and not case.followers]
        for case in chance.sample(waiting, min(3, len(waiting))):
            masters = [each for each in cases if each.status in ("assigned", "accepted", "answered") and each is not case]
            if masters and not case.followers:
                master = chance.choice(masters)
                self.do(case, self.dispatcher(case), "merge", into=master.id)
                case.merge(now, master)
        for case in cases:
            if case.status == "merged" and chance.random() < 0.05:
                self.do(case, self.dispatcher(case), "unmerge")
                case.unmerge(now)
