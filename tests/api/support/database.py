"""What stands in a database, as its superuser sees it."""

import psycopg2


class Database:
    def __init__(self, connection):
        self.connection = connection

    def all(self, sql, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, sql, *values):
        rows = self.all(sql, *values)
        assert len(rows) == 1, f"{len(rows)} rows for {sql} {values}"
        return rows[0]

    def value(self, sql, *values):
        return self.one(sql, *values)[0]


def look_into(cluster, name):
    connection = psycopg2.connect(cluster.conninfo(name, "postgres") + " options='-c search_path=wall,rules -c TimeZone=UTC'")
    connection.autocommit = True
    return Database(connection)
