"""Someone who speaks HTTP with the daemon, over a connection of their own."""

import datetime
import http.client
import json
import urllib.parse

from support.answer import Response

SESSION_DAYS = 10  # staff sessions live 14 days by the product's clock; tests walk further than that


class Overlooked:
    """Refusals that no test has looked at yet."""

    def __init__(self):
        self.responses = []

    def add(self, response):
        if not response.looked_at:
            self.responses.append(response)

    def take(self):
        """With that they are looked at: the callers whose they are go on in the next test."""
        overlooked = [response for response in self.responses if not response.looked_at]
        for response in overlooked:
            response.looked_at = True
        self.responses = []
        return overlooked


overlooked = Overlooked()


class Complaint:
    def __init__(self, shown, reporter):
        self.id = shown["id"]
        self.number = shown["number"]
        self.receipt = shown.get("receipt")
        self.reporter = reporter
        self.first = shown

    @property
    def path(self):
        return f"/v1/complaints/{self.id}"

    @property
    def shown(self):
        """As its reporter sees it now."""
        return self.reporter.sees(self)

    def __getitem__(self, name):
        return self.shown[name]

    def __repr__(self):
        return f"<complaint {self.number} {self.id}>"


class Actor:
    """`secret` is a token or a key; without one the receipt of the complaint in question is shown."""

    def __init__(self, daemon, secret=None, who=None, sign_in=None):
        self.daemon = daemon
        self.secret = secret
        self.who = who or {}
        self.sign_in = sign_in
        self.signed_in = self.now()
        self.connection = None
        self.pending = None
        self.community = None

    def now(self):
        return self.daemon.clock.instant if getattr(self.daemon, "clock", None) else datetime.datetime.min

    @property
    def id(self):
        return self.who["id"]

    def token(self):
        if self.sign_in and self.now() - self.signed_in > datetime.timedelta(days=SESSION_DAYS):
            self.secret = self.sign_in()
            self.signed_in = self.now()
        return self.secret

    def request(self, method, path, body=None, receipt=None, headers=None):
        """`body`: bytes as they are, None: none, anything else as JSON."""
        if self.pending and not self.pending.looked_at:
            raise AssertionError(f"refused before, and nobody looked: {self.pending!r}")
        sent = {"Accept": "application/json"}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.secret:
            sent["Authorization"] = f"Bearer {self.token()}"
        elif receipt:
            sent["Receipt"] = receipt
        if self.community:
            sent["Community"] = self.community
        sent.update({name: value for name, value in (headers or {}).items() if value is not None})
        status, received, content = self.exchange(method, path, body, sent)
        response = Response(status, received, content, f"{method} {path}")
        if status >= 400:
            self.pending = response
            overlooked.add(response)
        return response

    def exchange(self, method, path, body, headers):
        """Keep-alive; a connection that the daemon has closed while it was idle is made anew."""
        fresh = self.connection is None
        if fresh:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=60)
        try:
            self.connection.request(method, path, body, headers)
            answered = self.connection.getresponse()
            content = answered.read()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.hang_up()
            if fresh:
                raise
            return self.exchange(method, path, body, headers)
        except BaseException:  # the time of this test is up, say: who speaks next does not get its answer
            self.hang_up()
            raise
        if answered.will_close:
            self.hang_up()
        return answered.status, answered.headers, content

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def get(self, path, query=None, **more):
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self.request("GET", path + ("?" + urllib.parse.urlencode(given) if given else ""), **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def does(self, complaint, action, version=None, key=None, **body):
        """An action on a complaint; members that are None stay out."""
        given = {name: value for name, value in body.items() if value is not None}
        headers = {"If-Match": version, "Idempotency-Key": key}
        return self.post(f"{complaint.path}/{action}", given, receipt=complaint.receipt, headers=headers)

    def looks_at(self, complaint, **more):
        return self.get(complaint.path, receipt=complaint.receipt, **more)

    def sees(self, complaint):
        response = self.looks_at(complaint)
        assert response.status == 200, response
        return response.json

    def events_of(self, complaint):
        response = self.get(f"{complaint.path}/events", receipt=complaint.receipt)
        assert response.status == 200, response
        return response.json["items"]

    def items(self, path, query=None):
        """All items of a list, page after page."""
        found, query = [], dict(query or {})
        while True:
            response = self.get(path, {"limit": 100, **query})
            assert response.status == 200, response
            found += response.json["items"]
            if not response.json["next"]:
                return found
            query["cursor"] = response.json["next"]

    # Everybody

    def submits(self, text="楼道灯坏了，晚上看不见路。", key=None, **body):
        given = {"text": text, "identity": "anonymous", "visibility": "public", **body}
        given = {name: value for name, value in given.items() if value is not None}
        return self.post("/v1/complaints", given, headers={"Idempotency-Key": key})

    def files(self, text="楼道灯坏了，晚上看不见路。", key=None, **body):
        response = self.submits(text, key, **body)
        assert response.status == 201, response
        return Complaint(response.json, self)

    def supports(self, complaint, key=None, receipt=None, **body):
        """Me too; `receipt`: of a support that this caller has given before."""
        return self.put(f"{complaint.path}/support", body, receipt=receipt, headers={"Idempotency-Key": key})

    def joins_in(self, complaint, key=None):
        """The complaint as its supporter has it from then on."""
        response = self.supports(complaint, key)
        assert response.status == 200, response
        return Complaint(response.json, self)

    def takes_back(self, complaint):
        """The support that it gave."""
        return self.delete(f"{complaint.path}/support", receipt=complaint.receipt)

    # Reporter

    def writes(self, complaint, text="请问有进展吗？"):
        return self.does(complaint, "messages", text=text)

    def supplies(self, complaint, text="在三号楼二单元。"):
        return self.does(complaint, "supply", text=text)

    def rates(self, complaint, stars=5, solved="yes", comment=None):
        return self.does(complaint, "rating", stars=stars, solved=solved, comment=comment)

    def confirms(self, complaint, **more):
        return self.does(complaint, "confirm", **more)

    def redoes(self, complaint, reason="还是没有解决。"):
        return self.does(complaint, "redo", reason=reason)

    def reopens(self, complaint, reason="问题又出现了。"):
        return self.does(complaint, "reopen", reason=reason)

    def withdraws(self, complaint, reason=None):
        return self.does(complaint, "withdraw", reason=reason)

    def shows(self, complaint, n, data, **more):
        """Puts a picture into a place."""
        headers = {"Content-Type": "image/jpeg", **more}
        return self.put(f"{complaint.path}/pictures/{n}", data, receipt=complaint.receipt, headers=headers)

    def looks_at_picture(self, picture, complaint=None, thumbnail=False, method="GET", **headers):
        path = picture if isinstance(picture, str) else picture["thumbnail" if thumbnail else "url"]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(method, path, receipt=complaint and complaint.receipt, headers={"Accept": "image/*, */*;q=0.1", **named})

    def objects(self, complaint, reason="这正是物业该管的。"):
        return self.does(complaint, "object", reason=reason)

    def urges(self, complaint):
        return self.does(complaint, "urge")

    # Desk

    def assigns(self, complaint, department, category=None, **more):
        return self.does(complaint, "assign", department=identity(department), category=category, **more)

    def accepts(self, complaint, **more):
        return self.does(complaint, "accept", **more)

    def returns(self, complaint, reason="不归我部门管。", department=None):
        return self.does(complaint, "return", reason=reason, department=identity(department))

    def reassigns(self, complaint, department, reason="应由该部门办理。"):
        return self.does(complaint, "reassign", department=identity(department), reason=reason)

    def joins(self, complaint, department):
        return self.does(complaint, "join", department=identity(department))

    def asks(self, complaint, text="请问在几号楼？"):
        return self.does(complaint, "ask", text=text)

    def promises(self, complaint, promised, public_text="已联系厂家，配件到货即修。", **more):
        """An interim answer; `promised` is a day."""
        return self.does(complaint, "interim", public_text=public_text, promised=promised, **more)

    def answers(self, complaint, public_text="已派人修好，请查看。", **more):
        return self.does(complaint, "answer", public_text=public_text, **more)

    def corrects(self, complaint, public_text="更正：明日上午修好。", **more):
        return self.does(complaint, "correct", public_text=public_text, **more)

    def rejects(self, complaint, reason="not_ours", text="此事不属本社区管理。", elsewhere=None):
        return self.does(complaint, "reject", reason=reason, text=text, elsewhere=elsewhere)

    def merges(self, complaint, into):
        return self.does(complaint, "merge", into=into.id)

    def unmerges(self, complaint):
        return self.does(complaint, "unmerge")

    def publishes(self, complaint):
        return self.does(complaint, "publish")

    def hides(self, complaint, reason="含有他人隐私。"):
        return self.does(complaint, "hide", reason=reason)

    def requests_ledger(self, complaint, review, plan="列入年度改造计划。", public_reason="需等改造资金到位。"):
        return self.does(complaint, "request_ledger", plan=plan, public_reason=public_reason, review=review)

    def approves_ledger(self, complaint):
        return self.does(complaint, "approve_ledger")

    def ends_ledger(self, complaint):
        return self.does(complaint, "end_ledger")

    def sets_milestone(self, complaint, due, text="完成招标。"):
        return self.does(complaint, "milestones", text=text, due=due)

    def requests_extension(self, complaint, until, reason="等待配件。"):
        return self.does(complaint, "request_extension", until=until, reason=reason)

    def approves_extension(self, complaint):
        return self.does(complaint, "approve_extension")

    def marks_urgent(self, complaint, urgent=True):
        return self.does(complaint, "urgent", urgent=urgent)

    def classifies(self, complaint, category):
        return self.does(complaint, "classify", category=category)

    def notes(self, complaint, text="已电话联系厂家。"):
        return self.does(complaint, "notes", text=text)

    def visits(self, complaint, channel="phone", reached=True, contacted=True, solved="yes", stars=None, comment=None):
        body = {"reached": reached, "contacted": contacted, "solved": solved, "stars": stars, "comment": comment}
        return self.does(complaint, "visits", channel=channel, **body)

    def explains(self, day, department, text="人手不足，明日补上。"):
        return self.post(f"/v1/clearing/{day}/{identity(department)}/explain", {"text": text})


def identity(thing):
    """Bodies name a department by its id."""
    return thing["id"] if isinstance(thing, dict) else thing
