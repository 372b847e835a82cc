"""Which category a text is proposed for, where it goes by itself, and how confirmed categories are learned from. The tests tell one story, in their order."""

import itertools

import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until
from support.world import World

# What the lexicon has never heard of: only who has learned tells them apart.
FUN = ["棋牌角", "合唱团", "瑜伽课", "读诗会", "露天电影", "剪纸班", "摄影队", "观鸟社", "手鼓圈", "皮影戏"]
FUN_ASKED = ["几点开始", "还有空位吗", "换到哪里了", "能带朋友来吗", "下周还办吗"]
SHOPS = ["奶茶铺", "理发铺", "水果铺", "早点铺", "烤鱼铺", "裁缝铺", "洗衣铺", "五金铺", "花店", "面馆"]
SHOPS_ASKED = ["找零不对", "称不准", "标错了数", "少给一份", "赖账不认"]
LEARNED = [(f"{who}{what}？", "activities") for who, what in zip(itertools.cycle(FUN), FUN_ASKED * 5)] + [
    (f"{who}{what}！", "commerce") for who, what in zip(itertools.cycle(SHOPS), SHOPS_ASKED * 5)
]
NEW_FUN, NEW_SHOP = "请问读诗会和合唱团下周几点开始，还有空位吗？", "花店和面馆都找零不对，称不准。"


@pytest.fixture(scope="module")
def town(site):
    town = World(site.daemons[0])
    town.site = site
    town.clerk = Actor(site.daemons[0])
    town.repairs, town.culture = town.new_department("维修部"), town.new_department("文体部")
    town.rules = []
    return town


@pytest.fixture
def rule(town):
    """Makes rules for one test alone."""
    made = []

    def make(**given):
        answer = town.admin.post("/v1/routing-rules", given)
        assert answer.status == 201, answer
        made.append(answer.location)
        return answer.json

    yield make
    for path in made:
        assert town.admin.delete(path).status in (200, 404)


def files(town, text, **more):
    return town.clerk.files(text, visibility=None, **more)


def thought_of(town, complaint):
    return town.dispatcher.looks_at(complaint).json["classification"]


def classifier(town):
    return town.dispatcher.get("/v1/classifier").json


def sends(town, category, department):
    assert town.admin.patch(f"/v1/categories/{category}", {"department": department["id"]}).status == 200


def test_on_the_first_day_the_lexicon_proposes_two_categories_and_its_words(town):
    complaint = files(town, "电梯又坏了，报修没人来，楼上还在放架子鼓。")
    thought = thought_of(town, complaint)
    assert [proposal["category"] for proposal in thought["proposals"]] == ["logistics", "neighbours"]
    first, second = thought["proposals"]
    assert first["probability"] > second["probability"] > 0
    assert {"电梯", "报修"} <= set(first["because"]) and "架子鼓" in second["because"]
    assert thought["model"] is None and thought["reporter"] is None
    listed = {item["id"]: item for item in town.dispatcher.items("/v1/desk/undispatched")}
    assert listed[complaint.id]["proposals"] == thought["proposals"]
    assert "classification" not in complaint.shown


def test_what_is_sure_enough_goes_by_itself_and_says_why_and_what_is_not_waits(town):
    sends(town, "logistics", town.repairs)
    sure = files(town, "停水了，电梯也停电，路灯不亮，请抢修。")
    assert (sure["status"], sure["category"], sure["department"]["id"]) == ("assigned", "logistics", town.repairs["id"])
    routed = thought_of(town, sure)["routed"]
    assert routed == {"because": "category", "category": "logistics", "department": town.repairs["id"], "rule": None}
    assert [event["data"]["because"] for event in town.dispatcher.events_of(sure) if event["action"] == "assign"] == ["category"]
    unsure = files(town, "物业又不管了。")
    assert thought_of(town, unsure)["proposals"][0]["category"] == "logistics"
    assert (unsure["status"], unsure["category"]) == ("submitted", None)
    assert thought_of(town, unsure)["routed"] is None


def test_what_the_reporter_says_stands_and_what_was_thought_is_kept(town):
    complaint = files(town, "停水了，路灯不亮，请抢修。", category="fees")
    assert (complaint["category"], complaint["status"]) == ("fees", "submitted")
    thought = thought_of(town, complaint)
    assert (thought["reporter"], thought["proposals"][0]["category"]) == ("fees", "logistics")


def test_a_complaint_about_a_person_waits_for_a_person_whatever_rules_say(town, rule):
    sends(town, "staff", town.repairs)
    rule(words=["电梯"], department=town.repairs["id"])
    rude = "修电梯的人态度恶劣，辱骂老太太，还打人。"
    complaint = files(town, rude)
    assert (complaint["category"], complaint["status"], complaint["visibility"]) == ("staff", "submitted", "private")
    assert files(town, rude, category="logistics")["status"] == "submitted"
    assert files(town, "电梯停了。", category="staff")["status"] == "submitted"
    hint = files(town, "电梯维修的干部。")
    assert hint["status"] == "assigned"
    assert town.admin.post("/v1/routing-rules", {"category": "staff", "department": town.repairs["id"]}) == problem(422, "invalid_input")


