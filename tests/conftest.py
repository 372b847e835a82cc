"""One PostgreSQL a run: the process that starts the tests starts it, the xdist workers find it in the environment; and one random seed."""

import os
import random

from support.cluster import Cluster

CLUSTER = "WALL_TEST_CLUSTER"
SEED = "WALL_TEST_SEED"  # of the random history that is different in each run, see tests/model


def is_worker(config):
    return hasattr(config, "workerinput")


def pytest_configure(config):
    os.environ.setdefault(SEED, str(random.randrange(10**6)))
    if is_worker(config) or CLUSTER in os.environ or config.option.collectonly:
        return
    config.cluster = Cluster.start()
    os.environ[CLUSTER] = config.cluster.folder


def pytest_unconfigure(config):
    cluster = getattr(config, "cluster", None)
    if cluster:
        cluster.stop()
        os.environ.pop(CLUSTER, None)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"the random seed of tests/model: {os.environ[SEED]}")
