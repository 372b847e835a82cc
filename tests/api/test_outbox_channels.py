"""Channels of departments and people: robots, mail, short messages; quiet hours; who is told what."""

import base64
import hashlib
import hmac
import json
import urllib.parse

import pytest

from support.answer import problem
from support.receivers import Gateways, deliveries
from support.wait import until
from support.world import World


@pytest.fixture(scope="module")
def all_gateways():
    gateways = Gateways()
    yield gateways
    gateways.http.end()
    gateways.mail.end()


@pytest.fixture(scope="module")
def site(new_module_site, all_gateways):
    site = new_module_site()
    site.daemon(push_timeout=2, **all_gateways.settings())
    return site


@pytest.fixture
def gateways(all_gateways, clock):
    """Empty, at ten in the morning."""
    clock.to("10:00")
    all_gateways.forget()
    return all_gateways


@pytest.fixture
def channel():
    """Chooses channels; in the end they are forgotten, so that no test hears of another's reminders."""
    made = []

    def choose(actor, department=None, **body):
        path = f"/v1/departments/{department['id']}/channels" if department else "/v1/me/channels"
        answer = actor.post(path, body)
        assert answer.status == 201, answer
        made.append((actor, f"{path}/{answer['id']}"))
        return answer.json

    yield choose
    for actor, path in made:
        assert actor.delete(path).status in (204, 401, 404)  # 401: he was forgotten himself


def test_each_robot_is_told_in_its_own_form_and_nothing_of_any_person(channel, world, gateways, admin, department, officer, clock):
    channel(admin, department, kind="wecom", token="key of wecom")
    channel(officer, department, kind="dingtalk", token="token", secret="SECret")
    channel(officer, department, kind="feishu", token="hook", secret="secret")
    complaint = world.complaint("assigned", text="三单元王秀英家漏水，电话13800138000。", title="漏水", place="三单元", category="other")
    (wecom,), (ding,), (feishu,) = (gateways.waits_for(kind, 1) for kind in ("wecom", "dingtalk", "feishu"))
    text = wecom.json["text"]["content"]
    assert complaint.number in text and "类别：" in text and "答复期限：" in text
    assert f"https://wall.home.test/complaints/{complaint.id}" in text
    assert wecom.json["msgtype"] == "text" and wecom.query == {"key": "key of wecom"}
    assert ding.json["text"]["content"] == text and feishu.json["content"]["text"] == text
    for secretly in ("王秀英", "13800138000", "三单元", "漏水"):
        assert secretly not in text
    seconds = str(int(clock.instant.timestamp()))
    signed = hmac.new(b"SECret", f"{seconds}000\nSECret".encode(), hashlib.sha256).digest()
    assert ding.query == {"access_token": "token", "timestamp": f"{seconds}000", "sign": base64.b64encode(signed).decode()}
    signed = hmac.new(f"{seconds}\nsecret".encode(), b"", hashlib.sha256).digest()
    assert feishu.json["timestamp"] == seconds and feishu.json["sign"] == base64.b64encode(signed).decode()
    assert feishu.path == "/feishu/hook/hook"


def test_a_robot_that_says_busy_with_status_200_is_told_again(channel, world, gateways, admin, department, clock):
    gateways.answers["wecom"] = {"errcode": 45009, "errmsg": "api freq out of limit"}
    one = channel(admin, department, kind="wecom", token="busy")
    world.complaint("assigned")
    gateways.waits_for("wecom", 1)
    until(lambda: [(d["state"], d["failure"]) for d in deliveries(admin, one)] == [("pending", "answered 200 with errcode 45009")], 10, "the failure")
    gateways.answers.clear()
    clock.advance(minutes=1)
    gateways.waits_for("wecom", 2)
    until(lambda: deliveries(admin, one)[0]["state"] == "sent", 10, "the message to arrive")


