"""The panel: residents who oversee. They read the lists without identities, comment, and draw closed cases that anybody can draw again."""

import pathlib
import subprocess
import sys

import pytest

from support.answer import problem

SCRIPT = pathlib.Path(__file__).parent.parent / "verify_bulletin.py"


def asks(resident, alias="老周"):
    return resident.post("/v1/panel", {"alias": alias})


@pytest.fixture
def member(world, supervisor):
    """A resident of the panel."""
    resident = world.new_resident()
    resident.member = asks(resident)["id"]
    assert supervisor.post(f"/v1/panel/{resident.member}/admit").status == 200
    return resident


def asks_for_draw(actor, clock, size=20, days=10):
    return actor.post("/v1/panel/draws", {"size": size, "from": clock.day(-days), "to": clock.day(-1)})


def shown(actor, draw):
    return next(item for item in actor.items("/v1/panel/draws") if item["draw"] == draw["draw"])


def draws(actor, clock, size=20, days=10):
    """What the next bulletin makes of it."""
    asked = asks_for_draw(actor, clock, size, days)
    assert asked.status == 201, asked
    clock.advance(days=1)
    return shown(actor, asked)


def on_the_desk(visitor, complaint):
    """The draws that want a second visit of this case."""
    return [item["draw"] for item in visitor.items("/v1/desk/visits", {"limit": 100}) if item["id"] == complaint.id and "draw" in item]


def test_a_resident_asks_is_admitted_and_parts(world, supervisor, admin, resident, neighbour, dispatcher):
    asked = asks(resident).json
    assert (asked["alias"], asked["state"]) == ("老周", "asked")
    assert asks(resident) == problem(409, "already_of_the_panel")
    assert resident.get("/v1/supervision/lists/overdue") == problem(403, "not_permitted")
    path = f"/v1/panel/{asked['id']}"
    assert resident.post(path + "/admit") == problem(403, "not_permitted") == dispatcher.post(path + "/admit")
    assert supervisor.post(path + "/admit")["state"] == "admitted"
    assert supervisor.post(path + "/admit") == problem(409, "not_allowed_now")
    assert resident.get("/v1/supervision/lists/overdue").status == 200
    assert [item["id"] for item in resident.get("/v1/panel")["items"]] == [asked["id"]] and neighbour.get("/v1/panel")["items"] == []
    (audited,) = admin.items("/v1/audit", {"action": "admit_panel_member"})[:1]
    assert (audited["subject"], audited["actor"]) == (asked["id"], supervisor.id)
    listed = admin.get("/v1/panel")
    assert asked["id"] in [item["id"] for item in listed["items"]]
    assert resident.phone not in listed.text and resident.id not in listed.text
    assert neighbour.post(path + "/part") == problem(404, "not_found")
    assert resident.post(path + "/part")["state"] == "parted"
    assert resident.get("/v1/supervision/lists/overdue") == problem(403, "not_permitted")


def test_the_panel_reads_the_lists_without_identities_and_without_what_is_private(world, member, supervisor, clock):
    resident = world.new_resident()
    private = resident.files("我家的物业费被多收了两百元。", title="物业费", visibility="private", identity="named", category="fees", place="三号楼")
    public = resident.files("小区门口路灯不亮了。", identity="named")
    clock.advance(hours=25)
    answers = {named: member.get(f"/v1/supervision/lists/{named}?limit=100") for named in ("overdue", "repeated")}
    hits = {named: {hit["complaint"]["id"]: hit for hit in answer["items"]} for named, answer in answers.items()}
    assert hits["overdue"][public.id]["complaint"]["excerpt"] == "小区门口路灯不亮了。"
    hidden = hits["overdue"][private.id]["complaint"]
    assert (hidden["title"], hidden["excerpt"], hidden["place"], hidden["number"]) == (None, "", None, private["number"])
    for secret in ("多收了", "三号楼", resident.phone, resident.id):
        assert not [named for named, answer in answers.items() if secret in answer.text], secret
    facts = {rule["rule"]: rule["facts"] for rule in hits["repeated"][public.id]["rules"]}["same_reporter"]
    assert facts["count"] == 2 and "complaints" not in facts, "whose they are is not told by what they are"
    assert private.id not in hits["repeated"], "nor is what is private tied to what is published"
    ours = {hit["complaint"]["id"] for hit in supervisor.get("/v1/supervision/lists/repeated?limit=100")["items"]}
    assert {public.id, private.id} <= ours
    assert supervisor.get("/v1/supervision/lists/overdue?limit=100").text.count("多收了") >= 1


