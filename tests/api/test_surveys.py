"""Surveys: short questions on a matter, one answer a resident or receipt, results with how many they are of and only of ten and more."""

from support.actor import Actor
from support.answer import problem
from support.surveys import QUESTIONS, answers, asks, chosen, contract, counts, crowd, every_answer_is_as_documented, faults, results  # noqa: F401
from support.wait import until


def test_a_survey_is_a_draft_then_open_then_closed(asks, dispatcher, stranger, resident, officer, clock):
    made = asks(dispatcher, begins=clock.after(hours=1), title_en="Lamps")
    path = made.headers["Location"]
    assert (made["state"], made["version"], path) == ("draft", 1, f"/v1/surveys/{made['id']}")
    for actor in (stranger, resident, officer):
        assert actor.get(path) == problem(404, "not_found") == actor.get(path + "/results")
        assert actor.items("/v1/surveys", {"state": "draft"}) == []
    assert answers(resident, made) == problem(404, "not_found")
    assert made["id"] in [item["id"] for item in dispatcher.items("/v1/surveys", {"state": "draft"})]
    clock.advance(hours=1)
    shown = stranger.get(path)
    assert shown["state"] == "open" and shown.json == resident.get(path).json
    assert [question["question"] for question in shown["questions"]] == [1, 2, 3, 4]
    assert shown["questions"][0]["options"] == [
        {"option": 1, "text": "修好了", "text_en": "Yes"}, {"option": 2, "text": "没有", "text_en": None}]  # fmt: skip
    assert [item["id"] for item in stranger.items("/v1/surveys", {"state": "open", "limit": 1})][0] == made["id"]
    clock.advance(days=3, hours=-1)
    assert answers(resident, made).status == 200, "at its end it is in time"
    clock.advance(seconds=1)
    assert stranger.get(path)["state"] == "closed"
    assert answers(resident, made) == problem(409, "survey_not_open")
    assert stranger.get(path + "/results").json["final"] is True


def test_only_dispatchers_and_supervisors_ask(asks, world, officer, resident, stranger, clock):
    for actor, refusal in ((officer, (403, "not_permitted")), (world.admin, (403, "not_permitted")), (resident, (403, "not_permitted")), (stranger, (401, "not_signed_in"))):
        assert actor.post("/v1/surveys", {"title": "问", "questions": QUESTIONS}) == problem(*refusal)
    made = asks(begins=None)
    assert made["begins"] is None and made["state"] == "draft", "without a date it is a draft for good"


def test_what_is_asked_fits_together(supervisor, clock):
    def refused(**body):
        return faults(supervisor.post("/v1/surveys", {"title": "问", "questions": QUESTIONS, **body}))

    two = [{"text": "是"}, {"text": "否"}]
    assert refused(questions=[QUESTIONS[2], {"kind": "choice", "text": "?", "options": [{"text": "是"}, {"text": "x" * 101}]}]) == ["/questions/1/options/1/text"]
    assert refused(questions=[{"kind": "choice", "text": "?", "options": [{"text": "是"}]}]) == ["/questions/0/options"]
    assert refused(questions=[{"kind": "choice", "text": "?"}]) == ["/questions/0/options"]
    assert refused(questions=[{"kind": "choices", "text": "?", "options": [*two, {"text": "是"}]}]) == ["/questions/0/options/2/text"]
    assert refused(questions=[{"kind": "scale", "text": "?", "options": two}]) == ["/questions/0/options"]
    assert refused(questions=[{"kind": "scale", "text": "?", "wrong": 1}, {"kind": "poem"}]) == ["/questions/0/wrong", "/questions/1/kind", "/questions/1/text"]
    assert refused(questions=[]) == ["/questions"] == refused(questions=[QUESTIONS[2]] * 11)
    assert refused(begins=clock.after(days=1), ends=clock.after(days=1)) == ["/ends"] == refused(ends=clock.after(days=-1))
    assert refused(notices=["0198c0de-0000-7000-8000-000000000000"]) == ["/notices/0"]
    assert refused(clusters=["0198c0de-0000-7000-8000-000000000000"]) == ["/clusters/0"]