def test_a_robot_gets_twenty_messages_a_minute(channel, world, gateways, admin, department, clock):
    channel(admin, department, kind="wecom", token="many", events=["assign"])
    for _ in range(23):
        world.complaint("assigned")
    gateways.waits_for("wecom", 20)
    gateways.http.stays_at(20, 0.6)
    clock.advance(seconds=61)
    gateways.waits_for("wecom", 23)


def test_a_mail_is_readable_and_says_that_a_machine_wrote_it(channel, world, gateways, officer):
    one = channel(officer, kind="mail", mail="li@home.test", language="en")
    complaint = world.complaint("assigned", category="other")
    (letter,) = gateways.mail.waits_for(1)
    mail = letter["mail"]
    assert letter["from"] == "wall@home.test" and letter["to"] == ["li@home.test"]
    assert mail["Subject"].startswith(f"[Echo Wall] Complaint {complaint.number} is now your department's. Category:")
    assert mail["Auto-Submitted"] == "auto-generated" and mail["To"] == "li@home.test"
    assert mail["Message-ID"].startswith("<msg_home_m") and mail["Message-ID"].endswith(f".{one['id']}@home.test>")
    assert mail["Date"] == "Mon, 23 Nov 2026 02:00:00 +0000" or mail["Date"].endswith("+0000")
    assert f"https://wall.home.test/complaints/{complaint.id}" in mail.get_content()
    assert all(len(line) <= 78 for line in letter["raw"].decode("ascii").splitlines())


def test_a_mail_that_the_server_will_never_take_is_dead_at_once(channel, world, gateways, admin, officer):
    one = channel(officer, kind="mail", mail="gone@home.test")
    gateways.mail.refusals["gone@home.test"] = "550 no such mailbox"
    world.complaint("assigned")
    until(lambda: [d["state"] for d in deliveries(admin, one)] == ["dead"], 10, "the letter to be dead")
    assert deliveries(admin, one)[0]["failure"] == "refused with 550"
    gateways.mail.refusals["gone@home.test"] = "451 try later"
    world.complaint("assigned")
    until(lambda: (deliveries(admin, one)[1:] or [{"failure": None}])[0]["failure"], 10, "the second letter to be tried")
    assert deliveries(admin, one)[1]["state"] == "pending"


def test_no_mail_goes_unencrypted_unless_a_setting_allows_it(new_site, all_gateways):
    site = new_site()
    daemon = site.daemon(push_timeout=2, smtp_url=all_gateways.mail.url, smtp_from="wall@home.test")
    world = World(daemon)
    one = world.officer.post("/v1/me/channels", {"kind": "mail", "mail": "li@home.test"}).json
    before = len(all_gateways.mail.letters)
    world.complaint("assigned")
    until(lambda: any(d["failure"] for d in deliveries(world.admin, one)), 10, "the letter to be tried")
    assert len(all_gateways.mail.letters) == before
    assert not any(word.startswith("MAIL") and "li@home" in word for word in all_gateways.mail.heard)


def test_a_reporter_hears_by_sms_and_may_switch_it_off(channel, world, gateways, resident, officer):
    complaint = world.complaint("assigned", reporter=resident, identity="named")
    gateways.forget()
    officer.answers(complaint)
    (came,) = gateways.sms_to(resident.phone)
    assert came.method == "POST" and came.headers["X-Key"] == "of the gateway" and came.json["to"] == resident.phone
    assert came.json["content"].startswith(f"【回音壁】诉求 {complaint.number} 已答复，请查看并评价。")
    assert "已派人" not in came.json["content"]
    (own,) = resident.get("/v1/me/channels").json["items"]
    assert own["kind"] == "sms" and own["active"]
    assert resident.delete(f"/v1/me/channels/{own['id']}").status == 204
    officer.corrects(complaint)
    world.anonymous.get("/healthz")
    until(lambda: any("correct" in line for line in world.daemon.outbox.read_text().splitlines() if complaint.id in line), 10, "it to be told")
    assert len(gateways.sms_to(resident.phone)) == 1
    assert channel(resident, kind="sms", language="en")["id"] == own["id"]
    officer.corrects(complaint)
    assert gateways.sms_to(resident.phone, word="[Echo Wall]")[0].json["content"].startswith("[Echo Wall] The answer to complaint")


