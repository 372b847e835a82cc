"""A survey that is open, and people who answer it; every answer of the daemon is compared with the document."""

import pytest

from support.actor import Actor
from support.answer import problem
from support.documented import contract, every_answer_is_as_documented  # noqa: F401

QUESTIONS = [
    {"kind": "choice", "text": "路灯修好了吗？", "text_en": "Is the lamp mended?", "options": [{"text": "修好了", "text_en": "Yes"}, {"text": "没有"}]},
    {"kind": "choices", "text": "哪里还暗？", "optional": True, "options": [{"text": "楼道"}, {"text": "南门"}, {"text": "车库"}]},
    {"kind": "scale", "text": "满意吗？"},
    {"kind": "text", "text": "还想说什么？", "optional": True},
]


@pytest.fixture
def asks(supervisor, clock):
    """Makes a survey that is open for three days."""

    def ask(actor=supervisor, **more):
        body = {"title": "路灯问卷", "questions": QUESTIONS, "begins": clock.now, "ends": clock.after(days=3), **more}
        made = actor.post("/v1/surveys", {name: value for name, value in body.items() if value is not None})
        assert made.status == 201, made
        return made

    return ask


def chosen(option=1, scale=4, **more):
    """An answer to all that is required."""
    return {"answers": [{"question": 1, "option": option}, {"question": 3, "scale": scale}, *more.get("also", [])]}


def answers(actor, survey, body=None, **more):
    return actor.put(f"/v1/surveys/{survey['id']}/answer", body or chosen(), **more)


def results(actor, survey):
    return actor.get(f"/v1/surveys/{survey['id']}/results").json


def crowd(world, survey, people, **given):
    """So many strangers answer, each for himself."""
    for _ in range(people):
        assert answers(Actor(world.daemon), survey, chosen(**given)).status == 200


def counts(question):
    return [option["count"] for option in question["options"]]


def faults(answer):
    assert answer == problem(422, "invalid_input"), answer
    return [fault["pointer"] for fault in answer.json["errors"]]
