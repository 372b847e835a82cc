"""Pictures of complaints: taken in, written anew, shown to whom they concern."""

import concurrent.futures
import hashlib
import os
import pathlib
import socket
import struct
import time

import pytest
from PIL import ImageOps

from support import pictures
from support.actor import Actor
from support.answer import problem
from support.database import look_into
from support.pictures import GPS_MARK, distinct, drawn, exif, form, jpeg, looks_like, opened, png, webp
from support.wait import until

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def complaint(anonymous):
    return anonymous.files()


def shown(complaint, n=1):
    return next(picture for picture in complaint["pictures"] if picture["n"] == n)


def uploaded(complaint, data, n=1, actor=None):
    answer = (actor or complaint.reporter).shows(complaint, n, data)
    assert answer.status == 201, answer
    return next(picture for picture in answer.json["pictures"] if picture["n"] == n)


def bytes_of(actor, picture, complaint=None, **more):
    answer = actor.looks_at_picture(picture, complaint, **more)
    assert answer.status == 200, answer
    return answer.body


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


# Several at once

MULTIPART = {"Content-Type": f"multipart/form-data; boundary={pictures.BOUNDARY}"}


def posted(complaint, body, headers=None):
    return complaint.reporter.post(f"{complaint.path}/pictures", body, receipt=complaint.receipt, headers=headers or MULTIPART)


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


# Bad input


def test_what_is_no_picture_of_ours_is_refused_with_what_is(complaint, anonymous):
    others = {
        "HEIC": pictures.heic(),
        "AVIF": pictures.heic().replace(b"heic", b"avif"),
        "GIF": pictures.saved(drawn(), "GIF"),
        "BMP": pictures.saved(drawn(), "BMP"),
        "PDF": b"%PDF-1.7\n" + bytes(300),
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "not accepted": b"#!/bin/sh\nrm -rf /\n",
        "is of a kind": b"x",
    }
    for name, data in others.items():
        refused = anonymous.shows(complaint, 1, data, **{"Content-Type": "image/png"})
        assert refused == problem(415, "unsupported_media_type"), name
        assert refused.headers["Accept"] == "image/jpeg, image/png, image/webp"
        assert refused.json["detail"] == "JPEG, PNG and WebP are accepted"
        assert name in refused.json["errors"][0]["detail"]
    moving = anonymous.shows(complaint, 1, pictures.animated_webp())
    assert moving == problem(415, "unsupported_media_type")
    assert "animated" in moving.json["errors"][0]["detail"]
    assert complaint["pictures"] == []


