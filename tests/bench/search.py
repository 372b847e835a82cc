"""
Searching beside its rivals: tests/bench/search.py [--rows N] [--texts FILE] [--binary PROGRAM]. Some thousand texts are read by the daemon's reader and
copied, first to 10,000 complaints, then to --rows (200,000; 1,000,000 takes some ten minutes); the same words are looked for through HTTP, and in
PostgreSQL beside LIKE and pg_trgm. One table is shared, so that the ratios count.
"""

import argparse
import json
import pathlib
import random
import re
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
sys.dont_write_bytecode = True

from support.tool import begin_with  # noqa: E402

BASES, FEW, LEADS = 8000, 10_000, 40
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "shared_buffers": "1GB", "max_wal_size": "8GB", "maintenance_work_mem": "1GB"}

# Each copy lies 90 days and some before the one before it, so that moments are as spread as in a long life.
GROW = """
insert into wall.complaint
select {columns} from (
    select r.* from wall.complaint c join base using (complaint) cross join generate_series({first}, {last}) as j
    cross join lateral (select md5(c.complaint::text || j)::uuid as id) as made
    cross join lateral jsonb_populate_record(c, jsonb_build_object(
        'complaint', id, 'number', id, 'entry', replace(c.entry, c.complaint::text, id::text), 'submitted', c.submitted - j * interval '10 days')) as r) as copies
"""
DRAWERS = """
insert into wall.drawer select community, submitted
from (select community, submitted, row_number() over (order by submitted, complaint) as position from wall.complaint) as filed
where position % rules.drawer_size() = 0 on conflict do nothing
"""
# A copy has its first one's text; `plain` holds the first ones' codes without a drawer's key.
TEXTS = """
insert into wall.complaint_text
select c.community, c.complaint, c.submitted, p.title, p.title_steps, p.text, p.text_steps,
       rules.drawer_codes(c.community, rules.drawer_of(c.community, c.submitted), p.codes), p.grams
from wall.complaint c join plain p on p.hash = md5(c.text || coalesce(c.title, ''))
"""
INDEX = "create index complaint_text_codes on wall.complaint_text using gin (codes) with (fastupdate = {}, gin_pending_list_limit = 1024)"
HELD = "select complaint from wall.complaint_text where community = 'home' and coalesce(title, '') || E'\\n' || text like %s order by submitted desc, complaint desc limit 20"


def arguments():
    given = argparse.ArgumentParser(prog="tests/bench/search.py", description="Measures searching beside LIKE and pg_trgm.")
    given.add_argument("--rows", type=int, default=200_000)
    given.add_argument("--texts", help="complaints as JSON lines with title and body; made up otherwise")
    given.add_argument("--binary", default=str(HERE.parents[1] / "build/release/echo-wall"))
    return given.parse_args()


def read_texts(path):
    chance = random.Random(7)
    if path:
        lines = random.Random(7).sample(pathlib.Path(path).read_text().splitlines(), BASES)
        clean = str.maketrans({chr(n): " " for n in (*range(9), 11, 12, *range(14, 32), *range(127, 160))})
        return [(one["title"].translate(clean)[:120] or None, one["body"].translate(clean)[:10000] or "-") for one in map(json.loads, lines)]
    import texts

    pool = texts.sentences(3000)
    return [(texts.title(chance), texts.text(chance, pool)) for _ in range(BASES)]


def words(texts):
    """Of two to six characters, and some of two words; then one that is everywhere and one that is nowhere."""
    chance, found = random.Random(8), []
    while len(found) < LEADS:
        title, text = chance.choice(texts)
        runs = re.findall(r"[\u4e00-\u9fff]{2,}", (title or "") if len(found) % 2 else text)
        if runs:
            found.append(chance.choice(runs)[: chance.randint(2, 6)])
    return [*found, "我们", "没有", "龘靐齉"]


def times_of(work, each):
    """Milliseconds, the best of three, for noise only ever adds."""
    found = []
    for one in each:
        taken = []
        for _ in range(3):
            since = time.perf_counter()
            work(one)
            taken.append((time.perf_counter() - since) * 1000)
        found.append(min(taken))
    return found


def line(name, found):
    found = sorted(found)
    print(f"{name:44} {statistics.median(found):9.1f} {found[int(len(found) * 0.95)]:9.1f} {found[-1]:9.1f}  ms median, p95, max of {len(found)}", flush=True)


def fill(database, columns, rows, say):
    say(f"{rows} complaints")
    database.all("drop index wall.complaint_text_codes")
    database.all("truncate wall.complaint_text, wall.drawer")
    database.all("delete from wall.complaint c where not exists (select from base b where b.complaint = c.complaint)")
    copies = rows // BASES
    if copies > 1:
        database.all(GROW.format(columns=columns, first=1, last=copies - 1))
    database.all("analyze wall.complaint")
    database.all(DRAWERS)
    database.all(TEXTS)
    say("index")
    database.all(INDEX.format("on"))
    database.all("vacuum analyze wall.complaint_text")
    database.all("vacuum analyze wall.complaint")
    database.all("checkpoint")


