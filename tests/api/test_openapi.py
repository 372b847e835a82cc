"""openapi.yaml, `echo-wall routes`, problems.def, the table of transitions and the daemon's answers say the same."""

import re
import subprocess
import urllib.parse

import pytest

from support import pictures
from support.actor import Actor
from support.documented import contract, every_answer_is_as_documented  # noqa: F401
from support.extremes import NOWHERE, below, greatest, least, say, too_little, too_many_and_too_few, too_much
from support.program import ROOT, environment, program

pytestmark = pytest.mark.slow

EVERYBODY = {"public", "receipt", "resident", "officer", "dispatcher", "visitor", "supervisor", "admin", "key"}
DOERS = {  # who may be to a complaint what its transitions name
    "reporter": {"receipt", "resident"},
    "supporter": {"receipt", "resident"},
    "volunteer": {"resident"},
    "claimant": {"resident"},
    "officer": {"officer", "dispatcher"},  # a dispatcher, where the dispatch office holds it
    "assistant": {"officer"},
    "dispatcher": {"dispatcher"},
    "visitor": {"visitor"},
    "supervisor": {"supervisor"},
    "system": set(),
}
DECIDED_IN_C = {"/metrics": {"public", "key"}}  # the handler itself looks at the address and the scope


# Routes


@pytest.fixture(scope="module")
def routes():
    """Roles and fields by method and path."""
    ran = subprocess.run([program(), "routes"], env=environment(), stdout=subprocess.PIPE, check=True)
    lines = [line.split(" ", 3) + [""] for line in ran.stdout.decode().splitlines()]
    return {(method, path): (roles, fields) for method, path, roles, fields, *_ in lines}


def with_twins(routes):
    """Every PATCH is offered as a POST as well."""
    return {**routes, **{("POST", path): found for (method, path), found in routes.items() if method == "PATCH"}}


def test_every_route_is_in_the_contract_and_nothing_else(contract, routes):
    assert {(one.method, one.path) for one in contract.operations} == set(with_twins(routes))


