"""Pictures of complaints: taken in, written anew, shown to whom they concern."""

import hashlib

import pytest
from PIL import ImageOps

from support import pictures
from support.actor import Actor
from support.answer import problem
from support.pictures import GPS_MARK, MULTIPART, bytes_of, distinct, drawn, exif, form, jpeg, looks_like, opened, png, posted, shown, uploaded, webp

pytestmark = pytest.mark.slow

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def complaint(anonymous):
    return anonymous.files()


# Taken in


def test_a_picture_is_written_anew_and_shown_to_everybody(complaint, stranger):
    picture = uploaded(complaint, jpeg(2000, 1000))
    data = bytes_of(stranger, picture)
    assert picture == {
        "n": 1,
        "hash": hashlib.sha256(data).hexdigest(),
        "media_type": "image/jpeg",
        "width": 2000,
        "height": 1000,
        "size": len(data),
        "url": f"/v1/pictures/{picture['hash']}",
        "thumbnail": f"/v1/pictures/{picture['hash']}?size=thumbnail",
        "claim": None,
    }
    assert (opened(data).format, opened(data).size) == ("JPEG", (2000, 1000))
    assert looks_like(data, drawn())
    thumbnail = bytes_of(stranger, picture, thumbnail=True)
    assert (opened(thumbnail).format, opened(thumbnail).size) == ("JPEG", (480, 240))
    assert looks_like(thumbnail, drawn())
    for seen in (complaint.shown, stranger.get(complaint.path).json):
        assert seen["pictures"] == [picture]
        assert seen["thumbnail"] == picture["thumbnail"]


KINDS = {
    "png": (png(), "RGB"),
    "grey png": (png(mode="L"), "L"),
    "palette png": (png(mode="P"), "RGB"),
    "webp": (webp(), "RGB"),
    "lossless webp": (webp(lossless=True), "RGB"),
    "grey jpeg": (jpeg(mode="L"), "L"),
    "cmyk jpeg": (jpeg(mode="CMYK"), "RGB"),
    "progressive jpeg": (jpeg(progressive=True), "RGB"),
}


def test_every_kind_is_shown_as_it_looks(complaint, anonymous):
    for n, (kind, (sent, mode)) in enumerate(KINDS.items(), 1):
        data = bytes_of(anonymous, uploaded(complaint, sent, n), complaint)
        assert looks_like(data, drawn(mode=mode)), kind


def test_what_can_be_seen_through_stands_on_white(complaint, anonymous):
    clear = drawn(mode="RGBA")
    clear.putalpha(0)
    for n, kind in ((1, "PNG"), (2, "WEBP")):
        data = bytes_of(anonymous, uploaded(complaint, pictures.saved(clear, kind), n), complaint)
        assert min(min(pixel) for pixel in opened(data).getdata()) > 250