def test_broken_pictures_are_refused(complaint, anonymous, daemon):
    broken = {
        "a PNG that is a script": b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>" * 20,
        "half a JPEG": jpeg(300, 300)[:3000],
        "half a PNG": png(300, 300)[: len(png(300, 300)) // 2],
        "half a WebP": webp(300, 300)[: len(webp(300, 300)) // 2],
        "a header alone": jpeg()[:30],
        "the first bytes": b"\xff\xd8\xff\xe0",
        "no width": pictures.of_size("JPEG", 0, 40),
        "a larger size than there is": pictures.of_size("PNG", 500, 500),
        "a canvas without a picture": pictures.of_size("WEBP", 300, 300),
        "a flipped bit": png()[:60] + bytes([png()[60] ^ 0x55]) + png()[61:],
    }
    for name, data in broken.items():
        refused = anonymous.shows(complaint, 1, data)
        assert refused == problem(422, "broken_picture"), (name, refused)
        assert refused.json["errors"] == [{"pointer": "/1", "detail": "is damaged or cut off"}]
    assert complaint["pictures"] == []
    assert anonymous.shows(complaint, 1, jpeg()).status == 201


def test_more_than_fifty_megapixels_are_refused_by_the_header(complaint, anonymous):
    for kind, width, height in (("PNG", 7142, 7142), ("JPEG", 7142, 7142), ("WEBP", 7142, 7142), ("PNG", 2**31 - 1, 2**31 - 1)):
        assert anonymous.shows(complaint, 1, pictures.of_size(kind, width, height)) == problem(422, "too_many_pixels"), kind


def test_a_bomb_does_no_harm(complaint, anonymous, daemon):
    bomb = pictures.png_bomb()
    assert len(bomb) < 1_000_000
    answer = anonymous.shows(complaint, 1, bomb)
    assert answer == problem(422, "broken_picture")
    assert daemon.is_ready()


def test_a_body_that_is_empty_too_long_or_not_what_it_says(complaint, anonymous, daemon):
    assert anonymous.shows(complaint, 1, b"") == problem(422, "broken_picture")
    long = jpeg() + bytes(10_000_000)
    alone = anonymous.shows(complaint, 1, long)
    assert alone == problem(413, "too_large") and alone.json["detail"] == "A picture has at most 10 MB"
    second = posted(complaint, form([jpeg(), long]))
    assert second == problem(413, "too_large") and second.json["detail"] == "A picture has at most 10 MB"
    assert second.json["errors"] == [{"pointer": "/2", "detail": "has more than 10 MB"}]
    encoded = anonymous.shows(complaint, 1, jpeg(), **{"Content-Encoding": "gzip"})
    assert encoded == problem(415, "unsupported_media_type")
    head = f"PUT {complaint.path}/pictures/1 HTTP/1.1\r\nHost: x\r\nReceipt: {complaint.receipt}\r\n"
    early = daemon.raw((head + "Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n").encode(), pieces=1)
    assert b"413" in early.split(b"\r\n")[0]
    patient = daemon.raw((head + "Content-Length: 60000000\r\nConnection: close\r\n\r\n").encode() + bytes(60_000_000), pieces=1)
    assert b"413" in patient.split(b"\r\n")[0], "a browser does not ask first; it hears why when it has sent all"
    chunked = (head + "Transfer-Encoding: chunked\r\n\r\n").encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(jpeg()), jpeg())
    assert b" 201 " in daemon.raw(chunked, pieces=1).split(b"\r\n")[0]
    short = (head.replace("pictures/1", "pictures/2") + f"Content-Length: {len(jpeg()) + 50}\r\nConnection: close\r\n\r\n").encode() + jpeg()
    with socket.create_connection(("127.0.0.1", daemon.port)) as connection:
        connection.sendall(short)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone, not only silent
    assert [picture["n"] for picture in complaint["pictures"]] == [1]


def test_a_workers_thread_is_never_held_up(complaint, stranger, daemon):
    """While pictures are decoded, others are served."""
    big = jpeg(3000, 3000, progressive=True)
    slowest = 0
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(lambda n=n: Actor(daemon).shows(complaint, n, big).status) for n in range(1, 4)]
        while not all(one.done() for one in sent):
            begun = time.monotonic()
            assert stranger.get("/healthz").status == 200
            slowest = max(slowest, time.monotonic() - begun)
    assert [one.result() for one in sent] == [201] * 3
    assert slowest < 1


