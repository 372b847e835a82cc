"""
How long a suggestion takes among many: tests/bench/run --suggestions [--rows N] [--days D]. Suggestions look through what was filed within
`similar_within`, 90 days: that is everything unless the complaints are those of more days; the texts are made of words as unevenly frequent as real ones (Zipf), each query is a new text or one that was filed,
said in part with other words. Answers are asked for over HTTP, one after another, and by several at once; and of PostgreSQL how long it was on a
processor for each, which is the same however busy the machine is.
"""

import argparse
import concurrent.futures
import io
import itertools
import json
import math
import pathlib
import random
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
sys.dont_write_bytecode = True

from support.tool import begin_with  # noqa: E402

WORDS, LENGTH, IN_TITLE, IN_BODY = 50_000, 4, 5, 24
WITHIN = 90
BATCH = 20_000


def arguments():
    given = argparse.ArgumentParser(prog="tests/bench/run --suggestions", description="Measures suggestions among many complaints.")
    given.add_argument("--rows", type=int, default=200_000, help="complaints (default 200,000)")
    given.add_argument("--days", type=int, default=WITHIN, help="over which they are spread (default 90: suggestions look through all of them)")
    given.add_argument("--queries", type=int, default=400, help="texts asked about (default 400)")
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--binary", default=str(HERE.parents[1] / "build/release/echo-wall"), help="the daemon (default build/release/echo-wall)")
    return given.parse_args()


class Language:
    """Words of four characters that occur as unevenly as real ones; a mark between two of them keeps them from making pairs."""

    def __init__(self, seed):
        chance = random.Random(seed)
        self.words = ["".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(LENGTH)) for _ in range(WORDS)]
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.heavy = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))

    def draw(self, chance, count):
        return chance.choices(range(WORDS), cum_weights=self.heavy, k=count)

    def text(self, numbers):
        return "，".join(self.words[number] for number in numbers)

    def codes(self, number, salt):
        """Of the word's pairs, as the rules keep them."""
        word = self.words[number]
        for first, second in zip(word, word[1:]):
            code = (ord(first) << 16 | ord(second)) ^ salt
            yield code - 2**32 if code >= 2**31 else code


def drafts(language, rows, seed):
    chance = random.Random(seed)
    for _ in range(rows):
        yield language.draw(chance, IN_TITLE), language.draw(chance, IN_BODY)


def weights(title, body):
    found = dict.fromkeys(title, 0)
    for number in title:
        found[number] += 3
    for number in body:
        found[number] = found.get(number, 0) + 1
    return found


def frequencies(language, rows, seed):
    found = [0] * WORDS
    for title, body in drafts(language, rows, seed):
        for number in {*title, *body}:
            found[number] += 1
    return found


