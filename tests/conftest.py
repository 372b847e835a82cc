"""One PostgreSQL a run: the process that starts the tests starts it, the xdist workers find it in the environment."""

import os

from support.cluster import Cluster

CLUSTER = "WALL_TEST_CLUSTER"


def is_worker(config):
    return hasattr(config, "workerinput")


def pytest_configure(config):
    if is_worker(config) or CLUSTER in os.environ or config.option.collectonly:
        return
    config.cluster = Cluster.start()
    os.environ[CLUSTER] = config.cluster.folder


def pytest_unconfigure(config):
    cluster = getattr(config, "cluster", None)
    if cluster:
        cluster.stop()
        os.environ.pop(CLUSTER, None)