def through_http(actor, q, **more):
    response = actor.get("/v1/complaints", {"q": q, **more})
    assert response.status == 200, response
    return [item["id"] for item in response["items"]]


def inserting(database, name):
    """Milliseconds a row, each with its own commit."""
    community, drawer = database.one("select community, max(begins) from wall.drawer group by community")
    rows = database.all("select complaint from base limit 400")
    database.all("delete from wall.complaint_text t using base b where b.complaint = t.complaint")
    since = time.perf_counter()
    for (complaint,) in rows:
        database.all(
            "insert into wall.complaint_text select c.community, c.complaint, c.submitted, p.title, p.title_steps, p.text, p.text_steps,"
            " rules.drawer_codes(c.community, %s, p.codes), p.grams from wall.complaint c join plain p on p.hash = md5(c.text || coalesce(c.title, ''))"
            " where c.community = %s and c.complaint = %s", drawer, community, complaint)
    print(f"{name:44} {(time.perf_counter() - since) / len(rows) * 1000:9.2f} ms a row with its commit", flush=True)


def main():
    given = arguments()
    begin_with(given.binary, "tests/bench/run")
    from support.actor import Actor
    from support.cluster import Cluster
    from support.daemon import Daemon
    from support.database import look_into
    from support.filed import file_texts
    from support.wait import until

    began = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - began:7.1f} s  {what}", file=sys.stderr, flush=True)

    cluster, daemon = Cluster.start(**DURABLE), None
    try:
        with tempfile.TemporaryDirectory(prefix="echo-wall-bench-") as folder:
            daemon = Daemon(pathlib.Path(folder), cluster.database("wall_bench"), None)
            daemon.start()
            actor, texts = Actor(daemon), read_texts(given.texts)
            database = look_into(cluster, "wall_bench")
            first = actor.files("样本")
            since = time.perf_counter()
            file_texts(database, first.id, texts)
            until(lambda: database.value("select count(*) from wall.unread") == 0, 200, "the reader")
            print(f"{'the reader, with filing the complaints':44} {len(texts) / (time.perf_counter() - since):9.0f} texts a second", flush=True)
            columns = ", ".join(name for (name,) in database.all(
                "select column_name from information_schema.columns where table_schema = 'wall' and table_name = 'complaint' order by ordinal_position"))
            database.all("create temp table base as select complaint from wall.complaint where complaint <> %s", first.id)
            database.all("create temp table plain as select distinct on (hash) * from (select md5(c.text || coalesce(c.title, '')) as hash, t.title, t.title_steps,"
                         " t.text, t.text_steps, rules.drawer_codes(t.community, '-infinity', t.codes) as codes, t.grams"
                         " from wall.complaint_text t join wall.complaint c using (community, complaint)) as p")
            looked_for = words(texts)
            for rows in sorted({FEW, given.rows}):
                fill(database, columns, rows, say)
                for sort in ("relevance", "newest"):
                    line(f"GET ?q=, {sort}, {rows} complaints", times_of(lambda q: through_http(actor, q, sort=sort), looked_for))
            say("beside LIKE and pg_trgm")
            few = looked_for[:10] + looked_for[-3:]
            line("the same words: GET ?q=, newest", times_of(lambda q: through_http(actor, q, sort="newest"), few))
            truth = {}
            database.all("set max_parallel_workers_per_gather = 0")

            def held(q):
                truth[q] = [str(name) for (name,) in database.all(HELD, f"%{q}%")]

            since = time.perf_counter()
            taken = []
            for q in few:
                at = time.perf_counter()
                held(q)
                taken.append((time.perf_counter() - at) * 1000)
            line("LIKE, a scan, one go", taken)
            same = sum(through_http(actor, q, sort="newest") == truth[q] for q in few)
            print(f"{'pages that are those of the scan':44} {same} of {len(few)}", flush=True)
            if given.rows <= 200_000:
                database.all("create extension pg_trgm")
                say("its index")
                database.all("create index trigrams on wall.complaint_text using gin ((coalesce(title, '') || E'\\n' || text) gin_trgm_ops)")
                line("LIKE with pg_trgm", times_of(held, few))
                database.all("drop index wall.trigrams")
            print(f"{'index, table':44} {database.value('select pg_size_pretty(pg_relation_size(%s))', 'wall.complaint_text_codes')},"
                  f" {database.value('select pg_size_pretty(pg_table_size(%s))', 'wall.complaint_text')}", flush=True)
            inserting(database, "filing a text")
            database.all("alter index wall.complaint_text_codes set (fastupdate = off)")
            inserting(database, "filing a text, sorted in at once")
            database.all("drop index wall.complaint_text_codes")
            inserting(database, "filing a text without an index")
            say("done")
    finally:
        if daemon and daemon.process:
            daemon.kill()
        cluster.stop()


if __name__ == "__main__":
    main()
