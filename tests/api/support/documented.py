"""For a file of tests that imports both: whatever is answered in it must be as openapi.yaml says."""

import pytest

from support.actor import Actor
from support.contract import Contract


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture(autouse=True)
def every_answer_is_as_documented(contract, monkeypatch):
    plain = Actor.request

    def request(self, method, path, *given, **more):
        answer = plain(self, method, path, *given, **more)
        assert contract.faults_of(method, path, answer) == []
        return answer

    monkeypatch.setattr(Actor, "request", request)
