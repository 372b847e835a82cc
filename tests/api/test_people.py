"""Communities, departments, staff, sessions, residents, keys."""

import concurrent.futures
import datetime

from support.actor import Actor
from support.answer import problem
from support.daemon import ADMIN_PASSWORD
from support.wait import until
from support.world import PASSWORD, code_for, resident_session, staff_session, unique

CATEGORIES = {
    "environment", "safety", "neighbours", "fees", "logistics", "activities", "medical", "education", "elderly", "commerce", "staff", "other",
}  # fmt: skip


def new_staff(role, **more):
    return {"login": unique(role), "password": PASSWORD, "name": "李芳", "role": role, **more}


def test_the_first_start_makes_community_dispatch_office_and_twelve_categories(anonymous):
    assert anonymous.get("/v1/community").json["community"] == "home"
    assert "dispatch" in {department["code"] for department in anonymous.get("/v1/departments")["items"]}
    categories = anonymous.get("/v1/categories")["items"]
    assert {category["code"] for category in categories} == CATEGORIES
    assert {category["department"] for category in categories} == {None}
    assert [category["visibility"] for category in categories if category["code"] == "staff"] == ["private"]


def test_admin_signs_in_and_is_shown_as_admin(admin):
    me = admin.get("/v1/me")
    assert me.status == 200
    assert me.json["role"] == "admin"


def test_a_department_is_made_once(admin):
    code = unique("d")
    made = admin.post("/v1/departments", {"code": code, "name": "物业部"})
    assert made.status == 201 and made.location.endswith(made.json["id"])
    assert admin.post("/v1/departments", {"code": code, "name": "又一个"}) == problem(409, "department_exists")


def test_only_admin_makes_departments_and_staff(officer, dispatcher, supervisor, resident, anonymous):
    for actor in (officer, dispatcher, supervisor, resident):
        assert actor.post("/v1/departments", {"code": unique("d"), "name": "x"}) == problem(403, "not_permitted")
        assert actor.post("/v1/staff", new_staff("visitor")) == problem(403, "not_permitted")
    assert anonymous.post("/v1/departments", {"code": unique("d"), "name": "x"}) == problem(401, "not_signed_in")


def test_a_third_officer_is_refused(admin, department):
    for _ in range(2):
        assert admin.post("/v1/staff", new_staff("officer", department=department["id"])).status == 201
    assert admin.post("/v1/staff", new_staff("officer", department=department["id"])) == problem(409, "too_many_officers")


def test_of_six_officers_at_once_two_are_taken(daemon, world, department):
    token = world.admin.token()

    def make(_):
        return Actor(daemon, token).post("/v1/staff", new_staff("officer", department=department["id"])).status

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(make, range(6))) == [201, 201, 409, 409, 409, 409]


def test_a_deactivated_officer_leaves_a_seat(admin, world, department):
    first = world.new_staff("officer", department)
    world.new_staff("officer", department)
    assert admin.patch(f"/v1/staff/{first.id}", {"active": False}).status == 200
    world.new_staff("officer", department)


def test_an_officer_needs_a_department_that_exists(admin):
    assert admin.post("/v1/staff", new_staff("officer")).status == 422
    somewhere = "0198c0de-0000-7000-8000-000000000000"
    assert admin.post("/v1/staff", new_staff("officer", department=somewhere)) == problem(422, "unknown_department")


def test_a_login_is_taken_once(admin):
    body = new_staff("visitor")
    assert admin.post("/v1/staff", body).status == 201
    assert admin.post("/v1/staff", body) == problem(409, "login_taken")


def test_the_last_officer_needs_a_successor_who_takes_over(admin, world, department, officer, anonymous):
    complaint = world.complaint("accepted")
    assert admin.patch(f"/v1/staff/{officer.id}", {"active": False}) == problem(409, "needs_successor")
    successor = world.new_staff("officer", department)
    assert admin.patch(f"/v1/staff/{officer.id}", {"active": False, "successor": successor.id}).status == 200
    assert officer.get("/v1/me") == problem(401, "not_signed_in")
    assert complaint.id in {item["id"] for item in successor.items("/v1/desk/unanswered")}
    assert successor.answers(complaint).status == 200


