"""Makes up what happens next. A step is plain data, so that a history can be written down and played again."""

import datetime
import random

from model.case import FINAL
from model.deeds import HOLLOW
from model.moments import DAY, HOUR, MICRO, MINUTE, ZONE, day_of, written
from model.stage import DEPARTMENTS, RESIDENTS, STAFF
from model.table import ROWS, WORKING
from model.town import DANGER, Caller

CATEGORIES = ("environment", "safety", "neighbours", "fees", "logistics", "staff", "other")
PUBLIC = Caller("public", "public")
CALLERS = [PUBLIC] + [Caller(name, role, department) for name, (role, department) in STAFF.items()]
CALLERS += [Caller(name, "resident") for name in RESIDENTS]
VOLUNTEERS = CALLERS[-len(RESIDENTS) :]
CLOCK = 0.09  # the share of steps that set the clock
RARE = (
    "withdraw", "reject", "hide", "urgent", "classify", "join", "urge", "messages", "notes", "publish", "milestones", "reassign", "correct", "privacy",
)
TEXTS = {"return": "reason", "reassign": "reason", "redo": "reason", "reopen": "reason", "object": "reason", "hide": "reason"}
CLAIMED = ("finish_claim", "hand_back_claim", "confirm_claim")  # done to a claim
APART = ("support", "unsupport", "pictures", "claim", *CLAIMED)  # no POST of that name, or made up by themselves
SYLLABLES = [chr(code) for code in range(0x5100, 0x5180)]
EMPTY = ("accept", "confirm", "approve_ledger", "end_ledger", "unmerge", "publish", "approve_extension", "urge", "withdraw", "accept_reply", "claim", "confirm_claim")


