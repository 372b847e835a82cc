"""Pictures that are none, too much of them, a sweep and the end of a daemon: nothing is left half."""

import concurrent.futures
import hashlib
import os
import pathlib
import socket
import struct
import time

import pytest

from support import pictures
from support.actor import Actor
from support.answer import problem
from support.database import look_into
from support.pictures import distinct, drawn, form, jpeg, png, posted, uploaded, webp
from support.wait import until

pytestmark = pytest.mark.slow


@pytest.fixture
def complaint(anonymous):
    return anonymous.files()


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
