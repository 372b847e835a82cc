"""Filing a complaint: identity, receipt, number, category, idempotency, versions."""

import concurrent.futures
import re

import pytest

from support.actor import Actor
from support.answer import problem
from support.world import World, unique

RECEIPT = re.compile(r"^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z*~$=U]$")


def by_receipt(daemon, receipt):
    return Actor(daemon).get("/v1/receipts/current", receipt=receipt)


def test_an_anonymous_person_files_and_comes_back_with_the_receipt(daemon, anonymous, clock):
    answer = anonymous.submits("三号楼电梯停了。", title="电梯", place="三号楼")
    assert answer.status == 201
    assert answer.location == f"/v1/complaints/{answer['id']}"
    assert RECEIPT.match(answer["receipt"])
    assert answer["status"] == "submitted"
    assert answer["turn"] == "department"
    assert answer["identity"] == "anonymous"
    assert answer["title"] == "电梯"
    assert answer["submitted"] == clock.now
    assert answer["reply_due"] == clock.after(hours=24)
    assert answer["overdue"] is False
    assert answer["department"]["id"] and answer["department"]["name"]
    shown = by_receipt(daemon, answer["receipt"])
    assert shown.status == 200
    assert shown["id"] == answer["id"]
    assert "receipt" not in shown.json


def test_the_number_is_the_day_and_a_rising_sequence(anonymous, clock):
    first, second = anonymous.files(), anonymous.files()
    day = clock.day().replace("-", "")
    for complaint in (first, second):
        assert re.match(rf"^{day}-\d{{4,}}$", complaint.number)
    assert int(second.number.split("-")[1]) > int(first.number.split("-")[1])


def test_a_receipt_is_read_as_people_write_it(daemon, anonymous):
    receipt = anonymous.files().receipt
    assert by_receipt(daemon, receipt.lower()).status == 200
    assert by_receipt(daemon, receipt.replace("-", "")).status == 200
    assert by_receipt(daemon, receipt.replace("0", "O").replace("1", "l")).status == 200


def test_a_receipt_with_one_wrong_character_opens_nothing(new_site):
    """Who guesses on is told to wait; how often, is of no matter here."""
    daemon = new_site().daemon()
    complaint = Actor(daemon).files(visibility="private")
    for place in (0, 6, 18, 20):
        right = complaint.receipt[place]
        wrong = complaint.receipt[:place] + ("7" if right != "7" else "8") + complaint.receipt[place + 1 :]
        assert by_receipt(daemon, wrong) == problem(404, "not_found")
        assert Actor(daemon).get(complaint.path, receipt=wrong).status in (404, 429)


def test_a_receipt_opens_its_own_complaint_only(daemon, anonymous):
    one, other = anonymous.files(visibility="private"), anonymous.files(visibility="private")
    assert Actor(daemon).get(other.path, receipt=one.receipt) == problem(404, "not_found")
    assert Actor(daemon).post(f"{other.path}/messages", {"text": "?"}, receipt=one.receipt) == problem(404, "not_found")


def test_the_receipt_is_stored_nowhere(anonymous, db):
    bare = anonymous.files().receipt.replace("-", "")
    tables = [row[0] for row in db.all("select tablename from pg_tables where schemaname = 'wall'")]
    for table in tables:
        assert db.value(f"select count(*) from wall.{table} t where replace(t::text, '-', '') ilike %s", f"%{bare[:16]}%") == 0, table


def test_a_private_complaint_is_for_those_concerned(daemon, world, anonymous, stranger, neighbour, officer, other_officer):
    complaint = world.complaint("assigned", visibility="private")
    assert complaint.shown["text"]
    assert officer.sees(complaint)["text"]
    for other in (stranger, neighbour, other_officer):
        assert other.get(complaint.path) == problem(404, "not_found")


def test_a_public_complaint_is_published_without_who_filed_it(stranger, resident):
    complaint = resident.files("小区门口积水。", identity="named")
    shown = stranger.get(complaint.path)
    assert shown.status == 200
    assert not {"contact", "messages", "notes", "holdings", "receipt"} & {name for name, value in shown.json.items() if value}
    assert resident.phone not in shown.text


