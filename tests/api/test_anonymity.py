"""
Nothing that leads to an anonymous sender is ever written: every byte of the data folder and every log is searched for what the sender bore, in headers or in the picture.
Each search is tried on what must be found, so that it could fail.
"""

import base64
import ipaddress
import os
import pathlib
import secrets
import shutil
import signal
import tempfile

import psycopg2
import pytest

from support.actor import Actor
from support.answer import problem
from support.daemon import Daemon
from support.haystack import Haystack, spellings_of_address
from support.pictures import GPS_MARK, exif, jpeg
from support.wait import until
from support.world import World

MARK = "Zq7Xk" + secrets.token_hex(6)  # stands in all that a sender may choose
ADDRESSES = ("203.0.113.77", "2001:db8:77:88:99aa:bbcc:ddee:ff01")
TRACE = secrets.token_hex(16)
NAME, PHONE, SPACED = "欧阳" + "标记明", "139" + "87654321", "139-8765-4321"
SECRET_WORD = "Vw3Hj" + secrets.token_hex(6)  # in texts: it must be found


def marked(address=ADDRESSES[0], trace=TRACE):
    """Headers that lead to a sender in every way that headers can."""
    return {
        "X-Forwarded-For": address,
        "User-Agent": f"{MARK}-agent/7.31 (Linux; device {MARK})",
        "Cookie": f"track={MARK}; id={MARK}-cookie",
        "X-Request-Id": f"{MARK}-request",
        "traceparent": f"00-{trace}-{trace[:16]}-01",
        "tracestate": f"vendor={MARK}",
        "Referer": f"https://{MARK}.example/page",
        "X-Real-IP": address,
        "Accept-Language": f"zh, x-{MARK}",
        "Idempotency-Key": f"{MARK}-{secrets.token_hex(4)}",
    }


@pytest.fixture(scope="module")
def house():
    """A daemon with a private cluster that logs all it can, behind a trusted proxy."""
    folder = tempfile.mkdtemp(prefix="echo-wall-anonymity-")
    pathlib.Path(folder).chmod(0o755)
    daemon = Daemon(folder, None, trusted_proxies="127.0.0.1", log_level="debug", embedded_options="wal_compression=off")
    daemon.clock, daemon.people = None, {}
    daemon.start()
    yield daemon
    if daemon.process:
        daemon.stop()
    for postmaster in pathlib.Path(folder).rglob("postmaster.pid"):
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(folder)


def superuser(daemon):
    connection = psycopg2.connect(host=f"{daemon.folder}/data/socket", user="echo_wall", dbname="echo_wall")
    connection.autocommit = True
    return connection


def run(daemon, sql):
    connection = superuser(daemon)
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def store_plainly(daemon):
    """What is compressed is found by no search: nothing is."""
    columns = run(
        daemon,
        "select format('alter table %s alter column %I set storage external', a.attrelid::regclass, a.attname) from pg_attribute a "
        "join pg_class c on c.oid = a.attrelid where c.relnamespace = 'wall'::regnamespace and c.relkind = 'r' and a.attnum > 0 "
        "and not a.attisdropped and a.attstorage = 'x'",
    )
    run(daemon, "; ".join(row[0] for row in columns))


# A searcher that finds nothing proves nothing


@pytest.mark.parametrize("way", [bytes, lambda content: content[::-1], lambda content: content.hex().encode(), lambda content: b"x" + content])
def test_the_search_finds_what_is_there_in_any_form(tmp_path, way):
    (tmp_path / "some.file").write_bytes(b"\0\1" * 5000 + way(MARK.encode()) + b"\0\1" * 5000)
    assert Haystack(tmp_path).found(MARK)
    assert not Haystack(tmp_path).found(MARK + "0")


def test_the_search_finds_base64_and_packed_addresses(tmp_path):
    for skipped in range(3):
        (tmp_path / "base64").write_bytes(base64.b64encode(b"?" * skipped + MARK.encode() + b"and more"))
        assert Haystack(tmp_path).found(MARK)
    (tmp_path / "base64").write_bytes(ipaddress.ip_address(ADDRESSES[1]).packed)
    assert Haystack(tmp_path).found(ADDRESSES[1], spellings_of_address)


def rows_with(daemon, word):
    """Rows of all tables in which a word stands, with the tables' names."""
    tables = [row[0] for row in run(daemon, "select oid::regclass::text from pg_class where relnamespace = 'wall'::regnamespace and relkind = 'r'")]
    return [(table, row[0]) for table in tables for row in run(daemon, f"select t::text from {table} t") if word in row[0]]


# What happens in the house; then it is shut down and looked through


