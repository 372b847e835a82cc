"""Ask before you ask: what is suggested while somebody writes, and that a repeat was avoided is counted once."""

import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until

LAMP = {"title": "三号楼北侧路灯不亮", "text": "三号楼北侧的路灯坏了一周，晚上看不见路，老人不敢出门。"}
LIKE_LAMP = {"title": "三号楼北侧的路灯还是不亮", "text": "三号楼北边路灯一直不亮，晚上出门看不见路。"}
PIANO = {"title": "楼上深夜弹琴", "text": "五号楼一单元楼上每天深夜弹琴，孩子睡不着觉。", "category": "other"}


@pytest.fixture(scope="module", autouse=True)
def others(daemon):
    """A community in which other things are said as well."""
    somebody = Actor(daemon)
    for subject in "电梯停运 垃圾满溢 水管漏水 噪音扰民 停车占位 门禁失灵 绿化枯死 充电桩坏".split():
        somebody.files(f"{subject}已经三天，物业没有答复，请尽快处理。", title=f"小区{subject}", category="other")


def placed(db):
    """What came in has been put among the others."""
    until(lambda: db.value("select count(*) from likeness_new") == 0, 20, "the new ones to be placed")


@pytest.fixture
def lamp(world, db):
    """One about the lamp, with the department; nothing like it from other tests is left."""
    db.all("update complaint set publication = 'hidden' where title like '%%路灯%%'")
    complaint = world.complaint("assigned", category="logistics", building="3", **LAMP)
    placed(db)
    return complaint


def asks(actor, text, title=None, **more):
    body = {"text": text, **({"title": title} if title else {}), **more}
    response = actor.post("/v1/suggestions", body)
    assert response.status == 200, response
    return response.json


def similar(actor, **draft):
    return asks(actor, **draft)["similar"]


def test_an_open_complaint_like_it_is_shown_to_be_joined(lamp, stranger):
    (found,) = similar(stranger, **LIKE_LAMP)
    assert (found["id"], found["number"], found["status"], found["title"]) == (lamp.id, lamp.number, "assigned", LAMP["title"])
    assert found["likeness"] >= 0.3 and found["joinable"] is True and found["answer"] is None
    assert stranger.put(f"/v1/complaints/{found['id']}/support", {"suggestion": found["suggestion"]}).status == 200


def test_an_answered_one_is_shown_with_its_answer(lamp, stranger, officer, department):
    officer.answers(lamp, "灯泡已更换，今晚请查看。", private_text="王阿姨，辛苦您了。")
    (found,) = similar(stranger, **LIKE_LAMP)
    assert found["answer"]["public_text"] == "灯泡已更换，今晚请查看。"
    assert found["answer"]["department"] == department["name"]
    assert "王阿姨" not in str(found)
    lamp.reporter.confirms(lamp)
    (found,) = similar(stranger, **LIKE_LAMP)
    assert (found["status"], found["joinable"]) == ("closed", False)
    assert found["answer"]["public_text"] == "灯泡已更换，今晚请查看。"


def test_the_same_text_is_called_posted_already_and_another_is_not_shown(lamp, stranger):
    assert similar(stranger, **LAMP)[0]["posted_already"] is True
    assert similar(stranger, **PIANO) == []
    assert [found["id"] for found in similar(stranger, text="北侧路灯坏了，晚上看不见路")] == [lamp.id]


def test_the_same_building_makes_it_more_alike(lamp, stranger):
    without, within = similar(stranger, **LIKE_LAMP)[0], similar(stranger, building="3", **LIKE_LAMP)[0]
    assert within["likeness"] > without["likeness"]


def test_only_what_is_published_is_suggested_to_anybody(lamp, world, stranger, dispatcher, officer, neighbour, db):
    private = world.complaint("assigned", visibility="private", title="地下车库西口渗水", text="地下车库西口墙面渗水，地上积水很深。")
    placed(db)
    draft = {"title": "地下车库西口渗水", "text": "地下车库西口渗水严重，地上全是积水。"}
    for actor in (stranger, neighbour, dispatcher, officer):
        assert similar(actor, **draft) == []
        assert [found["id"] for found in similar(actor, **LIKE_LAMP)] == [lamp.id]
    assert private["visibility"] == "private"
    dispatcher.hides(lamp)
    for actor in (stranger, neighbour, dispatcher):
        assert similar(actor, **LIKE_LAMP) == []