def test_a_named_complaint_shows_the_contact_to_its_officer_only(world, officer, stranger, dispatcher, department, other_officer):
    complaint = world.anonymous.files("电费算错了。", identity="named", contact={"name": "赵六", "phone": "13800001111"})
    dispatcher.assigns(complaint, department)
    assert officer.sees(complaint)["contact"] == {"name": "赵六", "phone": "13800001111"}
    for other in (stranger, other_officer):
        seen = other.get(complaint.path)
        assert "赵六" not in seen.text and "13800001111" not in seen.text


def test_a_masked_reporter_is_an_alias_to_the_department(world, resident, officer, dispatcher, department):
    complaint = resident.files("楼上漏水。", identity="masked")
    dispatcher.assigns(complaint, department)
    seen = officer.looks_at(complaint)
    assert seen.status == 200
    assert resident.phone not in seen.text
    assert not seen.json.get("contact") or "phone" not in seen.json["contact"]
    assert complaint.id in {item["id"] for item in resident.items("/v1/me/complaints")}


def test_an_anonymous_complaint_of_a_signed_in_resident_has_no_link_to_them(daemon, resident, db):
    complaint = resident.files("物业主任收费不开票。", identity="anonymous", visibility="private")
    assert complaint.id not in {item["id"] for item in resident.items("/v1/me/complaints")}
    assert resident.get(complaint.path) == problem(404, "not_found")
    assert db.value("select count(*) from complaint_identity where complaint = %s", complaint.id) == 0
    assert db.value("select count(*) from event where complaint = %s and actor is not null", complaint.id) == 0
    assert by_receipt(daemon, complaint.receipt).status == 200


def test_names_and_phones_are_sealed(anonymous, db):
    complaint = anonymous.files("漏水。", identity="named", contact={"name": "钱七七", "phone": "13822223333"})
    for table in (row[0] for row in db.all("select tablename from pg_tables where schemaname = 'wall'")):
        assert db.value(f"select count(*) from wall.{table} t where t::text like %s or t::text like %s", "%13822223333%", "%钱七七%") == 0, table
    assert db.value("select sealed is not null and phone_hash is not null from complaint_identity where complaint = %s", complaint.id)


def test_anonymous_with_a_contact_is_refused(anonymous):
    refused = anonymous.submits(contact={"name": "甲", "phone": "13812345678"})
    assert refused == problem(422, "invalid_input")
    assert refused.json["errors"][0]["pointer"].startswith(("/contact", "/identity"))


def test_named_without_sign_in_needs_a_contact(anonymous):
    assert anonymous.submits(identity="named") == problem(422, "invalid_input")


def test_without_a_category_words_propose_one(anonymous):
    assert anonymous.files("楼道里的垃圾好几天没人清理，臭味很大。")["category"] in ("environment", None)
    assert anonymous.files("物业费缴费账单算错了，停车费也重复收。", category=None)["category"] in ("fees", None)


def test_a_category_with_a_department_is_routed_at_once(new_site):
    site = new_site()
    world = World(site.daemon())
    assert world.admin.patch("/v1/categories/fees", {"department": world.department["id"]}).status == 200
    routed = world.anonymous.files("停车费重复收了。", category="fees")
    assert routed["status"] == "assigned"
    assert routed["department"]["id"] == world.department["id"]
    assert world.anonymous.files("停车费重复收了。", category="medical")["status"] == "submitted"
    assert routed.id in {item["id"] for item in world.officer.items("/v1/desk/unanswered")}


def test_a_complaint_about_staff_is_private_and_never_routed_by_itself(new_site):
    site = new_site()
    world = World(site.daemon())
    world.admin.patch("/v1/categories/staff", {"department": world.department["id"]})
    complaint = world.anonymous.files("保安态度恶劣。", category="staff", visibility=None)
    assert complaint["status"] == "submitted"
    assert complaint["visibility"] == "private"


def test_an_unknown_category_is_refused(anonymous):
    assert anonymous.submits(category="nonsense") == problem(422, "unknown_category")


def test_an_unknown_building_is_refused_and_a_known_one_taken(admin, anonymous):
    code = unique("b")
    assert admin.post("/v1/buildings", {"code": code, "name": "三号楼"}).status == 201
    assert anonymous.submits(building="nowhere") == problem(422, "unknown_building")
    assert anonymous.files(building=code)["building"] == code


def test_a_dispatcher_files_on_behalf_with_the_channel_recorded(dispatcher, db):
    answer = dispatcher.submits("来电反映噪音。", identity="named", channel="phone", contact={"name": "孙八", "phone": "13899990000"})
    assert answer.status == 201
    assert db.value("select channel from complaint where complaint = %s", answer["id"]) == "phone"


