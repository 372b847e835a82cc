"""PostgreSQL dies and comes back, the daemon is killed: what was acknowledged is there, what was not is said."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pytest

from support.actor import Actor
from support.cluster import Cluster
from support.daemon import Daemon
from support.program import program
from support.wait import until
from support.world import unique

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def own_cluster():
    """A durable PostgreSQL of these tests alone, for it will be killed."""
    cluster = Cluster.start(synchronous_commit="on")
    yield cluster
    cluster.stop()


@pytest.fixture
def shaken(own_cluster, tmp_path):
    daemon = Daemon(tmp_path, own_cluster.database("shaken"))
    daemon.clock, daemon.people = None, {}
    daemon.start()
    daemon.cluster = own_cluster
    yield daemon
    daemon.stop()


class Crowd:
    """Clients that submit without pause and remember what was acknowledged."""

    def __init__(self, daemon, clients=6):
        self.daemon = daemon
        self.acknowledged = []
        self.statuses = set()
        self.stopping = False
        self.threads = [threading.Thread(target=self.submit) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def submit(self):
        actor = Actor(self.daemon)
        while not self.stopping:
            try:
                answer = actor.submits("断电时也要留下。", key=unique("key"))
            except OSError:
                actor.hang_up()
                time.sleep(0.01)
                continue
            self.statuses.add(answer.status)
            actor.pending = None
            if answer.status == 201:
                self.acknowledged.append((answer["id"], answer["receipt"]))
            else:
                self.statuses.add(answer.json["type"])
                assert answer.headers["Retry-After"] or answer.status != 503

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()

    def has(self, count):
        return lambda: len(self.acknowledged) >= count


def assert_all_are_there(daemon, acknowledged):
    actor = Actor(daemon)
    for complaint, receipt in acknowledged:
        shown = actor.get("/v1/receipts/current", receipt=receipt)
        assert shown.status == 200 and shown["id"] == complaint


def test_postgresql_is_killed_and_comes_back(shaken):
    crowd = Crowd(shaken)
    until(crowd.has(30), 30, "the first submissions")
    shaken.cluster.down("immediate")
    until(lambda: 503 in crowd.statuses, 20, "a 503")
    assert shaken.ready()[0] == 503
    assert Actor(shaken).get("/healthz").status == 200
    shaken.cluster.up()
    until(shaken.is_ready, 30, "the database to be back")
    before = len(crowd.acknowledged)
    until(crowd.has(before + 30), 30, "new submissions")
    crowd.stop()
    assert {status for status in crowd.statuses if isinstance(status, int)} <= {201, 503}
    assert_all_are_there(shaken, crowd.acknowledged)


def test_connections_are_cut_under_load(shaken):
    crowd = Crowd(shaken)
    until(crowd.has(20), 30, "the first submissions")
    connection = shaken.cluster.connect()
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shaken'")
        before = len(crowd.acknowledged)
        until(crowd.has(before + 5), 30, "submissions after the cut")
    connection.close()
    crowd.stop()
    assert {status for status in crowd.statuses if isinstance(status, int)} <= {201, 503}
    assert_all_are_there(shaken, crowd.acknowledged)


def test_a_lost_outcome_is_repeated_with_the_same_key(shaken):
    """Whatever a 503 left open, the repeat gives exactly one complaint."""
    connection = shaken.cluster.connect("shaken")
    actor = Actor(shaken)
    for number in range(10):
        key = unique("key")
        cutter = threading.Thread(target=cut, args=(shaken.cluster,))
        cutter.start()
        answer = actor.submits(f"第{number}件。", key=key)
        while answer.status != 201:
            assert answer.status == 503
            answer = actor.submits(f"第{number}件。", key=key)
        cutter.join()
    with connection.cursor() as cursor:
        cursor.execute("select text, count(*) from wall.complaint group by text")
        assert sorted(count for _, count in cursor.fetchall()) == [1] * 10
    connection.close()


def cut(cluster):
    connection = cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shaken' and usename = 'wall_login'")
    connection.close()


def test_the_daemon_is_killed_under_load(shaken):
    crowd = Crowd(shaken)
    until(crowd.has(50), 30, "the first submissions")
    shaken.kill()
    crowd.stop()
    shaken.start()
    assert_all_are_there(shaken, crowd.acknowledged)


def test_a_start_without_database_is_refused_in_one_line(tmp_path):
    daemon = Daemon(tmp_path, "host=/nowhere dbname=none user=nobody")
    daemon.clock, daemon.people = None, {}
    daemon.start(wait=False)
    process, daemon.process = daemon.process, None
    assert process.wait(30) == 1
    assert daemon.said().strip()


def test_a_newer_schema_stops_the_start(own_cluster, tmp_path):
    conninfo = own_cluster.database("newer")
    connection = own_cluster.connect("newer")
    with connection.cursor() as cursor:
        cursor.execute("insert into wall.migration select 9999, '9999_future.sql', checksum, applied from wall.migration limit 1")
    connection.close()
    daemon = Daemon(tmp_path, conninfo)
    daemon.clock, daemon.people = None, {}
    daemon.start(wait=False)
    process, daemon.process = daemon.process, None
    assert process.wait(30) == 1
    assert "newer" in daemon.said()


def test_sigterm_drains(shaken):
    crowd = Crowd(shaken)
    until(crowd.has(20), 30, "the first submissions")
    shaken.stop()
    crowd.stop()
    shaken.start()
    assert_all_are_there(shaken, crowd.acknowledged)


def test_sighup_rereads_and_goes_on(shaken):
    os.kill(shaken.process.pid, signal.SIGHUP)
    assert Actor(shaken).get("/v1/community").status == 200
    assert shaken.process.poll() is None


# The private cluster


@pytest.fixture(scope="module")
def kept():
    """A daemon that keeps its own PostgreSQL, in a folder that the user postgres can reach; it makes the password of admin up."""
    folder = tempfile.mkdtemp(prefix="echo-wall-private-")
    pathlib.Path(folder).chmod(0o755)
    daemon = Daemon(folder, None)
    daemon.clock, daemon.people, daemon.admin_password = None, {}, None
    yield daemon
    daemon.stop()
    for postmaster in pathlib.Path(folder).rglob("postmaster.pid"):
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGQUIT)
    until(lambda: not postgres_in(folder), 30, "the cluster to be gone")
    shutil.rmtree(folder)


@pytest.fixture
def private(kept):
    """The same, running, whatever the test before did to it."""
    return kept if kept.process else kept.start()


def postgres_in(folder):
    listed = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return [line for line in listed.splitlines() if folder in line and "postgres" in line and program() not in line]


def test_a_private_cluster_is_made_kept_and_stopped_with_the_daemon(private):
    complaint = Actor(private).files("自己的数据库。")
    assert postgres_in(str(private.folder))
    private.stop()
    assert not postgres_in(str(private.folder))
    private.start()
    assert Actor(private).get("/v1/receipts/current", receipt=complaint.receipt)["id"] == complaint.id


def test_a_private_cluster_comes_up_again_after_kill_9(private):
    crowd = Crowd(private)
    until(crowd.has(30), 30, "the first submissions")
    private.kill()
    crowd.stop()
    private.start()
    assert_all_are_there(private, crowd.acknowledged)
    private.stop()
    assert not postgres_in(str(private.folder))


def test_a_private_cluster_that_was_killed_too_comes_up_again(private):
    crowd = Crowd(private)
    until(crowd.has(30), 30, "the first submissions")
    private.kill()
    crowd.stop()
    for postmaster in private.folder.rglob("postmaster.pid"):
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
    private.start()
    assert_all_are_there(private, crowd.acknowledged)


def test_verify_runs_beside_serve_and_alone(private):
    Actor(private).files()
    assert private.verify()[0] == 0
    assert Actor(private).get("/readyz").status == 200
    private.stop()
    assert private.verify()[0] == 0
    assert not postgres_in(str(private.folder))


def test_the_private_folder_is_private(private):
    data = private.folder / "data"
    for path in [path for path in data.iterdir() if path.is_dir()]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert (data / "key").stat().st_mode & 0o777 == 0o600


def test_the_password_of_admin_is_printed_once(private):
    said = [line for line in private.printed().splitlines() if "password" in line]
    assert len(said) == 1
    assert Actor(private).post("/v1/sessions", {"login": "admin", "password": said[0].rsplit(" ", 1)[1]}).status == 201
    assert said[0].rsplit(" ", 1)[1] not in private.said()
    private.stop()
    private.start()
    assert len([line for line in private.printed().splitlines() if "password" in line]) == 1
