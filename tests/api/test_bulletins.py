"""The daily bulletin over HTTP: everybody can check the chain, and whoever holds a receipt that the own complaint is in it."""

import hashlib
import json
import pathlib
import runpy
import subprocess
import sys

import pytest

from support.actor import Actor
from support.answer import problem
from support.world import World

SCRIPT = pathlib.Path(__file__).parent.parent / "verify_bulletin.py"


@pytest.fixture(scope="module")
def town(site):
    """Three days with a named, an anonymous and a private complaint."""
    site.clock.to("10:00")
    town = World(site.daemons[0])
    town.site, town.day = site, site.clock.day()
    town.mine = town.anonymous.files("三号楼漏水。", building="3")
    town.private = town.resident.files("费用问题。", visibility="private", category="fees")
    town.dispatcher.assigns(town.mine, town.department)
    town.officer.answers(town.mine)
    site.clock.advance(days=2, hours=15)
    return town


def checked(*arguments):
    ran = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.returncode, ran.stdout.strip()


def test_the_chain_is_listed_newest_first_and_checked_by_the_script(town):
    listed = town.anonymous.items("/v1/bulletins", {"limit": 2})
    assert [item["day"] for item in listed] == sorted((item["day"] for item in listed), reverse=True) and listed[-1]["day"] == town.day
    status, said = checked(f"http://127.0.0.1:{town.site.daemons[0].port}/")
    newest = town.anonymous.items("/v1/bulletins")[0]
    assert (status, said) == (0, f"nothing is wrong, bulletins: {len(town.anonymous.items('/v1/bulletins'))}, last hash: {newest['hash']}")


def test_of_no_bulletin_the_script_says_nothing_good(tmp_path):
    (tmp_path / "none.jsonl").write_text("")
    assert checked(tmp_path / "none.jsonl") == (1, "there is no bulletin")


def test_a_bulletin_names_no_case_and_shows_no_word(town):
    bulletin = town.anonymous.get(f"/v1/bulletins/{town.day}")
    said = json.dumps(bulletin.json, ensure_ascii=False)
    assert len(bulletin.json["content"]["cases"]) == 2
    for secret in (town.mine.id, town.mine["number"], town.private.id, "漏水", "费用"):
        assert secret not in said


def test_a_receipt_proves_that_and_when_the_complaint_was_filed(town, tmp_path):
    proof = town.anonymous.get(f"/v1/bulletins/{town.day}/proof", receipt=town.mine.receipt)
    assert proof.json["filed"] == town.mine["submitted"]
    bulletin = town.anonymous.get(f"/v1/bulletins/{town.day}")
    (tmp_path / "proof.json").write_text(json.dumps(proof.json))
    (tmp_path / "bulletin.json").write_text(json.dumps(bulletin.json))
    files = tmp_path / "proof.json", tmp_path / "bulletin.json"
    status, said = checked(*files, town.mine.receipt)
    assert status == 0 and said.startswith("nothing is wrong")
    assert checked(*files, "0000-0000-0000-0000-0") == (1, "the complaint was not filed with this receipt")
    (tmp_path / "proof.json").write_text(json.dumps(proof.json).replace(proof.json["events"][-1].split("\x1f")[3], "2026-01-01T00:00:00.000000Z"))
    status, said = checked(*files, town.mine.receipt)
    assert status == 1 and "do not come to a leaf" in said


def test_without_a_receipt_or_on_another_day_nothing_is_proven(town):
    assert town.anonymous.get(f"/v1/bulletins/{town.day}/proof") == problem(401, "not_signed_in")
    later = town.anonymous.items("/v1/bulletins")[0]["day"]
    assert town.anonymous.get(f"/v1/bulletins/{later}/proof", receipt=town.mine.receipt) == problem(404, "not_found")


def test_a_day_that_is_not_over_has_no_bulletin(town):
    for day in ("today", town.site.clock.day(), "2999-01-01"):
        assert town.anonymous.get(f"/v1/bulletins/{day}") == problem(404, "not_found")
    assert town.anonymous.get("/v1/bulletins/yesterday") == problem(404, "not_found")


def test_the_script_misses_days_that_are_taken_away_at_the_beginning(town):
    script = runpy.run_path(str(SCRIPT))
    days = sorted(item["day"] for item in town.anonymous.items("/v1/bulletins"))
    bulletins = [town.anonymous.get(f"/v1/bulletins/{day}").json for day in days]
    assert list(script["faults_of_beginning"](bulletins)) == []
    assert list(script["faults_of_beginning"](bulletins[1:])) == [f"{days[1]}: the days before are missing"]


def test_those_inside_a_case_can_check_its_chain(town):
    for actor, complaint in ((town.supervisor, town.mine), (town.mine.reporter, town.mine), (town.officer, town.mine)):
        events = actor.events_of(complaint)
        before = hashlib.sha256(f"home/{complaint.id}".encode()).digest()
        for event in events:
            before = hashlib.sha256(before + event["covered"].encode()).digest()
            assert event["hash"] == before.hex()
            assert event["covered"].split("\x1f")[3:5] == [event["at"], event["action"]]
    assert all("covered" not in event for event in Actor(town.daemon).get(f"{town.mine.path}/events")["items"])
