"""Values at the limits that openapi.yaml documents, and beyond, with what the daemon says to those."""

import re

from support.program import ROOT

NOWHERE = "0198c0de-0000-7000-8000-000000000000"
SAID = dict(re.findall(r'^PHRASE\((\w+), "([^"]*)"', (ROOT / "include/http/phrases.def").read_text(), re.M))


def say(phrase, number=0):
    return SAID[phrase].replace("%ld", str(number))


def written(field, length):
    return ("x" if field.kind in ("line", "password", "search") else "坏") * length


def greatest(field):
    """The longest or greatest that is documented."""
    schema = field.schema
    if field.kind in ("text", "line", "password", "search"):
        return written(field, schema["maxLength"])
    if field.kind == "object":
        return {name: greatest(member) for name, member in field.members.items()}
    if field.kind == "list":
        return [greatest(field.entry)] * field.schema["maxItems"]
    given = {"id": NOWHERE, "code": "a" * 32, "day": "2026-11-22", "phone": "+1" + "-2" * 19, "boolean": True, "instant": "2026-11-22T13:42:16+08:00"}
    given |= {"duration": "P0DT11H59M60S", "time": "23:59:59"}
    given |= {"mail": "x" * 64 + "@" + "a" * 189, "url": "https://" + "a" * 1992}
    return given[field.kind] if field.kind in given else schema.get("maximum") or schema["enum"][-1]


def least(field):
    schema = field.schema
    if field.kind in ("text", "line", "password", "search"):
        return written(field, schema["minLength"])
    if field.kind == "object":
        return {name: least(member) for name, member in field.members.items()}
    if field.kind == "list":
        return [least(field.entry)] * field.schema.get("minItems", 0)
    given = {"id": NOWHERE, "code": "a", "day": "0001-01-01", "phone": "12345", "boolean": False, "instant": "2026-11-22t05:42:16.5z"}
    given |= {"duration": "PT12H", "time": "00:00", "mail": "x@y", "url": "http://y"}
    return given[field.kind] if field.kind in given else schema["minimum"] if "minimum" in schema else schema["enum"][0]


def too_much(field):
    """A value beyond what is documented, and what is said to it."""
    if field.kind in ("text", "line", "password", "search"):
        return written(field, field.schema["maxLength"] + 1), say("SAY_TOO_LONG", field.schema["maxLength"])
    if field.kind in ("integer", "number"):
        return field.schema["maximum"] + 1, say("SAY_TOO_GREAT", field.schema["maximum"])
    wrong = {"code": "a" * 33, "day": "2026-02-29", "phone": "+1" + "-2" * 20, "instant": "2026-11-22T24:00:00Z"}
    wrong |= {"mail": "x" * 65 + "@y", "url": "https://" + "a" * 1993}
    return wrong.get(field.kind, "no such thing"), say("SAY_NOT_" + field.kind.upper())


def too_little(field):
    if field.kind in ("text", "line", "search"):
        return "", say("SAY_EMPTY")
    if field.kind == "password":
        least_length = field.schema["minLength"]
        return "x" * (least_length - 1), say("SAY_TOO_SHORT", least_length) if least_length > 1 else say("SAY_EMPTY")
    if field.kind in ("integer", "number"):
        return field.schema["minimum"] - 1, say("SAY_TOO_SMALL", field.schema["minimum"])
    return ("1234" if field.kind == "phone" else ""), say("SAY_NOT_" + field.kind.upper())


def below(field, beyond):
    """Objects, alone or in a list, with all their members beyond what is documented, and what is said of each by its pointer."""
    if not field.members:
        value, detail = beyond(field)
        return value, {field.name: detail}
    found = {name: below(member, beyond) for name, member in field.members.items()}
    wrong = {name: value for name, (value, _) in found.items()}
    said = {pointer: detail for _, details in found.values() for pointer, detail in details.items()}
    if field.kind == "object":
        return wrong, {f"{field.name}/{pointer}": detail for pointer, detail in said.items()}
    count = field.schema["minItems"]
    return [wrong] * count, {f"{field.name}/{i}/{pointer}": detail for i in range(count) for pointer, detail in said.items()}


def too_many_and_too_few(field):
    """Lists of objects that are one too long and one too short, with what is said to them."""
    most, fewest = field.schema["maxItems"], field.schema["minItems"]
    yield [least(field.entry)] * (most + 1), say("SAY_LIST_TOO_LONG", most)
    yield [least(field.entry)] * (fewest - 1), say("SAY_LIST_TOO_SHORT", fewest)
