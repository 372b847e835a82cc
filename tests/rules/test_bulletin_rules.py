"""The daily bulletin: a chain over the days, a tree over the cases, a proof for whoever holds a receipt."""

import datetime
import hashlib
import json
import pathlib
import sys

import pytest

from town import Town

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from verify_bulletin import canonical, faults_of_chain, faults_of_proof, merkle_root  # noqa: E402

pytestmark = pytest.mark.slow


def bulletins(town):
    rows = town.run("select show_bulletin(community, day::text) from bulletin where community = %s order by day", town.name)
    return [json.loads(body) for (body,) in rows]


def proof(town, complaint, day):
    return json.loads(town.value("select prove_filing(%s, %s, row(null, 'receipt', null, %s, null)::caller)", town.name, day, complaint))


@pytest.fixture
def town(rules):
    town = Town(rules)
    town.cases_filed = [town.files(town.water) for _ in range(7)]
    town.answers(town.cases_filed[0])
    town.walk("2026-11-24 09:00")
    town.answers(town.cases_filed[1])
    town.reporter(town.cases_filed[0], "rating", stars=5, solved="yes")
    town.walk("2026-11-27 00:00:01")
    return town


def test_a_bulletin_says_what_the_day_came_to(town):
    first, second, *_ = bulletins(town)
    assert (first["day"], first["content"]["previous"]) == ("2026-11-23", "0" * 64)
    assert first["content"]["figures"] == {
        "submitted": 7, "replied": 1, "in_time": 1, "breached": 0, "closed": 0, "redone": 0, "rated": 0, "satisfied": 0}  # fmt: skip
    assert len(first["content"]["cases"]) == 7 and len(second["content"]["cases"]) == 7
    water = next(row for row in first["content"]["departments"] if row["department"] == "water")
    assert (water["received"], water["answered"], water["open"], water["cleared"]) == (7, 1, 6, False)
    assert second["content"]["figures"]["breached"] == 5 and second["content"]["figures"]["satisfied"] == 1


def test_each_day_continues_the_one_before(town):
    days = bulletins(town)
    assert [day["day"] for day in days] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    assert list(faults_of_chain(days)) == []
    assert town.differences() == []


def test_the_stored_text_is_canonical(town):
    for content, hash in town.run("select content, hash from bulletin where community = %s", town.name):
        assert canonical(json.loads(content)) == content.encode()
        assert hashlib.sha256(content.encode()).digest() == bytes(hash)


def test_a_year_of_days_is_checked_and_one_altered_byte_is_found(lasting_rules):
    town = Town(lasting_rules)
    for day in range(366):
        if day % 9 == 0:
            town.files(town.water)
        town.walk((datetime.datetime(2026, 11, 24, 0, 0, 1) + datetime.timedelta(days=day)).isoformat(" "))
        lasting_rules.connection.commit()
    days = bulletins(town)
    assert len(days) == 366 and list(faults_of_chain(days)) == []
    text = town.value("select content from bulletin where community = %s and day = '2027-03-14'", town.name)
    digit = text.index('"received":') + len('"received":')
    town.as_owner("update bulletin set content = overlay(content placing %s from %s for 1) where community = %s and day = '2027-03-14'",
                  str(int(text[digit]) + 1), digit + 1, town.name)  # fmt: skip
    assert list(faults_of_chain(bulletins(town))) == ["2027-03-14: its hash is not that of its content"]
    assert ("bulletin of day 2027-03-14", "its hash is not that of its content") in town.differences()


def test_who_also_corrects_the_hash_breaks_the_chain(town):
    town.as_owner("update bulletin set content = replace(content, '\"answered\":1', '\"answered\":2') where community = %s and day = '2026-11-24'", town.name)
    town.as_owner("update bulletin set hash = sha256(convert_to(content, 'UTF8')) where community = %s and day = '2026-11-24'", town.name)
    assert list(faults_of_chain(bulletins(town))) == ["2026-11-25: does not follow 2026-11-24"]
    assert ("bulletin of day 2026-11-24", "is not what the facts of the day come to") in town.differences()


def test_a_missing_day_is_found(town):
    town.as_owner("delete from bulletin where community = %s and day = '2026-11-25'", town.name)
    assert list(faults_of_chain(bulletins(town))) == ["2026-11-26: does not follow 2026-11-24"]
    assert ("bulletin of day 2026-11-25", "is missing") in town.differences()


def test_the_daemons_role_cannot_change_a_bulletin(rules):
    rules.execute("select has_table_privilege('wall.bulletin', 'insert, update, delete, truncate')")
    assert rules.fetchone() == (False,)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31])
def test_the_tree_is_that_of_rfc_9162(rules, size):
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(size)]

    def defined(part):
        if len(part) < 2:
            return hashlib.sha256(b"\0" + part[0] if part else b"").digest()
        split = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + defined(part[:split]) + defined(part[split:])).digest()

    rules.execute("select merkle_root(%s::bytea[])", (leaves,))
    assert bytes(rules.fetchone()[0]) == defined(leaves) == merkle_root(leaves)


def test_every_case_of_a_day_can_be_proven(town):
    day = next(day for day in bulletins(town) if day["day"] == "2026-11-23")
    for complaint in town.cases_filed:        # filed here without a receipt, so that this alone is missing
        assert list(faults_of_proof(proof(town, complaint, "2026-11-23"), day, "")) == ["the complaint was not filed with this receipt"]


def test_a_day_on_which_nothing_happened_to_it_proves_nothing(town):
    assert town.value("select prove_filing(%s, '2026-11-26', row(null, 'receipt', null, %s, null)::caller)", town.name, town.cases_filed[0]) is None
