"""What the database refuses even to the daemon, what the public's role cannot see, what no log holds."""

import re

import psycopg2
import pytest

from support.actor import Actor
from support.answer import problem
from support.world import World

FACTS = (
    "event", "holding", "deadline", "deadline_mark", "reply", "message", "note", "followup", "rating", "clearing", "clearing_case",
    "explanation", "reminder", "ledger", "ledger_step", "extension", "classification", "supervision", "supervision_act", "event_text", "receipt", "picture", "notice",
    "notice_version", "notice_subject", "reveal", "reveal_approval", "retention_run", "survey", "survey_subject", "survey_answer", "survey_text", "survey_receipt",
)  # fmt: skip


@pytest.fixture
def as_role(cluster, site):
    """Runs a statement as one of the roles; the SQLSTATE when it is refused."""
    connections = []

    def run(role, sql):
        path = "published,rules" if role == "echo_wall_public" else "wall,rules"
        connection = psycopg2.connect(cluster.conninfo(site.name) + f" options='-c role={role} -c search_path={path}'")
        connections.append(connection)
        with connection.cursor() as cursor:
            try:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
            except psycopg2.Error as fault:
                return fault.pgcode

    yield run
    for connection in connections:
        connection.close()


DENIED = "42501"


@pytest.mark.parametrize("table", FACTS)
def test_the_daemon_cannot_rewrite_a_fact(as_role, table):
    assert as_role("echo_wall_daemon", f"delete from wall.{table}") == DENIED
    assert as_role("echo_wall_daemon", f"truncate wall.{table}") == DENIED
    assert as_role("echo_wall_daemon", f"update wall.{table} set community = community") == DENIED


def test_the_daemon_cannot_move_a_complaint_past_the_rules(as_role):
    assert as_role("echo_wall_daemon", "update wall.complaint set status = 'closed'") == DENIED
    assert as_role("echo_wall_daemon", "update wall.complaint set overdue = false") == DENIED
    assert as_role("echo_wall_daemon", "delete from wall.complaint") == DENIED
    assert as_role("echo_wall_daemon", "update wall.community set settled_until = '-infinity'") == DENIED


def test_the_daemon_owns_nothing(as_role):
    assert as_role("echo_wall_daemon", "alter table wall.event add column x int") == DENIED
    assert as_role("echo_wall_daemon", "create table wall.x (x int)") == DENIED
    assert as_role("echo_wall_daemon", "drop function rules.wall_now() cascade") == DENIED
    assert as_role("echo_wall_daemon", "create function rules.x() returns int language sql as 'select 1'") == DENIED


def test_the_publics_role_sees_only_what_is_published(world, as_role, anonymous, dispatcher):
    private = anonymous.files(visibility="private")
    hidden, shown = anonymous.files(), anonymous.files()
    dispatcher.hides(hidden)
    seen = {row[0] for row in as_role("echo_wall_public", "select complaint::text from complaint")}
    assert shown.id in seen
    assert private.id not in seen and hidden.id not in seen
    for table in ("complaint", "complaint_identity", "message", "note", "event_text", "session", "staff", "resident", "receipt", "key", "outbox", "audit"):
        assert as_role("echo_wall_public", f"select * from wall.{table}") == DENIED, table
    for table in ("message", "note", "holding", "complaint_identity"):
        assert isinstance(as_role("echo_wall_public", f"select * from {table}"), str), table


def test_the_publics_role_writes_nothing(as_role, db):
    tables = [name for (name,) in db.all("select viewname from pg_views where schemaname = 'published'")]
    assert tables
    for table in tables:
        assert as_role("echo_wall_public", f"delete from published.{table}") in (DENIED, "55000"), table


def test_private_texts_are_not_in_published_columns(world, officer, as_role):
    complaint = world.complaint("assigned")
    officer.answers(complaint, "公开部分。", private_text="密信一封")
    officer.notes(complaint, "内部便条")
    complaint.reporter.writes(complaint, "私下的话")
    for (view,) in as_role("echo_wall_owner", "select viewname from pg_views where schemaname = 'published'"):
        rows = str(as_role("echo_wall_public", f"select * from published.{view}"))
        for secret in ("密信一封", "内部便条", "私下的话"):
            assert secret not in rows, view