def test_what_was_pushed_leads_to_nobody_who_is_forgotten(channel, world, gateways, officer, admin, db):
    resident = world.new_resident()
    own = channel(resident, kind="mail", mail="me@home.test", name="王秀英的邮箱")
    complaint = world.complaint("answered", reporter=resident, identity="named")
    gateways.sms_to(resident.phone)
    gateways.mail.waits_for(1)
    path = f"/v1/hooks/{own['id']}/deliveries"
    assert admin.get(path) == problem(404, "not_found")
    passed_on = "select count(*) from outbox where complaint = %s and sent is not null and coalesce(sealed_for, resident::text, phone_hash::text) is not null"
    until(lambda: db.value("select count(*) from outbox where complaint = %s and sent is null", complaint.id) == 0, 10, "all to be passed on")
    assert db.value(passed_on, complaint.id) == 0
    assert db.value("select count(*) from delivery where complaint = %s and audience = 'reporter'", complaint.id) == 2
    assert resident.get("/v1/me/export").json["channels"][0]["kind"] in ("mail", "sms")
    assert resident.delete("/v1/me").status == 204
    assert db.value("select count(*) from delivery where complaint = %s and audience = 'reporter'", complaint.id) == 0
    assert db.value("select count(*) from hook where hook = %s or resident = %s", own["id"], resident.id) == 0
    assert db.value("select count(*) from hook h where kind = 'sms' and not exists (select from delivery d where d.hook = h.hook)") == 0


def test_somebody_with_a_contact_hears_by_sms(world, gateways, officer):
    complaint = world.complaint("assigned", identity="named", contact={"name": "王秀英", "phone": "+8613600000001"})
    officer.answers(complaint)
    (came,) = gateways.sms_to(urllib.parse.quote("+8613600000001", safe=""))
    assert "王秀英" not in came.body.decode()


def test_a_code_comes_at_once_by_sms_and_not_after_it_is_worthless(world, gateways, clock, db):
    clock.to("23:30")
    assert world.anonymous.post("/v1/codes", {"phone": "13700000001"}).status == 202
    (came,) = gateways.sms_to("13700000001", word="验证码")
    assert "10 分钟" in came.json["content"]
    code = came.json["content"].split("验证码是 ")[1][:6]
    assert world.anonymous.post("/v1/sessions", {"phone": "13700000001", "code": code}).status == 201
    gateways.answers["sms"] = {"code": 7}
    assert world.anonymous.post("/v1/codes", {"phone": "13700000002"}).status == 202
    gateways.sms_to("13700000002", word="验证码")
    clock.advance(minutes=11)
    gone = "select count(*) from delivery d join hook using (community, hook) where d.event = 'code' and d.state = 'dead' and d.sealed is null"
    until(lambda: db.value(gone) == 1, 10, "the code to be dead")
    assert len(gateways.sms_to("13700000002", word="验证码")) == 1
    assert db.value("select count(*) from delivery where state <> 'pending' and sealed is not null") == 0


def test_quiet_hours_hold_back_until_they_end_but_not_what_is_urgent(channel, world, gateways, admin, department, officer, clock):
    channel(officer, department, kind="wecom", token="quiet", quiet_from="20:00", quiet_until="08:30", events=["assign", "urgent"])
    clock.to("20:30")
    calm = world.complaint("assigned")
    gateways.http.stays_at(0, 0.6)
    hurried = world.complaint("assigned")
    world.dispatcher.marks_urgent(hurried)
    (urgent,) = gateways.waits_for("wecom", 1)
    assert hurried.number in urgent.json["text"]["content"] and "紧急：" in urgent.json["text"]["content"]
    gateways.http.stays_at(1, 0.4)
    clock.to("08:29")
    gateways.http.stays_at(1, 0.4)
    clock.to("08:30")
    came = [one.json["text"]["content"] for one in gateways.waits_for("wecom", 3)]
    assert calm.number in came[1] and hurried.number in came[2]


