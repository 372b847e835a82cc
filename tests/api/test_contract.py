"""What statements, constraints, the command line and the metrics promise to each other; openapi.yaml: test_openapi.py."""

import json
import re
import subprocess

import pytest

from support.program import ROOT, environment, program


def printed_routes():
    ran = subprocess.run([program(), "routes"], env=environment(), stdout=subprocess.PIPE, check=True)
    return ran.stdout.decode()


@pytest.fixture(scope="module")
def problems():
    text = (ROOT / "src/http/problems.def").read_text()
    return {code: int(status) for status, code in re.findall(r"^PROBLEM\((\d+), (\w+),", text, re.M)}


def test_every_constraint_that_clients_can_meet_is_a_problem(db, problems):
    """A unique constraint or index that does not bear a default name bears the name of a problem or is never met."""
    named = {
        name
        for (name,) in db.all(
            "select conname from pg_constraint c join pg_namespace n on n.oid = c.connamespace where nspname = 'wall' and contype = 'u' and conname !~ '_key$'"
        )
    }
    internal = {"complaint_number", "resident_phone", "resident_external", "key_hash"}
    assert named - internal - set(problems) == set()


def statements():
    return sorted((ROOT / "src/api").glob("*/*.sql")) + sorted((ROOT / "src/jobs").glob("*.sql"))


def test_every_statement_names_the_community():
    assert statements()
    everywhere = {  # fmt: skip
        "set_clock", "next_due", "settle_due", "settle_supervision", "take_day", "outbox_claim", "outbox_feed", "metrics", "clock_state", "communities",
        "housekeeping", "sweep_begin", "sweep_end", "leave_pictures", "leaving_pictures", "pictures_left", "sort_grams_in", "alive", "ready",
    }
    silent = [path.name for path in statements() if "community" not in path.read_text() and path.stem not in everywhere]
    assert silent == []


def test_every_statement_begins_with_a_sentence():
    assert [path.name for path in statements() if not re.match(r"-- [A-Z].*[.:;]?\n", path.read_text())] == []


def test_every_statement_can_be_prepared(db):
    failed = []
    for path in statements():
        names, text = [], "\n".join(line.split("--")[0] for line in path.read_text().splitlines())

        def number(match):
            if match.group(1) not in names:
                names.append(match.group(1))
            return f"${names.index(match.group(1)) + 1}"

        text = re.sub(r"(?<![:\w]):([a-z_][a-z0-9_]*)", number, text)
        try:
            db.all(f"prepare checked as {text}")
            db.all("deallocate checked")
        except Exception as fault:  # noqa: BLE001 - each fault is listed
            failed.append((path.name, str(fault).splitlines()[0]))
    assert failed == []


def test_hot_statements_keep_a_generic_plan(daemon, anonymous, cluster):
    for _ in range(10):
        anonymous.get("/v1/complaints")
    connection = cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where usename = 'wall_login'")
        assert cursor.fetchone()[0] > 0
    connection.close()


def test_routes_and_help_and_unknown_settings():
    assert "/v1/complaints/{complaint}/answer" in printed_routes()
    shown = subprocess.run([program(), "--help"], env=environment(), stdout=subprocess.PIPE, check=True).stdout.decode()
    for setting in ("listen", "database", "data", "workers", "community", "time-zone", "key-file", "clock-file"):
        assert f"--{setting}" in shown
    for wrong in (["--nonsense", "1"], ["--workers", "none"], ["--workers", "-1"], ["--listen", "nowhere"], ["dance"]):
        ran = subprocess.run([program(), *wrong], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert ran.returncode != 0 and len(ran.stdout.decode().strip().splitlines()) == 1, (wrong, ran)


def test_flags_beat_environment_beat_file(tmp_path):
    file = tmp_path / "echo-wall.conf"
    file.write_text("WORKERS=none\n")
    asked = lambda *flags, **more: subprocess.run(  # noqa: E731 - one call, three times
        [program(), "routes", *flags], env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert asked("--config", str(file)).returncode != 0
    assert asked("--config", str(file), ECHO_WALL_WORKERS="2").returncode == 0
    assert asked("--config", str(file), "--workers", "2", ECHO_WALL_WORKERS="none").returncode == 0


# Metrics and health


def metrics(actor):
    answer = actor.get("/metrics", headers={"Accept": "*/*"})
    assert answer.status == 200
    return answer


def test_metrics_have_the_exact_type_and_the_names_that_ops_rely_on(world, anonymous, clock):
    world.complaint("assigned")
    answer = metrics(anonymous)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name in (
        "echo_wall_complaints_submitted_total",
        "echo_wall_unanswered",
        "echo_wall_oldest_unanswered_seconds",
        "echo_wall_overdue",
        "echo_wall_http_requests_total",
        "echo_wall_http_request_duration_seconds_bucket",
        "echo_wall_database_up",
        "echo_wall_outbox_pending",
        "echo_wall_clock_lag_seconds",
    ):
        assert re.search(rf"^{name}(\{{| )", answer.text, re.M), name
    code = world.department["code"]
    assert re.search(rf'^echo_wall_unanswered\{{[^}}]*department="{code}"[^}}]*\}} 1$', answer.text, re.M)
    assert re.search(r'^echo_wall_unanswered\{[^}]*community="home"', answer.text, re.M)
    assert re.search(r"^echo_wall_database_up(\{[^}]*\})? 1$", answer.text, re.M)


def test_promtool_is_content(anonymous, tmp_path):
    shown = metrics(anonymous).body
    try:
        ran = subprocess.run(["promtool", "check", "metrics"], input=shown, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        pytest.skip("promtool is not installed")
    assert ran.returncode == 0, ran.stdout.decode()


def test_metrics_of_routes_bear_templates_and_not_ids(world, anonymous):
    complaint = world.complaint("assigned")
    anonymous.sees(complaint)
    shown = metrics(anonymous).text
    assert complaint.id not in shown
    assert re.search(r'^echo_wall_http_requests_total\{[^}]*route="/v1/complaints/\{complaint\}"[^}]*\}', shown, re.M)


def test_overdue_counts_the_unanswered_now(world, anonymous, officer, clock):
    complaint = world.complaint("assigned")
    clock.advance(hours=25)
    pattern = rf'^echo_wall_overdue\{{[^}}]*department="{world.department["code"]}"[^}}]*\}} 1$'
    assert re.search(pattern, metrics(anonymous).text, re.M)
    officer.answers(complaint)
    assert not re.search(pattern, metrics(anonymous).text, re.M)


def test_health(anonymous):
    assert anonymous.get("/healthz").status == 200
    ready = anonymous.get("/readyz")
    assert ready.status == 200
    assert json.loads(ready.body)


def test_health_checks_do_not_fill_the_log(daemon, anonymous):
    before = len(daemon.said())
    for path in ("/healthz", "/readyz", "/healthz"):
        anonymous.get(path)
    assert "z status=200" not in daemon.said()[before:]