def test_every_tables_key_begins_with_the_community(db):
    wrong = db.all(
        "select c.conrelid::regclass::text from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] "
        "where c.contype = 'p' and c.connamespace = 'wall'::regnamespace and a.attname <> 'community'"
    )
    everybodys = {"migration", "rule_version", "clock", "grams_version", "picture_leaving", "stream"}  # of the database, its files, its log
    assert {table.removeprefix("wall.") for (table,) in wrong} <= everybodys


def test_the_log_holds_nothing_personal(daemon, world, officer, stranger, resident):
    before = len(daemon.said())
    marks = {"text": "独一无二的投诉内容", "name": "欧阳修远", "phone": "13866667777", "agent": "StrangeAgent/7.7", "password": "correct horse battery"}
    complaint = Actor(daemon).files(marks["text"], identity="named", contact={"name": marks["name"], "phone": marks["phone"]})
    assert stranger.get(complaint.path, receipt=complaint.receipt, headers={"User-Agent": marks["agent"]}).status == 200
    assert stranger.post("/v1/sessions", {"login": "nobody", "password": marks["password"]}).status == 401
    assert stranger.post("/v1/complaints", {"text": marks["text"], "x": marks["phone"]}).status == 422
    assert stranger.get("/v1/complaints?q=" + "%E7%8B%AC").status == 200
    said = daemon.said()[before:]
    for mark in (*marks.values(), complaint.receipt, complaint.receipt.replace("-", ""), resident.secret, officer.secret, resident.phone):
        assert mark not in said, mark


def test_nothing_of_an_anonymous_sender_is_logged(daemon):
    before = len(daemon.said())
    sender = Actor(daemon)
    headers = {"User-Agent": "AnonAgent/1.0", "X-Forwarded-For": "203.0.113.77", "X-Request-Id": "followme-1", "traceparent": "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"}
    answer = sender.request("POST", "/v1/complaints", {"text": "匿名", "identity": "anonymous", "visibility": "private"}, headers=headers)
    assert answer.status == 201
    assert sender.get("/v1/receipts/current", receipt=answer["receipt"], headers=headers).status == 200
    said = daemon.said()[before:]
    for mark in ("AnonAgent", "203.0.113.77", "followme-1", "ab" * 16, "127.0.0.1", answer["id"]):
        assert mark not in said, mark


def test_the_log_is_logfmt(daemon, anonymous):
    anonymous.get("/v1/community")
    lines = [line for line in daemon.said().splitlines() if line]
    assert lines
    assert [line for line in lines if not re.match(r"^at=\S+Z level=(error|warning|info|debug) event=", line)] == []


def test_answers_for_somebody_are_not_stored_by_caches(resident, anonymous):
    complaint = resident.files(identity="named")
    assert "no-store" in resident.looks_at(complaint).headers.get("Cache-Control", "")
    assert "no-store" in resident.get("/v1/me").headers.get("Cache-Control", "")


def test_guessing_receipts_is_limited(new_site):
    site = new_site()
    actor = Actor(site.daemon())
    statuses = {actor.get("/v1/receipts/current", receipt="0000-0000-0000-0000-0").status for _ in range(400)}
    assert statuses <= {404, 429}
    assert 429 in statuses


def test_a_token_of_one_community_is_nothing_in_another(new_site):
    site = new_site()
    first = site.daemon()
    world = World(first)
    second = site.daemon(community="other")
    second.people = {}
    other = World(second)
    complaint = world.anonymous.files(visibility="private")
    public = world.anonymous.files()
    elsewhere = Actor(second)
    assert elsewhere.get(public.path) == problem(404, "not_found")
    assert elsewhere.get("/v1/receipts/current", receipt=complaint.receipt) == problem(404, "not_found")
    assert other.dispatcher.get(complaint.path) == problem(404, "not_found")
    assert other.dispatcher.get(public.path) == problem(404, "not_found")
    assert other.dispatcher.get(public.path, headers={"Community": "home"}).status in (401, 403, 404)
    neighbour = Actor(second)
    neighbour.community = "home"
    assert neighbour.get(public.path).status == 200
