"""What is measured: each operation as an HTTP load and as the statements that the daemon runs for it."""

import json
import random

import texts
from history import FIRST, PREFIX, complaint_id, is_published
from pgbench import Script, literal, statement
from readings import readings_of

NEWEST = "/v1/complaints?limit=20"
ANSWER = {"public_text": "已派人修好，请查看。"}  # as in wrk/lifecycle.lua
NEW_ID = "('019a0000-0000-7000-8000-' || :n)::uuid"  # rises as real ones do; pgbench can only count
COUNT = "\\set k :k + 1\n\\set n 100000000000 + :run * 1000000000 + :client_id * 10000000 + :k\n"
SUBMITTED = {
    "new_id": NEW_ID,
    "contact_sealed": "null",
    "contact_phone_hash": "null",
    "receipt_hash": "sha256(int8send(:n))",
    "receipt_nonce": "int8send(:n)",
    "receipt_commitment": "sha256(int8send(:n))",
    "idempotency": "null",
    "body_hash": "null",
}


class Operation:
    """`steps`: HTTP requests that make one; `per`: what is counted."""

    def __init__(self, name, load, file, script, goal, reference=None, per="requests", steps=1):
        self.name, self.load, self.file, self.script = name, load, file, script
        self.goal, self.reference, self.per, self.steps = goal, reference, per, steps
        self.rates, self.limits, self.references, self.failed = [], [], [], 0
        self.longest = None  # milliseconds that 99 of 100 answers may take at half load
        self.times = None

    def scripts(self):
        return [script for script in (self.script, self.reference) if script]


class Operations:
    def __init__(self, town, folder, bases, factor):
        self.town, self.folder, self.bases, self.factor = town, folder, bases, factor
        self.chance = random.Random(2)
        self.common = {"community": literal(town.daemon.community), "limit": "20", "after_key": "null", "after_id": "null"}
        self.officers = {department: town.token(staff) for department, staff in town.officers.items()}
        self.dispatcher, self.bodies = town.token(town.dispatchers[0]), [self.body() for _ in range(16)]
        office, officer = next(iter(self.officers.items()))
        self.submitted, *self.acted = readings_of(town, self.bodies, self.dispatcher, officer, office, ANSWER)
        self.all = [self.read(), self.list(), self.desk(), self.submit(), self.lifecycle()]

    def file(self, name, lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def script(self, name, role, texts_of_it):
        return Script(self.folder, name, role, texts_of_it)

    def body(self):
        body = {"title": texts.title(self.chance), "text": texts.text(self.chance, texts.sentences(600)), "category": "other", "identity": "anonymous"}
        return json.dumps(body, ensure_ascii=False)

    def published(self):
        base = self.chance.choice([base for base in range(10) if is_published(base)]) + 10 * self.chance.randrange(self.bases // 10)
        return complaint_id(base * self.factor + self.chance.randrange(self.factor))

    def read(self):
        paths = [f"/v1/complaints/{self.published()}" for _ in range(20000)]
        draw = f"\\set n {FIRST + 2 * self.factor} + (10 * random(0, {self.bases // 10 - 1}) + random(0, 7)) * {self.factor} + random(0, {self.factor - 1})\n"
        values = {**self.common, "complaint": f"('{PREFIX}' || :n)::uuid", "caller": "'(,public,,,)'"}
        script = self.script("read", "public", [draw + statement("src/api/complaints/show.sql", values)])
        operation = Operation("read one", "gets", self.file("read.txt", paths), script, ("same", 1.1))
        operation.longest = 3
        return operation

    def list(self):
        values = {**self.common, **dict.fromkeys(("category", "department", "building", "status", "from", "to", "answered"), "null"), "sort": "'newest'"}
        script = self.script("list", "public", [statement("src/api/complaints/list.sql", values)])
        reference = self.script("list-built", "daemon", [statement("tests/bench/reference/list.sql", values)])
        operation = Operation("list of 20", "gets", self.file("list.txt", [NEWEST]), script, ("built", 1.5), reference)
        operation.longest = 3
        return operation

    def desk(self):
        """Of departments that have a page to fill."""
        path = "/v1/desk/unanswered?limit=20"
        busiest = sorted(self.officers, key=lambda office: -self.town.count("complaint", f"turn = 'department' and department = '{office}'"))[:12]

        def scripts(name, source):
            each = ({**self.common, "role": "'officer'", "office": literal(office), "department": "null"} for office in busiest)
            return self.script(name, "daemon", [statement(source, values) for values in each])

        lines = [f"{path} {self.officers[office]}" for office in busiest]
        reference = scripts("desk-built", "tests/bench/reference/desk.sql")
        operation = Operation("desk of 20", "gets", self.file("desk.txt", lines), scripts("desk", "src/api/desk/unanswered.sql"), ("built", 1.5), reference)
        operation.longest = 3
        return operation

    def submitting(self, body, reading):
        values = {**self.common, **SUBMITTED, "caller": "'(,public,,,)'", "input": literal(body), "reading": reading}
        return statement("src/api/complaints/submit.sql", values)

    def submit(self):
        script = self.script("submit", "daemon", [COUNT + self.submitting(*each) for each in zip(self.bodies, self.submitted)])
        operation = Operation("submit", "posts", self.file("submit.txt", ["/v1/complaints", *self.bodies]), script, ("same", 0.85))
        operation.longest = 10
        return operation

    def lifecycle(self):
        dispatcher, departments = self.town.dispatchers[0], list(self.officers)
        lines = [self.dispatcher, *(f"{office} {token}" for office, token in self.officers.items()), "", *self.bodies]
        assigned, answered = self.acted
        this = {**self.common, "complaint": NEW_ID}

        def acting(action, caller, given, reading):
            values = {**this, "caller": literal(caller), "action": literal(action), "version": "null", "idempotency": "null", "body_hash": "null"}
            values |= {"input": literal(json.dumps(given, ensure_ascii=False)), "reading": reading}
            return statement("src/api/actions/act.sql", values)

        def life(office, body, reading):
            officer = self.town.officers[office]
            speaking = {**this, "actor": literal(officer)}
            return (
                COUNT
                + self.submitting(body, reading)
                + acting("assign", f"({dispatcher},dispatcher,,,)", {"department": office}, assigned)
                + statement("src/api/actions/earlier.sql", speaking)
                + acting("answer", f"({officer},officer,{office},,)", ANSWER, answered)
                + statement("src/api/complaints/show.sql", {**this, "caller": "'(,public,,,)'"})
            )

        script = self.script("lifecycle", "daemon", [life(*each) for each in zip(departments, self.bodies, self.submitted)])
        file = self.file("lifecycle.txt", lines)
        return Operation("lifecycle", "lifecycle", file, script, ("absolute", 1000), per="lives", steps=4)
