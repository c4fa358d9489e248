"""What is said about polls, in every shape that an event can have."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.incoming import NativeVote, PollEnd, Retraction
from bot.matrix.state import Room, Rooms
from bot.matrix.sync import Reader
from bot.matrix.translate import EPOCH, LATEST, translate

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
ROOM, BOT, ADA, LEAD = "!talk:x.org", "@bot:x.org", "@ada:x.org", "@lead:x.org"
OLD, NEW = "org.matrix.msc3381.poll.response", "m.poll.response"
ABOUT = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$poll"}}
EDITS = {"m.relates_to": {"rel_type": "m.replace", "event_id": "$vote"}}


def event(kind, content, **more):
    stamp = int(NOW.timestamp() * 1000) - 5_000
    facts = {"type": kind, "event_id": "$e", "sender": ADA, "origin_server_ts": stamp}
    return facts | {"content": content} | more


def read(source):
    return translate(source, room_id=ROOM, bot=BOT, direct=False, now=NOW)


@pytest.mark.parametrize(
    ("kind", "body", "choices"),
    [
        (OLD, {OLD: {"answers": ["3"]}}, ("3",)),
        (NEW, {"m.selections": ["3"]}, ("3",)),
        (OLD, {OLD: {"answers": ["3", "1"]}}, ("3", "1")),
        (OLD, {OLD: {}}, ()),
        (OLD, {OLD: {"answers": None}}, ()),
        (OLD, {OLD: {"answers": "3"}}, ()),
        (OLD, {OLD: {"answers": {"0": "3"}}}, ()),
        (OLD, {OLD: None}, ()),
        (OLD, {OLD: ["3"]}, ()),
        (OLD, {}, ()),
        (NEW, {"m.selections": None}, ()),
        (NEW, {OLD: {"answers": ["3"]}}, ()),
        (OLD, {"m.selections": ["3"]}, ()),
        (OLD, {OLD: {"answers": [3, None, ["3"]]}}, ("", "", "")),
        (OLD, {OLD: {"answers": ["3"] * 500}}, ("3",) * 101),
        (OLD, {OLD: {"answers": ["3"] * 500 + ["9"]}}, ("3",) * 101 + ("9",)),
    ],
)
def test_a_vote(kind, body, choices):
    found = read(event(kind, ABOUT | body))
    sent = NOW - timedelta(seconds=5)
    assert found == NativeVote("$e", ROOM, ADA, "$poll", choices, sent, NOW, kind)


@pytest.mark.parametrize(
    "relation",
    [
        None,
        "$poll",
        {},
        {"rel_type": "m.reference"},
        {"rel_type": "m.thread", "event_id": "$poll"},
        {"rel_type": "m.reference", "event_id": 7},
        {"event_id": "$poll"},
    ],
)
@pytest.mark.parametrize("kind", [OLD, "m.poll.end"])
def test_what_is_about_no_poll_is_nothing(kind, relation):
    assert read(event(kind, {"m.relates_to": relation, OLD: {"answers": ["3"]}})) is None


def test_an_edit_brings_its_new_answers():
    body = {"m.new_content": {OLD: {"answers": ["1"]}}, OLD: {"answers": ["3"]}}
    found = read(event(OLD, EDITS | body))
    assert (found.poll_event, found.choices, found.edit) == ("$vote", ("1",), True)
    assert read(event(OLD, EDITS | {OLD: {"answers": ["3"]}})) is None


@pytest.mark.parametrize(
    ("stamp", "sent"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-5, datetime(1970, 1, 1, tzinfo=UTC)),
        (int(NOW.timestamp() * 1000) + 60_000, NOW + timedelta(minutes=1)),
        (10**30, EPOCH + timedelta(milliseconds=LATEST)),
        (None, NOW),
        ("1", NOW),
    ],
)
def test_a_vote_keeps_its_stamp_whatever_it_is(stamp, sent):
    found = read(event(OLD, ABOUT, origin_server_ts=stamp))
    assert abs(found.sent - sent) < timedelta(seconds=1)


@pytest.mark.parametrize("kind", ["m.poll.end", "org.matrix.msc3381.poll.end"])
def test_an_end(kind):
    sent = NOW - timedelta(seconds=5)
    assert read(event(kind, ABOUT)) == PollEnd("$e", ROOM, ADA, "$poll", sent, NOW)


@pytest.mark.parametrize(
    ("content", "beside", "target"),
    [
        ({}, {"redacts": "$v"}, "$v"),
        ({"redacts": "$v"}, {}, "$v"),
        ({"redacts": "$v"}, {"redacts": "$v"}, "$v"),
        ({"redacts": 7}, {"redacts": None}, None),
        ({}, {}, None),
    ],
)
def test_a_deletion(content, beside, target):
    found = read(event("m.room.redaction", content, **beside))
    sent = NOW - timedelta(seconds=5)
    assert found == (target and Retraction("$e", ROOM, ADA, target, sent, NOW))


def test_what_the_bot_itself_says_is_nothing():
    for kind in (OLD, "m.poll.end"):
        assert read(event(kind, ABOUT, sender=BOT)) is None
    assert read(event("m.room.redaction", {"redacts": "$v"}, sender=BOT)) is None


class Account:
    """The reader only asks who it is."""

    user_id = BOT


@pytest.mark.parametrize(
    ("version", "levels", "allowed"),
    [
        ("11", None, {LEAD}),
        ("12", {}, {LEAD}),
        ("11", {"users": {LEAD: 100}}, {LEAD}),
        ("11", {"users": {LEAD: 100}, "redact": 101}, set()),
        ("12", {"users": {}, "redact": 101}, {LEAD}),
        ("11", {"users": {ADA: "50"}}, {ADA}),
        ("11", {"users_default": 50}, {ADA, LEAD}),
        ("11", {"redact": 0}, {ADA, LEAD}),
        ("11", {"redact": "rubbish"}, set()),
    ],
)
def test_who_may_end_a_poll_and_delete_what_others_say(version, levels, allowed):
    room = Room(ROOM)
    create = {"type": "m.room.create", "state_key": "", "sender": LEAD}
    room.apply(create | {"content": {"room_version": version}})
    if levels is not None:
        room.apply({"type": "m.room.power_levels", "state_key": "", "content": levels})
    reader = Reader(Account(), None, Rooms({ROOM: room}), None, None, lambda: NOW, lambda: None)
    for source in (event("m.poll.end", ABOUT), event("m.room.redaction", {"redacts": "$v"})):
        both = [source, source | {"sender": LEAD}]
        assert {e.sender for e in reader.understood(ROOM, both, NOW) if e.allowed} == allowed