def test_the_digest_comes_before_the_cutoff_or_not_at_all(channel, world, gateways, department, officer, clock):
    channel(officer, department, kind="wecom", token="awake", events=["digest"])
    channel(officer, kind="mail", mail="sleeps@home.test", events=["digest"], quiet_from="21:00", quiet_until="08:00")
    world.complaint("assigned")
    clock.to("22:00")
    (told,) = gateways.waits_for("wecom", 1)
    assert "今日清零前还有 1 件未答复" in told.json["text"]["content"]
    clock.to("08:30")
    channel(officer, kind="mail", mail="later@home.test", events=["assign"])
    world.complaint("assigned")
    gateways.mail.waits_for(1)
    assert [letter["to"] for letter in gateways.mail.letters] == [["later@home.test"]], "in the morning nobody clears yesterday"


def test_quiet_hours_are_the_policys_unless_chosen(channel, world, gateways, officer, clock):
    channel(officer, kind="mail", mail="sleeps@home.test", events=["assign"])
    channel(officer, kind="mail", mail="wakes@home.test", events=["assign"], quiet_from="00:00", quiet_until="00:00")
    clock.to("23:00")
    world.complaint("assigned")
    assert gateways.mail.waits_for(1)[0]["to"] == ["wakes@home.test"]
    clock.to("07:00")
    assert gateways.mail.waits_for(2)[1]["to"] == ["sleeps@home.test"]


def test_only_those_concerned_are_told(channel, world, gateways, officer, other_officer, other_department, dispatcher, supervisor):
    for actor, name in ((officer, "officer"), (other_officer, "other"), (dispatcher, "dispatcher"), (supervisor, "supervisor")):
        channel(actor, kind="mail", mail=f"{name}@home.test", name="own")
    complaint = world.anonymous.files()

    def told(number):
        return gateways.mail.waits_for(number, about=complaint.id)[-1]["to"]

    assert told(1) == ["dispatcher@home.test"]
    dispatcher.assigns(complaint, world.department)
    assert told(2) == ["officer@home.test"]
    dispatcher.reassigns(complaint, other_department)
    assert told(3) == ["other@home.test"]
    other_officer.accepts(complaint)
    assert other_officer.requests_ledger(complaint, world.daemon.clock.day(20)).status == 200
    assert told(4) == ["supervisor@home.test"]


def test_what_a_channel_is_reached_by_is_sealed_and_never_shown(channel, world, gateways, department, officer, db):
    one = channel(officer, department, kind="dingtalk", token="a-token-nobody-sees", secret="a-secret-nobody-sees", name="群")
    path = f"/v1/departments/{department['id']}/channels/{one['id']}"
    assert set(one) == {"id", "kind", "name", "events", "language", "quiet_from", "quiet_until", "active", "available", "disabled", "failing", "created"}
    assert officer.get(path).json == one
    everything = json.dumps([str(row) for table in ("hook", "audit", "delivery", "outbox") for row in db.all(f"select to_jsonb(t)::text from {table} t")])
    assert "nobody-sees" not in everything and base64.b16encode(b"nobody-sees").decode().lower() not in everything
    changed = officer.patch(path, {"quiet_from": "21:00", "quiet_until": "06:00", "events": ["remind"], "active": False, "language": "en"}).json
    assert (changed["quiet_from"], changed["quiet_until"], changed["events"], changed["active"]) == ("21:00", "06:00", ["remind"], False)
    assert officer.patch(path, {"quiet_from": None, "quiet_until": None})["quiet_from"] is None
    assert officer.delete(path).status == 204
    assert officer.get(path) == problem(404, "not_found")