def test_an_answer_fits_its_questions(asks, resident):
    survey = asks()

    def refused(*given):
        return faults(answers(resident, survey, {"answers": list(given)}))

    fine, scale = {"question": 1, "option": 1}, {"question": 3, "scale": 5}
    assert refused(scale) == ["/answers"] and refused(fine) == ["/answers"]
    assert refused(fine, scale, {"question": 5, "text": "?"}) == ["/answers/2/question"]
    assert refused(fine, scale, fine) == ["/answers/2/question"]
    assert refused({"question": 1, "option": 3}, scale) == ["/answers/0/option"]
    assert refused({"question": 1, "scale": 3}, scale) == ["/answers/0"] == refused({**fine, "scale": 1}, scale)
    assert refused(fine, scale, {"question": 2, "options": [1, 4]}) == ["/answers/2/options/1"]
    assert refused(fine, scale, {"question": 2, "options": []}) == ["/answers/2/options"]
    assert refused(fine, {"question": 3, "scale": 6}) == ["/answers/1/scale"]
    assert refused(fine, scale, {"question": 4, "text": "x" * 501}) == ["/answers/2/text"]


def test_a_resident_answers_once_and_may_change_it_until_the_end(asks, resident, neighbour, supervisor, clock, db):
    survey = asks()
    assert resident.get(f"/v1/surveys/{survey['id']}/answer") == problem(404, "not_found")
    first = answers(resident, survey, chosen(also=[{"question": 2, "options": [3, 1, 3]}, {"question": 4, "text": "请快修。"}]))
    assert "receipt" not in first.json
    assert first["answers"] == [{"question": 1, "option": 1}, {"question": 2, "options": [1, 3]}, {"question": 3, "scale": 4}, {"question": 4, "text": "请快修。"}]
    assert answers(resident, survey, chosen(also=[{"question": 4, "text": "请快修。"}, {"question": 2, "options": [1, 3]}])).json == first.json
    assert db.value("select count(*) from survey_answer where survey = %s", survey["id"]) == 1, "the same once more is no other fact"
    assert answers(resident, survey, chosen(option=2)).status == answers(neighbour, survey).status == 200
    assert resident.get(f"/v1/surveys/{survey['id']}/answer")["answers"] == chosen(option=2)["answers"]
    assert db.value("select count(*) from survey_answer where survey = %s", survey["id"]) == 3
    came = results(supervisor, survey)
    assert (came["n"], came["residents"], came["receipts"]) == (2, 2, 0)


def test_what_somebody_has_answered_is_not_edited(asks, supervisor, dispatcher, resident):
    survey = asks()
    path = survey.headers["Location"]
    changed = dispatcher.patch(path, {"title": "路灯", "text": "说明", "questions": [{**QUESTIONS[2], "text_en": None}], "ends": None}, headers={"If-Match": survey.etag})
    assert (changed["title"], changed["version"], changed["ends"], len(changed["questions"])) == ("路灯", 2, None, 1)
    assert supervisor.patch(path, {"title": "灯"}, headers={"If-Match": survey.etag}) == problem(412, "changed_meanwhile")
    assert supervisor.post(path, {})["version"] == 2 and supervisor.patch(path, {"text": None, "title": None})["text"] is None
    assert answers(resident, survey, {"answers": [{"question": 1, "scale": 1}]}).status == 200
    assert supervisor.patch(path, {"title": "灯"}) == problem(409, "survey_answered")
    assert resident.post(path + "/close") == problem(403, "not_permitted")
    assert supervisor.post(path + "/close")["state"] == "closed"
    assert supervisor.post(path + "/close") == problem(409, "survey_not_open") == answers(resident, survey)


