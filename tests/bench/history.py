"""
Ninety days of a community, lived by its rules: every complaint is submitted, assigned, answered, visited, redone ... by calling submit(),
act(), settle_due() and take_day() at the moments at which people and the clock would have, so that all facts and caches are as they leave them.

No moment lies within a minute of a full hour, but for those that the rules put there (midnight, nine o'clock): see copies.py.
"""

import datetime
import heapq
import json
import math
import random

import psycopg2

import texts
from support.daemon import ZONE

REVIEWED = ("neighbours", "staff")
OPEN = ("environment", "safety", "fees", "logistics", "activities", "medical", "education", "elderly", "commerce", "other")
PREFIX = "01980000-0000-7000-8000-"  # of ids; twelve digits follow, in order of submission
FIRST = 100000000000
ANALYZED = (100, 1000, 4000)  # deeds after which the planner hears what there is, sooner than autovacuum would tell it


def complaint_id(position):
    return f"{PREFIX}{FIRST + position:012}"


def is_published(base):
    """Whether the base-th complaint is public by what it says; the others may be or not."""
    return base % 10 >= 2


class History:
    def __init__(self, town, bases, factor, began, until, seed):
        self.town, self.bases, self.factor = town, bases, factor
        self.began, self.until = began, until
        self.chance = random.Random(seed)
        self.pool = texts.sentences(600)
        self.queue, self.steps = [], 0
        self.done, self.refused = 0, {}
        self.standing = []  # complaints that another one could be merged into
        self.connection = psycopg2.connect(
            town.conninfo + " options='-c role=echo_wall_daemon -c search_path=wall,rules -c TimeZone=UTC -c jit=off"
            " -c echo_wall.clock=table -c synchronous_commit=off'"
        )
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    # Time

    def polite(self, moment, night=False):
        """The moment, moved into the hours in which people do such things and away from the full hour."""
        local = moment.astimezone(ZONE)
        if not night and local.hour >= 22:
            local = local.replace(hour=8) + datetime.timedelta(days=1)
        elif not night and local.hour < 8:
            local = local.replace(hour=8)
        return local.replace(minute=2 + local.minute * 52 // 60, second=1 + local.second % 58, microsecond=1 + self.chance.randrange(999998))

    def at(self, moment, what, night=False):
        moment = self.polite(moment, night)
        if moment <= self.until:
            self.steps += 1
            heapq.heappush(self.queue, (moment, self.steps, what))

    def set_clock(self, moment):
        self.cursor.execute("update clock set instant = %s", [moment])

    def run(self):
        superuser = self.town.connect()
        for base, moment in enumerate(sorted(self.arrivals())):
            self.at(moment, lambda now, base=base: Life(self, base).begins(now), night=True)
        midnight = datetime.datetime.combine(self.began.astimezone(ZONE).date(), datetime.time(), ZONE)
        while self.queue:
            moment, _, what = heapq.heappop(self.queue)
            while moment > midnight + datetime.timedelta(days=1):
                midnight += datetime.timedelta(days=1)
                self.end_day(midnight + datetime.timedelta(seconds=1))
            self.set_clock(moment)
            what(moment)
            if self.done in ANALYZED:
                superuser.cursor().execute("analyze")
        self.end_day(self.until)
        superuser.close()
        self.connection.close()

    def arrivals(self):
        days = (self.until - self.began).total_seconds() / 86400
        for _ in range(self.bases):
            day = self.began + datetime.timedelta(days=self.chance.random() * days)
            hour = min(23, max(0, round(self.chance.gauss(14, 4.5))))
            yield min(day.astimezone(ZONE).replace(hour=hour), self.until - datetime.timedelta(hours=1))

    def end_day(self, moment):
        self.set_clock(moment)
        more = True
        while more:
            self.cursor.execute("select more from settle_due(200)")
            more = self.cursor.fetchone()[0]
        day = True
        while day:
            self.cursor.execute("select day from take_day()")
            row = self.cursor.fetchone()
            day = row and row[0]

    # Deeds

    def submit(self, base, caller, body):
        self.cursor.execute(
            "select body from submit(%s, %s, %s, %s, null, null, sha256(uuid_send(gen_random_uuid())), uuid_send(gen_random_uuid()),"
            " sha256(uuid_send(gen_random_uuid())), null, null)",
            [self.town.daemon.community, caller, json.dumps(body, ensure_ascii=False), complaint_id(base * self.factor)],
        )
        self.done += 1
        return json.loads(self.cursor.fetchone()[0])

    def act(self, complaint, caller, action, body):
        """The complaint as it is then; None when the rules refuse, as they may when several things cross."""
        try:
            self.cursor.execute(
                "select body from act(%s, %s, %s, %s, null, %s, null, null)",
                [self.town.daemon.community, complaint, caller, action, json.dumps(body, ensure_ascii=False)],
            )
        except psycopg2.Error as refusal:
            if refusal.pgcode != "EW000":
                raise
            why = (action, refusal.diag.constraint_name)
            self.refused[why] = self.refused.get(why, 0) + 1
            return None
        self.done += 1
        return json.loads(self.cursor.fetchone()[0])


class Life:
    """What happens to one complaint, from chance of its own."""

    def __init__(self, history, base):
        self.history, self.base = history, base
        self.chance = random.Random(f"{base} of the bench")
        self.id = complaint_id(base * history.factor)

    def happens(self, percent):
        return self.chance.random() * 100 < percent

    def later(self, now, what, low, high=None, night=False):
        hours = low if high is None else self.chance.uniform(low, high)
        self.history.at(now + datetime.timedelta(hours=hours), what, night)

    def does(self, caller, action, **body):
        shown = self.history.act(self.id, caller, action, body)
        if shown:
            self.department = shown["department"]["id"]
        return shown

    @property
    def officer(self):
        return f"({self.history.town.officers[self.department]},officer,{self.department},,)"

    @property
    def reporter(self):
        return f"(,receipt,,{self.id},)"

    def staff(self, role):
        town = self.history.town
        who = {"dispatcher": town.dispatchers, "visitor": town.visitors, "supervisor": [town.supervisor]}[role]
        return f"({self.chance.choice(who)},{role},,,)"

    # Coming in

    def body(self):
        history = self.history
        body = {"title": texts.title(self.chance), "text": texts.text(self.chance, history.pool), "identity": "anonymous", "visibility": "public"}
        if is_published(self.base):
            body["category"] = self.chance.choice(OPEN)
        elif self.happens(50):
            body["category"] = self.chance.choice(REVIEWED)
        if self.base % 10 == 0:
            body["visibility"] = "private"
        if self.happens(70):
            body["building"] = self.chance.choice(history.town.buildings)
        return body

    def begins(self, now):
        body, caller = self.body(), "(,public,,,)"
        if self.happens(60):
            caller = f"({self.chance.choice(self.history.town.residents)},resident,,,)"
            body["identity"] = "named" if self.happens(70) else "masked"
        shown = self.history.submit(self.base, caller, body)
        self.department = shown["department"]["id"]
        if self.happens(1):
            self.later(now, self.withdraws, 0.5, 30, night=True)
        if shown["status"] == "submitted":
            self.later(now, self.is_dispatched, 0.1, 0.45 if self.happens(90) else 4)
        else:
            self.is_assigned(now)

    def withdraws(self, now):
        self.does(self.reporter, "withdraw")

    def is_dispatched(self, now):
        dispatcher = self.staff("dispatcher")
        if self.happens(2):
            self.does(dispatcher, "reject", reason="not_ours", text="此事不属本社区管理。", elsewhere="请拨打市民热线。")
        elif self.happens(3) and self.history.standing:
            self.does(dispatcher, "merge", into=self.chance.choice(self.history.standing[-20:]))
        elif self.does(dispatcher, "assign", department=self.chance.choice(self.history.town.departments)["id"]):
            self.is_assigned(now)

    # At the department

    def is_assigned(self, now):
        self.history.standing.append(self.id)
        if self.happens(3):
            self.later(now, self.is_returned, 0.2, 1.5)
            return
        if self.happens(50):
            self.later(now, self.is_accepted, 0.2, 3)
        if self.happens(98):
            delay = math.exp(self.chance.gauss(math.log(4), 0.8))
            self.later(now, self.is_replied_to, delay)

    def is_returned(self, now):
        if self.does(self.officer, "return", reason="不归我部门管。"):
            self.later(now, self.is_dispatched, 0.1, 0.4)

    def is_accepted(self, now):
        if self.does(self.officer, "accept") and self.happens(1):
            review = (now + datetime.timedelta(days=20)).astimezone(ZONE).date().isoformat()
            if self.does(self.officer, "request_ledger", plan="列入年度改造计划。", public_reason="需等改造资金到位。", review=review):
                self.later(now, lambda _: self.does(self.staff("supervisor"), "approve_ledger"), 1, 5)

    def is_replied_to(self, now):
        if self.happens(6):
            if self.does(self.officer, "ask", text="请问具体在几楼？") and self.happens(80):
                self.later(now, self.is_supplied, 1, 40)
        elif self.happens(8):
            promised = (now + datetime.timedelta(days=self.chance.randint(1, 5))).astimezone(ZONE).date().isoformat()
            if self.does(self.officer, "interim", public_text="已联系厂家，配件到货即修。", promised=promised):
                self.later(now, self.is_answered, 10, 100)
        else:
            self.is_answered(now)

    def is_supplied(self, now):
        if self.does(self.reporter, "supply", text="在二单元四楼的走廊。"):
            self.later(now, self.is_answered, 1, 26)

    def is_answered(self, now):
        words = texts.text(self.chance, self.history.pool)
        if not self.does(self.officer, "answer", public_text=words, **({"private_text": "请保持电话畅通。"} if self.happens(15) else {})):
            return
        if self.happens(65):
            self.later(now, self.is_visited, 1, 30)
        if self.happens(8):
            self.later(now, lambda _: self.does(self.reporter, "messages", text="收到，谢谢。"), 1, 20)
        if self.happens(6):
            self.later(now, self.is_redone, 2, 100)
            return
        if self.happens(35):
            self.later(now, self.is_rated, 2, 60)
        if self.happens(40):
            self.later(now, self.is_confirmed, 3, 120)

    # Afterwards

    def is_visited(self, now):
        reached = self.happens(85)
        said = {"contacted": self.happens(95), "solved": self.chance.choice(("yes", "yes", "yes", "partly", "no"))} if reached else {}
        self.does(self.staff("visitor"), "visits", channel="phone", reached=reached, **said)

    def is_rated(self, now):
        self.does(self.reporter, "rating", stars=self.chance.choice((5, 5, 5, 5, 4, 4, 3, 2, 1)), solved="yes")

    def is_redone(self, now):
        if self.does(self.reporter, "redo", reason="还是没有解决。"):
            self.later(now, self.is_answered, 2, 28)

    def is_confirmed(self, now):
        if self.does(self.reporter, "confirm") and self.happens(2):
            self.later(now, self.is_reopened, 24, 240)

    def is_reopened(self, now):
        if self.does(self.reporter, "reopen", reason="问题又出现了。"):
            self.later(now, self.is_answered, 2, 28)