def test_rules_come_before_categories_in_their_order(town, rule):
    assert town.admin.post("/v1/buildings", {"code": "b7", "name": "七号楼"}).status == 201
    assert files(town, "七号楼停水。", category="logistics", building="b7")["department"]["id"] == town.repairs["id"]
    later = rule(building="b7", department=town.culture["id"], position=50)
    first = rule(category="logistics", words=["ＷＩＦＩ", "宽带"], department=town.repairs["id"], position=10)
    assert first["words"] == ["wifi", "宽带"]
    to_culture = files(town, "停水。", category="logistics", building="b7")
    assert to_culture["department"]["id"] == town.culture["id"]
    assert thought_of(town, to_culture)["routed"] == {"because": "rule", "rule": later["id"], "category": None, "department": town.culture["id"]}
    both = files(town, "WiFi断了。", category="logistics", building="b7")
    assert thought_of(town, both)["routed"]["rule"] == first["id"]
    assert files(town, "没分类的事。", building="b7")["department"]["id"] == town.culture["id"]
    path = f"/v1/routing-rules/{later['id']}"
    assert town.admin.patch(path, {"active": False}).json["active"] is False
    assert files(town, "停水。", category="logistics", building="b7")["department"]["id"] == town.repairs["id"]
    assert [item["id"] for item in town.dispatcher.items("/v1/routing-rules", {"limit": 1})] == [first["id"], later["id"]]
    assert town.admin.post(path, {"active": True, "position": 5, "words": ["漏"]}).json["position"] == 5
    assert files(town, "屋顶漏了。", building="b7")["department"]["id"] == town.culture["id"]
    assert town.dispatcher.get(path).json["words"] == ["漏"]
    assert town.admin.delete(path).status == 200
    assert town.dispatcher.get(path) == problem(404, "not_found")
    assert town.admin.delete(path) == problem(404, "not_found")
    assert files(town, "屋顶漏了。", building="b7")["status"] == "submitted"


def test_a_rule_to_a_department_that_has_gone_is_passed_over(town, rule):
    gone = town.new_department("旧部门")
    path = f"/v1/routing-rules/{rule(words=['锅炉'], department=gone['id'])['id']}"
    assert town.admin.patch(f"/v1/departments/{gone['id']}", {"active": False}).status == 200
    assert files(town, "锅炉响。")["status"] == "submitted"
    assert town.admin.patch(path, {"position": 3}) == problem(422, "unknown_department")
    assert town.admin.patch(path, {"active": False}).status == 200
    assert town.admin.patch(path, {"active": True}) == problem(422, "unknown_department")


def test_rules_that_make_no_sense_are_refused(town):
    def refused(**given):
        return town.admin.post("/v1/routing-rules", {"department": town.repairs["id"], **given})

    assert refused() == problem(422, "invalid_input")
    assert refused(words=[]) == problem(422, "invalid_input")
    assert refused(words=["　"]) == problem(422, "invalid_input")
    assert refused(category="nonsense") == problem(422, "unknown_category")
    assert refused(building="nowhere") == problem(422, "unknown_building")
    assert refused(category="nonsense", active=False) == problem(422, "unknown_category")
    dispatch = next(item for item in town.admin.get("/v1/departments").json["items"] if item["code"] == "dispatch")
    assert refused(words=["锅炉"], department=dispatch["id"]) == problem(422, "unknown_department")
    assert town.dispatcher.post("/v1/routing-rules", {"words": ["锅炉"], "department": town.repairs["id"]}) == problem(403, "not_permitted")


def test_the_admin_edits_the_lexicon_and_it_holds_at_once(town):
    text = "有人在天台放孔明灯。"
    assert thought_of(town, files(town, text))["proposals"] == []
    word = {"word": "孔明灯", "category": "safety", "weight": 4}
    assert town.admin.put("/v1/lexicon", word).json == word

    def learned():
        return thought_of(town, files(town, text))["proposals"]

    assert until(learned)[0] == {"category": "safety", "probability": 0.8, "because": ["孔明灯"]}
    listed = town.dispatcher.items("/v1/lexicon", {"category": "safety"})
    assert word in listed and len(listed) > 20 and {item["category"] for item in listed} == {"safety"}
    assert len(town.dispatcher.items("/v1/lexicon")) == classifier(town)["words"]
    assert town.admin.delete("/v1/lexicon?word=%E5%AD%94%E6%98%8E%E7%81%AF&category=safety").status == 200
    until(lambda: not learned())
    assert town.admin.delete("/v1/lexicon?word=%E5%AD%94%E6%98%8E%E7%81%AF&category=safety") == problem(404, "not_found")
    assert town.admin.put("/v1/lexicon", {**word, "category": "nonsense"}) == problem(422, "unknown_category")
    assert town.dispatcher.put("/v1/lexicon", word) == problem(403, "not_permitted")