def test_receipts_have_a_voice_each_but_those_of_a_resident_are_his_own(asks, world, resident, supervisor):
    survey = asks()
    anonymous, named = world.complaint(), resident.files("门禁坏了。", identity="named")
    support = Actor(world.daemon).supports(named)["receipt"]
    assert answers(Actor(world.daemon), survey) == problem(401, "not_signed_in"), "the survey is not for strangers"
    nobody = Actor(world.daemon)
    for receipt in (anonymous.receipt, named.receipt, support, anonymous.receipt):
        given = answers(nobody, survey, receipt=receipt)
        assert given.status == 200 and "receipt" not in given.json
    came = results(supervisor, survey)
    assert (came["n"], came["residents"], came["receipts"]) == (3, 1, 2)
    assert answers(resident, survey, chosen(option=2)).status == 200
    assert results(supervisor, survey)["n"] == 3
    assert nobody.get(f"/v1/surveys/{survey['id']}/answer", receipt=named.receipt)["answers"][0] == {"question": 1, "option": 2}


def test_a_stranger_gets_a_receipt_for_the_survey_alone(asks, world, stranger, supervisor):
    survey, other, closed_to_strangers = asks(anonymous=True), asks(anonymous=True), asks()
    headers = {"Idempotency-Key": "once"}
    given = answers(stranger, survey, headers=headers)
    receipt = given["receipt"]
    assert answers(stranger, survey, headers=headers)["receipt"] == receipt and results(supervisor, survey)["n"] == 1
    assert answers(stranger, survey, chosen(scale=1), receipt=receipt)["answers"][1]["scale"] == 1
    assert results(supervisor, survey)["n"] == 1 and results(supervisor, survey)["receipts"] == 1
    for elsewhere in (other, closed_to_strangers):
        assert answers(stranger, elsewhere, receipt=receipt) == problem(403, "not_permitted")
    assert stranger.get("/v1/receipts/current", receipt=receipt) == problem(404, "not_found")
    complaint = world.complaint()
    assert complaint.id and stranger.post(f"{complaint.path}/messages", {"text": "?"}, receipt=receipt) == problem(403, "not_permitted")
    assert answers(stranger, survey)["receipt"] != receipt and results(supervisor, survey)["n"] == 2


def test_few_are_not_counted_and_many_with_their_bounds(asks, world, stranger, clock):
    survey = asks(anonymous=True)
    crowd(world, survey, 9)
    clock.advance(days=3, seconds=1)
    few = results(stranger, survey)
    assert (few["n"], few["counted"], few["withheld"], few["final"]) == (9, 0, "few", True)
    assert counts(few["questions"][0]) == [None, None] and few["questions"][0]["answered"] is None
    survey = asks(anonymous=True)
    crowd(world, survey, 7, option=1, scale=5, also=[{"question": 2, "options": [1, 2]}])
    crowd(world, survey, 5, option=2, scale=2)
    assert results(stranger, survey)["withheld"] == "until_closed"
    clock.advance(days=3, seconds=1)
    shown = results(stranger, survey)
    first, several, scale, text = shown["questions"]
    assert (shown["n"], shown["residents"], shown["receipts"], shown["counted"], shown["withheld"]) == (12, 0, 12, 12, None)
    assert [(one["count"], one["share"]) for one in first["options"]] == [(7, 58.3), (5, 41.7)]
    assert (first["options"][0]["lower_bound"], first["options"][0]["upper_bound"]) == (32, 80.7)  # Wilson, 7 of 12
    assert (several["answered"], counts(several)) == (7, [None] * 3), "too few for this question"
    assert (scale["mean"], counts(scale), scale["options"][4]["share"]) == (3.75, [0, 5, 0, 0, 7], 58.3)
    assert (text["answered"], text["options"], text["mean"]) == (0, [], None)


def test_live_results_move_by_ten_people(asks, world, stranger, supervisor):
    survey = asks(anonymous=True, results="live")
    receipt = answers(stranger, survey)["receipt"]
    crowd(world, survey, 8)
    assert results(stranger, survey)["withheld"] == "few"
    crowd(world, survey, 1)
    assert counts(results(stranger, survey)["questions"][0]) == [10, 0]
    crowd(world, survey, 9, option=2)
    assert answers(stranger, survey, chosen(option=2), receipt=receipt).status == 200
    for actor in (stranger, supervisor):
        came = results(actor, survey)
        assert (came["n"], came["counted"], came["final"], counts(came["questions"][0])) == (19, 10, False, [10, 0])
    crowd(world, survey, 1, option=2)
    assert (results(stranger, survey)["counted"], counts(results(stranger, survey)["questions"][0])) == (20, [9, 11])
    hidden = asks(anonymous=True)
    crowd(world, hidden, 10)
    assert results(stranger, hidden)["withheld"] == "until_closed" and counts(results(supervisor, hidden)["questions"][0]) == [10, 0]