def test_a_department_chooses_for_itself_and_a_person_for_himself(channel, world, gateways, department, officer, other_officer, resident, neighbour, admin):
    one = channel(officer, department, kind="wecom", token="x")
    path = f"/v1/departments/{department['id']}/channels"
    assert other_officer.get(path) == problem(403, "not_permitted")
    assert other_officer.delete(f"{path}/{one['id']}") == problem(403, "not_permitted")
    assert admin.get(path).json["items"] == [one]
    own = channel(resident, kind="mail", mail="me@home.test")
    for actor in (neighbour, officer):
        assert actor.get(f"/v1/me/channels/{own['id']}") == problem(404, "not_found")
        assert actor.patch(f"/v1/me/channels/{own['id']}", {"active": False}) == problem(404, "not_found")
    assert officer.get(f"/v1/me/channels/{one['id']}") == problem(404, "not_found")


@pytest.mark.parametrize("body, pointer", [
    ({"kind": "wecom"}, "/token"),
    ({"kind": "mail", "token": "x"}, "/mail"),
    ({"kind": "mail", "mail": "x@y.test", "phone": "13800138000"}, "/phone"),
    ({"kind": "wecom", "token": "x", "secret": "y"}, "/secret"),
    ({"kind": "sms"}, "/phone"),
    ({"kind": "mail", "mail": "x@y.test\r\nBcc: z@y.test"}, "/mail"),
    ({"kind": "mail", "mail": "x@y.test", "quiet_from": "22:00"}, "/quiet_until"),
    ({"kind": "mail", "mail": "x@y.test", "events": ["No Event"]}, "/events/0"),
    ({"kind": "mail", "mail": "x@y.test", "events": ["assign", "asign"]}, "/events/1"),
])  # fmt: skip
def test_a_channel_needs_what_it_is_reached_by_and_nothing_else(officer, body, pointer):
    answer = officer.post("/v1/me/channels", body)
    assert answer == problem(422, "invalid_input") and answer.json["errors"][0]["pointer"] == pointer


def test_a_resident_has_mail_and_the_own_phone(resident):
    assert resident.post("/v1/me/channels", {"kind": "wecom", "token": "x"}) == problem(422, "invalid_input")
    assert resident.post("/v1/me/channels", {"kind": "sms", "phone": "13800138000"}) == problem(422, "invalid_input")


def test_there_are_at_most_twenty_channels(channel, officer):
    for number in range(20):
        channel(officer, kind="mail", mail=f"n{number}@home.test", events=["breach"])
    assert officer.post("/v1/me/channels", {"kind": "mail", "mail": "x@home.test"}) == problem(409, "too_many_channels")


def test_a_channel_that_fails_for_days_is_switched_off_and_the_admins_are_told(channel, world, gateways, admin, department, clock):
    gateways.answers["wecom"] = {"errcode": 93000, "errmsg": "invalid webhook url"}
    one = channel(admin, department, kind="wecom", token="invalid", events=["assign"], quiet_from="00:00", quiet_until="00:00")
    channel(admin, kind="mail", mail="admin@home.test", events=["hook_disabled"], quiet_from="00:00", quiet_until="00:00")
    world.complaint("assigned")
    seen = 0
    for pause in (1, 5, 30, 120, 360, 720, 1440, 1440):
        seen += 1
        until(lambda: any(d["tries"] == seen and d["next_try"] > clock.now for d in deliveries(admin, one)), 10, f"try {seen}")
        clock.advance(minutes=pause)
    until(lambda: deliveries(admin, one)[0]["state"] == "dead", 10, "the message to be dead")
    shown = admin.get(f"/v1/departments/{department['id']}/channels/{one['id']}").json
    assert not shown["active"] and shown["disabled"] and shown["failing"]
    (letter,) = gateways.mail.waits_for(1)
    assert letter["to"] == ["admin@home.test"] and "wecom" in letter["mail"]["Subject"]
