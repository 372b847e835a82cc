"""Where pictures are kept: a bucket that checks signatures, a disk that is full."""

import os
import subprocess
import time

import pytest
from PIL import Image

from support.actor import Actor
from support.answer import problem
from support.bucket import Bucket
from support.database import look_into
from support.pictures import distinct, drawn, jpeg, looks_like, saved
from support.wait import until


@pytest.fixture
def bucket():
    bucket = Bucket()
    yield bucket
    bucket.close()


def key_of(picture, thumbnail=False):
    return f"pictures/{picture['hash'][:2]}/{picture['hash'][2:]}{'-thumbnail' if thumbnail else ''}"


def uploaded(complaint, data, n=1):
    answer = complaint.reporter.shows(complaint, n, data)
    assert answer.status == 201, answer
    return next(picture for picture in answer["pictures"] if picture["n"] == n)


def test_pictures_in_a_bucket(new_site, bucket):
    site = new_site()
    daemon = site.daemon(**bucket.settings)
    anonymous, stranger = Actor(daemon), Actor(daemon)
    complaint = anonymous.files()
    picture = uploaded(complaint, jpeg(700, 500))
    assert set(bucket.objects) == {key_of(picture), key_of(picture, True)}
    assert not [path for path in (site.folder / "data/pictures").rglob("*") if path.is_file()]
    for thumbnail in (False, True):
        seen = stranger.looks_at_picture(picture, thumbnail=thumbnail)
        assert (seen.status, seen.body) == (200, bucket.objects[key_of(picture, thumbnail)][0])
        assert looks_like(seen.body, drawn())
        part = stranger.looks_at_picture(picture, thumbnail=thumbnail, Range="bytes=10-19")
        assert (part.status, part.body) == (206, seen.body[10:20])
        asked = len(bucket.requests)
        assert stranger.looks_at_picture(picture, thumbnail=thumbnail, If_None_Match=seen.etag).status == 304
        assert len(bucket.requests) == asked
    private = anonymous.files(visibility="private")
    hidden = uploaded(private, distinct(4))
    assert stranger.looks_at_picture(hidden).status == 404
    assert anonymous.looks_at_picture(hidden, private).status == 200
    assert bucket.faults == []

    # silent, away, full, gone
    began, bucket.silent = time.monotonic(), True
    assert stranger.looks_at_picture(picture) == problem(503, "store_unavailable")
    assert time.monotonic() - began < 15
    bucket.silent = False
    bucket.speaks.set()
    bucket.broken = 500
    assert anonymous.shows(complaint, 2, distinct(2)) == problem(503, "store_unavailable")
    assert stranger.looks_at_picture(picture) == problem(503, "store_unavailable")
    bucket.broken = 507
    assert anonymous.shows(complaint, 2, distinct(2)) == problem(507, "storage_full")
    bucket.broken = 0
    assert [one["n"] for one in complaint["pictures"]] == [1]
    assert anonymous.shows(complaint, 2, distinct(2)).status == 201
    del bucket.objects[key_of(picture)]
    assert stranger.looks_at_picture(picture) == problem(404, "not_found")


def test_a_wrong_secret_opens_no_bucket(new_site, bucket):
    daemon = new_site().daemon(**{**bucket.settings, "s3_secret": "another"})
    complaint = Actor(daemon).files()
    assert complaint.reporter.shows(complaint, 1, distinct(1)) == problem(503, "store_unavailable")
    assert bucket.objects == {}
    assert {fault for _, _, fault in bucket.requests} == {"the signature does not fit"}
    assert "another" not in daemon.said()


def test_a_bucket_is_swept(new_site, bucket):
    for number in range(8):
        bucket.put(f"pictures/{number:02x}/{number:062x}", b"nobody's", hours_ago=2)
        bucket.put(f"pictures/{number:02x}/{number:062x}-thumbnail", b"nobody's", hours_ago=2)
    bucket.put("pictures/ff/" + "f" * 62, b"young", hours_ago=0)
    bucket.put("pictures/readme", b"not ours", hours_ago=99)
    site = new_site()
    daemon = site.daemon(**bucket.settings)
    until(lambda: len(bucket.objects) == 2, 20, "the sweep")
    assert set(bucket.objects) == {"pictures/ff/" + "f" * 62, "pictures/readme"}
    complaint = Actor(daemon).files()
    picture = uploaded(complaint, distinct(5))
    for thumbnail in (False, True):
        bucket.age(key_of(picture, thumbnail))
    database = look_into(site.cluster, site.name)
    listed = len(bucket.requests)
    database.all("notify pictures")
    until(lambda: len(bucket.requests) > listed, 20, "another sweep")
    assert Actor(daemon).looks_at_picture(picture).status == 200
    assert database.value("select erase_pictures('home', %s)", complaint.id) == 1
    until(lambda: len(bucket.objects) == 2, 20, "the sweep after erasing")
    assert bucket.faults == []
    database.connection.close()


def test_a_store_that_is_not_told_where_it_is_stops_the_start(new_site):
    daemon = new_site().daemon(start=False, picture_store="s3", s3_bucket="wall")
    daemon.start(wait=False)
    assert daemon.process.wait(30) == 1
    daemon.process = None
    assert "picture-store s3 needs s3-endpoint" in daemon.said()
    assert "first start" not in daemon.said()  # nobody was told a password that is said once
    daemon = new_site().daemon(start=False, picture_store="tape")
    daemon.start(wait=False)
    assert daemon.process.wait(30) == 1
    daemon.process = None


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 3 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs", str(folder)], stderr=subprocess.PIPE)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def noise(side):
    """What does not become smaller."""
    return saved(Image.effect_noise((side, side), 120).convert("RGB"), "JPEG", quality=95)


def test_a_full_disk_is_said_and_leaves_nothing_half(new_site, small_disk):
    site = new_site()
    (site.folder / "data").mkdir()
    os.symlink(small_disk, site.folder / "data/pictures")
    daemon = site.daemon()
    anonymous = Actor(daemon)
    complaint = anonymous.files()
    picture = uploaded(complaint, distinct(1))
    kept = {path: path.read_bytes() for path in small_disk.rglob("*") if path.is_file()}
    big = jpeg(800, 800) + bytes(4_000_000)
    assert anonymous.shows(complaint, 2, big) == problem(507, "storage_full")  # as it comes in
    wide, filler = noise(900), small_disk / "filler"
    filler.write_bytes(bytes(3 * 1024 * 1024 - len(wide) - 150 * 1024))
    assert anonymous.shows(complaint, 2, wide) == problem(507, "storage_full")  # as it is written anew
    filler.unlink()
    assert {path: path.read_bytes() for path in small_disk.rglob("*") if path.is_file()} == kept
    assert os.statvfs(small_disk).f_bfree * os.statvfs(small_disk).f_frsize > 2_800_000
    assert complaint["pictures"] == [picture]
    assert anonymous.looks_at_picture(picture).status == 200
    assert anonymous.shows(complaint, 2, distinct(2)).status == 201
    assert daemon.is_ready()
