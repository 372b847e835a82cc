"""Random histories: every step is done by the daemons and by a plain model of the rules, and everything shown agrees."""

import os

import pytest

from support.cluster import Cluster

from model.play import play

SEEDS = [2, 7, 11, int(os.environ["WALL_TEST_SEED"])]
ACTIONS = 500
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", SEEDS)
def test_daemons_and_model_agree(seed):
    played = play(Cluster(os.environ["WALL_TEST_CLUSTER"]), seed, ACTIONS, days=12)
    assert ACTIONS / 5 < played.refused < ACTIONS / 2