def test_verify_finds_a_survey_that_was_edited_afterwards(asks, resident, db):
    survey = asks()
    answers(resident, survey)
    db.all("update survey set questions = jsonb_set(questions, '{0,text}', '\"路灯没修好吧？\"') where survey = %s", survey["id"])
    assert (f"survey {survey['id']}", "1 answers are to other questions than it has") in db.all("select * from verify(%s)", "home")
    db.all("update survey set questions = jsonb_set(questions, '{0,text}', '\"路灯修好了吗？\"'), ends = begins - interval '1 day' where survey = %s", survey["id"])
    assert (f"survey {survey['id']}", "1 answers came when it was not open") in db.all("select * from verify(%s)", "home")
    db.all("update survey set ends = null where survey = %s", survey["id"])


def test_surveys_stand_on_their_notices_and_clusters(asks, world, dispatcher, supervisor, stranger, clock, db):
    notice = dispatcher.post("/v1/notices", {"kind": "minutes", "title": "纪要", "text": "照明改造。"})
    draft = dispatcher.post("/v1/notices", {"kind": "minutes", "title": "草稿", "text": "未定。", "publication": "draft"})
    same = {"title": "泉星公园南门路灯问题没人管", "category": "other"}
    one, two = (Actor(world.daemon).files(f"泉星公园南门路灯的问题反映多次，一直没有人来处理。{n}", **same) for n in "甲乙")
    cluster = until(lambda: dispatcher.sees(two)["cluster"], 20, "it to be placed")
    body = {"title": "问", "questions": QUESTIONS, "clusters": [cluster["id"]]}
    assert faults(supervisor.post("/v1/surveys", body)) == ["/clusters/0"], "nobody has confirmed it"
    assert dispatcher.post(f"/v1/clusters/{cluster['id']}/confirm", {}).status == 200
    assert faults(supervisor.post("/v1/surveys", {**body, "notices": [notice["id"], draft["id"]]})) == ["/notices/1"]
    survey = asks(notices=[notice["id"]], clusters=[cluster["id"]])
    asks(begins=clock.after(days=1), notices=[notice["id"]], ends=None)
    shown = stranger.get(survey.headers["Location"])
    assert [linked["id"] for linked in shown["notices"]] == [notice["id"]] and shown["clusters"] == [] and survey["clusters"] == [cluster["id"]]
    assert [linked["id"] for linked in shown["complaints"]] == sorted([one.id, two.id])
    for page in (stranger.get(notice.headers["Location"]), dispatcher.get(f"/v1/clusters/{cluster['id']}")):
        assert [(linked["id"], linked["state"]) for linked in page["surveys"]] == [(survey["id"], "open")]
    dispatcher.post(f"{notice.headers['Location']}/withdraw")
    dispatcher.hides(one)
    shown = stranger.get(survey.headers["Location"])
    assert shown["notices"] == [] and [linked["id"] for linked in shown["complaints"]] == [two.id]
    assert supervisor.patch(survey.headers["Location"], {"notices": [], "clusters": None})["clusters"] == []


def test_whoever_makes_changes_and_closes_one_is_in_the_audit(asks, supervisor, admin):
    survey = asks()
    supervisor.patch(survey.headers["Location"], {"title": "灯"})
    supervisor.post(survey.headers["Location"] + "/close")
    done = [(item["action"], item["actor"]) for item in admin.items("/v1/audit") if item["subject"] == survey["id"]]
    assert done == [(action, supervisor.id) for action in ("close_survey", "change_survey", "add_survey")]


def test_a_repeat_of_a_request_makes_one_survey(supervisor):
    body = {"title": "问", "questions": QUESTIONS}
    one, again = (supervisor.post("/v1/surveys", body, headers={"Idempotency-Key": "survey-1"}) for _ in range(2))
    assert one.json == again.json