def test_the_panel_cannot_read_a_private_answer_or_matter_off_a_public_one(world, member, supervisor, officer, clock, db):
    clock.advance(days=31)
    private = [world.complaint("assigned", visibility="private") for _ in range(2)]
    public = [world.complaint("assigned") for _ in range(4)]
    unsaid = world.complaint("assigned")

    def rules(actor, named, rule):
        hits = actor.items(f"/v1/supervision/lists/{named}", {"limit": 100})
        return {hit["complaint"]["id"]: fired["facts"] for hit in hits for fired in hit["rules"] if fired["rule"] == rule}

    text = "经核查该处设施已经完成修复并投入正常使用了。"
    for complaint in (*private, *public):
        officer.answers(complaint, text, insist=True)
    officer.answers(unsaid, public_text=None, private_text=text, insist=True)
    assert rules(member, "hollow", "used_again") == {}, "private ones do not make the five"
    assert {one.id for one in (*private, *public, unsaid)} <= set(rules(supervisor, "hollow", "used_again"))
    public.append(world.complaint("assigned"))
    officer.answers(public[-1], text, insist=True)
    seen = rules(member, "hollow", "used_again")
    assert set(seen) == {one.id for one in public} and {(facts["count"], len(facts["replies"])) for facts in seen.values()} == {(5, 5)}
    assert {facts["count"] for facts in rules(supervisor, "hollow", "used_again").values()} == {8}
    cluster = db.value("insert into wall.cluster values ('home', gen_random_uuid(), wall_now()) returning cluster")
    for complaint in (private[0], public[0]):
        db.value("select write_link('home', %s, %s, 'confirmed', wall_now(), 0.5, null)::text", cluster, complaint.id)
    assert {private[0].id, public[0].id} <= set(rules(supervisor, "repeated", "same_cluster"))
    tied = rules(member, "repeated", "same_cluster")
    assert public[0].id in tied and private[0].id not in tied, "nor what it is about off its cluster"


def test_members_comment_on_lists_and_complaints(world, member, supervisor, dispatcher, resident, officer):
    complaint = world.complaint("assigned")
    assert member.post("/v1/panel/comments", {"complaint": complaint.id, "text": "请打 13812345678 问问。"}).status == 201
    said = member.post("/v1/panel/comments", {"list": "overdue", "text": "拖得太久。"}).json
    assert (said["by"], said["list"], said["complaint"]) == ("老周", "overdue", None)
    for actor in (member, supervisor, dispatcher):
        (about,) = actor.items("/v1/panel/comments", {"complaint": complaint.id})
        assert "13812345678" not in about["text"] and about["text"].startswith("请打")
    assert actor.items("/v1/panel/comments")[0]["id"] == said["id"]
    for body in ({"text": "哪个？"}, {"complaint": complaint.id, "list": "stuck", "text": "两个。"}, {"complaint": world.department["id"], "text": "没有。"}):
        assert member.post("/v1/panel/comments", body) == problem(422, "invalid_input")
    for unseen in (world.complaint("assigned", visibility="private"), world.complaint("assigned", text="出售发票，加微信。")):
        dispatcher.hides(unseen)
        refused = member.post("/v1/panel/comments", {"complaint": unseen.id, "text": "看不见的。"})
        assert refused == problem(422, "invalid_input") and refused.json["errors"][0]["pointer"] == "/complaint"
    assert resident.post("/v1/panel/comments", {"list": "stuck", "text": "我也说。"}) == problem(403, "not_permitted")
    assert resident.get("/v1/panel/comments") == problem(403, "not_permitted") == officer.get("/v1/panel/comments")


