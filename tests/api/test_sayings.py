"""What rules say of a field, in the language of who asks."""

import pathlib
import re

from support.answer import problem

TOP = pathlib.Path(__file__).parents[2]
CHINESE = {"Accept-Language": "zh-CN, en;q=0.5"}


def known():
    """The sentences that have a Chinese one beside them."""
    texts = "".join((TOP / "include/http" / name).read_text() for name in ("sayings.def", "phrases.def"))
    return re.findall(r'(?:SAYING\(|PHRASE\(\w+, )"([^"]+)"', texts)


def arguments(call):
    """Of a call, from behind its parenthesis on: cut at the commas between them."""
    found, depth, quoted = [""], 0, False
    for letter in call:
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if depth < 0:
            return found
        if letter == "," and depth == 0 and not quoted:
            found.append("")
        else:
            found[-1] += letter


def said_by_rules():
    """Sentences, and beginnings of them where a word follows."""
    for file in sorted((TOP / "src/rules").glob("*.sql")):
        rules = file.read_text()
        for call in rules.split("refuse_field(")[1:]:
            why = arguments(call)[1].strip()
            sentences = re.findall(r"'([^']+)'", why)
            if why.startswith("format("):
                yield file.name, sentences[0], False
            else:
                yield from ((file.name, sentence, "||" in why) for sentence in sentences if " " in sentence)
        yield from ((file.name, sentence, False) for sentence in re.findall(r"'(?:too_short|stock_phrases|undated|copied)' then '([^']+)'", rules))


def test_every_sentence_of_a_rule_has_a_chinese_one():
    sentences, has_one = set(said_by_rules()), known()
    assert len(sentences) > 60
    missing = [(file, said) for file, said, begins in sentences if not any(one == said or begins and one.startswith(said) for one in has_one)]
    assert sorted(missing) == []


def test_an_officer_reads_in_chinese_what_is_wrong_with_an_answer(world, officer, clock):
    complaint = world.complaint("accepted")
    warned = officer.post(f"{complaint.path}/answer", {"private_text": "好的"}, headers=CHINESE)
    assert warned == problem(422, "hollow_reply")
    assert (warned.json["warnings"], warned.json["errors"]) == (["too_short"], [{"pointer": "/private_text", "detail": "太短，没有实际内容"}])
    asked = {"plan": "列入计划。", "public_reason": "等资金。", "review": clock.day(31)}
    refused = officer.post(f"{complaint.path}/request_ledger", asked, headers=CHINESE)
    assert refused == problem(422, "invalid_input")
    assert refused.json["errors"] == [{"pointer": "/review", "detail": f"不在 {clock.day(0)} 至 {clock.day(30)} 之间"}]