def test_a_resident_cannot_name_a_channel(resident):
    assert resident.submits(identity="named", channel="phone").status in (403, 422)


def test_the_same_key_gives_the_same_complaint_and_shows_its_receipt_again(anonymous):
    key = unique("key")
    first = anonymous.submits("水管爆了。", key=key)
    again = anonymous.submits("水管爆了。", key=key)
    assert (first.status, again.status) == (201, 201)
    assert again["id"] == first["id"]
    assert again["receipt"] == first["receipt"]
    assert again.location == first.location


def test_the_repeat_shows_the_thing_as_it_is_now(resident, dispatcher, department):
    key = unique("key")
    complaint = resident.files("水管爆了。", key=key, identity="named")
    dispatcher.assigns(complaint, department)
    again = resident.submits("水管爆了。", key=key, identity="named")
    assert again.status == 201
    assert again["status"] == "assigned"


def test_the_same_key_with_another_body_is_refused_to_the_same_resident(resident):
    key = unique("key")
    resident.files("水管爆了。", key=key, identity="named")
    assert resident.submits("水管没爆。", key=key, identity="named") == problem(409, "key_reused")


def test_a_strangers_key_finds_nothing(anonymous, stranger, resident):
    key = unique("key")
    first = anonymous.submits("水管爆了。", key=key)
    other = stranger.submits("别的事情。", key=key)
    assert other.status == 201 and other["id"] != first["id"]
    mine = resident.submits("水管爆了。", key=key, identity="named")
    assert mine.status == 201 and mine["id"] != first["id"]


def test_two_residents_with_the_same_key_and_body_file_two_complaints(resident, neighbour):
    key = unique("key")
    first, second = (one.submits("水管爆了。", key=key, identity="named") for one in (resident, neighbour))
    assert (first.status, second.status) == (201, 201)
    assert first["id"] != second["id"]
    assert first["receipt"] != second["receipt"]


def test_a_key_may_come_again_after_a_day(resident, anonymous, clock):
    key = unique("key")
    for actor, identity in ((resident, "named"), (anonymous, "anonymous")):
        actor.files("水管爆了。", key=key, identity=identity)
    clock.advance(hours=24, seconds=1)
    for actor, identity in ((resident, "named"), (anonymous, "anonymous")):
        assert actor.submits("水管爆了。", key=key, identity=identity).status == 201


def test_the_etag_spares_a_second_look(resident):
    complaint = resident.files(identity="named")
    first = resident.looks_at(complaint)
    assert re.match(r'^"\d+-[0-9a-f]{16}"$', first.etag)
    same = resident.looks_at(complaint, headers={"If-None-Match": first.etag})
    assert same.status == 304 and same.body == b""
    assert {"Authorization", "Receipt"} <= {name.strip() for name in first.headers["Vary"].split(",")}
    resident.writes(complaint)
    assert resident.looks_at(complaint, headers={"If-None-Match": first.etag}).status == 200


def test_an_old_version_is_refused(resident, dispatcher, department, officer):
    complaint = resident.files(identity="named")
    etag = resident.looks_at(complaint).etag
    dispatcher.assigns(complaint, department)
    assert resident.withdraws(complaint).status == 200
    assert officer.answers(complaint, version=etag) == problem(412, "changed_meanwhile")


def test_the_version_of_today_is_taken(world, officer):
    complaint = world.complaint("assigned")
    assert officer.accepts(complaint, version=officer.looks_at(complaint).etag).status == 200
    assert officer.accepts(complaint, version="nonsense") == problem(412, "changed_meanwhile")


@pytest.mark.parametrize("identity", ["anonymous", "named", "masked"])
def test_fifty_at_once_get_fifty_numbers(daemon, world, identity):
    token = None if identity == "anonymous" else world.resident.secret

    def submit(number):
        answer = Actor(daemon, token).submits(f"第{number}件。", identity=identity)
        return answer.status, answer.json.get("number")

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(submit, range(50)))
    assert {status for status, _ in answers} == {201}
    assert len({number for _, number in answers}) == 50


def test_a_text_of_ten_thousand_characters_comes_back_whole(anonymous):
    text = ("楼道\n灯坏了𠮷🏚️" * 2000)[:10000]
    assert anonymous.files(text)["text"] == text
