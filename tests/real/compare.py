"""What the daemon says beside what was counted here."""

import collections
import datetime

import tally
from deeds import DIRTY
from real import DAYS
from support.daemon import ZONE, instant_of

COLUMNS = ("received", "answered", "open", "late_arrivals", "cleared", "strictly_cleared", "idle")


class Comparison:
    def __init__(self):
        self.differences = 0

    def same(self, what, said, counted):
        if said == counted:
            return True
        self.differences += 1
        print(f"  DIFFERENT {what}: the daemon says {said}, counted are {counted}")
        return False


def shown(value):
    return "-" if value is None else f"{value:g} %"


def fraction(figure):
    return (figure["numerator"], figure["denominator"])


def figures(run, compared):
    """All of them, then those of each category, building and day of submission."""
    town, now = run.town, run.town.now
    answer = town.anybody.get("/v1/figures").json
    said, counted = answer["figures"], tally.figures(run.cases, now)
    print(f"\nFigures from {answer['from']} to {answer['to']} as of {answer['as_of']}")
    print(f"  {'':16}{'the daemon':>24}{'counted here':>24}")
    for name, (numerator, denominator) in counted.items():
        figure = said[name]
        if denominator is None:
            print(f"  {name:16}{figure['value']!s:>24}{numerator:>24}")
            compared.same(name, figure["value"], numerator)
            continue
        value = tally.percent(numerator, denominator)
        theirs = f"{figure['numerator']}/{figure['denominator']} = {shown(figure['value'])}"
        print(f"  {name:16}{theirs:>24}{f'{numerator}/{denominator} = {shown(value)}':>24}")
        compared.same(name, (*fraction(figure), figure["value"]), (numerator, denominator, value))
    for by, key in (("category", lambda case: case.category), ("building", lambda case: case.building), ("day", submission_day)):
        grouped(run, compared, by, key)
    return said


def submission_day(case):
    return case.submitted.astimezone(ZONE).date().isoformat()


def grouped(run, compared, by, key):
    groups = collections.defaultdict(list)
    for case in run.cases:
        groups[key(case)].append(case)
    said = {group["key"]: group["figures"] for group in run.town.anybody.get("/v1/figures", {"by": by}).json["groups"]}
    for name, cases in groups.items():
        for figure, (numerator, denominator) in tally.figures(cases, run.town.now).items():
            theirs = said.get(name, {}).get(figure, {"numerator": None, "denominator": None})
            if denominator is None and not numerator:
                continue
            compared.same(f"{figure} of {by} {name}", fraction(theirs), (numerator, denominator))


def days(run, compared):
    """Each day that is over, and today as it is."""
    town, first = run.town, run.town.beginning.astimezone(ZONE).date()
    counted = []
    for number in range(DAYS + 1):
        date = first + datetime.timedelta(days=number)
        over = number < DAYS
        rows = tally.clearing(run.cases, town.ids.values(), town.dispatch, tally.Day(date, None if over else town.now))
        counted += [rows] if over else []
        said = town.anybody.get(f"/v1/clearing/{date if over else 'today'}").json
        compared.same(f"{date} final", said["final"], over)
        compared.same(f"{date} departments", sorted(item["department"]["code"] for item in said["items"]), sorted(town.ids))
        print(f"\nClearing of {date}{'' if over else ', which is not over'}: the daemon / counted here")
        print(f"  {'':14}" + "".join(f"{column:>18}" for column in COLUMNS))
        for item in said["items"]:
            row = rows[item["department"]["id"]]
            print(f"  {item['department']['code']:14}" + "".join(f"{f'{item[column]} / {row[column]}':>18}" for column in COLUMNS))
            compared.same(f"{date} {item['department']['code']}", {c: item[c] for c in COLUMNS}, {c: row[c] for c in COLUMNS})
    return counted


def clearing_rate(compared, said, counted):
    mine = tally.clearing_rate(counted)
    figure = said["clearing_rate"]
    theirs = {"figure": fraction(figure), "strict": fraction(figure["strict"]), "idle": figure["idle"], "longest_streak": figure["longest_streak"]}
    print(f"\nclearing_rate: the daemon {theirs}\n               counted    {mine}")
    compared.same("clearing_rate", theirs, mine)
    compared.same("clearing_rate value", figure["value"], tally.percent(*mine["figure"]))


def explanation(run, compared, counted):
    """The dirty department explains the first day that it left open; nobody else has to."""
    town, first, dirty = run.town, run.town.beginning.astimezone(ZONE).date(), run.town.ids[DIRTY]
    missed = [number for number, rows in enumerate(counted) if not rows[dirty]["cleared"]]
    print(f"\n{DIRTY} was not cleared on {len(missed)} of {len(counted)} days")
    if not missed:
        return
    date = first + datetime.timedelta(days=missed[0])
    given = town.officers[dirty][0].explains(date, dirty, "人手不足，明日补上。")
    compared.same(f"explaining {date}", given.status, 201)
    items = {item["department"]["id"]: item for item in town.anybody.get(f"/v1/clearing/{date}").json["items"]}
    compared.same("who explained", [department for department, item in items.items() if item["explanation"]], [dirty])
    compared.same("still not cleared", items[dirty]["cleared"], False)
    print(f"and explains {date}: {items[dirty]['explanation']['text']}")


def cases(run, compared):
    """Every complaint, as a dispatcher sees it."""
    moments = ("first_reply", "answered", "closed")

    def look(case):
        seen = run.town.dispatchers[0].get(f"/v1/complaints/{case.id}")
        return {} if seen.status != 200 else seen.json

    for case, seen in zip(run.cases, run.all(look, run.cases)):
        theirs = [seen.get(name) for name in ("status", "turn", "overdue")] + [seen.get("department", {}).get("id")]
        compared.same(f"{case.id}", theirs, [case.status, case.turn, case.overdue, case.department])
        theirs = [instant_of(seen[name]) if seen.get(name) else None for name in moments]
        compared.same(f"{case.id} {moments}", theirs, [getattr(case, name) for name in moments])


def lists(run, compared):
    """What is published, and what lies on the desks."""
    town = run.town
    published = {item["id"] for item in town.anybody.items("/v1/complaints")}
    compared.same("what is published", len(published), sum(case.visible and case.publication == "published" for case in run.cases))
    for department, officers in town.officers.items():
        desk = {item["id"] for item in officers[0].items("/v1/desk/unanswered")}
        owed = {case.id for case in run.cases if case.turn == "department" and case.department == department}
        compared.same(f"unanswered of {town.codes[department]}", desk, owed)
    waiting = {item["id"] for item in town.dispatchers[0].items("/v1/desk/undispatched")}
    compared.same("undispatched", waiting, {case.id for case in run.cases if case.status == "submitted"})


def everything(run):
    compared = Comparison()
    said = figures(run, compared)
    counted = days(run, compared)
    clearing_rate(compared, said, counted)
    explanation(run, compared, counted)
    cases(run, compared)
    lists(run, compared)
    status, printed = run.town.daemon.verify()
    print(f"\necho-wall verify: {status}\n{printed[-2000:]}", end="")
    compared.same("the end of echo-wall verify", status, 0)
    errors = [line for line in run.town.daemon.said().splitlines() if "level=error" in line]
    compared.same("errors in the log", errors, [])
    return compared.differences
