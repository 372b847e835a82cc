"""Several pictures in one form: all of them are added or none."""

import pytest

from support.answer import problem
from support.pictures import distinct, form, jpeg, png, posted, uploaded, webp


@pytest.fixture
def complaint(anonymous):
    return anonymous.files()


def test_several_pictures_come_in_one_form(complaint, stranger):
    uploaded(complaint, distinct(9), 2)
    answer = posted(complaint, form([jpeg(70, 50), png(71, 50), webp(72, 50)]))
    assert answer.status == 201
    assert answer.location == complaint.path
    assert [(picture["n"], picture["width"]) for picture in answer["pictures"]] == [(1, 70), (2, 32), (3, 71), (4, 72)]
    for picture in answer["pictures"]:
        assert stranger.looks_at_picture(picture).status == 200
    assert complaint.reporter.events_of(complaint)[-1]["data"] == {"n": [1, 3, 4]}


def test_a_form_that_comes_twice_adds_nothing(complaint):
    first = posted(complaint, form([distinct(1), distinct(2)]))
    again = posted(complaint, form([distinct(1), distinct(2)]))
    assert (first.status, again.status) == (201, 201)
    assert again["pictures"] == first["pictures"]
    one_more = posted(complaint, form([distinct(2), distinct(3), distinct(3)]))
    assert [picture["n"] for picture in one_more["pictures"]] == [1, 2, 3]


def test_of_a_form_all_pictures_are_added_or_none(complaint):
    refused = posted(complaint, form([distinct(1), distinct(2)[:60], distinct(3)]))
    assert refused == problem(422, "broken_picture")
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/2"]
    assert complaint["pictures"] == []
    posted(complaint, form([distinct(n) for n in range(1, 6)]))
    assert posted(complaint, form([distinct(n) for n in range(6, 11)])) == problem(409, "too_many_pictures")
    assert len(complaint["pictures"]) == 5
    assert posted(complaint, form([distinct(n) for n in range(1, 11)])) == problem(409, "too_many_pictures")


def test_forms_that_are_none(complaint, anonymous):
    good = form([distinct(1)])
    for broken in (form([distinct(1)], ended=False), good[: len(good) // 2], b"nonsense", good.replace(b"\r\n\r\n", b"\r\r", 1), b""):
        answer = posted(complaint, broken)
        assert answer == problem(400, "malformed") or answer == problem(422, "invalid_input"), broken[:50]
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 71, 'multipart/form-data; boundary="a\\"'):
        unbound = posted(complaint, good, {"Content-Type": kind})
        assert unbound == problem(400, "malformed") and "boundary" in unbound.json["detail"]
    noted = posted(complaint, form([distinct(1)], fields=[("note", "hello")]))
    assert noted == problem(422, "invalid_input")
    assert noted.json["errors"] in ([{"pointer": f"/{n}", "detail": "is a field without a file; only files are taken"}] for n in (1, 2))
    assert posted(complaint, form([b""])) == problem(422, "invalid_input")
    wrong = posted(complaint, good, {"Content-Type": "application/json"})
    assert wrong == problem(415, "unsupported_media_type")
    assert wrong.headers["Accept"] == "multipart/form-data, image/jpeg, image/png, image/webp"
    assert complaint["pictures"] == []
    assert posted(complaint, form([distinct(1)], boundary="x y'()+_,-./:=?z"), {"Content-Type": "multipart/form-data; boundary=\"x y'()+_,-./:=?z\""}).status == 201