def test_two_at_once_for_one_place_leave_one(complaint, daemon):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: Actor(daemon).shows(complaint, 1, distinct(n)), range(1, 5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert len(complaint["pictures"]) == 1


def files_below(site):
    folder = pathlib.Path(site.folder / "data/pictures")
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_bear_the_hash_of_their_bytes_and_nothing_else_is_there(complaint, site):
    picture = uploaded(complaint, jpeg(555, 333))
    below = files_below(site)
    name = f"{picture['hash'][:2]}/{picture['hash'][2:]}"
    assert {name, name + "-thumbnail"} <= below
    for one in below:
        assert len(one.replace("/", "").removesuffix("-thumbnail")) == 64, one
        assert (site.folder / "data/pictures" / one).stat().st_mode & 0o077 == 0


# The sweep, and the end of a daemon


def made_old(path):
    os.utime(path, (time.time() - 7200,) * 2)


def put_file(site, content, old):
    name = hashlib.sha256(content).hexdigest()
    path = site.folder / "data/pictures" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    if old:
        made_old(path)
    return path


def test_what_is_nobodys_is_swept_after_an_hour(new_site):
    site = new_site()
    daemon = site.daemon()
    anonymous = Actor(daemon)
    complaint = anonymous.files()
    picture = uploaded(complaint, jpeg())
    kept = site.folder / "data/pictures" / picture["hash"][:2] / picture["hash"][2:]
    made_old(kept)
    old, young = put_file(site, b"old", True), put_file(site, b"young", False)
    part = site.folder / "data/pictures/abcdef.part"
    part.write_bytes(b"half a picture")
    made_old(part)
    daemon.stop()
    daemon.start()
    until(lambda: not old.exists(), 10, "the sweep")
    assert young.exists() and kept.exists() and not part.exists()
    assert anonymous.looks_at_picture(picture).status == 200
    database = look_into(site.cluster, site.name)
    until(lambda: database.value("select count(*) from picture_leaving where ended is not null") == 1, 10, "the mark of the end")
    # erased pictures go at once when they are old enough, and nothing of them is left but the event
    made_old(kept)
    assert database.value("select erase_pictures('home', %s)", complaint.id) == 1
    until(lambda: not kept.exists(), 10, "the sweep after erasing")
    shown_now = complaint.shown
    assert (shown_now["pictures"], shown_now["thumbnail"]) == ([], None)
    assert anonymous.looks_at_picture(picture).status == 404
    assert picture["hash"] not in str(database.all("select * from event_text"))
    assert daemon.verify()[0] == 0
    # the same picture may come again
    assert uploaded(complaint, jpeg()) == picture
    assert anonymous.looks_at_picture(picture).status == 200
    database.connection.close()


def test_the_daemons_role_erases_no_picture(complaint, db):
    for rule in ("erase_pictures(text, uuid, uuid)", "rely_on_pictures(jsonb, timestamptz)"):
        assert db.value("select has_function_privilege('echo_wall_daemon', %s, 'execute')", f"rules.{rule}") is False
    assert db.value("select has_function_privilege('echo_wall_daemon', 'rules.leave_pictures(text[])', 'execute')") is True


def test_nobody_relies_on_what_is_leaving(complaint, anonymous, db):
    sent, other = distinct(77), distinct(78)
    picture = uploaded(complaint, sent)
    assert db.all("select hash from leave_pictures(array[%s])", picture["hash"]) == []
    elsewhere = anonymous.files()
    db.all("delete from picture where complaint = %s", complaint.id)  # erase_pictures() would call the sweep
    assert db.all("select hash from leave_pictures(array[%s])", picture["hash"]) == [(picture["hash"],)]
    assert anonymous.shows(elsewhere, 1, sent) == problem(503, "busy")
    assert anonymous.shows(elsewhere, 2, other).status == 201
    db.value("select pictures_left(array[%s])", picture["hash"])
    assert anonymous.shows(elsewhere, 1, sent).status == 201
    assert anonymous.looks_at_picture(picture).status == 200


def test_a_kill_in_the_middle_leaves_nothing_half(new_site):
    site = new_site()
    daemon = site.daemon()
    complaint = Actor(daemon).files()
    picture = uploaded(complaint, distinct(1))
    before = files_below(site)
    head = f"PUT {complaint.path}/pictures/2 HTTP/1.1\r\nHost: x\r\nReceipt: {complaint.receipt}\r\nContent-Length: 9000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", daemon.port)) as arriving, concurrent.futures.ThreadPoolExecutor(1) as pool:
        arriving.sendall(head.encode() + jpeg(3000, 3000))
        decoding = pool.submit(lambda: Actor(daemon).shows(complaint, 3, jpeg(3000, 3000)))
        until(lambda: daemon.children(), 10, "the process that decodes")
        daemon.kill()
        assert isinstance(decoding.exception(), OSError)
    until(lambda: not daemon.children(), 10, "the end of the process that decodes")
    assert files_below(site) == before
    daemon.start()
    assert complaint["pictures"] == [picture]
    assert complaint.reporter.shows(complaint, 2, distinct(2)).status == 201
