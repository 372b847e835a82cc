"""Public list, desk lists, own complaints: order, filters, pages, and that indexes serve them."""

import pytest

from support.answer import problem
from support.database import look_into
from support.world import World, unique


@pytest.fixture(scope="module")
def shelf(site):
    """Nine complaints of known kinds, filed a minute apart, oldest first."""
    world = World(site.daemons[0])
    world.daemon.shelf_building = unique("b")
    assert world.admin.post("/v1/buildings", {"code": world.daemon.shelf_building, "name": "五号楼"}).status == 201
    filed = []
    for number in range(9):
        filed.append(
            world.complaint(
                "answered" if number % 3 == 2 else "assigned",
                text=f"第{number}件：楼道灯坏了。",
                category="fees" if number % 2 else "safety",
                building=world.daemon.shelf_building if number < 4 else None,
            )
        )
        site.clock.advance(minutes=1)
    world.filed = filed
    return world


def ids(complaints):
    return [complaint.id for complaint in complaints]


def listed(actor, **query):
    return [item["id"] for item in actor.items("/v1/complaints", query)]


def test_the_public_list_is_newest_first(shelf, stranger):
    assert [one for one in listed(stranger) if one in ids(shelf.filed)] == ids(reversed(shelf.filed))


def test_the_public_list_the_other_way_round(shelf, stranger):
    assert [one for one in listed(stranger, sort="oldest") if one in ids(shelf.filed)] == ids(shelf.filed)


def test_pages_hold_each_once_and_a_new_complaint_disturbs_none(shelf, stranger, anonymous):
    seen, query = [], {"limit": 2}
    while True:
        page = stranger.get("/v1/complaints", query)
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        anonymous.files("新来的。")
        if not page["next"]:
            break
        assert f'cursor={page["next"]}' in page.headers["Link"] and 'rel="next"' in page.headers["Link"]
        query = {"limit": 2, "cursor": page["next"]}
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in ids(shelf.filed)] == ids(reversed(shelf.filed))


def test_twenty_come_unless_said(anonymous, stranger):
    for _ in range(21):
        anonymous.files()
    assert len(stranger.get("/v1/complaints")["items"]) == 20


def test_filters(shelf, stranger):
    mine = set(ids(shelf.filed))
    assert [one for one in listed(stranger, category="safety") if one in mine] == ids(reversed(shelf.filed[::2]))
    assert [one for one in listed(stranger, status="answered") if one in mine] == ids(reversed(shelf.filed[2::3]))
    assert listed(stranger, department=shelf.department["id"]) == ids(reversed(shelf.filed))
    assert listed(stranger, building=shelf.daemon.shelf_building) == ids(reversed(shelf.filed[:4]))
    assert listed(stranger, building=shelf.daemon.shelf_building, category="fees") == ids([shelf.filed[3], shelf.filed[1]])
    assert set(listed(stranger, answered="true")) >= set(ids(shelf.filed[2::3]))
    assert not set(listed(stranger, answered="false")) & set(ids(shelf.filed[2::3]))
    since, until = shelf.filed[2].first["submitted"], shelf.filed[5].first["submitted"]
    within = listed(stranger, **{"from": since, "to": until, "department": shelf.department["id"]})
    assert within in (ids([shelf.filed[4], shelf.filed[3], shelf.filed[2]]), ids([shelf.filed[5], shelf.filed[4], shelf.filed[3], shelf.filed[2]]))


def test_only_published_ones_are_listed(world, stranger, dispatcher, anonymous):
    private = anonymous.files(visibility="private")
    hidden = anonymous.files()
    dispatcher.hides(hidden)
    listed_now = set(listed(stranger))
    assert private.id not in listed_now and hidden.id not in listed_now


def test_neighbours_are_published_after_review(anonymous, dispatcher, stranger):
    complaint = anonymous.files("楼上半夜装修。", category="neighbours")
    assert complaint["publication"] == "pending"
    assert stranger.get(complaint.path) == problem(404, "not_found")
    assert complaint.id in {item["id"] for item in dispatcher.items("/v1/desk/publication")}
    assert dispatcher.publishes(complaint).status == 200
    assert stranger.get(complaint.path).status == 200


def test_what_a_list_shows_is_what_one_shows(shelf, stranger):
    shown = {item["id"]: item for item in stranger.items("/v1/complaints", {"department": shelf.department["id"]})}
    for complaint in shelf.filed:
        one = stranger.sees(complaint)
        for name, value in shown[complaint.id].items():
            if name in one:
                assert one[name] == value, name


def test_the_desk_lists_what_the_department_owes_least_time_left_first(world, officer, dispatcher, supervisor, clock):
    first = world.complaint("assigned")
    clock.advance(hours=2)
    second = world.complaint("assigned")
    third = world.complaint("accepted")
    answered = world.complaint("answered")
    clock.advance(hours=1)
    items = officer.items("/v1/desk/unanswered")
    assert [item["id"] for item in items][0] == first.id
    assert {item["id"] for item in items} == {first.id, second.id, third.id}
    assert [item["seconds_left"] for item in items] == [21 * 3600, 23 * 3600, 23 * 3600]
    for actor in (dispatcher, supervisor):
        everything = [item["id"] for item in actor.items("/v1/desk/unanswered")]
        assert {first.id, second.id, third.id} <= set(everything)
        assert answered.id not in everything
        assert everything.index(first.id) < everything.index(second.id)