def confirm(town, lessons):
    filed = [(files(town, text), category) for text, category in lessons]
    for complaint, category in filed:
        assert town.dispatcher.classifies(complaint, category).status == 200
    return [complaint for complaint, category in filed]


def learned_version(town, version):
    return until(lambda: (classifier(town)["models"] or [{}])[0].get("version") == version and classifier(town), 60, f"version {version}")


def test_what_was_confirmed_is_learned_and_proposed_by_every_daemon(town):
    sends(town, "activities", town.culture)
    assert thought_of(town, files(town, NEW_FUN))["proposals"] == []
    other = town.site.daemon()
    elsewhere = Actor(other)
    elsewhere.files(NEW_FUN, visibility=None)  # it knows the community, and that nothing is known
    town.taught = confirm(town, LEARNED)
    model = learned_version(town, 1)["models"][0]
    assert model["published"] and model["kept"] and model["lessons"] == 50 and model["tested"] == 10
    assert model["correct"] > model["correct_before"] == 0

    for reporter in (town.clerk, elsewhere):

        def follows():
            complaint = reporter.files(NEW_FUN, visibility=None)
            return complaint["category"] == "activities" and complaint

        complaint = until(follows, 20, "the new model to be known")
        assert complaint["department"]["id"] == town.culture["id"]
        thought = thought_of(town, complaint)
        assert thought["model"] == 1
        assert thought["proposals"][0]["probability"] >= 0.6
        assert any(word in NEW_FUN for word in thought["proposals"][0]["because"])
        assert thought_of(town, reporter.files(NEW_SHOP))["proposals"][0]["category"] == "commerce"
    other.stop()


def test_of_what_it_has_not_learned_the_lexicon_still_speaks(town):
    thought = thought_of(town, files(town, "燃气费多收，物业费也多收，请退费。"))
    assert (thought["model"], thought["proposals"][0]["category"]) == (1, "fees")


def test_the_model_survives_a_restart(town):
    town.site.daemons[0].stop()
    town.site.daemons[0].start()
    town.clerk.hang_up()
    town.dispatcher.hang_up()
    town.admin.hang_up()
    assert thought_of(town, files(town, NEW_FUN))["model"] == 1


def test_the_admin_goes_back_to_the_lexicon_or_to_a_model_that_is_kept(town):
    assert town.dispatcher.patch("/v1/classifier", {"version": 0}) == problem(403, "not_permitted")
    assert town.admin.patch("/v1/classifier", {"version": 9}) == problem(422, "invalid_input")
    assert town.admin.patch("/v1/classifier", {"version": 0}).json["version"] is None
    until(lambda: thought_of(town, files(town, NEW_FUN))["proposals"] == [])
    assert town.admin.patch("/v1/classifier", {"version": 1}).json["version"] == 1
    until(lambda: thought_of(town, files(town, NEW_FUN))["model"] == 1)


def test_in_the_night_it_learns_from_less_but_publishes_nothing_worse(town):
    town.site.clock.advance(minutes=1)
    for complaint, (_, category) in list(zip(town.taught, LEARNED))[13:]:
        town.dispatcher.classifies(complaint, "commerce" if category == "activities" else "activities")
    confirm(town, LEARNED[3:8] + LEARNED[30:37])
    assert classifier(town)["waiting"] == 49 and classifier(town)["version"] == 1
    town.site.clock.advance(days=1)
    after = learned_version(town, 2)
    assert after["version"] == 1 and after["waiting"] == 0
    assert not after["models"][0]["published"] and after["models"][0]["correct"] < after["models"][0]["correct_before"]
    assert thought_of(town, files(town, NEW_FUN))["model"] == 1


def test_the_figure_counts_what_was_suggested_and_decided(town):
    figure = town.anonymous.get("/v1/figures", {"by": "category"}).json
    whole = figure["figures"]["classification_accuracy"]
    groups = {group["key"]: group["figures"]["classification_accuracy"] for group in figure["groups"]}
    assert sum(group["denominator"] for group in groups.values()) == whole["denominator"] > 0
    complaint = files(town, "停水了，路灯不亮，请抢修。")
    assert figures(town) == whole  # suggested, not decided
    town.dispatcher.classifies(complaint, "logistics")
    right = figures(town)
    assert (right["numerator"], right["denominator"]) == (whole["numerator"] + 1, whole["denominator"] + 1)
    town.dispatcher.classifies(complaint, "safety")
    wrong = figures(town)
    assert (wrong["numerator"], wrong["denominator"]) == (whole["numerator"], whole["denominator"] + 1)


def figures(town):
    figure = town.anonymous.get("/v1/figures").json["figures"]["classification_accuracy"]
    return {**figure, "as_of": None} and figure
