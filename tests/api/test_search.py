"""Finding complaints by their words: what is found, in which order, how it is shown, and by whom."""

import pytest

from support.actor import Actor
from support.answer import problem
from support.database import look_into
from support.wait import until
from support.world import World


def pieces(snippet):
    """Readable: hits between brackets."""
    return "".join(f"[{piece['text']}]" if piece["hit"] else piece["text"] for piece in snippet)


def found(actor, q, path="/v1/complaints", **query):
    return [item["id"] for item in actor.items(path, {"q": q, **query})]


@pytest.fixture(scope="module")
def shelf(site):
    """Complaints by name, filed a minute apart in this order."""
    world = World(site.daemons[0])
    world.filed = {}

    def file(name, text, title=None, **more):
        world.filed[name] = world.anonymous.files(text, title=title, **more)
        site.clock.advance(minutes=1)

    file("pipe", "三天没人来修，厨房里的水管漏水越来越厉害。", category="logistics")
    file("titled", "请尽快派人来看。", title="楼上水管漏水", category="safety")
    file("apart", "水管生锈，天花板也漏水。", title="厨房的事", category="fees")
    file("english", "The WATER pipe near Block A-17 drips. Ｗi-Fi is gone too, 100% sure_thing.")
    file("house", "３ 号 楼 二单元门禁坏了 😀，𠮷师傅来过。", title="门禁")
    file("emoji", "请看照片。", title="路灯坏了😡")
    return world


def names(shelf, ids):
    by_id = {complaint.id: name for name, complaint in shelf.filed.items()}
    return [by_id[one] for one in ids if one in by_id]


def test_a_phrase_is_found_wherever_it_stands_and_better_in_a_title(shelf, stranger):
    assert names(shelf, found(stranger, "水管漏水")) == ["titled", "pipe"]


def test_all_words_must_occur_and_the_whole_phrase_comes_first(shelf, stranger):
    assert names(shelf, found(stranger, "水管 漏水")) == ["titled", "pipe", "apart"]
    assert names(shelf, found(stranger, "漏水 厨房")) == ["apart", "pipe"]
    assert names(shelf, found(stranger, "漏水 电梯")) == []
    assert names(shelf, found(stranger, "“水管漏水” 厨房")) == ["pipe"]


def test_by_time_if_asked(shelf, stranger):
    assert names(shelf, found(stranger, "水管 漏水", sort="newest")) == ["apart", "titled", "pipe"]
    assert names(shelf, found(stranger, "水管 漏水", sort="oldest")) == ["pipe", "titled", "apart"]
    refused = stranger.get("/v1/complaints", {"sort": "relevance"})
    assert refused == problem(422, "invalid_input") and refused.json["errors"][0]["pointer"] == "/sort"


@pytest.mark.parametrize(
    "q, name",
    [
        ("wifi", None),
        ("wi-fi", "english"),
        ("ＷＩ－ＦＩ", "english"),
        ("a-17", "english"),
        ("17", "english"),
        ('"water pipe"', "english"),
        ("pipe water", "english"),
        ('"pipe water"', None),
        ('"water pipe', "english"),
        ('pipe "drips', "english"),
        ('drips"', "english"),
        ('"pipe water', None),
        ("100%", "english"),
        ("%00", None),
        ("sure_thing", "english"),
        ("sure thing", "english"),
        ('"sure thing"', None),
        ("3号楼", "house"),
        ("３　号楼", "house"),
        ("楼二单元", "house"),
        ("𠮷师傅", "house"),
        ("坏了😀", "house"),
        ("坏了😁", None),
        ("水\u200f管\u200b漏水", "titled"),
        ("漏水' or '1'='1", None),
        ("漏水\\", None),
    ],
)
def test_what_is_written_is_taken_as_it_is(shelf, stranger, q, name):
    assert names(shelf, found(stranger, q))[:1] == ([name] if name else [])


def test_one_character_is_looked_for_in_titles(shelf, stranger):
    assert names(shelf, found(stranger, "😡")) == ["emoji"]
    assert names(shelf, found(stranger, "门")) == ["house"]
    assert names(shelf, found(stranger, "派")) == []
    assert "pipe" in names(shelf, found(stranger, "修"))  # has no title: its beginning stands for one


def test_filters_hold_as_well(shelf, stranger):
    assert names(shelf, found(stranger, "水管", category="logistics")) == ["pipe"]
    assert names(shelf, found(stranger, "水管", status="answered")) == []
    since = shelf.filed["titled"].first["submitted"]
    assert names(shelf, found(stranger, "水管", **{"from": since})) == ["titled", "apart"]
    assert names(shelf, found(stranger, "水管", to=since)) == ["pipe"]
    assert names(shelf, found(stranger, "水管", answered="true")) == []