class Life:
    def __init__(self, house):
        self.house = house
        self.people = World(house)
        self.receipts, self.pictures = [], []

    def files_anonymously(self, sender, address):
        """Filed, written to, rated and made more private with the receipt; and everything that can be refused is."""
        text = f"楼道里的灯{SECRET_WORD}" + "，一直没有人来修" * 400
        filed = sender.request("POST", "/v1/complaints", {"text": text, "identity": "anonymous"}, headers=marked(address))
        assert filed.status == 201
        self.receipts.append(filed["receipt"])
        path, holder = f"/v1/complaints/{filed['id']}", Actor(self.house)
        wrong = ("1" if filed["receipt"][0] == "0" else "0") + filed["receipt"][1:]

        def does(action, body):
            return holder.request("POST", f"{path}/{action}", body, receipt=filed["receipt"], headers=marked(address)).status

        assert self.people.dispatcher.post(f"{path}/assign", {"department": self.people.department["id"]}).status == 200
        assert does("messages", {"text": "有人吗？"}) == 201
        camera = jpeg(900, 600, exif=exif(), comment=GPS_MARK + MARK.encode())
        assert GPS_MARK in camera and MARK.encode() in camera
        taken = holder.request("PUT", f"{path}/pictures/1", camera, receipt=filed["receipt"], headers={**marked(address), "Content-Type": "image/jpeg"})
        (picture,) = taken["pictures"]
        for variant in ("url", "thumbnail"):
            assert holder.get(picture[variant], receipt=filed["receipt"], headers={**marked(address), "Accept": "*/*"}).status == 200
        self.pictures.append(picture["hash"])
        assert self.people.officer.post(f"{path}/answer", {"public_text": "三号楼二单元楼道的灯已更换，请查看。"}).status == 200
        assert does("rating", {"stars": 5, "solved": "yes"}) == 201
        assert does("rating", {"stars": 5, "solved": "yes"}) == 409
        assert does("rating", {"stars": 5}) == 422
        assert does("privacy", {"visibility": "private", "round_times": True}) == 200
        assert holder.get("/v1/receipts/current", receipt=filed["receipt"], headers=marked(address)).status == 200
        assert holder.get("/v1/receipts/current", receipt=wrong, headers=marked(address)).status == 404
        assert holder.get(f"/{MARK}/nowhere", headers=marked(address)) == problem(404, "not_found")
        assert holder.get(f"/v1/complaints?category={MARK}", headers=marked(address)).status == 422
        assert holder.request("POST", "/v1/complaints", f'{{"text": "{MARK}'.encode(), headers=marked(address)).status == 400
        return filed

    def files_by_name(self):
        contact = {"name": NAME, "phone": f"+86 {SPACED}"}
        filed = Actor(self.house).request("POST", "/v1/complaints", {"text": "电梯又停在五楼了。", "identity": "named", "contact": contact})
        assert filed.status == 201
        path = f"/v1/complaints/{filed['id']}"
        assert self.people.dispatcher.post(f"{path}/assign", {"department": self.people.department["id"]}).status == 200
        assert self.people.officer.get(path)["contact"] == {"name": NAME, "phone": f"+86{PHONE}"}
        assert self.people.officer.post(f"{path}/answer", {"public_text": f"尊敬的{NAME}：电梯已检修完毕。"}) == problem(422, "names_reporter")
        assert self.people.officer.post(f"{path}/answer", {"public_text": "三号楼电梯已检修完毕，恢复运行。"}).status == 200


@pytest.fixture(scope="module")
def life(house):
    store_plainly(house)
    life = Life(house)
    life.resident = life.people.resident
    life.files_anonymously(Actor(house), ADDRESSES[0])
    life.hidden = life.files_anonymously(life.resident, ADDRESSES[1])
    life.shown = life.resident.request("POST", "/v1/complaints", {"text": "可以知道是我。", "identity": "named"})
    life.files_by_name()
    assert life.hidden["id"] not in [item["id"] for item in life.resident.items("/v1/me/complaints")]
    until(lambda: run(house, "select count(*) from wall.outbox where sent is null and due <= clock_timestamp()") == [(0,)], 20, "an empty outbox")
    life.rows = {word: rows_with(house, word) for word in (life.hidden["id"], life.shown["id"], NAME, PHONE)}
    house.stop()
    life.haystack = Haystack(house.folder)
    return life


# Anonymous


def test_nothing_of_an_anonymous_sender_is_written_anywhere(life):
    assert {place.split("/")[-2] for place, name in life.haystack.found(SECRET_WORD) if name == "as it is"} >= {"pg_wal"}, "the search itself"
    assert len(life.haystack.found(SECRET_WORD)) > 1, "in the table and in the write-ahead log"
    assert life.haystack.found(MARK) == []
    assert life.haystack.found(TRACE) == []
    assert [picture for picture in life.pictures if not life.haystack.named(picture)] == [], "the pictures are there"
    assert life.haystack.found(GPS_MARK.decode()) == []
    for address in (*ADDRESSES, "2001:db8:77:88::"):
        assert life.haystack.found(address, spellings_of_address) == []
    for receipt in life.receipts:
        assert life.haystack.found(receipt) == [] and life.haystack.found(receipt.replace("-", "")) == []


def test_no_row_links_an_anonymous_complaint_with_the_resident_who_filed_it(life):
    shown, hidden = life.rows[life.shown["id"]], life.rows[life.hidden["id"]]
    assert [table for table, row in shown if life.resident.id in row] == ["wall.complaint_identity"]
    assert {"wall.complaint", "wall.event", "wall.receipt"} <= {table for table, _ in hidden}
    assert [table for table, row in hidden if life.resident.id in row or life.resident.phone in row] == []


# Named


def test_name_and_phone_of_a_named_reporter_lie_nowhere_unsealed(life):
    """Only the outbox's file, which is the way to the reporter, bears the phone; it never bears a name."""
    assert {file for file, _ in life.haystack.found(PHONE)} == {life.house.outbox.name}
    assert life.haystack.found(NAME) == [] and life.haystack.found(SPACED) == []
    assert life.rows[NAME] == [] and life.rows[PHONE] == []


def test_the_phone_of_a_resident_lies_nowhere_unsealed(life):
    assert {file for file, _ in life.haystack.found(life.resident.phone)} == {life.house.outbox.name}
