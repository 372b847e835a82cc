"""A PostgreSQL for the tests: quick, not durable, gone afterwards. Each test file gets a copy of a migrated template."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2

from support.program import environment, program

TEMPLATE = "wall_template"
LOGIN = "wall_login"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "400",
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "5s",
    "log_error_verbosity": "terse",
}


def binaries():
    """The folder of initdb and pg_ctl, the newest where several are installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return str(found[-1].parent)


def as_postgres(*command):
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


class Cluster:
    """Known by its folder, which is its socket's as well."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings = {**SETTINGS, "unix_socket_directories": folder, **settings}

    @classmethod
    def start(cls, **settings):
        cluster = cls(tempfile.mkdtemp(prefix="echo-wall-test-"), **settings)
        if os.geteuid() == 0:
            shutil.chown(cluster.folder, "postgres", "postgres")
        cluster.run("initdb", "-D", cluster.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N")
        cluster.up()
        return cluster

    @property
    def data(self):
        return f"{self.folder}/data"

    def run(self, name, *arguments):
        subprocess.run(
            as_postgres(f"{binaries()}/{name}", *arguments), cwd="/", check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def up(self):
        settings = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-l", f"{self.folder}/log", "-o", settings, "start")

    def down(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-m", mode, "stop")

    def stop(self):
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def conninfo(self, database, user=LOGIN):
        return f"host={self.folder} dbname={database} user={user}"

    def connect(self, database="postgres", user="postgres"):
        connection = psycopg2.connect(self.conninfo(database, user))
        connection.autocommit = True
        return connection

    def template(self):
        """The database that `echo-wall migrate` has brought up to date, made once by whoever comes first."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(1)")
            cursor.execute("select true from pg_database where datname = %s", [TEMPLATE])
            if not cursor.fetchone():
                self.make_template(cursor)
        connection.close()
        return TEMPLATE

    def make_template(self, cursor):
        cursor.execute("select true from pg_roles where rolname = %s", [LOGIN])
        if not cursor.fetchone():
            cursor.execute(f"create role {LOGIN} login createrole createdb")
        cursor.execute("drop database if exists wall_making")
        cursor.execute(f"create database wall_making owner {LOGIN}")
        subprocess.run(
            [program(), "migrate", "--database", self.conninfo("wall_making")], env=environment(), check=True, stdin=subprocess.DEVNULL
        )
        cursor.execute(f"alter database wall_making rename to {TEMPLATE}")

    def database(self, name):
        """A fresh migrated database; its conninfo."""
        template = self.template()
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(1)")
            cursor.execute(f"drop database if exists {name} with (force)")
            cursor.execute(f"create database {name} template {template} owner {LOGIN}")
        connection.close()
        return self.conninfo(name)

    def drop(self, name):
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {name} with (force)")
        connection.close()
