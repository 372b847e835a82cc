"""Looks at the plans of the hot statements, with those inside their functions: a table read from one end to the other is told."""

import re

import psycopg2

from pgbench import ROLES
from town import DATABASE

LARGE = 1000  # rows; small tables are best read whole


def plans_of(town, script):
    """Every plan that PostgreSQL ran for the statements of a script, as text, the second time they were executed. Nothing of it stays."""
    name, path = ROLES[script.role]
    settings = ("session_preload_libraries=auto_explain", f"search_path={path}", "TimeZone=UTC", "jit=off", "plan_cache_mode=force_generic_plan")
    explained = ("log_min_duration=0", "log_nested_statements=on", "log_analyze=on", "log_level=notice")
    options = " ".join(f"-c {setting}" for setting in (*settings, *(f"auto_explain.{setting}" for setting in explained)))
    connection = psycopg2.connect(town.cluster.conninfo(DATABASE, "postgres") + f" options='{options}'")
    connection.notices = found = []
    with connection.cursor() as cursor:
        cursor.execute(f"set role {name}")
        for once in script.probes:
            found.clear()
            for sql in once:
                cursor.execute(sql)
    connection.rollback()
    connection.close()
    return [text for text in found if " plan:" in text]


def query_of(plan):
    return " ".join(plan.split("Query Text:")[-1].split())[:150]


def oddities(town, script):
    """Lines about scans that read many rows for a few."""
    found = []
    for plan in plans_of(town, script):
        for scan in re.finditer(r"(Seq Scan|Index[\w ]* Scan)( using \S+)? on (\S+).*?rows=(\d+) loops=(\d+)\)((?:\n(?!\s*->).*)*)", plan):
            kind, _, table, rows, loops, conditions = scan.groups()
            dropped = re.search(r"Rows Removed by Filter: (\d+)", conditions)
            dropped = int(dropped.group(1)) if dropped else 0
            if dropped * int(loops) >= LARGE or "Seq" in kind and (int(rows) + dropped) * int(loops) >= LARGE:
                found.append(f"{kind} on {table} reads {int(rows) + dropped} rows {loops} times, drops {dropped}: {query_of(plan)}")
    return found