class Player:
    """`pace`: the average span of a step of the clock."""

    def __init__(self, seed, town, pace):
        self.random, self.town, self.pace = random.Random(seed), town, pace
        self.filed = 0
        self.back = False

    def next(self):
        chance = self.random.random()
        if chance < CLOCK or self.back:
            return self.clock_step()
        if chance < CLOCK + 0.002:
            return {"do": "restart", "daemon": self.random.randrange(2), "how": self.random.choice(("stop", "kill"))}
        if chance < CLOCK + 0.1 or len(self.town.cases) < 3:
            return self.submission()
        if chance < CLOCK + 0.12 and self.town.days:
            return self.explanation()
        if chance > 0.98:
            return self.support()
        if chance > 0.92:
            return self.claim()
        return self.action()

    # The clock

    def clock_step(self):
        now = max(self.town.now, self.town.settled_until)
        if self.back:
            self.back = False
            return {"do": "clock", "to": written(self.ahead())}
        chance = self.random.random()
        if chance < 0.05 and self.town.cases:
            self.back = True
            return {"do": "clock", "to": written(self.town.now - self.random.choice((1, 40, 400)) * self.random.random() * MINUTE)}
        moment = self.to_a_due() if chance < 0.45 else now + self.pace * self.random.expovariate(0.7)
        if chance > 0.985:
            return {"do": "downtime", "to": written(moment + self.random.random() * 2 * DAY), "how": self.random.choice(("stop", "kill"))}
        return {"do": "clock", "to": written(moment)}

    def ahead(self):
        """After a step back the clock goes on from where it was furthest."""
        return max([self.town.now, self.town.settled_until] + [case.last for case in self.town.cases.values()]) + MINUTE

    def to_a_due(self):
        """To a moment at which something is decided, or just beside it."""
        dues = [one.due for case in self.town.cases.values() for one in case.deadlines if one.waits and one.due > self.town.now]
        dues += [datetime.datetime.combine(day_of(self.town.now), datetime.time(hour), ZONE) for hour in (7, 8, 20, 22)]
        dues += [datetime.datetime.combine(day_of(self.town.now) + DAY, datetime.time(), ZONE)]
        dues += [claim.finished + 72 * HOUR for claim in self.town.claims if claim.state == "finished"]
        near = sorted(due for due in dues if self.town.now < due <= self.town.now + 2 * self.pace)[:12]
        if not near:
            return self.town.now + self.pace
        return max(self.town.now, self.random.choice(near) + self.random.choice((-MICRO, 0 * MICRO, 0 * MICRO, MICRO, MINUTE)))

    # What people do

    def submission(self):
        caller = self.random.choice([PUBLIC, PUBLIC] + [one for one in CALLERS if one.role in ("resident", "dispatcher")])
        self.filed += 1
        body = {"category": self.random.choice(CATEGORIES), "text": "路灯坏了，晚上看不见路。", "identity": "anonymous"}
        if body["category"] == "safety" and self.random.random() < 0.4:
            body["text"] = DANGER
        if caller.role == "resident":
            body["identity"] = self.random.choice(("named", "masked", "anonymous"))
        if self.random.random() < 0.5:
            body["visibility"] = self.random.choice(("public", "public", "private"))
        return {"do": "submit", "who": caller.name, "case": f"c{self.filed}", "body": body, "daemon": self.random.randrange(2)}

    def explanation(self):
        day = self.random.choice(self.town.days[-3:])
        who = self.random.choice([one.name for one in CALLERS if one.role in ("officer", "dispatcher", "supervisor")])
        return {"do": "explain", "who": who, "day": str(day.day), "department": self.random.choice(self.town.departments)}

    def support(self):
        step = {"do": "support", "who": self.random.choice(list(RESIDENTS)), "case": self.some_case().name}
        return {**step, "wanted": self.random.random() < 0.75, "daemon": self.random.randrange(2)}

    def claim(self):
        """A volunteer takes something up, or something becomes of what was taken up."""
        cases = list(self.town.cases.values())
        taken = [case for case in cases if case.claim]
        free = [case for case in cases if "claim" in self.town.allowed(VOLUNTEERS[0], case)]
        case = self.random.choice(taken if taken and self.random.random() < 0.65 else free or cases)
        desk = [one for one in CALLERS if one.role in ("officer", "dispatcher")]
        if int(case.name[1:]) % 2:  # the reporters of the others leave it to the department
            desk.append(Caller("receipt", "receipt", case=case.name))
        pairs = [(one, action) for action in (("claim", "finish_claim", *CLAIMED) if case.claims else ("claim",))
                 for one in VOLUNTEERS + (desk if action == "confirm_claim" else [])]  # fmt: skip
        able = [(one, action) for one, action in pairs if action in self.town.allowed(one, case)]
        caller, action = self.random.choice(able if able and self.random.random() < 0.75 else pairs)
        step = {"do": action, "who": caller.name, "case": case.name, "body": self.body(action, case), "daemon": self.random.randrange(2)}
        return {**step, "receipt": case.name} if caller.role == "receipt" else step

    def action(self):
        """Two thirds are of what the caller may do; the others are made up without looking."""
        case = self.some_case()
        caller = self.some_caller(case)
        allowed = [action for action in self.town.allowed(caller, case) if action not in APART]
        if allowed and self.random.random() < 0.82:
            action = self.weighted(allowed)
        else:
            action = self.random.choice([action for action in ROWS if action not in APART])
        step = {"do": action, "who": caller.name, "case": case.name, "body": self.body(action, case), "daemon": self.random.randrange(2)}
        if caller.role == "receipt":
            step["receipt"] = caller.case
        if self.random.random() < 0.03:
            step["stale"] = True
        return step

    def some_case(self):
        cases = list(self.town.cases.values())
        lively = [case for case in cases if case.status not in FINAL][-25:]
        if lively and self.random.random() < 0.8:
            return self.random.choice(lively)
        return self.random.choice(cases[-40:])

    def some_caller(self, case):
        """Mostly somebody who has to do with it."""
        if self.random.random() < 0.2:
            return self.random.choice(CALLERS + [Caller("receipt", "receipt", case=self.random.choice(list(self.town.cases)))])
        own = Caller("receipt", "receipt", case=case.name)
        inside = [one for one in CALLERS if self.town.allowed(one, case)]
        workers = [one for one in inside if "officer" in self.town.relations(one, case)]
        return self.random.choice(inside + workers * 3 + [own] * 3)

    def weighted(self, actions):
        return self.random.choice([action for action in actions for _ in range(1 if action in RARE else 5)])

    def body(self, action, case):
        if self.random.random() < 0.02:
            return {"nonsense": 1}
        make = getattr(self, "body_of_" + action, None)
        if make:
            return make(case)
        return {} if action in EMPTY else {TEXTS.get(action, "text"): "还是没有解决，请看一看。"}

    def department(self):
        return self.random.choice(DEPARTMENTS + DEPARTMENTS + ("dispatch", "nowhere"))

    def day(self, least, most):
        return str(day_of(self.town.now) + self.random.randint(least, most) * DAY)

    def body_of_assign(self, case):
        return {"department": self.department(), **({"category": self.random.choice(CATEGORIES)} if self.random.random() < 0.3 else {})}

    def body_of_reassign(self, case):
        return {"department": self.department(), "reason": "应由该部门办理。"}

    def body_of_join(self, case):
        return {"department": self.department()}

    def body_of_interim(self, case):
        return {"public_text": "已联系厂家，配件到货即修。", "promised": self.day(-1, 8)}

    def body_of_answer(self, case):
        if self.random.random() < 0.15:
            return {"public_text": HOLLOW, "insist": self.random.random() < 0.6}
        return {self.random.choice(("public_text", "private_text")): self.words()}

    def words(self):
        """An answer that says something, and nothing that was said before."""
        return "".join(self.random.choices(SYLLABLES, k=24)) + "。"

    def body_of_correct(self, case):
        return self.body_of_answer(case)

    def body_of_privacy(self, case):
        if self.random.random() < 0.5:
            return {"visibility": self.random.choice(("private", "public"))}
        return {"identity": self.random.choice(("named", "masked", "anonymous"))}

    def body_of_request_ledger(self, case):
        return {"plan": "列入年度改造计划。", "public_reason": "需等改造资金到位。", "review": self.day(-1, 31)}

    def body_of_milestones(self, case):
        return {"text": "完成招标。", "due": self.day(1, 20)}

    def body_of_request_extension(self, case):
        return {"until": self.day(-1, 40), "reason": "等待配件。"}

    def body_of_reject(self, case):
        return {"reason": self.random.choice(("not_ours", "not_ours", "court", "abusive", "spam")), "text": "此事不属本社区管理，请拨打 95598。"}

    def body_of_merge(self, case):
        others = [other.name for other in self.town.cases.values() if other.status in WORKING and other is not case][-8:]
        return {"into": self.random.choice(others or [case.name]) if self.random.random() < 0.8 else self.random.choice(list(self.town.cases))}

    def body_of_rating(self, case):
        return {"stars": self.random.randint(1, 5), "solved": self.random.choice(("yes", "partly", "no"))}

    def body_of_ledger_votes(self, case):
        return {"solved": self.random.choice(("yes", "partly", "no"))}

    def body_of_finish_claim(self, case):
        return {"text": "灯泡换好了。", "minutes": self.random.randint(1, 90)}

    def body_of_hand_back_claim(self, case):
        return {"reason": "没有合适的工具。"}

    def body_of_urgent(self, case):
        return {"urgent": self.random.random() < 0.7}

    def body_of_classify(self, case):
        return {"category": self.random.choice(CATEGORIES)}

    def body_of_visits(self, case):
        reached = self.random.random() < 0.5
        body = {"channel": self.random.choice(("phone", "door", "message")), "reached": reached}
        if reached:
            body.update(contacted=self.random.random() < 0.7, solved=self.random.choice(("yes", "partly", "no")))
            body.update(stars=self.random.randint(1, 5)) if self.random.random() < 0.4 else None
        return body