def members_of(text):
    """What stands between commas, but for those in brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def in_order(field):
    """Members of objects in the order of their names, as the contract is written."""
    before, bracket, rest = field.partition("(")
    inside, _, after = rest.rpartition(")")
    return f"{before}({','.join(sorted(map(in_order, members_of(inside))))}){after}" if bracket else field


def test_fields_have_the_names_types_and_choices_of_the_routes(contract, routes):
    for operation in contract.operations:
        fields = with_twins(routes)[operation.method, operation.path][1]
        assert sorted(map(str, operation.fields.values())) == sorted(map(in_order, fields.split())), operation


def test_parameters_of_paths_are_documented_with_their_types(contract):
    for operation in contract.operations:
        found = {one["name"]: one for one in operation.parameters if one["in"] == "path"}
        assert set(found) == set(re.findall(r"\{(\w+)\}", operation.path)), operation
        for name, parameter in found.items():
            kinds = {part.get("format", part.get("pattern")) for part in contract.parts(parameter["schema"])} - {None}
            expected = {"day": "date", "code": "^[a-z0-9_-]{1,32}$", "list": "^[a-z0-9_-]{1,32}$", "figure": "^[a-z0-9_-]{1,32}$", "hash": "^[0-9a-f]{64}$", "n": None, "month": None}.get(name, "uuid")
            assert parameter["required"] and kinds == {expected} - {None}, (operation, name)


def test_roles_are_those_of_the_routes(contract, routes):
    for operation in contract.operations:
        printed = with_twins(routes)[operation.method, operation.path][0]
        allowed = EVERYBODY if printed == "anyone" else set(printed.split(","))
        if operation.action:
            assert operation.roles <= allowed, operation
        else:
            assert operation.roles == DECIDED_IN_C.get(operation.path, allowed), operation


def test_actions_say_who_may_and_from_which_status(contract, db):
    rows = db.all("select action, array_agg(source), array_agg(coalesce(target, '')), array_agg(array_to_string(doers, ',')) from rules.transition group by 1")
    table = {action: (set(sources), set(targets), set(",".join(doers).split(","))) for action, sources, targets, doers in rows}
    table["assign"][0].add("assigned")  # what is assigned already is reassigned
    for operation in filter(lambda one: one.action, contract.operations):
        sources, targets, doers = table[operation.action]
        text = " ".join(operation.node["description"].split())
        assert operation.roles == set().union(*(DOERS[doer] for doer in doers)), operation
        named = set(re.findall(r"\w+", " ".join(re.findall(r"\b[Ff]rom ((?:`\w+`(?:, )?)+)", text))))
        assert named == sources or "From any status" in text and len(sources) == 10, operation
        assert set(re.findall(r"\bto `(\w+)`", text)) == targets - {"", "parted"}, operation


# Problems


def problems_of(contract, response):
    """Codes with their statuses."""
    for media in contract.resolve(response).get("content", {}).values():
        for part in contract.parts(media["schema"]):
            if "type" in part.get("properties", {}) and "const" in part["properties"].get("status", {}):
                status = part["properties"]["status"]["const"]
                yield from ((kind.removeprefix("/problems/"), status) for kind in part["properties"]["type"]["enum"])


def test_every_problem_is_documented_with_its_status(contract):
    text = (ROOT / "src/http/problems.def").read_text()
    defined = {(code, int(status)) for status, code in re.findall(r"^PROBLEM\((\d+), (\w+),", text, re.M)}
    documented = set()
    for name, response in contract.document["components"]["responses"].items():
        found = set(problems_of(contract, response))
        assert all(f"`{code}`" in response["description"] for code, _ in found), name
        documented |= found
    assert documented == defined


def test_a_status_has_the_problems_of_that_status(contract):
    for operation in contract.operations:
        assert {"400", "401", "404", "406", "422", "429", "500", "503", "default"} <= set(operation.statuses()), operation
        assert ("403" in operation.statuses()) >= ("public" not in operation.roles), operation
        for status, response in operation.statuses().items():
            assert status == "default" or {found for _, found in problems_of(contract, response)} <= {int(status)}, operation


# Limits: what the daemon refuses and accepts, said by itself


class Caller:
    """Calls an operation as somebody who may, on things that need not exist: what is asked here is refused before anybody looks."""

    def __init__(self, world, complaint):
        people = {role: getattr(world, role) for role in ("resident", "officer", "dispatcher", "visitor", "supervisor", "admin")}
        self.people = {"public": world.anonymous, **people}
        self.receipt = complaint.receipt

    def call(self, operation, given):
        given_path = {"code": "fees", "list": "overdue", "figure": "reply_rate", "day": "2026-11-22", "hash": "0" * 64}
        path = re.sub(r"\{(\w+)\}", lambda found: given_path.get(found.group(1), NOWHERE), operation.path)
        actor = next((self.people[role] for role in sorted(operation.roles) if role in self.people), self.people["public"])
        if operation.method in ("GET", "DELETE"):
            words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
            path += "?" + urllib.parse.urlencode(words)
            return actor.request(operation.method, path, receipt=self.receipt, headers={"Accept": "*/*"})
        return actor.request(operation.method, path, given, receipt=self.receipt)

    def faults(self, operation, given):
        answer = self.call(operation, given)
        assert answer.status == 422, (operation, answer)
        return {fault["pointer"]: fault["detail"] for fault in answer.json["errors"]}


@pytest.fixture
def caller(world):
    return Caller(world, world.complaint("assigned"))


def takes_no_files(operation):
    body = operation.contract.resolve(operation.node.get("requestBody", {}))
    return "application/json" in body.get("content", {"application/json": {}})


def taking(contract):
    """Operations that take something, and what they take; cursors are tested with the lists."""
    for operation in filter(takes_no_files, contract.operations):
        fields = {name: field for name, field in operation.fields.items() if field.kind != "cursor"}
        yield operation, fields


UNKNOWN = {"no_such_member": say("SAY_UNKNOWN")}


def pointers(expected):
    return {f"/{name}": detail for name, detail in expected.items()}


@pytest.mark.parametrize("extreme", [greatest, least])
def test_what_is_documented_is_taken_up_to_its_limits_and_nothing_else(contract, caller, extreme):
    for operation, fields in taking(contract):
        given = {name: extreme(field) for name, field in fields.items()} | {"no_such_member": "1"}
        assert caller.faults(operation, given) == pointers(UNKNOWN), operation


@pytest.mark.parametrize("beyond", [too_much, too_little])
def test_what_is_beyond_a_documented_limit_is_refused(contract, caller, beyond):
    for operation, fields in taking(contract):
        if not fields:
            continue
        wrong = {name: beyond(field) for name, field in fields.items()}
        given = {name: value for name, (value, _) in wrong.items()}
        assert caller.faults(operation, given) == pointers({name: detail for name, (_, detail) in wrong.items()}), operation
        for field in (field for field in fields.values() if field.members):
            value, said = below(field, beyond)
            faults = caller.faults(operation, {field.name: value})
            assert {pointer: faults.get(pointer) for pointer in pointers(said)} == pointers(said), (operation, field.name)


def test_a_list_of_objects_has_as_many_as_documented(contract, caller):
    lists = [(operation, field) for operation, fields in taking(contract) for field in fields.values() if field.kind == "list" and field.members]
    assert lists
    for operation, field in lists:
        for value, detail in too_many_and_too_few(field):
            assert caller.faults(operation, {field.name: value, "no_such_member": 1})[f"/{field.name}"] == detail, operation


def test_what_is_required_is_so_documented(contract, caller):
    for operation, fields in taking(contract):
        if operation.method not in ("POST", "PUT", "PATCH"):
            continue
        expected = {name: say("SAY_REQUIRED") for name, field in fields.items() if field.required}
        assert caller.faults(operation, {"no_such_member": 1}) == pointers(expected | UNKNOWN), operation
        for field in fields.values():
            at, empty = (f"{field.name}/0", [{}]) if field.kind == "list" else (field.name, {})
            nested = {f"{at}/{name}": say("SAY_REQUIRED") for name, member in field.members.items() if member.required}
            if nested:
                faults = caller.faults(operation, {field.name: empty})
                assert {pointer: faults.get(pointer) for pointer in pointers(nested)} == pointers(nested), operation


# Answers: the fixture above compares each with its schema


def looks(world, complaint):
    actors = [world.officer, world.other_officer, world.dispatcher, world.visitor, world.supervisor]
    for actor in [*actors, complaint.reporter]:
        for path in (complaint.path, f"{complaint.path}/events"):
            assert actor.get(path, receipt=complaint.receipt).status in (200, 404)
    for path in (complaint.path, f"{complaint.path}/events"):
        assert Actor(world.daemon).get(path).status in (200, 404)


@pytest.mark.parametrize("status", ["submitted", "assigned", "accepted", "need_info", "answered", "ledgered", "closed", "rejected", "merged", "withdrawn"])
def test_a_complaint_of_each_status_is_shown_as_documented(world, status):
    looks(world, world.complaint(status))


def test_a_long_story_is_shown_as_documented(world, clock):
    contact = {"name": "王秀英", "phone": "13800138000"}
    complaint = world.complaint("assigned", identity="masked", contact=contact, title="灯坏了", latitude=31.2, longitude=121, place="门口")
    world.dispatcher.joins(complaint, world.other_department)
    world.officer.promises(complaint, clock.day(1))
    world.officer.notes(complaint)
    world.officer.requests_extension(complaint, clock.day(60))
    world.supervisor.approves_extension(complaint)
    clock.advance(days=3)
    world.officer.answers(complaint, private_text="私下说明。")
    world.officer.corrects(complaint)
    complaint.reporter.writes(complaint)
    complaint.reporter.rates(complaint, comment="好。")
    world.visitor.visits(complaint, stars=4, comment="尚可。")
    complaint.reporter.redoes(complaint)
    world.dispatcher.hides(complaint)
    world.dispatcher.publishes(complaint)
    assert world.officer.answers(complaint, version=complaint.reporter.looks_at(complaint).etag).status == 200
    looks(world, complaint)


def test_lists_are_shown_as_documented(contract, world, resident):
    world.complaint("assigned")
    world.complaint("submitted")
    world.complaint("answered", reporter=resident, identity="named")
    world.anonymous.files("楼上吵闹。", category="neighbours")
    world.admin.post("/v1/buildings", {"code": "b-1", "name": "一号楼"})
    world.admin.put("/v1/calendar/2027-01-01", {"working": False, "name": "元旦"})
    world.admin.post("/v1/keys", {"name": "ops", "scopes": ["metrics:read"]})
    world.dispatcher.post("/v1/notices", {"kind": "rule", "title": "办法", "text": "办法如下。", "complaints": [world.complaint().id]})
    world.officer.post("/v1/templates", {"title": "已派工", "text": "{department}已派人。"})
    world.dispatcher.hides(world.complaint())
    caller = Caller(world, world.complaint("assigned"))
    for operation in contract.operations:
        if operation.method == "GET" and "{" not in operation.path:
            kinds = [kind.split(";")[0] for kind in operation.statuses()["200"]["content"]]
            wanted = {name: least(field) * 2 for name, field in operation.fields.items() if field.required}
            for actor, receipt in [(Actor(world.daemon), None), *((actor, caller.receipt) for actor in caller.people.values())]:
                answer = actor.get(operation.path, wanted, receipt=receipt, headers={"Accept": kinds[0]})
                assert answer.status in (200, 401, 403), operation
    assert world.anonymous.get("/v1/complaints", {"q": "楼道灯"})["items"][0]["snippet"]


def test_pictures_are_taken_and_shown_as_documented(world):
    complaint = world.complaint("assigned")
    reporter, picture = complaint.reporter, pictures.png()
    headers = {"Content-Type": f"multipart/form-data; boundary={pictures.BOUNDARY}"}
    assert reporter.shows(complaint, 1, picture).status == 201
    assert reporter.post(f"{complaint.path}/pictures", pictures.form([pictures.webp()]), receipt=complaint.receipt, headers=headers).status == 201
    assert [reporter.shows(complaint, n, data).status for n, data in ((1, pictures.jpeg()), (3, b""), (3, pictures.heic()), (0, picture))] == [409, 422, 415, 422]
    shown = complaint["pictures"][0]
    for more in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=9999999-"}, {"If_None_Match": "*"}):
        assert reporter.looks_at_picture(shown, complaint, **more).status in (200, 206, 304, 416)
    looks(world, complaint)


def test_the_clearing_and_the_figures_are_shown_as_documented(world, clock):
    world.complaint("assigned")
    answered = world.complaint("answered")
    answered.reporter.rates(answered)
    day = clock.day()
    clock.advance(days=2)
    assert world.officer.explains(day, world.department).status == 201
    for actor in (world.anonymous, world.officer, world.supervisor):
        assert actor.get("/v1/clearing/today").status == 200
        assert actor.get(f"/v1/clearing/{day}").status == 200
    for by in (None, "department", "category", "building", "day"):
        assert world.anonymous.get("/v1/figures", {"by": by}).status == 200


def test_what_the_admin_does_is_answered_as_documented(world, department, admin):
    first, second = world.new_staff("officer", department), world.new_staff("officer", department)
    assert admin.patch(f"/v1/staff/{first.id}", {"active": False}).status == 200
    assert admin.patch(f"/v1/staff/{second.id}", {"active": False}).status == 409
    assert admin.patch("/v1/categories/fees", {"days": 9}).status == 200
    assert admin.post(f"/v1/departments/{department['id']}", {"name_en": "Property"}).status == 200
    assert admin.put("/v1/calendar/2027-05-01", {"working": False}).status == 200
    assert admin.delete("/v1/calendar/2027-05-01").status == 200
    key = admin.post("/v1/keys", {"name": "front end", "scopes": ["residents:assert"]})
    program_of_theirs = Actor(world.daemon, key["key"])
    session = program_of_theirs.post("/v1/sessions", {"resident": {"external_id": "wx-1", "name": "李强", "phone": "13900139000"}})
    assert Actor(world.daemon, session["token"]).get("/v1/me").status == 200
    assert Actor(world.daemon, session["token"]).delete("/v1/sessions/current").status == 204
    assert admin.delete(f"/v1/keys/{key['id']}").status == 200


# The document itself


def test_every_reference_leads_somewhere(contract):
    for reference in set(re.findall(r"\$ref: '([^']*)'", contract.text)):
        assert contract.resolve({"$ref": reference}) is not None


def test_the_page_to_read_has_every_operation(contract, anonymous):
    page = anonymous.get("/docs", headers={"Accept": "text/html"}).text
    for operation in contract.operations:
        row = f"<tr><td><code>{operation.method.lower()}</code><td><code>{operation.path}</code><td>{operation.node['summary']}\n"
        assert row in page, operation


def test_openapi_is_served_as_it_stands_in_the_tree(contract, anonymous):
    answer = anonymous.get("/openapi.yaml", headers={"Accept": "*/*"})
    assert answer.status == 200
    assert answer.text == contract.text
    assert anonymous.get("/openapi.yaml", headers={"Accept": "*/*", "If-None-Match": answer.etag}).status == 304
