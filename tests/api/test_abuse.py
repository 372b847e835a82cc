"""Floods, guesses and spam: limits by the sender's address, whoever stands between, and a proof of work where the community wants one."""

import psycopg2
import pytest

from support.actor import Actor
from support.answer import problem
from support.wait import until
from support.work import solve
from support.world import World

BURST = 5
PROXIES = "127.0.0.1 10.0.0.0/8"


@pytest.fixture(scope="module")
def gate(second_site):
    """A daemon behind proxies that lets few in."""
    return World(second_site.daemon(trusted_proxies=PROXIES, anonymous_burst=BURST, sign_ins_per_minute=BURST))


def complains(gate, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Actor(gate.daemon).request("POST", "/v1/complaints", {"text": "楼道灯坏了。", "identity": "anonymous"}, headers=sent)


def floods(gate, tries=BURST + 1, **headers):
    """What happened to the last of so many."""
    answers = [complains(gate, **headers) for _ in range(tries)]
    assert {answer.status for answer in answers[:BURST]} == {201}
    return answers[-1]


# Limits by address


def test_a_flood_is_stopped_and_told_when_to_come_back(gate):
    stopped = floods(gate, X_Forwarded_For="198.51.100.1")
    assert stopped == problem(429, "too_many_requests")
    assert stopped.headers["Retry-After"] == "2" and stopped.json["retry_after"] == 2
    assert stopped.headers["RateLimit-Policy"] == f'"anonymous";q={BURST};w=10'
    assert stopped.headers["RateLimit"] == '"anonymous";r=0;t=10'
    other = complains(gate, X_Forwarded_For="198.51.100.2")
    assert other.status == 201
    assert other.headers["RateLimit"] == f'"anonymous";r={BURST - 1};t=2'


def test_one_network_of_ipv6_is_one_sender(gate):
    for host in range(BURST):
        assert complains(gate, X_Forwarded_For=f"2001:db8:1:2::{host:x}").status == 201
    assert complains(gate, X_Forwarded_For="2001:db8:1:2:ffff::1") == problem(429, "too_many_requests")
    assert complains(gate, X_Forwarded_For="2001:db8:1:3::1").status == 201


def test_forwarded_is_believed_like_x_forwarded_for(gate):
    assert floods(gate, Forwarded='for="[2001:db8:9::7]:4711";proto=https').status == 429
    assert complains(gate, Forwarded="for=203.0.113.5").status == 201


def test_what_the_client_wrote_before_the_proxy_is_not_believed(gate):
    for other in range(BURST):
        assert complains(gate, X_Forwarded_For=f"192.0.2.{other}, 203.0.113.9, 10.1.1.1").status == 201
    assert complains(gate, X_Forwarded_For="192.0.2.99, 203.0.113.9") == problem(429, "too_many_requests")
    assert complains(gate, Forwarded='for=203.0.113.9;host="a, for=192.0.2.98"') == problem(429, "too_many_requests")


def test_a_receipt_lets_nobody_past_the_limit(gate):
    first = complains(gate, X_Forwarded_For="203.0.113.20")
    answers = [complains(gate, X_Forwarded_For="203.0.113.20", Receipt=first["receipt"]) for _ in range(BURST)]
    assert [answer.status for answer in answers] == [201] * (BURST - 1) + [429]


def test_sign_ins_and_codes_share_a_limit_and_programs_have_none(gate):
    guesser = Actor(gate.daemon)
    headers = {"X-Forwarded-For": "203.0.113.30"}
    for _ in range(BURST):
        assert guesser.post("/v1/sessions", {"login": "admin", "password": "a guess of mine"}, headers=headers).status == 401
    stopped = guesser.post("/v1/codes", {"phone": "13800138000"}, headers=headers)
    assert stopped == problem(429, "too_many_requests")
    assert stopped.headers["RateLimit-Policy"] == f'"sign-in";q={BURST};w=60'
    key = gate.admin.post("/v1/keys", {"name": "front end", "scopes": ["residents:assert"]})
    front_end = Actor(gate.daemon, key["key"])
    for number in range(BURST + 1):
        assert front_end.post("/v1/sessions", {"resident": {"external_id": f"wx-{number}"}}, headers=headers).status == 201


def test_nobody_guesses_receipts_for_ever_and_a_wrong_one_looks_like_any_other(gate):
    guesser = Actor(gate.daemon)
    headers = {"X-Forwarded-For": "203.0.113.40"}
    guesses = ["0000-0000-0000-0000-0", "FCAS-T9YZ-DE4V-4K7H-5", "nonsense", "X" * 500]
    bodies = set()
    for number in range(20):
        answer = guesser.get("/v1/receipts/current", receipt=guesses[number % 4], headers=headers)
        assert answer == problem(404, "not_found")
        bodies.add(str({**answer.json, "instance": ""}))
    assert len(bodies) == 1
    stopped = guesser.get("/v1/receipts/current", receipt=guesses[0], headers=headers)
    assert stopped == problem(429, "too_many_requests")
    assert stopped.headers["RateLimit-Policy"].startswith('"wrong-receipts"')
    mine = complains(gate, X_Forwarded_For="203.0.113.41")
    assert guesser.get("/v1/receipts/current", receipt=mine["receipt"], headers={"X-Forwarded-For": "203.0.113.41"}).status == 200


def test_no_address_is_kept_anywhere(gate, cluster):
    marked = "203.0.113.177"
    assert floods(gate, X_Forwarded_For=marked).status == 429
    assert marked not in gate.daemon.said()
    with psycopg2.connect(gate.daemon.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'wall' and table_type = 'BASE TABLE'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"select count(*) from wall.{table} t where strpos(t::text, %s) > 0", [marked])
            assert cursor.fetchone() == (0,), table


def test_a_proxy_list_that_cannot_be_read_stops_the_start(new_site):
    site = new_site(with_clock=False)
    daemon = site.daemon(start=False, trusted_proxies="10.0.0.0/33")
    with pytest.raises(AssertionError):
        daemon.start()
    assert "trusted-proxies" in daemon.said()
    site.daemons.clear()


# Proof of work


@pytest.fixture
def guarded(admin):
    def guard(bits):
        assert admin.post("/v1/policies", {"proof_of_work": bits})["proof_of_work"] == bits

    yield guard
    guard(0)


def files(stranger, proof=None, key=None, text="楼道灯坏了。"):
    headers = {"Proof-Of-Work": proof, "Idempotency-Key": key}
    return stranger.request("POST", "/v1/complaints", {"text": text, "identity": "anonymous"}, headers=headers)


def test_no_work_is_asked_for_unless_the_community_wants_it(stranger):
    assert stranger.get("/v1/challenges")["bits"] == 0
    assert files(stranger).status == 201


def test_who_is_not_signed_in_brings_a_proof(guarded, stranger):
    guarded(10)
    refused = files(stranger)
    assert refused == problem(428, "proof_required")
    assert refused.json["bits"] == 10
    assert files(stranger, solve(refused.json["challenge"], 10)).status == 201


def test_who_joins_a_complaint_brings_a_proof_as_well(guarded, anonymous, stranger, resident):
    complaint = anonymous.files()
    guarded(8)
    path = f"{complaint.path}/support"
    refused = stranger.put(path, {}, headers={"Idempotency-Key": "me-too"})
    assert refused == problem(428, "proof_required")
    proof = solve(refused.json["challenge"], 8)
    joined = stranger.put(path, {}, headers={"Idempotency-Key": "me-too", "Proof-Of-Work": proof})
    assert joined.status == 200
    assert stranger.put(path, {}, headers={"Idempotency-Key": "me-too"})["receipt"] == joined["receipt"], "a repeat needs no other"
    assert resident.put(path, {}).status == 200


def test_a_challenge_may_be_had_before(guarded, stranger):
    guarded(8)
    offered = stranger.get("/v1/challenges")
    assert "no-store" in offered.headers["Cache-Control"]
    assert files(stranger, solve(offered["challenge"], offered["bits"])).status == 201


def test_a_proof_serves_once_but_a_repeat_of_the_request_needs_no_other(guarded, stranger):
    guarded(8)
    proof = solve(stranger.get("/v1/challenges")["challenge"], 8)
    first = files(stranger, proof, key="once")
    assert first.status == 201
    assert files(stranger, proof, key="once")["id"] == first["id"]
    assert files(stranger, proof) == problem(428, "proof_required")


def test_a_refused_submission_does_not_use_up_its_proof(guarded, stranger):
    guarded(8)
    proof = solve(stranger.get("/v1/challenges")["challenge"], 8)
    refused = stranger.request("POST", "/v1/complaints", {"text": "灯坏了。", "category": "nonsense"}, headers={"Proof-Of-Work": proof})
    assert refused == problem(422, "unknown_category")
    assert files(stranger, proof).status == 201


def test_work_that_is_too_small_late_or_for_another_challenge_is_none(guarded, stranger, clock):
    guarded(6)
    small = solve(stranger.get("/v1/challenges")["challenge"], 6)
    late = stranger.get("/v1/challenges")["challenge"]
    guarded(9)
    assert files(stranger, small) == problem(428, "proof_required")
    challenge = stranger.get("/v1/challenges")["challenge"]
    good = solve(challenge, 9)
    easier = "0" + challenge[1:]
    wrong = [challenge, f"{challenge}:", f"{challenge}:x y", f"{easier}:1", f"{challenge[:-1]}:1", "nonsense:1", ":" * 50, "9." * 60, f"{challenge}:{'1' * 33}"]
    for proof in wrong:
        assert files(stranger, proof) == problem(428, "proof_required"), proof
    assert files(stranger, good).status == 201
    old = solve(late, 9)
    fresh = solve(stranger.get("/v1/challenges")["challenge"], 9)
    clock.advance(minutes=9)
    assert files(stranger, fresh).status == 201
    stale = solve(stranger.get("/v1/challenges")["challenge"], 9)
    clock.advance(minutes=11)
    assert files(stranger, stale) == problem(428, "proof_required")
    assert files(stranger, old) == problem(428, "proof_required")


def test_a_challenge_of_another_community_is_none_here(guarded, stranger, site):
    other = Actor(site.daemon(community="other"))
    foreign = other.get("/v1/challenges")["challenge"]
    guarded(4)
    assert files(stranger, solve(foreign, 4)) == problem(428, "proof_required")


def test_a_sign_in_code_needs_a_proof_as_well_and_who_is_signed_in_none(guarded, stranger, resident, dispatcher):
    guarded(8)
    assert stranger.post("/v1/codes", {"phone": "13911112222"}) == problem(428, "proof_required")
    proof = solve(stranger.get("/v1/challenges")["challenge"], 8)
    assert stranger.post("/v1/codes", {"phone": "13911112222"}, headers={"Proof-Of-Work": proof}).status == 202
    assert resident.submits("灯坏了。").status == 201
    assert dispatcher.submits("灯坏了。", channel="phone").status == 201


def test_proofs_are_forgotten_when_they_hold_no_longer(guarded, stranger, clock, db, site):
    guarded(4)
    assert files(stranger, solve(stranger.get("/v1/challenges")["challenge"], 4)).status == 201
    assert db.all("select count(*) > 0 from wall.proof") == [(True,)]
    clock.advance(minutes=11)
    site.daemon()  # one that starts sweeps
    until(lambda: db.all("select count(*) from wall.proof") == [(0,)], what="used proofs to be forgotten")
