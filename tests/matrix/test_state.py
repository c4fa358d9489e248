"""What a room is like, read from raw events of every kind and quality."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.state import Rights, Room, Rooms, honest, upgrade
from storage.models import Upgrade

ADA, BEN, EVE = "@ada:example.org", "@ben:example.org", "@eve:example.org"
BOT = "@bot:example.org"
OLD, NEW = "!alt:example.org", "!neuOhneServer"


def event(kind, content, sender=ADA, key=""):
    return {"type": kind, "state_key": key, "sender": sender, "content": content}


def member(user, membership="join"):
    return event("m.room.member", {"membership": membership}, user, user)


def create(version="10", sender=ADA, **more):
    return event("m.room.create", {"room_version": version, **more}, sender)


def levels(**content):
    return event("m.room.power_levels", content)


def tombstone(new=NEW, sender=ADA):
    return event("m.room.tombstone", {"replacement_room": new}, sender)


def room(*events, room_id=OLD):
    found = Room(room_id)
    for one in events:
        found.apply(one)
    return found


CREATE_11 = event("m.room.create", {"room_version": "11"})


@pytest.mark.parametrize(
    ("events", "power"),
    [
        # nobody is anybody in a room without power levels, but its creator
        ([create()], {ADA: 100, BEN: 0}),
        ([event("m.room.create", {"creator": ADA})], {ADA: 100, BEN: 0}),
        ([create("12")], {ADA: inf, BEN: 0}),
        # creators need not be listed since version 12, and have no special power before
        ([create("11"), levels(users={BEN: 50})], {ADA: 0, BEN: 50}),
        ([create("12"), levels(users={BEN: 50})], {ADA: inf, BEN: 50}),
        ([create("12"), levels(users={ADA: 0})], {ADA: inf}),
        ([create("12", additional_creators=[BEN]), levels()], {ADA: inf, BEN: inf, EVE: 0}),
        ([create("11", additional_creators=[BEN]), levels()], {ADA: 0, BEN: 0}),
        ([create("13"), levels()], {ADA: inf}),
        ([create("org.example.2"), levels()], {ADA: 0}),
        ([create("9" * 5000), levels()], {ADA: 0}),
        ([create("١٢"), levels()], {ADA: 0}),
        ([create("12", additional_creators=[None, 5, [BEN], BEN])], {BEN: inf, EVE: 0}),
        ([create("12", additional_creators={BEN: 1})], {ADA: inf, BEN: 0}),
        # whoever is taken off the list is nobody again
        ([create(), levels(users={BEN: 50}), levels(users={})], {BEN: 0}),
        ([create(), levels(users={BEN: 50}), levels(users={}, users_default=5)], {BEN: 5}),
        # older rooms may have levels as text
        ([create(), levels(users={ADA: "50", BEN: " +7 ", EVE: "-1"})], {ADA: 50, BEN: 7, EVE: -1}),
        ([create(), levels(users_default="20")], {BEN: 20}),
        # what is no number is no level
        ([create(), levels(users={ADA: "viel", BEN: None, EVE: [1]})], {ADA: 0, BEN: 0, EVE: 0}),
        ([create(), levels(users={ADA: True, BEN: "1_0", EVE: "٣"})], {ADA: 0, BEN: 0, EVE: 0}),
        ([create(), levels(users={ADA: "9" * 5000, BEN: inf})], {ADA: 0, BEN: 0}),
        ([create(), levels(users={ADA: 10**400})], {ADA: 10**400}),
        ([create(), levels(users=[ADA], users_default=None)], {ADA: 0}),
        ([create(), levels(users={BEN: 50}), event("m.room.power_levels", None)], {BEN: 50}),
        ([create(), levels(users={BEN: 50}), event("m.room.power_levels", {}, key="x")], {BEN: 50}),
    ],
)
def test_power(events, power):
    found = room(*events)
    assert {user: found.level(user) for user in power} == power


@pytest.mark.parametrize(
    ("content", "who"),
    [
        ({}, {ADA}),
        ({"users": {ADA: 100, BEN: 49}}, {ADA}),
        ({"users": {ADA: 100, BEN: 50}}, {ADA, BEN}),
        ({"users": {ADA: 100}, "notifications": {"room": 0}}, {ADA, BEN}),
        ({"users": {ADA: 100}, "notifications": {"room": "viel"}}, {ADA}),
        ({"users": {ADA: 100, EVE: 100}}, {ADA}),
    ],
)
def test_who_may_call_everybody_in_the_room(content, who):
    found = room(create(), levels(**{"users": {ADA: 50}} | content), member(ADA), member(BEN))
    assert {user for user in (ADA, BEN, EVE) if found.may_call(user)} == who


@pytest.mark.parametrize(
    ("content", "message", "topic"),
    [
        (None, 0, 0),
        ({}, 0, 50),
        ({"events_default": 10, "state_default": 20}, 10, 20),
        ({"events_default": 10, "events": {"m.room.message": 5, "m.room.topic": 60}}, 5, 60),
        ({"events": {"m.room.message": "30", "m.room.topic": {}}}, 30, 50),
        ({"events": ["m.room.message"], "state_default": "x"}, 0, 50),
    ],
)
def test_power_that_is_needed(content, message, topic):
    found = room(create(), *([levels(**content)] if content is not None else []))
    assert found.needed("m.room.message") == message
    assert found.needed("m.room.topic", state=True) == topic


NOTHING, ALL = Rights(False, False, False), Rights(True, True, True)
ENCRYPTED = event("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})


@pytest.mark.parametrize(
    ("events", "rights"),
    [
        ([create(), levels()], NOTHING),
        ([create(), levels(), member(BOT)], Rights(True, False, False)),
        ([create(), member(BOT)], ALL),
        ([create(), levels(users={BOT: 50}), member(BOT)], ALL),
        ([create(), levels(users={BOT: 50}), member(BOT), member(BOT, "ban")], NOTHING),
        ([create(), levels(events_default=1), member(BOT)], NOTHING),
        (
            [create(), levels(events={"m.room.pinned_events": 0}), member(BOT)],
            Rights(True, True, False),
        ),
        ([create(), levels(events={"m.room.topic": 0}), member(BOT)], Rights(True, False, True)),
        # in an encrypted room it is the sealed event that must be allowed
        ([create(), levels(events={"m.room.encrypted": 1}), member(BOT), ENCRYPTED], NOTHING),
        (
            [create(), levels(events={"m.room.message": 1}), member(BOT), ENCRYPTED],
            Rights(True, False, False),
        ),
        ([create("12", sender=BOT), levels(events_default=100), member(BOT)], ALL),
    ],
)
def test_rights(events, rights):
    assert room(*events).rights(BOT) == rights


@pytest.mark.parametrize(
    ("events", "present", "audience"),
    [
        ([], set(), set()),
        ([member(ADA), member(BEN, "invite")], {ADA, BEN}, {ADA, BEN}),
        (
            [
                member(ADA),
                member(BEN, "invite"),
                event("m.room.history_visibility", {"history_visibility": "joined"}),
            ],
            {ADA, BEN},
            {ADA},
        ),
        ([member(ADA), member(ADA, "leave"), member(BEN, "knock")], set(), set()),
        ([member(ADA), member(ADA, "fliegt"), member(BEN, None)], {ADA}, {ADA}),
        ([member(ADA), event("m.room.member", {}, key=ADA), member(BEN, ["join"])], {ADA}, {ADA}),
    ],
)
def test_who_is_there(events, present, audience):
    found = room(*events)
    assert (found.present, found.audience) == (present, audience)


@pytest.mark.parametrize(
    "content", [{}, {"algorithm": ""}, {"algorithm": None}, {"algorithm": 7}, {"rotation": 1}]
)
def test_encryption_is_never_switched_off(content):
    assert room(ENCRYPTED, event("m.room.encryption", content)) == room(ENCRYPTED)
    assert room(event("m.room.encryption", content)).encryption is not None


ALONE = Upgrade(old=OLD, new=NEW, by=ADA, heirs=[ADA])
BY_ADA = Upgrade(old=OLD, new=NEW, by=ADA, heirs=[ADA, BEN])
TEAM = (create(), levels(users={ADA: 100, BEN: 50}), member(ADA), member(BEN), member(EVE))


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((*TEAM,), None),
        ((*TEAM, tombstone()), BY_ADA),
        ((*TEAM, tombstone(sender=BEN)), Upgrade(old=OLD, new=NEW, by=BEN, heirs=[ADA, BEN])),
        ((*TEAM, levels(users={ADA: 9}, events={"m.room.tombstone": 9}), tombstone()), ALONE),
        ((*TEAM, tombstone(), member(ADA, "leave")), BY_ADA),
        # without the power, or by nobody
        ((*TEAM, tombstone(sender=EVE)), None),
        ((*TEAM, levels(events={"m.room.tombstone": 100}), tombstone(sender=BEN)), None),
        ((*TEAM, tombstone(sender="@nie:example.org")), None),
        ((*TEAM, {**tombstone(), "sender": None}), None),
        ((member(ADA), tombstone()), None),
        # a tombstone leads somewhere, and is the room's own state
        ((*TEAM, tombstone(None)), None),
        ((*TEAM, tombstone("nirgends")), None),
        ((*TEAM, tombstone("!\ud800")), None),
        ((*TEAM, {**tombstone(), "state_key": "2"}), None),
        # creators of newer rooms need not be listed
        (
            (create("12"), levels(events={"m.room.tombstone": 150}), member(ADA), tombstone()),
            ALONE,
        ),
        (
            (create("12", additional_creators=[BEN]), levels(), member(BEN), tombstone(sender=BEN)),
            Upgrade(old=OLD, new=NEW, by=BEN, heirs=[BEN]),
        ),
    ],
)
def test_tombstones(events, found):
    assert upgrade(room(*events)) == found


def successor(sender=ADA, room_id=NEW, before=OLD, **more):
    return room(create("12", sender, predecessor={"room_id": before}, **more), room_id=room_id)


@pytest.mark.parametrize(
    ("new", "verdict"),
    [
        (successor(), True),
        (successor(BEN), True),
        (room(create(predecessor={"room_id": OLD, "event_id": "$x"}), room_id=NEW), True),
        # somebody else's room, or one that knows nothing of the old one
        (successor(EVE), False),
        (successor(EVE, additional_creators=[ADA]), False),
        (successor(room_id="!anders"), False),
        (successor(before="!anders:example.org"), False),
        (room(create("12"), room_id=NEW), False),
        (room(create("12", predecessor=OLD), room_id=NEW), False),
        (room(create("12", predecessor={"room_id": [OLD]}), room_id=NEW), False),
        (room(room_id=NEW), False),
    ],
)
def test_which_room_honestly_replaces_another(new, verdict):
    assert honest(BY_ADA, new) is verdict


def test_a_room_is_made_once():
    first = successor()
    first.apply(create("1", EVE))
    assert first == successor()


def batch(joined, **more):
    return {"rooms": {"join": joined, **more}}


def test_rooms_follow_the_sync():
    rooms = Rooms()
    start = [create(), levels(users={BEN: 50}), member(ADA), member(BOT)]
    rooms.update(batch({OLD: {"state": {"events": start}}}))
    assert (rooms.direct(OLD), rooms.known[OLD].level(BEN)) == (True, 50)
    later = [member(BEN), {"type": "m.room.topic", "content": {"topic": "kein Zustand"}}]
    demoted = {"state": {"events": later}, "timeline": {"events": [levels(users={})]}}
    rooms.update(batch({OLD: demoted}))
    found = rooms.known[OLD]
    assert (rooms.direct(OLD), found.level(BEN), found.topic) == (False, 0, "")
    rooms.update(batch({}, leave={OLD: {}}))
    assert rooms.get(OLD) is None


def test_a_room_is_known_by_its_full_state_only():
    """What is not known to be open may be encrypted."""
    rooms = Rooms()
    rooms.update(batch({OLD: {"state": {"events": [member(ADA), member(BOT)]}}}))
    assert rooms.get(OLD) is None


def test_who_is_asked_in_again_was_put_out_before():
    rooms = Rooms({OLD: room(*TEAM), NEW: room(*TEAM)})
    rooms.update(batch({}, invite={OLD: {}}, knock={NEW: {}}))
    assert rooms.known == {}


WORDS = st.sampled_from(
    "type state_key sender content membership join users events users_default events_default "
    "state_default m.room.member m.room.create m.room.power_levels m.room.tombstone predecessor "
    "m.room.encryption m.room.history_visibility m.room.topic replacement_room room_version "
    "additional_creators room_id algorithm topic history_visibility state timeline 12".split()
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS
JSON = st.recursive(
    st.sampled_from([ADA, OLD, "", 10**400]) | ATOMS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner),
)
STATE = st.sampled_from(
    [e["type"] for e in (*TEAM, tombstone(), ENCRYPTED, event("m.room.topic", 1))]
)
EVENTS = st.fixed_dictionaries(
    {"type": STATE | JSON, "state_key": st.sampled_from(["", ADA]) | JSON, "content": JSON},
    optional={"sender": st.just(ADA) | JSON},
)


@given(st.lists(EVENTS, max_size=6))
def test_whatever_comes_can_be_asked_about(events):
    found = room(*TEAM, *events)
    assert isinstance(found.rights(ADA), Rights)
    assert isinstance(found.level(EVE) >= found.needed("m.room.topic", state=True), bool)
    assert found.joined <= found.present
    upgrade(found)
    honest(BY_ADA, found)


@given(JSON, st.lists(EVENTS | JSON, max_size=4))
def test_a_batch_of_any_shape_spares_the_other_rooms(junk, events):
    rooms = Rooms({OLD: room(*TEAM)})
    for joined in (junk, {NEW: junk}, {NEW: {"state": junk, "timeline": {"events": events}}}):
        rooms.update(batch(joined))
    for shape in ({"rooms": junk}, batch({}, leave=junk), batch({"!\ud800": {}})):
        rooms.update(shape)
    assert rooms.known[OLD] == room(*TEAM)
    assert "!\ud800" not in rooms.known


@given(st.lists(st.builds(event, STATE, ATOMS, JSON, st.sampled_from(["", ADA])) | ATOMS))
def test_events_without_content_change_nothing(events):
    rooms = Rooms({OLD: room(*TEAM)})
    rooms.update(batch({OLD: {"timeline": {"events": events}}}))
    assert rooms.known == {OLD: room(*TEAM)}
