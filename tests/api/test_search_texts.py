"""Whether searching real texts finds all and nothing else: an extra, for machines that have them. ECHO_WALL_TEXTS names their folder."""

import json
import os
import pathlib
import random
import re
import unicodedata

import pytest

from support.filed import file_texts
from support.wait import until

FOLDER = os.environ.get("ECHO_WALL_TEXTS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="ECHO_WALL_TEXTS names no folder of real texts")
COUNT = 4000


def squeezed(text):
    """Another way to the same comparison: no blank counts beside Chinese, and queries here hold nothing else."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))


@pytest.fixture(scope="module")
def texts():
    lines = (pathlib.Path(FOLDER) / "complaints-zh.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in random.Random(4).sample(lines, COUNT)]
    clean = str.maketrans({chr(n): " " for n in (*range(9), 11, 12, *range(14, 32), *range(127, 160))})
    return [(one["title"].translate(clean)[:120] or None, one["body"].translate(clean)[:10000] or "-") for one in read]


def words(texts, count):
    """Of two to six characters, out of titles and bodies, and two of them together."""
    chance, found = random.Random(5), []
    while len(found) < count:
        title, text = chance.choice(texts)
        runs = re.findall(r"[\u4e00-\u9fff]{2,}", squeezed(f"{title} {text}"))
        if runs:
            picked = [run[: chance.randint(2, 6)] for run in chance.sample(runs, min(len(runs), 1 + (len(found) % 3 == 0)))]
            found.append(picked)
    return found


def test_all_and_only_what_holds_the_words_is_found(db, anonymous, stranger, texts):
    first = anonymous.files("样本")
    file_texts(db, first.id, texts)
    until(lambda: db.value("select count(*) from unread") == 0, 100, "the reader")
    shown = {row[0]: squeezed(row[1] or "") + "\n" + squeezed(row[2])
             for row in db.all("select complaint::text, coalesce(masked_title, title), coalesce(masked_text, text) from complaint")}
    hits = 0
    for picked in words(texts, 80):
        truth = {name for name, text in shown.items() if all(word in text for word in picked)}
        assert truth, picked
        for sort in ("relevance", "newest"):
            items = stranger.items("/v1/complaints", {"q": " ".join(picked), "sort": sort})
            found = [item["id"] for item in items]
            assert len(found) == len(set(found)) and set(found) == truth, picked
        hits += len(truth)
        for item in items[:5]:
            marked = [piece["text"] for part in ("title", "text") for piece in item["snippet"][part] or [] if piece["hit"]]
            assert any(word in squeezed(mark) for word in picked for mark in marked), (picked, marked)
    assert hits > 80