def fill(cursor, language, rows, days, seed, say):
    """Complaints as they are filed, the first one the newest, and what those within the last 90 days are about as the clock would have put it."""
    near = rows * WITHIN // max(days, WITHIN)
    cursor.execute("select rules.code_salt('home')")
    salt = cursor.fetchone()[0] & 0xFFFFFFFF
    say("how often each word occurs")
    often = frequencies(language, near, seed)
    worth = [math.log(max(near, 1000) / max(count, 1)) for count in often]
    codes = [list(language.codes(number, salt)) for number in range(WORDS)]
    listed = [",".join(map(str, found)) for found in codes]
    cursor.execute("create unlogged table filed (n integer, title text, text text, codes integer[], weights smallint[], norm float8)")
    lines, number = io.StringIO(), 0
    for title, body in drafts(language, rows, seed):
        number += 1
        about = weights(title, body)
        norm = math.sqrt(sum(len(codes[word]) * (weight * worth[word]) ** 2 for word, weight in about.items()))
        shown = ",".join(f"{weight},{weight},{weight}" for weight in about.values())
        lines.write(f"{number}\t{language.text(title)}\t{language.text(body)}\t{{{','.join(listed[word] for word in about)}}}\t{{{shown}}}\t{norm}\n")
        if number % BATCH == 0 or number == rows:
            lines.seek(0)
            cursor.copy_expert("copy filed from stdin", lines)
            lines = io.StringIO()
    say("complaints")
    cursor.execute("select * from wall.complaint limit 1")
    names = [column.name for column in cursor.description]
    made = {"complaint": "id", "number": "'B-' || n", "title": "f.title", "text": "f.text", "submitted": f"c.submitted - n * interval '{days - 1} days' / {rows}"}
    made["entry"] = "replace(replace(replace(replace(c.entry, c.complaint::text, id::text), c.number, 'B-' || n), c.title, f.title), c.text, f.text)"
    cursor.execute(
        f"insert into wall.complaint ({', '.join(names)}) select {', '.join(made.get(name, 'c.' + name) for name in names)}"
        " from filed f cross join (select * from wall.complaint limit 1) c"
        " cross join lateral (select ('01980000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as id) as i"
    )
    cursor.execute(
        "insert into wall.reply (community, complaint, reply, kind, department, author, round, at, public_text)"
        " select community, complaint, gen_random_uuid(), 'answer', department, gen_random_uuid(), 0, submitted, '已派人修好，请查看。' from wall.complaint"
        " where right(complaint::text, 1) in ('3', '6', '9')"
    )
    say("what they are about, and its index")
    cursor.execute("drop index wall.likeness_codes")
    cursor.execute(
        "insert into wall.likeness select c.community, c.complaint, c.submitted, f.codes, f.weights, f.norm, greatest(%s, 1000)"
        " from filed f join wall.complaint c on c.number = 'B-' || n where n <= %s on conflict do nothing",
        [near, near],
    )
    cursor.execute("create index likeness_codes on wall.likeness using gin (codes) with (fastupdate = off)")
    lines = io.StringIO("".join(f"home\t{code}\t{often[word]}\n" for word in range(WORDS) if often[word] for code in codes[word]))
    cursor.execute("create temp table often (community text, code integer, documents integer)")
    cursor.copy_expert("copy often from stdin", lines)
    cursor.execute(
        "insert into wall.code_frequency select community, code, sum(documents) from often group by 1, 2"
        " on conflict (community, code) do update set documents = excluded.documents"
    )
    cursor.execute("insert into wall.likeness_count values ('home', %s) on conflict (community) do update set documents = excluded.documents", [near])
    cursor.execute("drop table filed")
    say("vacuum analyze")
    cursor.execute("vacuum analyze")