def test_every_patch_has_a_post_twin(admin, world, department):
    first = world.new_staff("officer", department)
    world.new_staff("officer", department)
    assert admin.post(f"/v1/staff/{first.id}", {"active": False}).status == 200


def test_a_deactivated_person_is_out_at_once_and_cannot_sign_in(admin, world):
    visitor = world.new_staff("visitor")
    assert visitor.get("/v1/me").status == 200
    assert admin.patch(f"/v1/staff/{visitor.id}", {"active": False}).status == 200
    assert visitor.get("/v1/me") == problem(401, "not_signed_in")
    refused = Actor(world.daemon).post("/v1/sessions", {"login": visitor.login, "password": PASSWORD})
    assert refused == problem(401, "wrong_credentials")


def test_wrong_password_and_unknown_login_are_the_same_refusal(anonymous, visitor):
    wrong = anonymous.post("/v1/sessions", {"login": visitor.login, "password": "not the password"})
    assert wrong == problem(401, "wrong_credentials")
    unknown = anonymous.post("/v1/sessions", {"login": unique("nobody"), "password": "not the password"})
    assert unknown == problem(401, "wrong_credentials")
    assert {**wrong.json, "instance": 0} == {**unknown.json, "instance": 0}


def failed_sign_ins(admin, subject):
    return [(item["actor"], item["data"]) for item in reversed(admin.items("/v1/audit", {"action": "sign_in_failed"})) if item["subject"] == subject]


def test_failed_sign_ins_are_in_the_audit_and_cannot_fill_it(world, admin, anonymous, clock, db):
    member, guesses = world.new_staff("visitor"), [unique("guess") for _ in range(9)]
    for guess in guesses:
        assert anonymous.post("/v1/sessions", {"login": member.login, "password": guess}) == problem(401, "wrong_credentials")
        assert anonymous.post("/v1/sessions", {"login": guess, "password": member.login}) == problem(401, "wrong_credentials")
    noted = [{"reason": "wrong_password", "tries": tries} for tries in (1, 2, 4, 8)]
    assert failed_sign_ins(admin, member.id) == [(None, data) for data in noted]
    strangers = [data for actor, data in failed_sign_ins(admin, None) if not actor]
    assert {data["reason"] for data in strangers} == {"unknown_login"} and strangers[-1]["tries"] >= 8
    tables = " ".join(row[0] for table in ("audit", "failed_sign_in") for row in db.all(f"select x::text from wall.{table} x"))
    assert not [word for word in (*guesses, "127.0.0.1") if word in tables]
    assert admin.patch(f"/v1/staff/{member.id}", {"active": False}).status == 200
    clock.advance(minutes=61)
    assert anonymous.post("/v1/sessions", {"login": member.login, "password": PASSWORD}) == problem(401, "wrong_credentials")
    assert failed_sign_ins(admin, member.id)[-1] == (None, {"reason": "not_active", "tries": 1})


def test_a_server_without_mail_and_gateway_offers_neither(officer, department, resident, db):
    for actor, kind, address in ((officer, "mail", {"mail": "li@home.test"}), (officer, "sms", {"phone": "13800138000"}), (resident, "sms", {})):
        refused = actor.post("/v1/me/channels", {"kind": kind, **address})
        assert refused == problem(422, "invalid_input") and refused.json["errors"][0]["pointer"] == "/kind"
    path = f"/v1/departments/{department['id']}/channels"
    made = officer.post(path, {"kind": "wecom", "token": "key"}).json
    assert made["available"]
    db.one("update wall.hook set kind = 'mail' where hook = %s returning kind", made["id"])  # as if the mail server was given up since
    (shown,) = officer.get(path).json["items"]
    assert not shown["available"] and shown["active"]


