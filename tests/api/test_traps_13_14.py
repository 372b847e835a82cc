"""Faults of other systems that told who complained, or where a picture was taken: traps 13 and 14."""

import pytest

from support.answer import problem
from support.pictures import GPS_MARK, exif, jpeg


def test_13_no_served_variant_of_a_picture_says_where_it_was_taken(world, anonymous, stranger):
    complaint = anonymous.files()
    camera = jpeg(900, 600, exif=exif(), comment=GPS_MARK)
    assert GPS_MARK in camera and b"Exif" in camera
    (picture,) = anonymous.shows(complaint, 1, camera)["pictures"]
    for thumbnail in (False, True):
        for headers in ({}, {"Range": "bytes=0-99999"}):
            served = stranger.looks_at_picture(picture, thumbnail=thumbnail, **headers)
            assert served.status in (200, 206) and served.body[:2] == b"\xff\xd8"
            assert not [mark for mark in (GPS_MARK, b"Exif", b"GPS", b"XMP", b"xmp") if mark in served.body]


NAMED = {"identity": "named", "contact": {"name": "欧阳小明", "phone": "13912345678"}}
EXPOSING = ("尊敬的欧阳小明先生：已修好。", "欧 阳 小 明您好，已修好。", "已致电139-1234-5678说明。", "已电告１３９１２３４５６７８。", "已联系+86 13912345678。")


@pytest.mark.parametrize("identity", ["named", "masked"])
def test_14_a_public_reply_does_not_say_who_complained(world, anonymous, dispatcher, department, officer, identity):
    complaint = anonymous.files(**{**NAMED, "identity": identity})
    dispatcher.assigns(complaint, department)
    for text in EXPOSING:
        refused = officer.answers(complaint, text)
        assert refused == problem(422, "names_reporter")
        assert refused.json["errors"][0]["pointer"] == "/public_text" and "小明" not in refused.text and "1391" not in refused.text
    assert complaint["status"] == "assigned" and complaint["replies"] == []
    assert officer.answers(complaint, "欧阳先生您好，小明渠已疏通。", private_text=EXPOSING[0]).status == 200


def refused_at(answer):
    """Which text was refused."""
    assert answer == problem(422, "names_reporter")
    return answer.json["errors"][0]["pointer"]


def test_14_no_other_public_word_says_it_either(world, anonymous, dispatcher, supervisor, department, officer, clock):
    complaint, (text, *_) = anonymous.files(**NAMED), EXPOSING
    assert refused_at(dispatcher.rejects(complaint, text=text)) == "/text"
    assert refused_at(dispatcher.rejects(complaint, elsewhere=text)) == "/elsewhere"
    dispatcher.assigns(complaint, department)
    assert refused_at(officer.asks(complaint, text)) == "/text"
    assert refused_at(officer.promises(complaint, clock.day(1), text)) == "/public_text"
    officer.accepts(complaint)
    assert refused_at(officer.requests_ledger(complaint, clock.day(9), public_reason=text)) == "/public_reason"
    assert refused_at(officer.requests_ledger(complaint, clock.day(9), plan=text)) == "/plan"
    assert officer.requests_ledger(complaint, clock.day(9)).status == 200
    supervisor.approves_ledger(complaint)
    assert refused_at(officer.sets_milestone(complaint, clock.day(5), text)) == "/text"
    officer.answers(complaint)
    assert refused_at(officer.corrects(complaint, text)) == "/public_text"


def test_14_a_residents_own_phone_and_a_followers_name_are_kept_as_well(world, resident, anonymous, dispatcher, department, officer):
    complaint, follower = resident.files(identity="named"), anonymous.files("同一盏灯。", **NAMED)
    dispatcher.assigns(complaint, department)
    dispatcher.merges(follower, into=complaint)
    assert officer.answers(complaint, f"已电告{resident.phone}。") == problem(422, "names_reporter")
    assert officer.answers(complaint, EXPOSING[0]) == problem(422, "names_reporter")
    assert officer.answers(complaint, "已修好。").status == 200


def test_14_a_stranger_learns_nothing_by_a_name(world, anonymous, other_officer, visitor):
    complaint = anonymous.files(visibility="private", **NAMED)
    assert other_officer.answers(complaint, EXPOSING[0]) == problem(404, "not_found")
    assert visitor.answers(complaint, EXPOSING[0]) == problem(403, "not_permitted")