def questions(language, rows, days, seed, count):
    """Half of them are new; of the others three words of the title were said before, and most of the rest is new."""
    chance = random.Random(seed + 1)
    asked_again = {chance.randrange(rows * WITHIN // max(days, WITHIN)) for _ in range(count // 2)}
    found = []
    for position, (title, body) in enumerate(itertools.islice(drafts(language, rows, seed), max(asked_again) + 1)):
        if position in asked_again:
            found.append((position + 1, title[:3] + language.draw(chance, 2), body[:6] + language.draw(chance, IN_BODY - 6)))
    while len(found) < count:
        found.append((None, language.draw(chance, IN_TITLE), language.draw(chance, IN_BODY)))
    chance.shuffle(found)
    return [(again, {"title": language.text(title), "text": language.text(body)}) for again, title, body in found]


def ask(town, asked):
    """Milliseconds of each, and how many of those that were filed before were found."""
    actor, times, found = town.anybody(), [], 0
    for again, draft in asked:
        since = time.monotonic()
        response = actor.post("/v1/suggestions", draft)
        times.append((time.monotonic() - since) * 1000)
        assert response.status == 200, response
        found += again is not None and any(item["number"] == f"B-{again}" for item in response.json["similar"])
    return times, found


def worked(pid):
    """Milliseconds that a process was on a processor: others who want it as well do not count."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def burdens(town, language, asked):
    """Milliseconds of processor that PostgreSQL takes for each, as the public asks."""
    connection = town.connect("role = echo_wall_public", "search_path = published, rules", "jit = off", "plan_cache_mode = force_generic_plan")
    found = []
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
        cursor.execute("prepare asked (jsonb) as select suggest('home', null, null, $1, '\\x01')")
        for _, draft in asked:
            about = weights(*([language.numbers[word] for word in draft[name].split("，")] for name in ("title", "text")))
            reading = {"likeness": {"codes": [code for word in about for code in language.codes(word, 0)], "weights": [w for w in about.values() for _ in range(3)]}}
            before = worked(pid)
            cursor.execute("execute asked (%s)", [json.dumps(reading)])
            found.append(worked(pid) - before)
    connection.close()
    return found[20:]


def show(name, times):
    percent = statistics.quantiles(times, n=100)
    print(f"{name:34} p50 {percent[49]:6.2f}   p95 {percent[94]:6.2f}   p99 {percent[98]:6.2f}   max {max(times):6.2f} ms")


def submitting(cursor, language):
    """Milliseconds of a submission in the database, without and with what it is about."""
    chance, times = random.Random(7), {False: [], True: []}
    cursor.execute("set role echo_wall_daemon")
    cursor.execute("set search_path = wall, rules")
    for turn in range(1000):
        title, body = language.draw(chance, IN_TITLE), language.draw(chance, IN_BODY)
        about = weights(title, body)
        likeness = {"codes": [code for word in about for code in language.codes(word, 0)], "weights": [weight for weight in about.values() for _ in range(3)]}
        given = json.dumps({"title": language.text(title), "text": language.text(body), "category": "other"}, ensure_ascii=False)
        reading = json.dumps({"likeness": likeness} if turn % 2 else {})
        since = time.monotonic()
        cursor.execute(
            "select version from submit('home', row(null, 'public', null, null, null)::caller, %s, gen_random_uuid(), null, null,"
            " sha256(uuid_send(gen_random_uuid())), '\\x01', '\\x02', null, null, %s)",
            [given, reading],
        )
        times[turn % 2 == 1].append((time.monotonic() - since) * 1000)
    cursor.execute("reset role")
    return statistics.median(times[False]), statistics.median(times[True])


def main():
    given = arguments()
    begin_with(given.binary, "tests/bench/run")
    import datetime

    from bench import Progress
    from town import Town

    say = Progress()
    with Town(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=given.days)) as town:
        town.conninfo = town.cluster.database("wall_bench")
        town.serve().community = "home"
        town.anybody().files(text="范本，随后复制。", title="范本")
        language = Language(given.seed)
        connection = town.connect("synchronous_commit = off", "jit = off", "work_mem = '256MB'", "maintenance_work_mem = '512MB'")
        connection.autocommit = True
        cursor = connection.cursor()
        fill(cursor, language, given.rows, given.days, given.seed, say)
        asked = questions(language, given.rows, given.days, given.seed, given.queries)
        ask(town, asked[:50])
        say("questions")
        times, found = ask(town, asked)
        print(f"{given.rows:,} complaints of {given.days} days; of those asked about again {found} of {sum(again is not None for again, _ in asked)} were found")
        show("one after another", times)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda part: ask(town, asked[part::4])[0], range(4)))
        show("four at once", [time for part in together for time in part])
        show("processor of the database", burdens(town, language, asked))
        plain, noted = submitting(cursor, language)
        print(f"a submission in the database: {plain:.2f} ms, with what it is about {noted:.2f} ms")
        cursor.execute("select count(*) from wall.likeness_new")
        waiting, since = cursor.fetchone()[0], time.monotonic()
        while True:
            cursor.execute("select count(*) from wall.likeness_new")
            (left,) = cursor.fetchone()
            if not left:
                break
            time.sleep(0.05)
        print(f"{waiting} more were put among them and linked, {waiting / max(time.monotonic() - since, 0.001):.0f} a second")
        connection.close()


if __name__ == "__main__":
    main()