def test_signing_out_ends_this_session_alone(daemon, visitor, world):
    session = staff_session(daemon, visitor.login)
    leaving = Actor(daemon, session["token"])
    assert leaving.delete("/v1/sessions/current").status in (200, 204)
    assert leaving.get("/v1/me") == problem(401, "not_signed_in")
    assert visitor.get("/v1/me").status == 200


def test_signing_out_is_known_to_every_connection_at_once(daemon, visitor):
    token = staff_session(daemon, visitor.login)["token"]
    others = [Actor(daemon, token) for _ in range(16)]
    assert all(other.get("/v1/me").status == 200 for other in others)
    assert Actor(daemon, token).delete("/v1/sessions/current").status in (200, 204)
    until(lambda: all(other.get("/v1/me").status == 401 for other in others), 2, "all workers to forget")


def test_tokens_read_as_documented_and_are_stored_nowhere(daemon, visitor, db):
    session = staff_session(daemon, visitor.login)
    prefix, community, secret = session["token"].split("_", 2)
    assert (prefix, community, len(secret)) == ("ew", "home", 43)
    assert db.value("select count(*) from session s where s::text like %s", f"%{secret}%") == 0


def test_a_staff_session_lives_fourteen_days(daemon, clock, world):
    login = world.new_staff("visitor").login
    session = staff_session(daemon, login)
    expires = datetime.datetime.fromisoformat(session["expires"].replace("Z", "+00:00"))
    assert expires == clock.instant + datetime.timedelta(days=14)
    actor = Actor(daemon, session["token"])
    clock.advance(days=13, hours=23)
    assert actor.get("/v1/me").status == 200
    clock.advance(hours=1, seconds=1)
    assert actor.get("/v1/me") == problem(401, "not_signed_in")


def test_a_resident_signs_in_with_a_code_and_finds_the_own_complaints(resident, world):
    mine = resident.files("井盖松动。", identity="named")
    neighbour = world.new_resident()
    theirs = neighbour.files("水压太低。", identity="named")
    assert [item["id"] for item in resident.items("/v1/me/complaints")] == [mine.id]
    assert [item["id"] for item in neighbour.items("/v1/me/complaints")] == [theirs.id]


def test_a_resident_is_the_same_after_signing_in_again(daemon, resident):
    again = resident_session(daemon, resident.phone)
    assert again["who"]["id"] == resident.id
    assert again["token"] != resident.secret


def test_a_code_is_good_for_one_sign_in_and_for_its_own_phone(daemon, anonymous):
    phone, other = "13912345678", "13987654321"
    since = daemon.outbox.stat().st_size if daemon.outbox.exists() else 0
    assert anonymous.post("/v1/codes", {"phone": phone}).status == 202
    code = code_for(daemon, phone, since)
    assert anonymous.post("/v1/sessions", {"phone": other, "code": code}) == problem(401, "wrong_credentials")
    assert anonymous.post("/v1/sessions", {"phone": phone, "code": code}).status == 201
    assert anonymous.post("/v1/sessions", {"phone": phone, "code": code}) == problem(401, "wrong_credentials")


def test_a_code_grows_old(daemon, anonymous, clock):
    phone = "13911112222"
    since = daemon.outbox.stat().st_size if daemon.outbox.exists() else 0
    assert anonymous.post("/v1/codes", {"phone": phone}).status == 202
    code = code_for(daemon, phone, since)
    clock.advance(hours=1)
    assert anonymous.post("/v1/sessions", {"phone": phone, "code": code}) == problem(401, "wrong_credentials")


