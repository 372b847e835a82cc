"""One PostgreSQL a run: the process that starts the tests starts it, the xdist workers find it in the environment; and one random seed."""

import os
import random

from xdist.scheduler import LoadFileScheduling

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


class FileByFile(LoadFileScheduling):
    """A file stays with one process, for its tests share daemons; the histories of tests/model share nothing."""

    def _split_scope(self, nodeid):
        return nodeid if nodeid.startswith("model/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return FileByFile(config, log)


def pytest_collection_modifyitems(items):
    """The files that last longest are begun first, so that in the end all processes are done at about the same time."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


def pytest_unconfigure(config):
    cluster = getattr(config, "cluster", None)
    if cluster:
        cluster.stop()
        os.environ.pop(CLUSTER, None)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"the random seed of tests/model: {os.environ[SEED]}")
