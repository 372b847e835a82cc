"""Texts as nobody writes them by accident: what is taken is kept as it came, what would harm what is shown beside it is refused and named."""

import json

import pytest

from support.answer import problem

FAMILY = "👨‍👩‍👧‍👦"  # seven code points
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def refused_at(answer, pointer):
    assert answer == problem(422, "invalid_input")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    return answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 10000,
        FAMILY * 1428,
        "坏" * 9999 + "\n",
        "楼道灯坏了。 The light is out. Лампа не горит. المصباح مطفأ. הנורה כבויה. ไฟดับ दीपक بۇزۇلدى གློག་",
        "电话\u200f 123 \u200e 号楼",
        "引用：\u2067المصباح\u2069，见上。",
        "\u202bالمصباح مطفأ\u202c\n第二段",
        "e\u0301" * 100 + "ก็ำ" * 50,
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 旗",
        "１２３ＡＢＣ ㍻ ﷽ 𠮷野家 \ue000",
        "\ta\r\nb\n",
        "'; drop table complaint; -- ${jndi:ldap://x} {{7*7}} <script>alert(1)</script>",
    ],
)
def test_what_people_may_write_is_taken_and_kept_as_it_came(anonymous, stranger, text):
    complaint = anonymous.files(text)
    assert stranger.sees(complaint)["text"] == text
    assert complaint["text"] == text


def test_escaped_emoji_count_like_any_other(anonymous):
    body = json.dumps({"text": "😀" * 10000, "identity": "anonymous"}).encode()
    assert len(body) > 120000
    answer = anonymous.request("POST", "/v1/complaints", body, headers={"Content-Type": "application/json"})
    assert answer.status == 201 and answer["text"] == "😀" * 10000


@pytest.mark.parametrize("text", ["😀" * 10001, FAMILY * 1429, "坏" * 10001])
def test_one_character_too_many_is_refused(anonymous, text):
    assert "10000" in refused_at(anonymous.submits(text), "/text")


@pytest.mark.parametrize("title", ["\u202e好不难道", "a\u202db", "\u2066未完", "先\u2069后", "\u202a一\u202c二\u202c", "\u2067\u202b错\u2069\u202c", "\u2067深" * 33 + "\u2069浅" * 33])
def test_a_title_turns_no_direction_beyond_itself(anonymous, title):
    assert "direction" in refused_at(anonymous.submits(title=title), "/title")
    assert anonymous.files(title)["text"] == title, "a text is a paragraph of its own"


def test_a_title_may_hold_what_turns_and_turns_back(anonymous):
    for title in ("\u2067المصباح\u2069坏了", "\u202bالمصباح\u202c", "灯\u200f 3 \u200e号"):
        assert anonymous.files(title=title)["title"] == title


def test_a_piece_of_a_text_turns_no_direction_beyond_itself(anonymous):
    complaint = anonymous.files("\u202e水管倒流" + "坏" * 120 + "\u202c。")
    assert complaint["text"].startswith("\u202e")
    assert complaint["excerpt"] == "水管倒流" + "坏" * 115
    found = next(item for item in anonymous.items("/v1/complaints", {"q": "水管倒流"}) if item["id"] == complaint.id)
    assert "\u202e" not in "".join(piece["text"] for piece in found["snippet"]["text"])


@pytest.mark.parametrize("text", ["Z" + "\u0301" * 17, "坏" + "\u0334\u0335\u0336" * 6, "a" + ZERO_WIDTH * 3, "字" + "\ufe0f" * 17, "\u20dd" * 17])
def test_marks_do_not_pile_up(anonymous, text):
    assert "16" in refused_at(anonymous.submits(text), "/text")


@pytest.mark.parametrize("title", [" ", "\u3000\u3000", "\u200b", ZERO_WIDTH, "\u2800\u2800", "\u3164", "\u115f\u1160", "\u00a0\u2003", "\u200e\u200f", "\ufe0f"])
def test_a_title_of_blanks_is_none(anonymous, title):
    assert "empty" in refused_at(anonymous.submits(title=title), "/title")
    assert "empty" in refused_at(anonymous.submits(title), "/text")


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x85", "\x9f", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe"])
def test_control_characters_are_refused_and_named(anonymous, character):
    answer = anonymous.submits(f"灯{character}坏了")
    if character == "\x00":
        assert answer == problem(400, "malformed")
        assert answer.json["detail"].endswith("\\u0000 is not allowed")
        return
    assert "control" in refused_at(answer, "/text")


@pytest.mark.parametrize("separator", ["\n", "\r", "\u2028", "\u2029"])
def test_a_line_is_one_line(anonymous, separator):
    refused_at(anonymous.submits(title=f"一{separator}二"), "/title")


def test_what_staff_write_is_looked_at_as_well(world, officer, dispatcher, admin):
    complaint = world.complaint("assigned")
    refused_at(officer.answers(complaint, "已修好" + "\u200b" * 17), "/public_text")
    refused_at(dispatcher.hides(complaint, "a" + "\u0301" * 17), "/reason")
    refused_at(admin.post("/v1/departments", {"code": "x", "name": "\u2067x"}), "/name")


def test_in_chinese_it_is_said_in_chinese(anonymous):
    answer = anonymous.request("POST", "/v1/complaints", {"text": "反", "title": "\u202e反"}, headers={"Accept-Language": "zh-CN"})
    assert "书写方向" in refused_at(answer, "/title")