def test_snippets_mark_what_was_found_in_the_text_as_written(shelf, stranger):
    item = stranger.get("/v1/complaints", {"q": "3号楼 坏了"})["items"][0]
    assert pieces(item["snippet"]["title"]) == "门禁"
    assert pieces(item["snippet"]["text"]) == "[３ 号 楼] 二单元门禁[坏了] 😀，𠮷师傅来过。"
    item = stranger.get("/v1/complaints", {"q": "水管漏水"})["items"][0]
    assert pieces(item["snippet"]["title"]) == "楼上[水管漏水]"
    assert pieces(item["snippet"]["text"]) == "请尽快派人来看。"
    assert item["number"] == shelf.filed["titled"].number


def test_a_hit_ends_with_what_can_be_seen_of_it(anonymous, stranger):
    anonymous.files("晾衣架松动 \u200f\u2060，晾衣架\u200b松动\u00ad。")
    [item] = stranger.get("/v1/complaints", {"q": "晾衣架松动"})["items"]
    assert pieces(item["snippet"]["text"]) == "[晾衣架松动] \u200f\u2060，[晾衣架\u200b松动]\u00ad。"


def test_a_long_text_is_cut_around_the_first_hit(anonymous, stranger):
    text = "前言不搭后语。" * 30 + "<b>消防通道</b>被堵，" + "后话说也说不完。" * 30
    complaint = anonymous.files(text)
    shown = stranger.get("/v1/complaints", {"q": "消防通道"})["items"][0]
    assert shown["id"] == complaint.id and shown["snippet"]["title"] is None
    cut = pieces(shown["snippet"]["text"])
    assert cut.startswith("…") and cut.endswith("…") and "<b>[消防通道]</b>被堵" in cut
    assert 120 <= len(cut) <= 130


def test_only_what_is_published_is_found_and_the_desk_finds_what_it_may_see(world, anonymous, stranger, dispatcher, supervisor, officer, other_officer, visitor):
    hidden, private = anonymous.files("隐藏的石狮子不见了"), anonymous.files("私下的石狮子不见了", visibility="private")
    shown = world.complaint("assigned", text="公开的石狮子不见了")
    dispatcher.hides(hidden)
    everything = {hidden.id, private.id, shown.id}
    for actor in (stranger, world.resident, officer, dispatcher):
        assert found(actor, "石狮子") == [shown.id]
    assert set(found(dispatcher, "石狮子", "/v1/desk/search")) == everything == set(found(supervisor, "石狮子", "/v1/desk/search"))
    assert found(officer, "石狮子", "/v1/desk/search") == [shown.id]
    assert found(other_officer, "石狮子", "/v1/desk/search") == []
    assert dispatcher.publishes(hidden).status == 200
    assert set(found(stranger, "石狮子")) == {hidden.id, shown.id}
    assert visitor.get("/v1/desk/search", {"q": "石"}) == problem(403, "not_permitted")
    assert stranger.get("/v1/desk/search", {"q": "石"}) == problem(401, "not_signed_in")


def test_what_is_masked_cannot_be_found(anonymous, stranger, dispatcher):
    complaint = anonymous.files("张师傅电话13812345678，一直不接，蓝孔雀也跑了", title="致电 13812345678")
    assert found(stranger, "蓝孔雀") == [complaint.id]
    for q in ("13812345678", "1381234", "5678"):
        assert found(stranger, q) == []
        assert found(dispatcher, q, "/v1/desk/search") == []
    assert "1381234" not in stranger.get("/v1/complaints", {"q": "蓝孔雀"}).text


@pytest.mark.parametrize("q", ["，。！？", "%", " ", "\u200f\u200e", '""', "……"])
def test_a_query_of_nothing_is_refused(stranger, q):
    refused = stranger.get("/v1/complaints", {"q": q})
    assert refused == problem(422, "invalid_input") and [fault["pointer"] for fault in refused.json["errors"]] == ["/q"]


@pytest.mark.parametrize("q", ["水\x00管", "水\n管", "水\x7f管", "水" * 201, ""])
def test_a_wrong_query_is_refused(stranger, q):
    refused = stranger.get("/v1/complaints", {"q": q})
    assert refused.status in (400, 422), refused
    assert refused.status == 400 or refused.json["errors"][0]["pointer"] == "/q"


def test_two_hundred_characters_of_anything_are_a_query(stranger):
    for q in ("水管" * 100, "龘 " * 99 + "龖", "😀" * 200, "\u200fשלום עולם " * 15, "é水a1😀한ـक्" * 20, '"' * 199 + "龘", "e\u0301" * 100):
        assert found(stranger, q[:200]) == []