def test_sixteen_bits_and_interlaced_rows_are_read(complaint, anonymous):
    deep = opened(bytes_of(anonymous, uploaded(complaint, pictures.png_16_bit(), 1), complaint))
    assert all(abs(a - b) < 12 for a, b in zip(deep.getpixel((4, 4)), (255, 128, 0)))
    woven = opened(bytes_of(anonymous, uploaded(complaint, pictures.png_interlaced(), 2), complaint))
    assert all(abs(a - b) < 12 for pixel in woven.getdata() for a, b in zip(pixel, (10, 200, 90)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(complaint, anonymous, kind):
    stored = {orientation: pictures.saved(drawn(96, 64), kind, exif=exif(orientation)) for orientation in range(1, 9)}
    assert posted(complaint, form(stored.values())).status == 201
    for orientation, sent in stored.items():
        data = bytes_of(anonymous, shown(complaint, orientation), complaint)
        wanted = ImageOps.exif_transpose(opened(sent))
        assert opened(data).size == wanted.size == ((96, 64) if orientation < 5 else (64, 96))
        assert looks_like(data, wanted), orientation


def test_nothing_but_the_pixels_survives_on_any_path(complaint, anonymous, stranger, site):
    xmp = b"<x:xmpmeta>" + GPS_MARK + b"</x:xmpmeta>"
    icc = b"ICC" + GPS_MARK + bytes(200)
    sent = {
        1: jpeg(900, 600, exif=exif(), comment=GPS_MARK, icc_profile=icc),
        2: pictures.png_of(4, 4, 8, 2, (b"\0" + b"\x50\x60\x70" * 4) * 4, before=pictures.chunk(b"tEXt", b"Comment\0" + GPS_MARK) + pictures.chunk(b"eXIf", exif())),
        3: webp(900, 600, exif=exif(), xmp=xmp),
        4: jpeg(300, 200) + GPS_MARK,
    }
    for n, data in sent.items():
        assert GPS_MARK in data
        picture = uploaded(complaint, data, n)
        for thumbnail in (False, True):
            for headers in ({}, {"Range": "bytes=0-100000"}):
                seen = stranger.looks_at_picture(picture, thumbnail=thumbnail, **headers).body
                assert seen[:2] == b"\xff\xd8"
                for mark in (GPS_MARK, b"Exif", b"GPS", b"xmp", b"XMP", b"ICC", b"http://ns.adobe.com"):
                    assert mark not in seen, (n, thumbnail, mark)
    for path in site.folder.rglob("*"):
        if path.is_file():
            assert GPS_MARK not in path.read_bytes(), path


def test_a_large_one_is_kept_at_four_thousand_pixels(complaint, anonymous):
    picture = uploaded(complaint, jpeg(6000, 3000))
    assert (picture["width"], picture["height"]) == (4096, 2048)
    assert looks_like(bytes_of(anonymous, picture, complaint), drawn())
    ribbon = uploaded(complaint, webp(8192, 16), 2)
    assert (ribbon["width"], ribbon["height"]) == (4096, 8)
    assert opened(bytes_of(anonymous, ribbon, complaint, thumbnail=True)).size == (480, 1)


def test_the_event_commits_to_the_picture_and_no_deadline_moves(world, officer, db):
    complaint = world.complaint("accepted")
    before = complaint.shown
    picture = uploaded(complaint, jpeg())
    after = complaint.shown
    for name in ("status", "turn", "reply_due", "department"):
        assert after[name] == before[name]
    assert after["version"] == before["version"] + 1
    event = officer.events_of(complaint)[-1]
    assert (event["action"], event["by"], event["data"]) == ("pictures", "reporter", {"n": [1]})
    text, content = db.one(
        "select t.text, encode(sha256(t.nonce || convert_to(t.text, 'UTF8')), 'hex') from event_text t where complaint = %s order by seq desc limit 1", complaint.id
    )
    assert (text, content) == (picture["hash"], event["content"])


# Again, and too many


def test_the_same_picture_again_has_the_same_answer(complaint, anonymous):
    data = jpeg(exif=exif())
    first = anonymous.shows(complaint, 1, data)
    again = anonymous.shows(complaint, 1, data)
    assert (first.status, again.status) == (201, 201)
    assert again["pictures"] == first["pictures"]
    assert [event["action"] for event in anonymous.events_of(complaint)].count("pictures") == 1


def test_another_picture_in_the_same_place_is_refused(complaint, anonymous):
    picture = uploaded(complaint, distinct(1))
    assert anonymous.shows(complaint, 1, distinct(2)) == problem(409, "place_taken")
    assert complaint["pictures"] == [picture]


def test_nine_are_the_most(complaint, anonymous):
    assert anonymous.shows(complaint, 10, distinct(10)) == problem(422, "invalid_input")
    assert anonymous.shows(complaint, 0, distinct(10)) == problem(422, "invalid_input")
    for n in range(9, 0, -1):
        uploaded(complaint, distinct(n), n)
    assert [picture["n"] for picture in complaint["pictures"]] == list(range(1, 10))
    assert "pictures" not in complaint["actions"]
    tenth = anonymous.post(f"{complaint.path}/pictures", form([distinct(10)]), receipt=complaint.receipt, headers=MULTIPART)
    assert tenth == problem(409, "too_many_pictures")


def test_pictures_are_added_until_a_case_is_over(world, clock):
    for status in ("submitted", "assigned", "accepted", "need_info", "answered", "ledgered"):
        complaint = world.complaint(status)
        assert "pictures" in complaint["actions"]
        uploaded(complaint, distinct(3))
    for status in ("closed", "rejected", "merged", "withdrawn"):
        complaint = world.complaint(status)
        refused = complaint.reporter.shows(complaint, 1, distinct(3))
        assert refused == problem(409, "not_allowed_now")
        assert refused.json["allowed"] == complaint["actions"]


def test_a_version_that_is_gone_is_refused(complaint, anonymous):
    etag = anonymous.looks_at(complaint).etag
    anonymous.writes(complaint)
    assert anonymous.shows(complaint, 1, distinct(1), **{"If-Match": etag}) == problem(412, "changed_meanwhile")
    assert anonymous.shows(complaint, 1, distinct(1), **{"If-Match": anonymous.looks_at(complaint).etag}).status == 201


# Who may


def test_only_the_reporter_adds_pictures(world, stranger, neighbour, resident):
    named = world.complaint("assigned", reporter=resident, identity="named")
    data = distinct(1)
    bare = Actor(world.daemon)
    assert bare.put(f"{named.path}/pictures/1", data) == problem(401, "not_signed_in")
    assert neighbour.shows(named, 1, data) == problem(403, "not_permitted")
    for staff in (world.officer, world.dispatcher, world.visitor, world.supervisor):
        assert staff.shows(named, 1, data) == problem(403, "not_permitted")
    private = resident.files(identity="named", visibility="private")
    assert neighbour.shows(private, 1, data) == problem(404, "not_found")
    assert world.other_officer.shows(private, 1, data) == problem(404, "not_found")
    assert world.admin.shows(private, 1, data) == problem(404, "not_found")
    assert resident.shows(named, 1, data).status == 201
    other = world.anonymous.files()
    foreign = bare.put(f"{named.path}/pictures/2", data, receipt=other.receipt)
    assert foreign == problem(403, "not_permitted")
    assert bare.put(f"{private.path}/pictures/2", data, receipt=other.receipt) == problem(404, "not_found")
    nowhere = named.path[:-1] + ("0" if named.path[-1] != "0" else "1")
    assert resident.put(f"{nowhere}/pictures/1", data) == problem(404, "not_found")


def test_nothing_is_decoded_for_somebody_who_may_not(world, resident, neighbour):
    """A broken picture from a stranger is refused for who sends it."""
    private = resident.files(identity="named", visibility="private")
    assert neighbour.shows(private, 1, jpeg()[:200]) == problem(404, "not_found")
    assert resident.shows(private, 1, jpeg()[:200]) == problem(422, "broken_picture")


# Who sees


def test_a_private_picture_is_seen_by_those_who_see_the_complaint(world, anonymous, stranger, neighbour, db):
    complaint = world.complaint("assigned", visibility="private")
    picture = uploaded(complaint, jpeg(222, 111))
    for thumbnail in (False, True):
        for actor, receipt in ((anonymous, complaint), (world.officer, None), (world.dispatcher, None), (world.supervisor, None), (world.visitor, None)):
            seen = actor.looks_at_picture(picture, receipt, thumbnail=thumbnail)
            assert seen.status == 200
            assert seen.headers["Cache-Control"] == "private, no-store" and seen.etag
            again = actor.looks_at_picture(picture, receipt, thumbnail=thumbnail, If_None_Match=seen.etag)
            assert (again.status, again.headers["Cache-Control"]) == (304, "private, no-store")
        for actor in (stranger, neighbour, world.other_officer, world.admin):
            for method in ("GET", "HEAD"):
                for headers in ({}, {"Range": "bytes=0-3"}, {"If_None_Match": seen.etag}, {"If_None_Match": "*"}):
                    assert actor.looks_at_picture(picture, method=method, thumbnail=thumbnail, **headers).status == 404
    assert stranger.looks_at_picture(picture, world.anonymous.files()).status == 404


def test_the_same_bytes_in_a_private_and_a_public_case(world, anonymous, stranger, dispatcher):
    data = jpeg(123, 321)
    private, public = anonymous.files(visibility="private"), anonymous.files()
    picture = uploaded(private, data)
    assert stranger.looks_at_picture(picture).status == 404
    assert uploaded(public, data) == picture
    seen = stranger.looks_at_picture(picture)
    assert (seen.status, seen.headers["Cache-Control"]) == (200, IMMUTABLE)
    assert dispatcher.hides(public).status == 200
    assert stranger.looks_at_picture(picture).status == 404
    assert anonymous.looks_at_picture(picture, private).status == 200
    assert stranger.get(public.path).status == 404


# How it is served


def test_a_public_picture_is_served_for_good(complaint, stranger):
    picture = uploaded(complaint, jpeg(300, 300))
    for thumbnail in (False, True):
        seen = stranger.looks_at_picture(picture, thumbnail=thumbnail)
        headers = seen.headers
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["Cache-Control"] == IMMUTABLE
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Content-Disposition"] == "inline"
        assert headers["Accept-Ranges"] == "bytes"
        assert seen.etag == f'"{picture["hash"]}{"-thumbnail" if thumbnail else ""}"'
        assert stranger.looks_at_picture(picture, thumbnail=thumbnail, If_None_Match=seen.etag).status == 304
        head = stranger.looks_at_picture(picture, thumbnail=thumbnail, method="HEAD")
        assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(seen.body)))
        assert stranger.looks_at_picture(picture, thumbnail=thumbnail, method="HEAD", Range="bytes=0-3").status == 200
    assert stranger.get(picture["url"], headers={"Accept": "text/html"}) == problem(406, "not_acceptable")
    assert stranger.looks_at_picture(picture["url"] + "?size=huge") == problem(422, "invalid_input")
    assert stranger.looks_at_picture("/v1/pictures/" + "0" * 64) == problem(404, "not_found")
    assert stranger.looks_at_picture("/v1/pictures/" + "0" * 63) == problem(404, "not_found")


