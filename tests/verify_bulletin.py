#!/usr/bin/env python3
"""
Checks the daily bulletins of an Echo Wall, and with a receipt that the own complaint is in one of them. Standard library only.

    verify_bulletin.py https://wall.example              every day that there is, and every draw of the panel
    verify_bulletin.py bulletins.jsonl                   the same from a file, a bulletin a line, oldest first
    verify_bulletin.py proof.json bulletin.json RECEIPT  what GET /v1/bulletins/{day}/proof and GET /v1/bulletins/{day} answered
"""
import datetime
import hashlib
import json
import sys
import urllib.request


def sha256(data):
    return hashlib.sha256(data).digest()


def canonical(content):
    """RFC 8785; there are neither fractions nor names of members beyond ASCII."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def merkle_root(leaves):
    """RFC 9162, section 2.1."""
    nodes = [sha256(b"\0" + leaf) for leaf in leaves]
    while len(nodes) > 1:
        nodes = [sha256(b"\1" + nodes[i] + nodes[i + 1]) if i + 1 < len(nodes) else nodes[i] for i in range(0, len(nodes), 2)]
    return nodes[0] if nodes else sha256(b"")


def faults_of(bulletin):
    content = bulletin["content"]
    if sha256(canonical(content)).hex() != bulletin["hash"]:
        yield "its hash is not that of its content"
    if merkle_root([bytes.fromhex(case["leaf"]) for case in content["cases"]]).hex() != content["root"]:
        yield "its root is not that of its cases"
    if content["day"] != bulletin["day"]:
        yield "its content is of another day"


def faults_of_chain(bulletins):
    """Oldest first; the first one is taken as it is."""
    before = None
    for bulletin in bulletins:
        yield from (f"{bulletin['day']}: {fault}" for fault in faults_of(bulletin))
        if before and bulletin["content"]["previous"] != before["hash"]:
            yield f"{bulletin['day']}: does not follow {before['day']}"
        before = bulletin


def faults_of_beginning(bulletins):
    """Of all that there are: the first one continues nothing, else some before it were taken away."""
    if bulletins[0]["content"]["previous"].strip("0"):
        yield f"{bulletins[0]['day']}: the days before are missing"


def faults_of_proof(proof, bulletin, receipt):
    yield from faults_of(bulletin)
    events = [event.split("\x1f") for event in proof["events"]]
    commitment = sha256(bytes.fromhex(proof["nonce"]) + receipt.replace("-", "").upper().encode()).hex()
    if json.loads(events[0][10]).get("receipt") != commitment or events[0][4] != "submit":
        yield "the complaint was not filed with this receipt"
    if events[0][3] != proof["filed"]:
        yield "it was filed at another moment"
    leaf = sha256(f"{events[0][0]}/{events[0][1]}".encode())
    for event in proof["events"]:
        leaf = sha256(leaf + event.encode())
    if leaf.hex() not in (case["leaf"] for case in bulletin["content"]["cases"]):
        yield "its events do not come to a leaf of the bulletin"
    node = sha256(b"\0" + leaf)
    for step in proof["path"]:
        beside = bytes.fromhex(step["hash"])
        node = sha256(b"\1" + (beside + node if step["side"] == "left" else node + beside))
    if node.hex() != bulletin["content"]["root"]:
        yield "its leaf does not lead to the root"


def drawn(draw, population):
    """The smallest tickets, and those before the last of them that are passed over."""
    leaves, passed_over = [], []
    for leaf in sorted(population, key=lambda leaf: sha256(f"{draw['seed']}:{draw['draw']}:{leaf}".encode())):
        if len(leaves) < draw["size"]:
            (passed_over if leaf in draw["passed_over"] else leaves).append(leaf)
    return leaves, passed_over


def faults_of_seed(draw, bulletins):
    """The bulletin whose day was the first to end after the draw was asked for; of old draws, the newest one when it was drawn."""
    moment = datetime.datetime.fromisoformat
    ended = {day: moment(bulletin["content"]["cutoff"]) for day, bulletin in bulletins.items()}
    if draw["day"] not in bulletins or draw["seed"] != bulletins[draw["day"]]["hash"] or draw["to"] > draw["day"]:
        yield "its seed is not the hash of a bulletin that ends its days"
    elif draw["asked"]:
        asked = moment(draw["asked"])
        if draw["day"] != min(day for day in bulletins if ended[day] >= asked or day == draw["day"]) or ended[draw["day"]] < asked:
            yield "its seed is not that of the first bulletin after it was asked for"
    elif any(day > draw["day"] and ended[day] < moment(draw["at"]) - datetime.timedelta(hours=1) for day in bulletins):
        yield "its seed was not the newest"


def faults_of_draw(draw, bulletins):
    """Bulletins by their days."""
    if draw["asked"] and not draw["seed"]:
        if any(bulletin["content"]["cutoff"] >= draw["asked"] for bulletin in bulletins.values()):
            yield "its bulletin did not draw it"
        return
    days = [day for day in bulletins if draw["from"] <= day <= draw["to"]]
    population = {case["leaf"] for day in days for case in bulletins[day]["content"]["cases"] if case["status"] == "closed"}
    yield from faults_of_seed(draw, bulletins)
    if len(population) != draw["population"]:
        yield "its population is not that of its days"
    if drawn(draw, population) != (draw["leaves"], draw["passed_over"]):
        yield "its leaves are not those that are drawn"


def faults_of_draws(bulletins, draws):
    """All that there are: one that is left out is missed."""
    bulletins = {bulletin["day"]: bulletin for bulletin in bulletins}
    if sorted(draw["draw"] for draw in draws) != list(range(1, len(draws) + 1)):
        yield "a draw is missing"
    for draw in draws:
        yield from (f"draw {draw['draw']}: {fault}" for fault in faults_of_draw(draw, bulletins))


def listed(base, path):
    query = "?limit=100"
    while query:
        page = json.load(urllib.request.urlopen(base + path + query))
        yield from page["items"]
        query = page["next"] and f"?limit=100&cursor={page['next']}"


def fetched(base):
    for day in reversed([item["day"] for item in listed(base, "/v1/bulletins")]):
        yield json.load(urllib.request.urlopen(f"{base}/v1/bulletins/{day}"))


def main(source, *more):
    if more:
        bulletins = [json.load(open(more[0]))]
        faults = list(faults_of_proof(json.load(open(source)), bulletins[0], more[1]))
    else:
        base = source.rstrip("/") if "://" in source else None
        bulletins = list(fetched(base) if base else map(json.loads, open(source)))
        faults = list(faults_of_chain(bulletins)) if bulletins else ["there is no bulletin"]
        if base and bulletins:
            faults += [*faults_of_beginning(bulletins), *faults_of_draws(bulletins, list(listed(base, "/v1/panel/draws")))]
    print("\n".join(faults) or f"nothing is wrong, bulletins: {len(bulletins)}, last hash: {bulletins[-1]['hash']}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (2, 4) else __doc__)
