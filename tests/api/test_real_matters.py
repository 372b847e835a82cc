"""Whether suggestions find what is about the same matter among real texts: an extra, for machines that have them. ECHO_WALL_TEXTS names their folder."""

import concurrent.futures
import json
import os
import pathlib
import random

import pytest

from support.actor import Actor
from support.wait import until

FOLDER = os.environ.get("ECHO_WALL_TEXTS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="ECHO_WALL_TEXTS names no folder of real texts")
OTHERS = int(os.environ.get("ECHO_WALL_OTHER_TEXTS", "700"))  # beside those of the matters


NEAREST = """
select h.complaint::text from wall.likeness l
cross join lateral alike(l.community, array(select code # code_salt(l.community) from unnest(l.codes) as code), l.weights, '-infinity', 6) as h
where l.complaint = %s and h.complaint <> l.complaint order by h.likeness desc limit 5
"""


def lines(name):
    with open(pathlib.Path(FOLDER) / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def draft(row):
    """As it would be filed; without what a complaint may not hold."""
    text = "".join(sign for sign in row["body"].strip()[:10000] if sign.isprintable() or sign in "\n\r\t")
    title = "".join(sign for sign in (row["title"] or "").strip()[:120] if sign.isprintable())
    return {"text": text or title, **({"title": title} if title else {})}


def at_once(work, things):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, things))


def test_what_was_said_of_the_same_matter_is_found(new_site):
    from support.database import look_into

    site = new_site()
    daemon = site.daemon(anonymous_burst=1000000)
    db = look_into(site.cluster, site.name)
    rows = {row["id"]: row for row in lines("complaints-zh.jsonl")}
    matters = [[name for name in matter["ids"] if name in rows] for matter in lines("same-matter-zh.jsonl")]
    wanted = {name for matter in matters for name in matter}
    others = random.Random(1).sample(sorted(set(rows) - wanted), min(OTHERS, len(rows) - len(wanted)))
    asking = Actor(daemon)

    def file(name):
        response = Actor(daemon).submits(category="other", **draft(rows[name]))
        return name, response.json["id"] if response.status == 201 else None

    filed = dict(at_once(file, [*wanted, *others]))
    assert None not in filed.values()
    until(lambda: db.value("select count(*) from likeness_new") == 0, 100, "all to be placed")
    names = {complaint: name for name, complaint in filed.items()}
    recall, shown, right, listed = [], [], 0, 0
    for matter in matters:
        for name in matter:
            kin = set(matter) - {name}
            ranked = [names[one] for (one,) in db.all(NEAREST, filed[name])]
            recall.append(len(kin & set(ranked)) / min(5, len(kin)))
            response = asking.post("/v1/suggestions", draft(rows[name]))
            assert response.status == 200, response
            like = {names[item["id"]] for item in response.json["similar"]}
            assert name in like, "a text finds itself"
            shown.append(len(kin & like) / min(4, len(kin)))
            right, listed = right + len(kin & like), listed + len(like) - 1
    recall, shown = sum(recall) / len(recall), sum(shown) / len(shown)
    print(f"{len(filed)} texts: recall of the first five {recall:.3f}; as suggested {shown:.3f}, {right} of {listed} right")
    assert recall >= 0.85
    assert shown >= 0.75
    assert right / listed >= 0.80
    db.connection.close()