def test_a_part_of_a_picture(complaint, stranger):
    picture = uploaded(complaint, jpeg(300, 200))
    whole = bytes_of(stranger, picture)
    size, etag = len(whole), f'"{picture["hash"]}"'
    for asked, first, last in ((f"bytes=0-9", 0, 9), ("bytes=5-5", 5, 5), ("bytes=100-", 100, size - 1), ("bytes=-10", size - 10, size - 1), ("bytes=0-", 0, size - 1), (f"bytes=10-{10 * size}", 10, size - 1)):
        part = stranger.looks_at_picture(picture, Range=asked)
        assert (part.status, part.body) == (206, whole[first : last + 1])
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert part.etag == etag
    for asked in (f"bytes={size}-", "bytes=-0"):
        beyond = stranger.looks_at_picture(picture, Range=asked)
        assert beyond == problem(416, "range_not_satisfiable")
        assert beyond.headers["Content-Range"] == f"bytes */{size}"
    for asked in ("bytes=0-1,4-5", "bytes=9-1", "lines=0-1", "bytes=", "bytes=a-b", "bytes=1"):
        assert stranger.looks_at_picture(picture, Range=asked).status == 200
    assert stranger.looks_at_picture(picture, Range="bytes=0-9", If_Range=etag).status == 206
    for condition in ('"another"', "W/" + etag, "Sun, 22 Nov 2026 10:00:00 GMT"):
        assert stranger.looks_at_picture(picture, Range="bytes=0-9", If_Range=condition).status == 200
