"""What people wrote to a survey, and what of it leads back to them: for whom it is, and how it goes."""

from support.actor import Actor
from support.answer import problem
from support.surveys import answers, asks, chosen, contract, every_answer_is_as_documented, results  # noqa: F401
from support.wait import until


def test_what_is_written_is_masked_and_only_for_those_who_ask(asks, world, resident, supervisor, dispatcher, officer, stranger):
    survey = asks(anonymous=True)
    path = f"/v1/surveys/{survey['id']}/texts"
    written = [answers(actor, survey, chosen(also=[{"question": 4, "text": text}])) for actor, text in (
        (resident, "请打 13812345678，身份证 11010519491231002X。"), (Actor(world.daemon), "灯太暗"), (Actor(world.daemon), "好"))]  # fmt: skip
    assert "13812345678" not in written[0].text and "11010519491231002X" not in resident.get(f"/v1/surveys/{survey['id']}/answer").text
    answers(resident, survey, chosen(also=[{"question": 4, "text": "请打 13812345678。"}]))
    for actor in (stranger, resident, officer):
        assert actor.get(path, {"question": 4}) in (problem(401, "not_signed_in"), problem(403, "not_permitted"))
    assert dispatcher.get(path, {"question": 4})["items"] == [], "as long as it is open, ten at a time"
    supervisor.post(f"/v1/surveys/{survey['id']}/close")
    texts = [item["text"] for item in supervisor.items(path, {"question": 4, "limit": 1})]
    assert sorted(texts) == sorted(["请打 138********。", "灯太暗", "好"])
    assert supervisor.items(path, {"question": 3}) == []
    assert "138" not in stranger.get(f"/v1/surveys/{survey['id']}/results").text


def test_nothing_kept_leads_from_an_answer_to_the_resident(asks, world, daemon, resident, db):
    survey = asks()
    answers(resident, survey)
    kept = db.all("select a::text from survey_answer a where survey = %s", survey["id"])
    assert len(kept) == 1 and all(secret not in str(kept) for secret in (resident.id, resident.id.replace("-", ""), resident.phone))
    assert db.value("select extract(minute from at) + extract(second from at) from survey_answer where survey = %s", survey["id"]) == 0
    assert resident.id not in daemon.said() and resident.phone not in daemon.said()


def test_a_resident_takes_the_words_along_and_the_choice_stays_counted(asks, world, supervisor, daemon, db):
    survey = asks()
    resident = world.new_resident()
    answers(resident, survey, chosen(option=2, also=[{"question": 4, "text": "只有我会这样说话。"}]))
    (held,) = resident.get("/v1/me/export")["surveys"]
    assert (held["survey"], held["answers"][2]["text"]) == (survey["id"], "只有我会这样说话。")
    assert resident.delete("/v1/me").status == 204
    assert db.all("select text from survey_text where survey = %s and text like '只有%%'", survey["id"]) == []
    assert db.value("select chosen from survey_answer where survey = %s", survey["id"]) == [100, 102, 300, 304, 400]
    assert results(supervisor, survey)["n"] == 1
    assert daemon.verify()[0] == 0


def test_words_are_erased_when_they_are_changed_and_at_the_wish_of_whoever_shows_the_receipt(asks, stranger, resident, supervisor, clock, db):
    survey = asks(anonymous=True)
    own, said = f"/v1/surveys/{survey['id']}/answer", {"also": [{"question": 4, "text": "我住在三楼东户。"}]}
    receipt = answers(stranger, survey, chosen(**said))["receipt"]
    answers(resident, survey, chosen(**said)), answers(resident, survey, chosen(option=2))
    assert db.value("select count(*) from survey_text where survey = %s and text like '我住%%'", survey["id"]) == 1
    clock.advance(days=4)
    assert stranger.delete(f"{own}/texts") == problem(401, "not_signed_in")
    gone = stranger.delete(f"{own}/texts", receipt=receipt)
    assert gone.status == 200 and gone["answers"][:2] == chosen()["answers"] and "三楼" not in gone.text + stranger.get(own, receipt=receipt).text
    assert db.value("select count(*) from survey_text where survey = %s and text like '我住%%'", survey["id"]) == 0
    assert supervisor.get(f"/v1/surveys/{survey['id']}/texts", {"question": 4})["items"] == [] and results(supervisor, survey)["n"] == 2


def test_in_the_end_nobody_can_be_asked_whose_an_answer_is(asks, world, admin, stranger, supervisor, daemon, clock, db):
    survey, resident = asks(anonymous=True), world.new_resident()
    receipt = answers(stranger, survey)["receipt"]
    assert answers(resident, survey, chosen(option=2)).status == answers(resident, survey).status == 200
    assert admin.post("/v1/policies", {"retention": "P2D"}).status == 201
    clock.advance(days=5, hours=-1)
    assert resident.get(f"/v1/surveys/{survey['id']}/answer").status == 200
    clock.advance(hours=3)
    until(lambda: db.value("select forgotten from survey where survey = %s", survey["id"]), 20, "it to be forgotten who answered")
    own = f"/v1/surveys/{survey['id']}/answer"
    assert resident.get(own) == problem(404, "not_found") == stranger.get(own, receipt=receipt)
    came = results(supervisor, survey)
    assert (came["n"], came["residents"], came["receipts"]) == (2, 1, 1) and resident.get("/v1/me/export")["surveys"] == []
    assert admin.post("/v1/policies", {"retention": "P180D"}).status == 201
    assert daemon.verify()[0] == 0