def test_seconds_left_go_below_zero(world, officer, clock):
    world.complaint("assigned")
    clock.advance(hours=25)
    assert [item["seconds_left"] for item in officer.items("/v1/desk/unanswered")] == [-3600]


def test_desk_lists_are_paged(world, officer):
    filed = {world.complaint("assigned").id for _ in range(5)}
    seen, query = [], {"limit": 2}
    while True:
        page = officer.get("/v1/desk/unanswered", query)
        seen += [item["id"] for item in page["items"]]
        if not page["next"]:
            break
        query = {"limit": 2, "cursor": page["next"]}
    assert len(seen) == 5 and set(seen) == filed


def test_undispatched_oldest_first(world, dispatcher, clock):
    first = world.complaint("submitted")
    clock.advance(minutes=5)
    second = world.complaint("submitted")
    assigned = world.complaint("assigned")
    listed_now = [item["id"] for item in dispatcher.items("/v1/desk/undispatched")]
    assert listed_now.index(first.id) < listed_now.index(second.id)
    assert assigned.id not in listed_now


def test_desk_lists_are_for_the_desk(resident, anonymous, visitor, officer):
    assert anonymous.get("/v1/desk/unanswered") == problem(401, "not_signed_in")
    assert resident.get("/v1/desk/unanswered") == problem(403, "not_permitted")
    assert officer.get("/v1/desk/undispatched") == problem(403, "not_permitted")
    assert officer.get("/v1/desk/visits") == problem(403, "not_permitted")
    assert visitor.get("/v1/desk/publication") == problem(403, "not_permitted")


def test_visits_due(world, visitor, clock):
    complaint = world.complaint("answered")
    due = {item["id"]: item for item in visitor.items("/v1/desk/visits")}
    assert complaint.id in due
    visitor.visits(complaint)
    assert complaint.id not in {item["id"] for item in visitor.items("/v1/desk/visits")}


def test_own_complaints_newest_first_with_every_page(resident, clock):
    filed = []
    for number in range(5):
        filed.append(resident.files(f"第{number}件", identity="named" if number % 2 else "masked", visibility="private"))
        clock.advance(minutes=1)
    assert [item["id"] for item in resident.items("/v1/me/complaints", {"limit": 2})] == ids(reversed(filed))


HOT = {
    "newest": "select complaint from complaint where community = 'home' and publication = 'published' and visibility = 'public' order by submitted desc, complaint desc limit 21",
    "of a category": "select complaint from complaint where community = 'home' and publication = 'published' and visibility = 'public' and category = 'fees' order by submitted desc, complaint desc limit 21",
    "of a department": "select complaint from complaint where community = 'home' and publication = 'published' and visibility = 'public' and department = '{department}' order by submitted desc, complaint desc limit 21",
    "unanswered": "select complaint from complaint where community = 'home' and department = '{department}' and turn = 'department' order by reply_due, complaint limit 21",
    "all unanswered": "select complaint from complaint where community = 'home' and turn = 'department' order by reply_due, complaint limit 21",
    "undispatched": "select complaint from complaint where community = 'home' and status = 'submitted' order by submitted, complaint limit 21",
    "own": "select complaint from complaint_identity where community = 'home' and resident = '{department}' order by complaint desc limit 21",
    "timers": "select * from timer where due < '2020-01-01' order by due limit 200",
}  # fmt: skip


@pytest.fixture(scope="module")
def crowd(cluster, site, shelf):
    """100,000 rows like one there is, most of them long closed."""
    db = look_into(cluster, site.name)
    one = shelf.filed[0].id
    db.all("set session_replication_role = replica")
    columns = [
        name
        for (name,) in db.all(
            "select attname from pg_attribute where attrelid = 'wall.complaint'::regclass and attnum > 0 and not attisdropped order by attnum"
        )
    ]
    replaced = {
        "complaint": "gen_random_uuid()",
        "number": "'x-' || n",
        "submitted": "c.submitted - n * interval '1 minute'",
        "reply_due": "c.reply_due - n * interval '1 minute'",
        "status": "case when mod(n, 100) = 0 then 'assigned' else 'closed' end",
        "turn": "case when mod(n, 100) = 0 then 'department' else 'none' end",
        "category": "(array['fees','safety','other','medical'])[1 + mod(n, 4)]",
    }
    values = ", ".join(replaced.get(name, f"c.{name}") for name in columns)
    db.all(
        f"insert into complaint ({', '.join(columns)}) select {values} from complaint c, generate_series(1, 100000) n where c.complaint = %s", one
    )
    db.all(
        "insert into timer select t.community, gen_random_uuid(), t.kind, t.round, t.due + n * interval '1 second', t.deadline, t.level, t.breached "
        "from timer t, generate_series(1, 30000) n where t.complaint = %s and t.kind = 'resolve'",
        one,
    )
    db.all("analyze complaint")
    db.all("analyze timer")
    db.department = shelf.department["id"]
    yield db
    db.all("delete from complaint where number like 'x-%'")
    db.all("delete from timer t where not exists (select from complaint c where c.community = t.community and c.complaint = t.complaint)")
    db.connection.close()


@pytest.mark.parametrize("what", HOT)
def test_an_index_serves_the_list_at_a_hundred_thousand(crowd, what):
    plan = "\n".join(row[0] for row in crowd.all("explain (analyze, buffers) " + HOT[what].format(department=crowd.department)))
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan, plan
    assert "Sort Method" not in plan, plan
