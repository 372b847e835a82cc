"""What the community tells everybody: rules, methods, activities, minutes; with all that they have said before, and what they are about."""

import uuid

import psycopg2
import pytest

from support.answer import problem

TEXT = {"kind": "rule", "title": "诉求发布管理办法", "text": "匿名诉求经审核后发布。"}


def tells(actor, **more):
    answer = actor.post("/v1/notices", {**TEXT, **more})
    assert answer.status == 201, answer
    return answer


def listed(actor, **query):
    return [item["id"] for item in actor.items("/v1/notices", query)]


def test_everybody_reads_what_is_published(dispatcher, stranger, resident, officer):
    made = tells(dispatcher, kind="activity", title="邻里运动会", begins="2026-12-06T09:00:00+08:00", ends="2026-12-06T12:00:00+08:00")
    assert made.headers["Location"] == f"/v1/notices/{made['id']}"
    assert (made["version"], made["publication"], made["begins"]) == (1, "published", "2026-12-06T01:00:00.000000Z")
    for actor in (stranger, resident, officer):
        shown = actor.get(made.headers["Location"])
        assert shown.json == made.json and shown["clusters"] == []
        assert made["id"] in listed(actor, kind="activity")
        assert made["id"] not in listed(actor, kind="minutes")
    assert stranger.get(made.headers["Location"], headers={"If-None-Match": shown.etag}).status == 304


def test_the_newest_come_first_page_by_page(dispatcher, stranger):
    made = [tells(dispatcher, kind="minutes")["id"] for _ in range(3)]
    assert listed(stranger, kind="minutes", limit=1)[:3] == made[::-1]


@pytest.mark.parametrize("role", ["dispatcher", "supervisor", "admin"])
def test_a_draft_is_for_those_who_edit(world, stranger, officer, role):
    editor = getattr(world, role)
    draft = tells(editor, publication="draft")
    path = f"/v1/notices/{draft['id']}"
    for actor in (stranger, officer):
        assert actor.get(path) == problem(404, "not_found")
        assert draft["id"] not in listed(actor)
        assert listed(actor, publication="draft") == []
    assert draft["id"] in listed(world.supervisor, publication="draft")
    published = editor.post(f"{path}/publish")
    assert published["publication"] == "published" and published["published"] is not None
    assert stranger.get(path).status == 200


def test_a_change_is_a_new_version_and_the_old_ones_stay(dispatcher, supervisor, stranger, clock):
    made = tells(dispatcher, begins="2026-12-01T00:00:00Z")
    path = made.headers["Location"]
    clock.advance(hours=1)
    changed = supervisor.patch(path, {"text": "匿名诉求经两人审核后发布。"}, headers={"If-Match": made.etag})
    assert (changed["version"], changed["title"], changed["begins"]) == (2, TEXT["title"], made["begins"])
    shown = stranger.get(path)
    assert [version["text"] for version in shown["versions"]] == [TEXT["text"], "匿名诉求经两人审核后发布。"]
    assert shown["changed"] > made["changed"] and shown["published"] == made["published"]
    assert supervisor.patch(path, {"text": "x"}, headers={"If-Match": made.etag}) == problem(412, "changed_meanwhile")
    assert supervisor.post(path, {"begins": None, "title": None})["begins"] is None, "null takes away what may be missing"
    assert supervisor.patch(path, {})["version"] == 3, "nothing given is nothing changed"


def test_what_a_draft_said_before_it_was_published_stays_among_those_who_edit(dispatcher, stranger):
    draft = tells(dispatcher, publication="draft", text="初稿，内部意见：某某楼栋最吵。")
    path = draft.headers["Location"]
    dispatcher.patch(path, {"text": "请保持安静。"})
    dispatcher.post(f"{path}/publish")
    dispatcher.post(f"{path}/withdraw")
    dispatcher.patch(path, {"text": "撤回期间的草稿"})
    dispatcher.patch(path, {"text": "请在二十二时后保持安静。"})
    dispatcher.post(f"{path}/publish")
    assert [version["text"] for version in stranger.get(path)["versions"]] == ["请保持安静。", "请在二十二时后保持安静。"]
    assert len(dispatcher.get(path)["versions"]) == 4


def test_what_is_withdrawn_is_gone_until_it_is_published_again(dispatcher, stranger, db):
    made = tells(dispatcher)
    path = made.headers["Location"]
    assert dispatcher.post(f"{path}/publish") == problem(409, "not_allowed_now")
    assert dispatcher.post(f"{path}/withdraw")["publication"] == "withdrawn"
    refused = dispatcher.post(f"{path}/withdraw")
    assert refused == problem(409, "not_allowed_now") and refused.json["allowed"] == ["publish"]
    assert stranger.get(path) == problem(404, "not_found")
    assert made["id"] in listed(dispatcher, publication="withdrawn") and listed(stranger, publication="withdrawn") == []
    assert dispatcher.post(f"{path}/publish")["published"] == made["published"]
    done = db.all("select action from wall.audit where subject = %s order by audit", made["id"])
    assert done == [("add_notice",), ("withdraw_notice",), ("publish_notice",)]