def test_a_draw_puts_closed_cases_on_the_visitors_desk(world, member, visitor, clock, stranger, supervisor):
    clock.advance(days=19)
    closed, open_one = [world.complaint("closed") for _ in range(3)], world.complaint("answered")
    clock.advance(days=1)
    drawn = draws(member, clock)
    assert (drawn["population"], drawn["cases"], drawn["visited"], len(drawn["leaves"])) == (3, 3, 0, 3)
    assert all(on_the_desk(visitor, complaint) == [drawn["draw"]] for complaint in closed) and on_the_desk(visitor, open_one) == []
    assert visitor.visits(closed[0], solved="no").status == 201
    assert visitor.visits(closed[1], reached=False, contacted=None, solved=None).status == 201
    assert on_the_desk(visitor, closed[0]) == [] and on_the_desk(visitor, closed[1]) == [drawn["draw"]]
    seen = shown(stranger, drawn)
    assert (seen["visited"], seen["solved"], seen["leaves"]) == (1, 0, drawn["leaves"])
    supervisor.reopens(closed[2])
    assert on_the_desk(visitor, closed[2]) == []


def test_a_draw_is_asked_for_before_its_seed_is_known(world, member, clock, stranger):
    clock.advance(days=1)
    asked = asks_for_draw(member, clock, size=1).json
    assert (asked["asked"], asked["at"], asked["seed"], asked["population"], asked["leaves"], asked["cases"]) == (clock.now, None, None, None, [], 0)
    assert shown(stranger, asked) == asked
    day = clock.day()
    clock.advance(days=1)
    newest = stranger.items("/v1/bulletins", {"limit": 1})[0]
    drawn = shown(stranger, asked)
    assert (newest["day"], drawn["day"], drawn["seed"], drawn["asked"]) == (day, day, newest["hash"], asked["asked"])
    clock.advance(days=1)
    assert shown(stranger, asked)["seed"] == drawn["seed"]


def test_one_bulletin_draws_so_many_cases(world, admin, member, supervisor, clock):
    clock.advance(days=1)
    assert asks_for_draw(member, clock, size=15).status == 201
    refused = asks_for_draw(supervisor, clock, size=6)
    assert refused == problem(409, "drawn_enough") and refused.json["left"] == 5
    assert asks_for_draw(supervisor, clock, size=5).status == 201
    assert asks_for_draw(member, clock, size=1) == problem(409, "drawn_enough")
    clock.advance(days=1)
    assert asks_for_draw(member, clock, size=20).status == 201
    admin.post("/v1/policies", {"drawn_a_day": 0})
    clock.advance(days=1)
    assert asks_for_draw(member, clock, size=1) == problem(409, "drawn_enough")
    admin.post("/v1/policies", {"drawn_a_day": 20})


def test_a_case_has_one_chance_and_none_while_it_waits_for_a_visit(world, member, visitor, clock, supervisor):
    clock.advance(days=19)
    twice, once, again = (world.complaint("closed") for _ in range(3))
    clock.advance(days=1)
    twice.reporter.rates(twice)
    supervisor.reopens(again)
    clock.advance(days=1)
    drawn = draws(member, clock, days=2)
    assert (drawn["population"], len(drawn["leaves"]), drawn["cases"]) == (4, 2, 2), "two leaves of one case, one of a case that is open again"
    assert len(drawn["passed_over"]) <= 2 and not set(drawn["passed_over"]) & set(drawn["leaves"])
    assert all(on_the_desk(visitor, case) == [drawn["draw"]] for case in (twice, once)) and on_the_desk(visitor, again) == []
    second = draws(member, clock, days=4)
    assert (second["cases"], len(second["passed_over"])) == (0, second["population"]), "both wait for their visit"
    visitor.visits(once, solved="yes")
    assert draws(member, clock, days=5)["cases"] == 1 and on_the_desk(visitor, twice) == [drawn["draw"]]


