"""What a community decides: versions with the moment from which they hold; nothing that happened before is touched."""

import datetime

import pytest

from support.answer import problem


def instant(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def versions(actor):
    return actor.get("/v1/policies").json["items"]


def seconds(later, earlier):
    return (datetime.datetime.fromisoformat(later) - datetime.datetime.fromisoformat(earlier)).total_seconds()


def test_everybody_reads_what_holds_and_since_when(stranger):
    latest = versions(stranger)[0]
    assert latest["in_force"] is True
    assert (latest["reply"], latest["publication"], latest["reviewed"]) == ("PT24H", "at_once", ["neighbours", "staff"])


def test_a_decision_is_a_new_version_that_takes_over_the_rest(admin, stranger):
    before = versions(stranger)
    made = admin.post("/v1/policies", {"reopen": "P60D", "night_from": "21:30", "confident": 0.75})
    assert made.status == 201 and made.headers["Location"] == "/v1/policies"
    expected = {**before[0], "version": before[0]["version"] + 1, "reopen": "P60D", "night_from": "21:30:00", "confident": 0.75, "begins": made["begins"]}
    assert made.json == expected
    assert versions(stranger)[0] == expected
    assert [{**item, "in_force": False} for item in before] == versions(stranger)[1:]


def test_a_complaint_keeps_the_deadlines_it_was_filed_under(admin, anonymous, clock):
    before = anonymous.files()
    admin.post("/v1/policies", {"reply": "PT12H"})
    clock.advance(minutes=1)
    after = anonymous.files()
    admin.post("/v1/policies", {"reply": "PT24H"})
    assert seconds(before["reply_due"], before["submitted"]) == 24 * 3600
    assert seconds(after["reply_due"], after["submitted"]) == 12 * 3600


def test_a_version_may_begin_later(admin, anonymous, stranger, clock):
    begins = clock.instant + datetime.timedelta(hours=5)
    assert admin.post("/v1/policies", {"reply": "PT6H", "begins": instant(begins)})["in_force"] is False
    now = anonymous.files()
    assert seconds(now["reply_due"], now["submitted"]) == 24 * 3600
    assert [item["in_force"] for item in versions(stranger)[:2]] == [False, True]
    clock.advance(hours=6)
    then = anonymous.files()
    assert seconds(then["reply_due"], then["submitted"]) == 6 * 3600
    assert admin.post("/v1/policies", {"reply": "PT24H"}).status == 201


def test_what_was_announced_gives_way_to_what_is_decided_for_sooner(admin, anonymous, stranger, clock):
    clock.advance(minutes=1)
    standing = next(item for item in versions(stranger) if item["in_force"])
    announced = admin.post("/v1/policies", {"reply": "PT6H", "lapse": "P5D", "begins": instant(clock.instant + datetime.timedelta(days=300))})
    again = admin.post("/v1/policies", {"reply": "PT7H", "begins": announced["begins"]})
    assert (again["lapse"], again["replaced_by"]) == ("P5D", None), "it corrects the one that begins with it"
    now = admin.post("/v1/policies", {"reply": "PT8H"})
    assert now.status == 201 and now["in_force"] is True, "nothing that is announced is in the way of what has to be decided at once"
    assert now["lapse"] == standing["lapse"], "the rest is as it holds when it begins"
    latest = {item["version"]: item for item in versions(stranger)}
    assert [latest[v]["replaced_by"] for v in (announced["version"], again["version"], now["version"])] == [again["version"], now["version"], None]
    assert latest[standing["version"]]["replaced_by"] is None, "it has held"
    clock.advance(days=301)
    then = anonymous.files()
    assert seconds(then["reply_due"], then["submitted"]) == 8 * 3600
    assert admin.post("/v1/policies", {"reply": "PT24H"}).status == 201


def test_a_day_keeps_its_policy(admin, stranger, clock):
    day = clock.day()
    before = stranger.get("/v1/clearing/today").json
    admin.post("/v1/policies", {"cutoff": "PT20H"})
    assert stranger.get("/v1/clearing/today").json["cutoff"] == before["cutoff"]
    clock.advance(days=2)
    taken = stranger.get(f"/v1/clearing/{day}").json
    assert (taken["policy"], taken["cutoff"]) == (before["policy"], before["cutoff"])
    now = stranger.get("/v1/clearing/today").json
    assert now["policy"] > before["policy"]
    assert seconds(now["cutoff"], before["cutoff"]) % 86400 == 20 * 3600
    admin.post("/v1/policies", {"cutoff": "PT24H"})
    clock.advance(days=2)


def test_the_past_is_not_decided_about(admin, clock):
    past = clock.instant - datetime.timedelta(seconds=1)
    far = clock.instant + datetime.timedelta(days=400)
    for begins in (past, far):
        assert admin.post("/v1/policies", {"begins": instant(begins)}) == problem(422, "invalid_input")


@pytest.mark.parametrize(
    "settings, pointer",
    [
        ({"reply": "24 hours"}, "/reply"),
        ({"reply": "P1M"}, "/reply"),
        ({"reply": "PT5M"}, "/reply"),
        ({"reply": "P31D"}, "/reply"),
        ({"reply": 86400}, "/reply"),
        ({"reply": None}, "/reply"),
        ({"reply": "P"}, "/reply"),
        ({"reply": "PT"}, "/reply"),
        ({"reply": "P1DT"}, "/reply"),
        ({"reply": "PT1M1H"}, "/reply"),
        ({"reply": "PT-1H"}, "/reply"),
        ({"quiet_from": "24:00"}, "/quiet_from"),
        ({"quiet_from": "7"}, "/quiet_from"),
        ({"quiet_from": "07:00:60"}, "/quiet_from"),
        ({"max_asks": -1}, "/max_asks"),
        ({"ladder": []}, "/ladder"),
        ({"ladder": ["PT2H", "PT1H"], "ladder_to": ["officers", "head"]}, "/ladder"),
        ({"ladder": ["PT1H", "PT1H"], "ladder_to": ["officers", "head"]}, "/ladder"),
        ({"ladder": ["PT1H"]}, "/ladder_to"),
        ({"ladder": ["PT1H", "soon"]}, "/ladder/1"),
        ({"ladder_to": ["officers", "officers", "supervisor", "mayor"]}, "/ladder_to/3"),
        ({"urgent_ladder_to": ["officers"]}, "/urgent_ladder_to"),
        ({"cutoff": "PT25H"}, "/cutoff"),
        ({"followup_scored": "PT2H"}, "/followup_scored"),
        ({"publication": "never"}, "/publication"),
        ({"urgent_words": ["着火", ""]}, "/urgent_words/1"),
        ({"urgent_words": [1]}, "/urgent_words/0"),
        ({"proof_of_work": 21}, "/proof_of_work"),
        ({"version": 9}, "/version"),
        ({}, ""),
    ],
)
def test_a_setting_out_of_its_range_is_refused_and_named(admin, stranger, settings, pointer):
    before = versions(stranger)
    refused = admin.post("/v1/policies", settings)
    assert refused == problem(422, "invalid_input")
    assert pointer in [error["pointer"] for error in refused.json["errors"]]
    assert versions(stranger) == before


def test_a_category_that_is_reviewed_must_exist(admin):
    refused = admin.post("/v1/policies", {"reviewed": ["neighbours", "nonsense"]})
    assert refused == problem(422, "unknown_category")
    assert refused.json["errors"][0]["pointer"] == "/reviewed/1"


def test_only_the_admin_decides_and_it_is_on_record(admin, dispatcher, supervisor, stranger, db):
    assert stranger.post("/v1/policies", {}) == problem(401, "not_signed_in")
    for actor in (dispatcher, supervisor):
        assert actor.post("/v1/policies", {}) == problem(403, "not_permitted")
    made = admin.post("/v1/policies", {"max_asks": 3})
    assert made["max_asks"] == 3
    rows = db.all("select data from wall.audit where action = 'add_policy' and data->>'version' = %s", str(made["version"]))
    assert rows == [({"max_asks": 3, "version": made["version"]},)]


def test_a_decision_that_is_sent_twice_is_made_once(admin, stranger):
    first = admin.post("/v1/policies", {"max_returns": 3}, headers={"Idempotency-Key": "decide-1"})
    again = admin.post("/v1/policies", {"max_returns": 3}, headers={"Idempotency-Key": "decide-1"})
    assert first.json == again.json
    assert versions(stranger)[0]["version"] == first["version"]


def test_reminders_follow_the_ladder_that_was_decided(admin, world, clock, db):
    admin.post("/v1/policies", {"ladder": ["PT2H", "PT3H"], "ladder_to": ["officers", "head"], "quiet_from": "00:00", "quiet_until": "00:00"})
    clock.advance(minutes=1)
    complaint = world.complaint("assigned")
    clock.advance(hours=4)
    assert db.all("select audience, level from wall.reminder where complaint = %s order by level", complaint.id) == [("officers", 1), ("head", 2)]
