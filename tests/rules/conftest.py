"""
Tests of the rules in SQL. A .sql file is a sequence of tests; each begins with `-- test: a sentence`, what stands before the first is
run before each. A test runs as the daemon's role in a transaction that is rolled back, and fails by raising (assert in a DO block).
"""

import os
import re

import psycopg2
import pytest

from support.cluster import Cluster

from town import Town

OPTIONS = "-c role=echo_wall_daemon -c search_path=wall,rules -c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c echo_wall.clock=table"
NAME = f"wall_rules_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def open_database():
    """One copy of the template for all tests of this process."""
    if not hasattr(open_database, "conninfo"):
        open_database.conninfo = Cluster(os.environ["WALL_TEST_CLUSTER"]).database(NAME)
    return psycopg2.connect(f"{open_database.conninfo} options='{OPTIONS}'")


@pytest.fixture
def rules():
    """A cursor as the daemon's role; nothing of what it does stays."""
    connection = open_database()
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()
    connection.close()


@pytest.fixture
def lasting_rules():
    """The same on a database of this test alone, which may commit: while one transaction lasts, no webhook in the whole cluster hears of anything."""
    cluster = Cluster(os.environ["WALL_TEST_CLUSTER"])
    connection = psycopg2.connect(f"{cluster.database(f'{NAME}_lasting')} options='{OPTIONS}'")
    with connection.cursor() as cursor:
        yield cursor
    connection.close()
    cluster.drop(f"{NAME}_lasting")


@pytest.fixture
def town(rules):
    return Town(rules)


class Broken(Exception):
    """What PostgreSQL said of a failed test."""


class SqlTest(pytest.Item):
    def __init__(self, *, before, text, **rest):
        super().__init__(**rest)
        self.before, self.text = before, text

    def runtest(self):
        connection = open_database()
        try:
            with connection.cursor() as cursor:
                cursor.execute(self.before + "\nselect")
                cursor.execute(self.text)
        except psycopg2.Error as fault:
            raise Broken(f"{fault.pgcode}: {fault}") from None
        finally:
            connection.rollback()
            connection.close()

    def repr_failure(self, excinfo):
        return str(excinfo.value) if isinstance(excinfo.value, Broken) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, self.name


class SqlFile(pytest.File):
    def collect(self):
        before, *tests = re.split(r"^-- test: (.+)$", self.path.read_text(), flags=re.M)
        for sentence, text in zip(tests[::2], tests[1::2]):
            yield SqlTest.from_parent(self, name=sentence.strip(), before=before, text=text)


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".sql":
        return SqlFile.from_parent(parent, path=file_path)
    return None