def test_a_code_cannot_be_guessed(daemon, anonymous):
    phone = "13933334444"
    since = daemon.outbox.stat().st_size if daemon.outbox.exists() else 0
    assert anonymous.post("/v1/codes", {"phone": phone}).status == 202
    code = code_for(daemon, phone, since)
    wrong = f"{(int(code) + 1) % 10**len(code):0{len(code)}d}"
    for _ in range(10):
        assert anonymous.post("/v1/sessions", {"phone": phone, "code": wrong}).status in (401, 429)
    assert anonymous.post("/v1/sessions", {"phone": phone, "code": code}).status in (401, 429)


def test_sign_in_attempts_are_limited(new_site):
    site = new_site()
    anybody = Actor(site.daemon(sign_ins_per_minute=20))
    statuses = [anybody.post("/v1/sessions", {"login": "admin", "password": "not the password"}).status for _ in range(22)]
    assert statuses[:20] == [401] * 20
    last = anybody.post("/v1/sessions", {"login": "admin", "password": "not the password"})
    assert last == problem(429, "too_many_requests")
    assert int(last.headers["Retry-After"]) >= 1


def test_a_key_is_shown_once_and_signs_in_with_its_scopes(daemon, admin, db):
    made = admin.post("/v1/keys", {"name": "ops", "scopes": ["metrics:read"]})
    assert made.status == 201
    secret = made.json["key"]
    assert secret.startswith("ew_home_")
    assert db.value("select count(*) from key k where k::text like %s", f"%{secret[8:]}%") == 0
    assert Actor(daemon, secret).post("/v1/departments", {"code": unique("d"), "name": "x"}) == problem(403, "not_permitted")
    assert admin.post("/v1/keys", {"name": "ops", "scopes": ["everything"]}).status == 422


def test_nonsense_tokens_are_no_sign_in(daemon):
    for token in ("x", "ew_home_" + "A" * 43, "ew_nowhere_" + "A" * 43, "ew__", "ew_home_" + "A" * 4000, "ew_home_ä"):
        answer = Actor(daemon).get("/v1/me", headers={"Authorization": f"Bearer {token}".encode("utf-8").decode("latin-1")})
        assert answer == problem(401, "not_signed_in"), token
    assert "WWW-Authenticate" in answer.headers


def test_sessions_survive_a_restart(new_site):
    site = new_site()
    daemon = site.daemon()
    token = staff_session(daemon, "admin", ADMIN_PASSWORD)["token"]
    daemon.stop()
    daemon.start()
    assert Actor(daemon, token).get("/v1/me").status == 200


def test_signing_out_is_known_to_every_daemon(new_site):
    site = new_site()
    first, second = site.daemon(), site.daemon()
    token = staff_session(first, "admin", ADMIN_PASSWORD)["token"]
    here, there = Actor(first, token), Actor(second, token)
    assert (here.get("/v1/me").status, there.get("/v1/me").status) == (200, 200)
    assert there.delete("/v1/sessions/current").status == 204
    assert there.get("/v1/me").status == 401
    until(lambda: here.get("/v1/me").status == 401, 2, "the other daemon to know")


def test_a_trusted_front_end_vouches_for_its_resident(daemon, admin, anonymous):
    secret = admin.post("/v1/keys", {"name": "mini program", "scopes": ["residents:assert"]})["key"]
    front, outsider = unique("openid"), Actor(daemon, admin.post("/v1/keys", {"name": "ops", "scopes": ["metrics:read"]})["key"])
    vouched = [Actor(daemon, secret).post("/v1/sessions", {"resident": {"external_id": front}}) for _ in range(2)]
    assert [answer.status for answer in vouched] == [201, 201]
    assert vouched[0]["who"]["id"] == vouched[1]["who"]["id"]
    resident = Actor(daemon, vouched[0]["token"], vouched[0]["who"])
    complaint = resident.files("小程序里提交。", identity="named")
    assert [item["id"] for item in resident.items("/v1/me/complaints")] == [complaint.id]
    assert outsider.post("/v1/sessions", {"resident": {"external_id": front}}) == problem(403, "not_permitted")
    assert anonymous.post("/v1/sessions", {"resident": {"external_id": front}}).status in (401, 403)
