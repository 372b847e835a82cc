"""One history: every step is done by the model and by the daemon, and compared."""

import datetime

from model.compare import Comparer
from model.player import CALLERS, CLAIMED, PUBLIC
from model.stage import NOWHERE, ROUTED, Stage, beginning
from model.town import Answer, Caller, Category, Town

DATES = ("promised", "review", "until", "due")
NAMED = {caller.name: caller for caller in CALLERS}


class History:
    def __init__(self, cluster, name):
        self.stage = Stage(cluster, name)
        self.steps, self.refused, self.acted = [], 0, 0
        categories = self.stage.asks(PUBLIC, "GET", "/v1/categories").json["items"]
        self.town = Town(beginning(), ("a", "b", "c"), [self.category(one) for one in categories])
        self.comparer = Comparer(self.town, self.stage)

    def category(self, shown):
        return Category(shown["code"], shown["days"], shown["visibility"], ROUTED.get(shown["code"]))

    def step(self, step):
        self.steps.append(step)
        named = getattr(self, "step_" + step["do"], self.step_action)
        named(step)

    # Time

    def step_clock(self, step):
        self.time_passes(datetime.datetime.fromisoformat(step["to"].replace("Z", "+00:00")), self.stage.set_clock)

    def step_downtime(self, step):
        moment = datetime.datetime.fromisoformat(step["to"].replace("Z", "+00:00"))
        self.time_passes(moment, lambda to: self.stage.downtime(to, step["how"]))

    def time_passes(self, moment, pass_on_stage):
        before = {name: self.marks(case) for name, case in self.town.cases.items()}
        pass_on_stage(moment)
        self.town.clock_shows(moment)
        for name, case in self.town.cases.items():
            if self.marks(case) != before[name]:
                self.comparer.case(case, PUBLIC)
        self.comparer.desk()
        self.comparer.days()
        if moment >= self.town.furthest:
            self.comparer.scores()

    def marks(self, case):
        return len(case.events), sum(bool(one.breached) for one in case.deadlines)

    def step_restart(self, step):
        self.stage.restart(step["daemon"], step["how"])

    # People

    def step_submit(self, step):
        caller = NAMED[step["who"]]
        response = self.stage.asks(caller, "POST", "/v1/complaints", step["body"], daemon=step["daemon"])
        self.comparer.answer(Answer(201), response, step["case"])
        self.stage.named(step["case"], response.json["id"])
        self.stage.receipts[step["case"]] = response.json["receipt"]
        self.comparer.case(self.town.submit(step["case"], caller, step["body"]), PUBLIC)

    def step_explain(self, step):
        caller, day = NAMED[step["who"]], [day for day in self.town.days if str(day.day) == step["day"]]
        if day:
            path = f"/v1/clearing/{step['day']}/{self.stage.ids[step['department']]}/explain"
            response = self.stage.asks(caller, "POST", path, {"text": "人手不足。"})
            self.comparer.answer(self.town.explain(caller, day[0], step["department"], "人手不足。"), response, None)

    def step_action(self, step):
        case = self.town.cases.get(step["case"])
        caller = Caller("receipt", "receipt", case=step["receipt"]) if "receipt" in step else NAMED[step["who"]]
        if not case or caller.case and caller.case not in self.town.cases or step["do"] in CLAIMED and not case.claims:
            return  # a shortened history
        expected = self.expects(caller, case, step)
        headers = {"If-Match": '"99999-0000000000000000"'} if step.get("stale") else None
        response = self.stage.asks(caller, "POST", self.path(case, step), self.body(step), headers, step["daemon"])
        if step["do"] == "claim" and response.status == 201:
            self.stage.named(f"claim {len(self.town.claims)}", response.json["id"])
        self.acted += 1
        self.refused += expected.status >= 400
        self.comparer.answer(expected, response, case.name)
        callers = (caller, CALLERS[self.acted % len(CALLERS)]) if self.acted % 3 == 0 else (caller,)
        for one in {id(one): one for one in (case, case.master, *case.followers) if one}.values():
            self.comparer.case(one, *(callers if expected.status < 400 else ()))

    def path(self, case, step):
        """What is done with a claim is done to the newest of this case."""
        if step["do"] not in CLAIMED:
            return f"/v1/complaints/{self.stage.ids[case.name]}/{step['do']}"
        return f"/v1/claims/{self.stage.ids[self.town.name_of(case.claims[-1])]}/{step['do'].removesuffix('_claim')}"

    def step_support(self, step):
        case, caller = self.town.cases.get(step["case"]), NAMED[step["who"]]
        if case:
            path = f"/v1/complaints/{self.stage.ids[case.name]}/support"
            response = self.stage.asks(caller, "PUT" if step["wanted"] else "DELETE", path, daemon=step["daemon"])
            self.comparer.answer(self.town.support(caller, case, step["wanted"]), response, case.name)
            self.comparer.case(case, caller)

    def expects(self, caller, case, step):
        body = {name: datetime.date.fromisoformat(value) if name in DATES else value for name, value in step["body"].items()}
        return self.town.act(caller, step["do"], case, body, step.get("stale", False))

    def body(self, step):
        """Names become ids."""
        body = dict(step["body"])
        for name in ("department", "into"):
            if name in body:
                body[name] = self.stage.ids.get(body[name], NOWHERE)
        return body

    def finish(self):
        """All is compared once more, with every caller; and the daemon's own check is content."""
        for case in self.town.cases.values():
            self.comparer.case(case, *CALLERS)
        for by in self.comparer.GROUPS:
            self.comparer.figures(by)
        self.comparer.reminders()
        status, said = self.stage.daemons[0].verify()
        assert status == 0, f"verify: {said}"
