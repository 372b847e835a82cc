"""Times of a reporter who asks for it: others see the full hour, wherever they look, and the rules count the real moment."""

import datetime
import json
import uuid

import pytest

from support.daemon import instant_of


def moments_in(shown):
    """Every moment that is shown, with its path."""
    if isinstance(shown, dict):
        return [found for name, member in shown.items() for found in moments_in(member)]
    if isinstance(shown, list):
        return [found for member in shown for found in moments_in(member)]
    return [shown] if isinstance(shown, str) and len(shown) == 27 and shown.endswith("Z") else []


def full_hour(moment):
    return instant_of(moment).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def rounded(clock, anonymous, dispatcher, department):
    clock.set(clock.instant.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1, minutes=37, seconds=21))
    complaint = anonymous.files("这条请勿显示准确时间。", round_times=True)
    complaint.moment = clock.now
    clock.advance(minutes=70)
    dispatcher.assigns(complaint, department)
    return complaint


def test_others_see_the_full_hour_of_what_a_reporter_does_if_he_asks_for_it(rounded, anonymous, stranger, neighbour, officer, clock):
    anonymous.writes(rounded, "还没有人来。")
    hour = full_hour(rounded.moment)
    for actor in (stranger, neighbour, officer):
        shown = actor.get(rounded.path).json
        assert instant_of(shown["submitted"]) == hour
        assert instant_of(shown["reply_due"]) == hour + datetime.timedelta(hours=24)
        assert rounded.moment[11:19] not in json.dumps([shown, actor.get(f"{rounded.path}/events").json])
        submit = actor.get(f"{rounded.path}/events").json["items"][0]
        assert (submit["action"], instant_of(submit["at"]), submit["seq"]) == ("submit", hour, 1)
    assert [instant_of(message["at"]).minute for message in officer.sees(rounded)["messages"]] == [0]
    assert anonymous.events_of(rounded)[0]["at"] == rounded.moment
    assert anonymous.sees(rounded)["messages"][0]["at"] == clock.now


def test_neither_filters_nor_cursors_nor_ids_tell_the_moment(rounded, stranger, officer):
    hour = full_hour(rounded.moment)
    later = (hour + datetime.timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert rounded.id not in [item["id"] for item in stranger.items("/v1/complaints", {"from": later})]
    rounded.reporter.writes(rounded, "还没有人来。")
    for one in (rounded.id, officer.sees(rounded)["messages"][0]["id"]):
        assert (uuid.UUID(one).int >> 80) % 3600000 == 0 and uuid.UUID(one).version == 7
    (entry,) = officer.items("/v1/desk/unanswered")
    assert instant_of(entry["reply_due"]) == hour + datetime.timedelta(hours=24)


def test_who_keeps_to_the_deadline_he_sees_is_in_time_and_the_real_one_counts(rounded, officer, clock, daemon):
    shown = instant_of(officer.sees(rounded)["reply_due"])
    real = instant_of(rounded.moment) + datetime.timedelta(hours=24)
    assert shown <= real < shown + datetime.timedelta(hours=1)
    clock.set(real)
    assert officer.sees(rounded)["overdue"] is False
    assert officer.answers(rounded, "已修好。").status == 200
    assert rounded["overdue"] is False
    assert daemon.verify()[0] == 0


def test_rounding_asked_for_later_moves_no_complaint_into_a_taken_day(anonymous, daemon, clock, db):
    clock.to("00:00:00")
    clock.advance(minutes=10)
    complaint = anonymous.files()
    clock.advance(days=2)
    assert anonymous.does(complaint, "privacy", round_times=True).status == 200
    assert complaint["submitted"].endswith(":00:00.000001Z")
    assert daemon.verify()[0] == 0