def test_every_few_thousand_numbers_another_drawer_begins(db, site, anonymous, stranger):
    db.all("select setval('wall.number_' || community, 4095) from community")
    before, at = anonymous.files("第一只丹顶鹤", round_times=True), anonymous.files("第二只丹顶鹤")
    assert before.number.endswith("-4096")
    assert db.value("select count(*) from drawer where begins > (select max(submitted) from complaint)") == 1
    site.clock.advance(minutes=2)
    after = anonymous.files("第三只丹顶鹤")
    assert found(stranger, "丹顶鹤") == [after.id, at.id, before.id]
    assert found(stranger, "丹顶鹤", sort="oldest") == [before.id, at.id, after.id]


def test_pages_hold_each_once_while_others_come_in(db, site, anonymous, stranger):
    filed = []
    for number in range(30):
        title = "白天鹅的事" if number % 3 == 0 else None
        filed.append(anonymous.files(f"第{number}次说白天鹅", title=title).id)
        if number in (10, 20):
            db.all("insert into drawer select community, max(submitted) + interval '30 seconds' from complaint group by community")
        if number % 4:
            site.clock.advance(minutes=1)
    for sort in ("relevance", "newest", "oldest"):
        seen, query = [], {"q": "白天鹅", "limit": 7, "sort": sort}
        whole = found(stranger, "白天鹅", sort=sort)
        assert len(whole) == len(set(whole)) and set(filed) <= set(whole)
        while True:
            page = stranger.get("/v1/complaints", query)
            seen += [item["id"] for item in page["items"]]
            if len(seen) < 40:
                anonymous.files("又来一只白天鹅", title="白天鹅")
            if not page["next"]:
                break
            query["cursor"] = page["next"]
        assert [one for one in seen if one in whole] == whole
        assert len(seen) == len(set(seen))


def test_what_nobody_has_read_yet_is_read_beside_everything_else(new_site):
    """So it is after an upgrade from a version without search, or with other grams."""
    site = new_site()
    home = site.daemon()
    abroad = site.daemon(community="abroad")
    stranger, foreigner = Actor(home), Actor(abroad)
    ours = [stranger.files(f"第{number}号信箱坏了") for number in range(3)]
    theirs = foreigner.files("信箱坏了", title="别处的信箱")
    database = look_into(site.cluster, site.name)
    database.all("delete from complaint_text")
    assert found(stranger, "信箱") == []
    database.all("insert into unread select community, complaint from complaint")
    until(lambda: len(found(stranger, "信箱")) == 3 and len(found(foreigner, "信箱")) == 1, 20, "the reader")
    assert found(stranger, "信箱") == [complaint.id for complaint in reversed(ours)]
    assert found(foreigner, "信箱") == [theirs.id]
    database.all("update complaint_text set grams = 0, codes = '{}'")
    database.all("update grams_version set version = 0")
    assert found(stranger, "信箱") == []
    home.stop()
    home.start()
    until(lambda: len(found(Actor(home), "信箱")) == 3, 20, "the reader")
    assert database.value("select count(*) from unread") == 0
    database.connection.close()


def test_erased_words_are_gone_at_once(db, anonymous, stranger):
    complaint = anonymous.files("会飞的犀牛", title="犀牛")
    assert found(stranger, "犀牛") == [complaint.id]
    db.all("select erase_words(c) from complaint c where complaint = %s", complaint.id)
    assert found(stranger, "犀牛") == []
    assert db.value("select count(*) from complaint_text where text like '%%犀牛%%'") == 0


def test_what_was_changed_while_it_was_read_is_read_again(db, anonymous, stranger):
    complaint = anonymous.files("旧的长颈鹿")
    reading = '[{"community": "%s", "complaint": "%s", "mark": "%s", "reading": {"plain": {"version": 1, "text": {"text": "旧", "steps": []}}, "grams": [1]}}]'
    community, mark = db.value("select community from complaint_text where complaint = %s", complaint.id), "00000000-0000-0000-0000-000000000000"
    db.all("select file_texts(%s)", reading % (community, complaint.id, mark))
    assert found(stranger, "长颈鹿") == [complaint.id]
    db.all("select read_again(%s, %s)", community, complaint.id)
    until(lambda: found(stranger, "长颈鹿") == [complaint.id], 20, "the reader")


def test_a_cursor_belongs_to_its_query(shelf, stranger):
    cursor = stranger.get("/v1/complaints", {"q": "漏水", "limit": 1})["next"]
    assert cursor
    assert stranger.get("/v1/complaints", {"q": "水管", "limit": 1, "cursor": cursor}) == problem(400, "malformed")
    assert stranger.get("/v1/complaints", {"q": "漏水", "sort": "newest", "limit": 1, "cursor": cursor}) == problem(400, "malformed")
