"""What becomes of proposals, rules and lessons, without the daemon that makes them."""

import json


def report(correct, before, model="AAAA"):
    return json.dumps({"lessons": 60, "tested": 10, "correct": correct, "before": before, "second": 10, "macro_f1": 0.5, "categories": {}, "model": model})


def learns(town, correct, before=5, model="AAAA"):
    return town.run("select version, published from have_learned(%s, wall_now(), %s)", town.name, report(correct, before, model))[0]


def kept(town):
    rows = town.run("select version from classifier_model where community = %s and model is not null order by version", town.name)
    return [version for (version,) in rows]


def proposes(town):
    return town.value("select version from classifier where community = %s", town.name)


def due(town):
    return town.value("select community from next_to_learn()") == town.name


def confirms(town, times):
    complaint = town.files(category="fees")
    for _ in range(times):
        town.acts(complaint, "dispatcher", "classify", category="safety")


def test_what_is_not_worse_is_published_and_what_is_worse_is_not(town):
    assert learns(town, 5) == (1, True)
    assert learns(town, 4) == (2, False)
    assert proposes(town) == 1
    assert learns(town, 9) == (3, True)
    assert proposes(town) == 3


def test_the_last_three_that_were_published_keep_their_weights(town):
    for correct in (5, 6, 1, 7, 8):
        learns(town, correct)
    assert kept(town) == [2, 4, 5]


def test_too_little_to_learn_from_leaves_everything_as_it_is(town):
    assert learns(town, 0, model=None) == (None, None)
    assert kept(town) == []
    assert proposes(town) is None


def test_fifty_lessons_are_due_at_once_and_fewer_in_the_night(town):
    confirms(town, 49)
    assert not due(town)
    confirms(town, 1)
    assert due(town)
    town.run("select have_learned(%s, wall_now(), '{}')", town.name)
    town.later(minutes=1)
    confirms(town, 1)
    assert not due(town)
    town.at("2026-11-24 02:59")
    assert not due(town)
    town.at("2026-11-24 03:00")
    assert due(town)
    town.run("select have_learned(%s, wall_now(), '{}')", town.name)
    assert not due(town)


def test_lessons_are_the_last_word_on_each_complaint_the_oldest_first(town):
    first, second = town.files(text="电梯停了"), town.files(text="路灯不亮", title="请看")
    town.acts(first, "dispatcher", "classify", category="safety")
    town.acts(second, "dispatcher", "classify", category="safety")
    town.later(minutes=1)
    town.acts(first, "dispatcher", "classify", category="logistics")
    lessons = json.loads(town.value("select lessons_of(%s, null)", town.name))
    assert lessons["lessons"] == [["请看\n路灯不亮", "safety"], ["电梯停了", "logistics"]]
    assert lessons["running"] is None and ["停水", "logistics", 3] in lessons["lexicon"]


def files(town, reading, **body):
    """With what C would have read."""
    complaint = town.value("select gen_random_uuid()")
    town.run(
        "select version from submit(%s, row(null, 'public', null, null, null)::caller, %s, %s, null, null, %s, '\\x02', '\\x03', null, null, %s)",
        town.name, json.dumps({"text": "事情", **body}), complaint, complaint.encode(), json.dumps(reading),
    )  # fmt: skip
    return town.run("select category, status, visibility from complaint where community = %s and complaint = %s", town.name, complaint)[0]


def thinks(category, probability, second="other"):
    def proposal(code, share):
        return {"category": code, "probability": share, "because": ["字"]}

    return {"categories": [proposal(category, probability), proposal(second, 1 - probability)], "model": 3}


def test_the_policys_threshold_decides(town):
    town.as_owner("update category set department = %s where community = %s", town.water, town.name)
    assert files(town, thinks("fees", 0.6)) == ("fees", "assigned", "public")
    assert files(town, thinks("fees", 0.59)) == (None, "submitted", "public")
    town.as_owner("update policy set confident = 0.9 where community = %s", town.name)
    assert files(town, thinks("fees", 0.89)) == (None, "submitted", "public")


def test_staff_goes_nowhere_by_itself(town):
    town.as_owner("update category set department = %s where community = %s", town.water, town.name)
    assert files(town, thinks("staff", 0.99)) == ("staff", "submitted", "private")
    assert files(town, thinks("staff", 0.3)) == (None, "submitted", "public")
    assert files(town, thinks("staff", 0.3), category="fees") == ("fees", "submitted", "public")
    assert files(town, thinks("fees", 0.99), category="staff") == ("staff", "submitted", "private")
    assert files(town, thinks("fees", 0.99, second="staff")) == ("fees", "assigned", "public")
