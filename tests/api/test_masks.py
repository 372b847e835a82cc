"""What leads to a person in a text is for those who handle the complaint; everybody else reads asterisks."""

import json

import pytest

from support.wait import until

PHONE, IDENTITY = "13812345678", "11010519491231002X"
SECRETS = (PHONE, IDENTITY, "138 1234 5678", "88881234")


@pytest.fixture
def told(anonymous):
    return anonymous.files(
        f"楼上漏水，我的电话138 1234 5678，座机0731-88881234，身份证{IDENTITY}。请尽快。", title=f"漏水，联系{PHONE}", place=f"三号楼张先生{PHONE}"
    )


def holds_secret(response):
    shown = json.dumps(response.json, ensure_ascii=False)
    return [secret for secret in SECRETS if secret in shown]


def test_the_public_reads_asterisks_in_every_list_and_view(told, stranger, neighbour):
    for reader in (stranger, neighbour):
        shown = reader.get(told.path)
        assert not holds_secret(shown)
        assert shown.json["title"] == "漏水，联系138********"
        assert shown.json["place"] == "三号楼张先生138********"
        assert "我的电话138 **** ****，座机****-********，身份证******************。请尽快。" in shown.json["text"]
        listed = reader.get("/v1/complaints", {"limit": 100})
        entry = next(item for item in listed.json["items"] if item["id"] == told.id)
        assert not holds_secret(listed) and "138 ****" in entry["excerpt"]


def test_those_who_handle_it_read_what_was_written(told, anonymous, dispatcher, supervisor, department, officer):
    dispatcher.assigns(told, department)
    for reader in (anonymous, dispatcher, supervisor, officer):
        shown = reader.sees(told)
        assert shown["title"].endswith(PHONE) and IDENTITY in shown["text"] and shown["place"].endswith(PHONE)


def test_a_text_without_numbers_is_shown_as_it_is(anonymous, stranger):
    text = "2026-11-22起停水，投诉编号20261123-0001，已打12345和400-810-1234，欠费1380元。"
    complaint = anonymous.files(text, title="3栋1502停水")
    shown = stranger.get(complaint.path).json
    assert (shown["text"], shown["title"]) == (text, "3栋1502停水")


def test_a_mobile_number_in_an_official_reply_is_for_the_reporter_alone(anonymous, dispatcher, department, officer, stranger, daemon):
    complaint = anonymous.files()
    dispatcher.assigns(complaint, department)
    assert officer.answers(complaint, f"请联系李师傅{PHONE}，或拨打值班电话0731-88881234、12345。").status == 200
    shown = stranger.get(complaint.path).json["replies"]
    assert [reply["public_text"] for reply in shown] == ["请联系李师傅138********，或拨打值班电话0731-88881234、12345。"]
    assert PHONE in anonymous.sees(complaint)["replies"][0]["public_text"]


def test_a_follower_reads_the_masters_reply_as_the_public_does(anonymous, dispatcher, department, officer):
    master, follower = anonymous.files(), anonymous.files("同一盏灯也坏了。")
    dispatcher.assigns(master, department)
    dispatcher.merges(follower, into=master)
    officer.answers(master, f"请联系李师傅{PHONE}。")
    assert [reply["public_text"] for reply in anonymous.sees(follower)["replies"]] == ["请联系李师傅138********。"]


def test_the_public_reason_of_a_ledger_is_masked_as_well(anonymous, dispatcher, supervisor, department, officer, stranger, clock):
    complaint = anonymous.files()
    dispatcher.assigns(complaint, department)
    officer.accepts(complaint)
    assert officer.requests_ledger(complaint, clock.day(10), public_reason=f"待王工{PHONE}复核。").status == 200
    assert supervisor.approves_ledger(complaint).status == 200
    assert [reply["public_text"] for reply in stranger.get(complaint.path).json["replies"]] == ["待王工138********复核。"]


def test_the_public_ledger_shows_residents_no_more_than_everybody(world, anonymous, dispatcher, supervisor, department, officer, stranger, neighbour, clock):
    listed = []
    for visibility in ("public", "private"):
        complaint = anonymous.files(visibility=visibility)
        dispatcher.assigns(complaint, department)
        officer.accepts(complaint)
        assert officer.requests_ledger(complaint, clock.day(10), plan=f"请王工{PHONE}复核。").status == 200
        supervisor.approves_ledger(complaint)
        officer.sets_milestone(complaint, clock.day(5), f"王工{PHONE}到场。")
        listed.append(complaint.id)
    for reader in (stranger, neighbour, officer):
        items = {item["id"]: item for item in reader.items("/v1/ledger")}
        assert listed[0] in items and listed[1] not in items
        assert not holds_secret(reader.get("/v1/ledger"))
        assert items[listed[0]]["ledger"]["plan"] == "请王工138********复核。"
    assert officer.sees(complaint)["ledger"][0]["plan"] == f"请王工{PHONE}复核。"


def test_what_was_filed_before_there_were_masks_is_masked_by_the_reader(told, stranger, db):
    db.all("update complaint set masked_title = null, masked_text = null, masked_place = null where complaint = %s", told.id)
    db.all("update complaint c set entry = rules.entry_json(c) where complaint = %s", told.id)
    assert holds_secret(stranger.get(told.path))
    db.all("select rules.read_again(community, complaint) from complaint where complaint = %s", told.id)
    until(lambda: not holds_secret(stranger.get(told.path)), 20, "the reader to have masked it")
    assert PHONE not in db.value("select t::text from complaint_text t where complaint = %s", told.id)
