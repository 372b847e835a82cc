"""The fixtures of the API tests: a daemon a file on a database of its own, its clock, and the people of each test."""

import itertools
import os
import signal

import pytest

from support.actor import Actor, overlooked
from support.cluster import Cluster
from support.daemon import Clock, Daemon, stopped
from support.database import look_into
from support.world import World

names = itertools.count(1)


@pytest.fixture(scope="session")
def cluster():
    return Cluster(os.environ["WALL_TEST_CLUSTER"])


def database_name():
    return f"wall_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{next(names)}"


class Site:
    """A database, the daemons on it and their clock; all stopped and looked at in the end."""

    open = []

    def __init__(self, cluster, folder, with_clock=True):
        self.cluster = cluster
        self.folder = folder
        self.name = database_name()
        self.conninfo = cluster.database(self.name)
        self.clock = Clock(folder / "clock") if with_clock else None
        self.daemons = []
        self.people = {}
        Site.open.append(self)

    def daemon(self, start=True, **settings):
        daemon = Daemon(self.folder, self.conninfo, self.clock and self.clock.file, **settings)
        daemon.clock = self.clock
        daemon.people = self.people
        self.daemons.append(daemon)
        if self.clock:
            self.clock.daemons.append(daemon)
        if start:
            daemon.start()
            self.clock and self.clock.wait()
        return daemon

    def end(self):
        Site.open.remove(self)
        faults = stopped(self.daemons)
        self.cluster.drop(self.name)
        assert not faults, faults


def made_sites(cluster, tmp_path_factory):
    """Makes sites with nothing in them, whose daemons are started by who asked for them."""
    sites = []

    def make(with_clock=True):
        sites.append(Site(cluster, tmp_path_factory.mktemp("site"), with_clock))
        return sites[-1]

    yield make
    for site in sites:
        site.end()


new_site = pytest.fixture(made_sites)  # for one test alone
new_module_site = pytest.fixture(made_sites, scope="module")  # for the whole file


@pytest.fixture(scope="module")
def site(new_module_site):
    """The file's database with one daemon."""
    site = new_module_site()
    site.daemon()
    return site


@pytest.fixture(scope="module")
def daemon(site):
    return site.daemons[0]


@pytest.fixture(scope="module")
def second_site(new_module_site):
    """Another database for the whole file, whose daemons it starts itself."""
    return new_module_site()


@pytest.fixture
def clock(site):
    return site.clock


@pytest.fixture
def db(cluster, site):
    database = look_into(cluster, site.name)
    yield database
    database.connection.close()


@pytest.fixture
def world(daemon):
    return World(daemon)


@pytest.fixture
def town(new_site):
    """The world of a site that this test has for itself, at ten on a Monday, with one department."""
    site = new_site()
    world = World(site.daemon())
    world.site, world.clock = site, site.clock
    world.officer
    return world


@pytest.fixture
def admin(world):
    return world.admin


@pytest.fixture
def anonymous(world):
    return world.anonymous


@pytest.fixture
def stranger(daemon):
    """Somebody else, not signed in and without a receipt."""
    return Actor(daemon)


@pytest.fixture
def resident(world):
    return world.resident


@pytest.fixture
def neighbour(world):
    return world.new_resident()


@pytest.fixture
def department(world):
    return world.department


@pytest.fixture
def other_department(world):
    return world.other_department


@pytest.fixture
def officer(world):
    return world.officer


@pytest.fixture
def other_officer(world):
    return world.other_officer


@pytest.fixture
def dispatcher(world):
    return world.dispatcher


@pytest.fixture
def visitor(world):
    return world.visitor


@pytest.fixture
def supervisor(world):
    return world.supervisor


@pytest.fixture(autouse=True)
def nothing_overlooked(request):
    """A refusal that the test did not look at is a fault of the test or of the daemon."""
    overlooked.take()
    yield
    left = overlooked.take()
    assert not left or request.node.failed, f"refused, and nobody looked: {left}"


LONGEST = 300  # seconds a test may take with all that it starts: for what hangs, not for a machine with much else to do


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs fails, and the others go on."""

    def give_up(signum, frame):
        raise AssertionError(f"took longer than {LONGEST} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure is shown with what the daemons said last."""
    outcome = yield
    report = outcome.get_result()
    item.failed = report.failed
    if report.failed:
        for daemon in [daemon for site in Site.open for daemon in site.daemons]:
            report.sections.append((f"daemon on port {daemon.port}", last_words(daemon)))


def last_words(daemon):
    lines = [line for line in daemon.said().splitlines() if "route=/readyz" not in line]
    return "\n".join(lines[-8:])
