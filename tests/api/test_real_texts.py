"""How well categories are told on real texts: an extra, for machines that have them. ECHO_WALL_TEXTS names their folder."""

import json
import os
import pathlib
import random
import subprocess

import pytest

from support.program import environment, program

FOLDER = os.environ.get("ECHO_WALL_TEXTS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="ECHO_WALL_TEXTS names no folder of real texts")

# A hundred of the texts, drawn at random and read by one person: which of the twelve categories each belongs to.
READ = {
    "commerce": """
        f4-119874 f4-20260 f3-201518 f3-238391 f3-266005 f4-124182 f3-240522 f2t-153958 f3-286368 f3-234550 f3-205277
        f4-110732 f3-220857 f3-206123
    """,
    "education": """
        f2t-265528 f3-202867 f3-360113 f3-244103 f4-108447 f2t-204667 f4-47681 f2s-29080
    """,
    "elderly": """
        f4-39559
    """,
    "environment": """
        f3-287540 f3-200173 f3-249056 f4-128050 f3-258760 f3-239968 f4-17115 f3-211567 f4-92476 f4-19737 f2t-37399
    """,
    "fees": """
        f3-192869 f3-220984
    """,
    "logistics": """
        f4-33744 f3-190077 f3-198222 f3-289350 f3-211699 f4-39493
    """,
    "medical": """
        f2s-166015 f4-35818 f4-12701 f4-59716 f2s-28644
    """,
    "neighbours": """
        f3-277132 f3-234414 f3-199921 f3-199381 f4-10757
    """,
    "other": """
        f3-270497 f4-5873 f4-5175 f4-24709 f3-257768 f2t-64780 f2t-52404 f3-284924 f4-131259 f3-200944 f2t-117399 f3-206683
        f2t-124632 f3-239428 f4-27194 f3-287532 f2s-34994 f4-6428 f4-16998 f3-255078 f4-36158 f4-4425 f3-237529 f3-220069
        f2s-180378 f3-282611 f3-275071 f3-202110 f4-17186 f4-8567 f2s-15525 f2t-300370 f4-78111 f4-6808 f4-42385 f2s-21191
        f4-81924 f4-56003 f4-8527
    """,
    "safety": """
        f3-255469 f2t-17350 f4-21295 f3-260479 f4-6383 f3-234309 f3-231199 f4-9203
    """,
    "staff": """
        f3-250666
    """,
}


@pytest.fixture(scope="module")
def texts():
    with open(pathlib.Path(FOLDER) / "complaints-zh.jsonl", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines)}


@pytest.fixture(scope="module")
def lexicon(cluster):
    """As a new community gets it."""
    import psycopg2

    connection = psycopg2.connect(cluster.database("wall_lexicon"))
    with connection.cursor() as cursor:
        cursor.execute("select word, category, weight from rules.common_word")
        rows = [list(row) for row in cursor.fetchall()]
    connection.close()
    cluster.drop("wall_lexicon")
    return rows


def train(lessons, lexicon=(), test=None):
    """What `echo-wall --train` says; of the lessons the newest are for the test."""
    given = {"lexicon": list(lexicon), "running": None, "lessons": lessons, **({"test": test} if test else {})}
    ran = subprocess.run([program(), "--train"], input=json.dumps(given).encode(), stdout=subprocess.PIPE, env=environment(), timeout=120, check=True)
    return json.loads(ran.stdout)


def lesson(row, category):
    return [f"{row['title']}\n{row['body']}", category]


def told(name, report, right):
    print(f"{name}: {report[right]} of {report['tested']}, one of two {report['second']}, macro-F1 {report['macro_f1']:.3f}")
    return report[right] / report["tested"]


def test_seven_public_labels_are_learned(texts):
    labelled = [lesson(row, row["label"]) for row in texts.values() if row.get("label")]
    random.Random(1).shuffle(labelled)
    report = train(labelled, test=len(labelled) // 5)
    assert told("learned", report, "correct") >= 0.80
    assert report["macro_f1"] >= 0.78
    assert report["second"] / report["tested"] >= 0.93


def test_on_the_first_day_the_lexicon_tells_twelve_categories(texts, lexicon):
    lessons = [lesson(texts[number], category) for category, numbers in READ.items() for number in numbers.split() if number in texts]
    assert len(lessons) == 100
    report = train(lessons, lexicon, test=len(lessons))
    assert told("lexicon", report, "before") >= 0.70
    assert report["second"] / report["tested"] >= 0.82