def test_of_a_text_with_a_phone_number_only_the_masked_one_is_shown_and_compared(world, stranger, db):
    world.complaint("assigned", title="南门快递柜打不开", text="南门快递柜打不开，请打我电话 13800138000 联系。")
    placed(db)
    found = asks(stranger, title="快递柜打不开", text="南门的快递柜又打不开了")["similar"]
    assert len(found) == 1 and "13800138000" not in str(found)
    assert similar(stranger, text="13800138000") == []


def test_of_merged_ones_the_master_is_shown_once(lamp, world, stranger, dispatcher, db):
    follower = world.complaint("assigned", title="路灯不亮", text="三号楼北侧路灯不亮，黑灯瞎火。")
    dispatcher.merges(follower, lamp)
    placed(db)
    assert [found["id"] for found in similar(stranger, **LIKE_LAMP)] == [lamp.id]


@pytest.mark.parametrize("status", ["rejected", "withdrawn"])
def test_what_came_to_nothing_is_not_suggested(lamp, stranger, dispatcher, anonymous, status):
    assert len(similar(stranger, **LIKE_LAMP)) == 1
    done = dispatcher.rejects(lamp) if status == "rejected" else anonymous.withdraws(lamp)
    assert done["status"] == status
    assert similar(stranger, **LIKE_LAMP) == []


def test_of_who_wants_to_be_forgotten_the_words_are_forgotten_too(world, db):
    resident = world.new_resident()
    complaint = resident.files("二号楼天台晾衣架被风刮倒，砸坏了花盆。", identity="named", category="other")
    placed(db)
    assert db.value("select count(*) from likeness where complaint = %s", complaint.id) == 1
    counted = db.value("select documents from likeness_count where community = 'home'")
    assert resident.delete("/v1/me").status < 300
    assert db.value("select count(*) from likeness where complaint = %s", complaint.id) == 0
    assert db.value("select documents from likeness_count where community = 'home'") == counted - 1


def test_after_ninety_days_it_is_forgotten(new_site):
    from support.database import look_into
    from support.world import World

    site = new_site()
    world = World(site.daemon())
    db = look_into(site.cluster, site.name)
    world.complaint("submitted", **LAMP)
    placed(db)
    assert len(similar(world.anonymous, **LIKE_LAMP)) == 1
    site.clock.advance(days=89)
    assert len(similar(world.anonymous, **LIKE_LAMP)) == 1
    site.clock.advance(days=2)
    assert similar(world.anonymous, **LIKE_LAMP) == []
    until(lambda: db.value("select count(*) from likeness") == 0, 20, "it to be forgotten")
    assert db.value("select coalesce(sum(documents), 0) from code_frequency") == 0
    assert db.value("select sum(documents) from likeness_count") == 0
    db.connection.close()


def test_the_words_that_decided_come_with_the_categories(stranger):
    found = asks(stranger, text="物业费乱收费，停车费又涨价了")["categories"]
    assert found[0]["category"] == "fees" and found[0]["name"] == "费用缴纳"
    assert found[0]["because"]
    assert 0 < found[0]["confidence"] <= 1
    assert asks(stranger, text="！！！") == {"categories": [], "similar": []}


def test_nothing_of_a_draft_is_kept(stranger, site, db):
    before = db.value("select count(*) from complaint")
    asks(stranger, text="某某小区有人夜里跳探戈扰民")
    assert db.value("select count(*) from complaint") == before
    assert db.value("select count(*) from likeness_new") == 0
    assert "探戈" not in site.daemons[0].said()


