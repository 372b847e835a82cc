"""What the daemon reads out of texts and hands to the rules as :reading: told by PostgreSQL's log while the daemon does the same thing once."""

import contextlib
import json
import pathlib
import re

from pgbench import literal


def settings(town, *commands):
    connection = town.connect()
    with connection.cursor() as cursor:
        for command in (*commands, "select pg_reload_conf()"):
            cursor.execute(command)
    connection.close()


@contextlib.contextmanager
def logged(town, found):
    """Adds to `found` the parameters of each statement that ends meanwhile, as pairs of the statement's text and their literals."""
    log = pathlib.Path(town.cluster.folder) / "log"
    begins = log.stat().st_size
    settings(town, "alter system set log_min_duration_statement = 0")
    try:
        yield
    finally:
        settings(town, "alter system reset log_min_duration_statement")
    said = log.read_bytes()[begins:].decode().replace("\n\t", " ")
    for text, parameters in re.findall(r"LOG:  duration: [\d.]+ ms  execute \S+: (.*)\n.*DETAIL:  parameters: (.*)\n", said):
        found.append((text, re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", parameters)))


def readings_of(town, bodies, dispatcher, officer, department, answer):
    """Literals: of each body that is submitted, of an assignment, and of an answer to the first of them."""
    found = []
    with logged(town, found):
        filed = [town.actor().post("/v1/complaints", json.loads(body)) for body in bodies]
        path = f"/v1/complaints/{filed[0].json['id']}"
        steps = [town.actor(dispatcher).post(f"{path}/assign", {"department": department}), town.actor(officer).post(f"{path}/answer", answer)]
    assert all(response.status in (200, 201) for response in (*filed, *steps)), (filed, steps)
    submitted = [reading_of(parameters) for text, parameters in found if " submit(" in text]
    assigned, answered = [reading_of(parameters) for text, parameters in found if " act(" in text]
    return submitted, assigned, answered


def reading_of(parameters):
    """The last one, spaced so that pgbench takes nothing in it for a variable of its own."""
    return literal(json.dumps(json.loads(parameters[-1][1:-1].replace("''", "'")), ensure_ascii=False))