def test_a_notice_and_the_complaints_it_is_about_show_each_other_to_whom_both_are_shown(world, anonymous, dispatcher, stranger):
    public, private, hidden = anonymous.files(title="路灯"), anonymous.files(visibility="private"), anonymous.files()
    dispatcher.hides(hidden)
    made = tells(dispatcher, kind="minutes", complaints=[public.id, private.id, hidden.id, public.id])
    path = made.headers["Location"]
    assert {item["id"] for item in made["complaints"]} == {public.id, private.id, hidden.id}
    assert stranger.get(path)["complaints"] == [{"id": public.id, "number": public.number, "title": "路灯", "status": "submitted"}]
    expected = [{"id": made["id"], "kind": "minutes", "title": TEXT["title"]}]
    assert stranger.sees(public)["notices"] == private["notices"] == dispatcher.sees(hidden)["notices"] == expected
    dispatcher.patch(path, {"complaints": [private.id]})
    assert stranger.get(path)["complaints"] == [] and stranger.sees(public)["notices"] == []
    dispatcher.post(f"{path}/withdraw")
    assert private["notices"] == []


def test_a_notice_about_a_cluster_is_shown_with_the_complaints_confirmed_to_be_of_it(anonymous, dispatcher, stranger, cluster, site):
    confirmed, proposed, hidden = (anonymous.files() for _ in range(3))
    dispatcher.hides(hidden)
    matter = str(uuid.uuid4())
    with psycopg2.connect(cluster.conninfo(site.name)) as connection, connection.cursor() as cursor:
        cursor.execute("insert into wall.cluster values ('home', %s, now())", [matter])
        for complaint, sure in ((confirmed, True), (proposed, False), (hidden, True)):
            cursor.execute(
                "insert into wall.cluster_member select 'home', complaint, %s, %s, now(), submitted from wall.complaint where complaint = %s "
                "on conflict (community, complaint) do update set cluster = excluded.cluster, confirmed = excluded.confirmed",
                [matter, sure, complaint.id],
            )
    made = tells(dispatcher, kind="minutes", clusters=[matter], complaints=[confirmed.id])
    assert made["clusters"] == [matter]
    assert {item["id"] for item in made["complaints"]} == {confirmed.id, hidden.id}
    shown = stranger.get(made.headers["Location"])
    assert ([item["id"] for item in shown["complaints"]], shown["clusters"]) == ([confirmed.id], [])
    assert [item["id"] for item in stranger.sees(confirmed)["notices"]] == [made["id"]]
    assert stranger.sees(proposed)["notices"] == []
    assert dispatcher.patch(made.headers["Location"], {"clusters": None, "complaints": []})["complaints"] == []


def test_the_minutes_name_no_one_whom_the_list_does_not_name(anonymous, dispatcher, officer, stranger):
    complaint = anonymous.files(title="请联系 13812345678")
    made = tells(dispatcher, complaints=[complaint.id])
    for actor in (stranger, officer, dispatcher):
        assert "13812345678" not in actor.get(made.headers["Location"]).text


@pytest.mark.parametrize(
    "wrong, pointer",
    [
        ({"kind": "gossip"}, "/kind"),
        ({"title": " "}, "/title"),
        ({"text": "坏" * 20001}, "/text"),
        ({"begins": "tomorrow"}, "/begins"),
        ({"begins": "2026-12-02T00:00:00Z", "ends": "2026-12-01T00:00:00Z"}, "/ends"),
        ({"complaints": ["x"]}, "/complaints/0"),
        ({"complaints": ["0198c0de-0000-7000-8000-000000000000"]}, "/complaints/0"),
        ({"clusters": ["0198c0de-0000-7000-8000-000000000000"]}, "/clusters/0"),
        ({"publication": "withdrawn"}, "/publication"),
    ],
)
def test_a_wrong_notice_is_refused_and_named(dispatcher, wrong, pointer):
    refused = dispatcher.post("/v1/notices", {**TEXT, **wrong})
    assert refused == problem(422, "invalid_input")
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_who_does_not_edit_writes_nothing(dispatcher, officer, visitor, resident, stranger):
    path = tells(dispatcher).headers["Location"]
    for actor in (officer, visitor, resident):
        assert actor.post("/v1/notices", TEXT) == problem(403, "not_permitted")
        assert actor.patch(path, {"title": "x"}) == problem(403, "not_permitted")
        assert actor.post(f"{path}/withdraw") == problem(403, "not_permitted")
    assert stranger.post("/v1/notices", TEXT) == problem(401, "not_signed_in")
    nowhere = "/v1/notices/0198c0de-0000-7000-8000-000000000000"
    assert dispatcher.patch(nowhere, {"title": "x"}) == problem(404, "not_found")
    assert dispatcher.post(f"{nowhere}/publish") == problem(404, "not_found")


def test_what_is_sent_twice_is_told_once(dispatcher, stranger):
    first, again = (dispatcher.post("/v1/notices", TEXT, headers={"Idempotency-Key": "notice-1"}) for _ in range(2))
    assert first["id"] == again["id"]
    assert listed(stranger).count(first["id"]) == 1