def test_whatever_is_typed_gets_an_answer(stranger):
    for text in ("灯", "漏水", "😀" * 500, "\u202e反向\u202c", "a" * 10000, "路灯" * 5000, "。。。"):
        found = asks(stranger, text=text)
        assert len(found["similar"]) <= 5 and len(found["categories"]) <= 3


# Repeats avoided


def avoided(db):
    return dict(db.all("select kind, count(*) from repeat_avoided group by 1"))


def counted(actor):
    figure = actor.get("/v1/figures").json["figures"]["repeats_avoided"]
    return figure["value"], figure["supported"], figure["answered"]


def test_a_support_from_a_suggestion_is_a_repeat_avoided_counted_once(lamp, stranger, neighbour, daemon):
    before = counted(stranger)
    (found,) = similar(neighbour, **LIKE_LAMP)
    assert neighbour.supports(lamp, suggestion=found["suggestion"]).status == 200
    assert counted(stranger) == (before[0] + 1, before[1] + 1, before[2])
    for _ in range(3):
        assert Actor(daemon).supports(lamp, suggestion=found["suggestion"]).status == 200
    assert counted(stranger) == (before[0] + 1, before[1] + 1, before[2])
    assert neighbour.supports(lamp)["supporters"] == 4


def test_a_support_without_a_suggestion_is_none(lamp, stranger, neighbour):
    before = counted(stranger)
    neighbour.supports(lamp)
    assert counted(stranger) == before


def test_that_it_was_answered_already_is_counted_once(lamp, stranger, officer, db):
    before = counted(stranger)
    path = f"/v1/suggestions/{lamp.id}/answered"
    (found,) = similar(stranger, **LIKE_LAMP)
    assert stranger.post(path, {"suggestion": found["suggestion"]}) == problem(409, "not_allowed_now")
    officer.answers(lamp)
    for _ in range(2):
        assert stranger.post(path, {"suggestion": found["suggestion"]}).status == 204
    assert counted(stranger) == (before[0] + 1, before[1], before[2] + 1)
    (again,) = similar(stranger, title="北侧路灯", text="三号楼北侧路灯什么时候修好？")
    assert stranger.post(path, {"suggestion": again["suggestion"]}).status == 204
    assert counted(stranger) == (before[0] + 2, before[1], before[2] + 2)


def test_what_was_not_suggested_cannot_be_counted(lamp, world, stranger, officer, clock):
    officer.answers(lamp)
    other = world.complaint("answered")
    (found,) = similar(stranger, **LIKE_LAMP)
    path, wrong = "/v1/suggestions/{}/answered", found["suggestion"][:-1] + ("0" if found["suggestion"][-1] != "0" else "1")
    assert stranger.post(path.format(lamp.id), {"suggestion": wrong}) == problem(422, "invalid_input")
    assert stranger.post(path.format(lamp.id), {"suggestion": "nonsense"}) == problem(422, "invalid_input")
    assert stranger.post(path.format(other.id), {"suggestion": found["suggestion"]}) == problem(422, "invalid_input")
    assert stranger.supports(other, suggestion=found["suggestion"]) == problem(422, "invalid_input")
    assert other["supporters"] == 0
    clock.advance(days=2)
    assert stranger.post(path.format(lamp.id), {"suggestion": found["suggestion"]}) == problem(422, "invalid_input")


def test_repeats_avoided_are_a_metric(daemon, stranger, db):
    text = stranger.get("/metrics", headers={"Accept": "text/plain"}).text
    lines = [line for line in text.splitlines() if line.startswith("echo_wall_repeats_avoided_total{")]
    assert sum(int(line.rsplit(" ", 1)[1]) for line in lines) == sum(avoided(db).values())


def test_what_was_filed_before_there_were_suggestions_is_read_beside_everything_else(lamp, stranger, db):
    db.all("delete from likeness where complaint = %s", lamp.id)
    assert similar(stranger, **LIKE_LAMP) == []
    db.all("insert into unread values ('home', %s)", lamp.id)
    until(lambda: [one["id"] for one in similar(stranger, **LIKE_LAMP)] == [lamp.id], 20, "the reader")