def test_never_those_of_the_department_visit(world, member, clock, admin):
    complaint = world.complaint("closed")
    clock.advance(days=1)
    draws(member, clock, days=1)
    colleague = world.new_staff("visitor", world.department)
    assert on_the_desk(colleague, complaint) == [] and on_the_desk(world.visitor, complaint) != []


def test_anybody_can_draw_again(world, daemon, member, clock, stranger):
    for _ in range(12):
        world.complaint("closed")
    clock.advance(days=1)
    first, second = (asks_for_draw(member, clock, size=4).json for _ in range(2))
    clock.advance(days=1)
    first, second = shown(stranger, first), shown(stranger, second)
    assert second["draw"] == first["draw"] + 1 and second["leaves"] != first["leaves"] and len(first["leaves"]) == 4
    asks_for_draw(member, clock, size=1)
    ran = subprocess.run([sys.executable, SCRIPT, f"http://127.0.0.1:{daemon.port}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("nothing is wrong"), ran.stdout
    sys.path.insert(0, str(SCRIPT.parent))
    from verify_bulletin import faults_of_draws, fetched

    days, all_draws = list(fetched(f"http://127.0.0.1:{daemon.port}")), stranger.items("/v1/panel/draws", {"limit": 100})
    assert list(faults_of_draws(days, all_draws)) == []
    earlier = sorted(day["day"] for day in days)[-2]
    for forged in (
        {**first, "leaves": second["leaves"]},
        {**first, "seed": "0" * 64},
        {**first, "population": 1},
        {**first, "asked": clock.now},
        {**first, "passed_over": ["0" * 64]},
        {**first, "day": earlier, "seed": next(day["hash"] for day in days if day["day"] == earlier)},
        {**first, "at": None, "seed": None, "leaves": []},
    ):
        (fault,) = list(faults_of_draws(days, [forged if one["draw"] == first["draw"] else one for one in all_draws]))[:1]
        assert fault.startswith(f"draw {first['draw']}: ")
    assert list(faults_of_draws(days, [one for one in all_draws if one["draw"] != first["draw"]])) != [], "a draw that was left out"


def test_draws_are_of_days_that_are_over(member, clock, resident, dispatcher):
    today = {"size": 1, "from": clock.day(), "to": clock.day()}
    assert member.post("/v1/panel/draws", today) == problem(422, "invalid_input")
    assert member.post("/v1/panel/draws", {"size": 1, "from": clock.day(-40), "to": clock.day(-1)}) == problem(422, "invalid_input")
    assert resident.post("/v1/panel/draws", today) == problem(403, "not_permitted") == dispatcher.post("/v1/panel/draws", today)


def test_a_repeat_of_a_request_draws_once(member, clock):
    clock.advance(days=2)
    body = {"size": 3, "from": clock.day(-5), "to": clock.day(-1)}
    one, again = (member.post("/v1/panel/draws", body, headers={"Idempotency-Key": "draw-1"}) for _ in range(2))
    assert one.json == again.json


def test_who_is_forgotten_leaves_draws_but_no_words(world, member, clock, supervisor, db):
    member.post("/v1/panel/comments", {"list": "stuck", "text": "只有我会这样说话。"})
    clock.advance(days=1)
    drawn = asks_for_draw(member, clock).json
    assert member.get("/v1/me/export")["panel"]["comments"][0]["text"] == "只有我会这样说话。"
    assert member.delete("/v1/me").status in (200, 204)
    assert db.value("select count(*) from panel_comment where text = '只有我会这样说话。'") == 0
    assert db.value("select resident from panel_member where member = %s", member.member) is None
    assert drawn["draw"] in [item["draw"] for item in supervisor.items("/v1/panel/draws")]
