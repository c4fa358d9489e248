"""Who may ask the bot in, what it does when it is put out, and where it follows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.homeserver import Homeserver, free_port
from bot.matrix.client import Client
from storage import invitations
from storage.models import Invitation
from tests.matrix.cohort import ORGA, TALK, Cohort, cohort, times
from tests.matrix.conftest import Login
from tests.matrix.edge import TURN, Edge, House, furnished


@pytest.fixture
async def house(homeserver: Homeserver, participant: Login, tmp_path: Path) -> AsyncIterator[House]:
    async with furnished(homeserver, participant, tmp_path) as found:
        yield found


async def test_it_joins_its_course_and_declines_strangers(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    stranger = await participant("fremd")
    async with cohort(homeserver, tmp_path, 2) as course:
        foreign = await stranger.create_room("Fremd", invite=[course.bot])
        course.service.read(course.course(times(datetime.now(UTC), opens_after=3600)))
        await course.arrive()
        declined = await stranger.wait_for(
            lambda e: e.room == foreign and e.content.get("membership") == "leave"
        )
        assert declined.sender == course.bot
        assert await course.service.stop() == 0


async def test_it_works_on_after_a_kick_and_after_an_upgrade(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), opens_after=3600)))
        await course.arrive()
        asker, leader, room = course.people["tn01"], course.people["leitung"], course.rooms[TALK]
        await answered(course, room)
        await leader.call("POST", "rooms", room, "kick", body={"user_id": course.bot})
        told = await leader.wait_for(lambda e: e.room == course.rooms[ORGA] and "wieder" in e.body)
        text = f"Ich bin nicht mehr im Raum Austausch (entfernt von {leader.user_id})"
        assert told.body == f"{text}: bitte wieder einladen."
        await leader.invite(room, course.bot)
        await course.joined(room, leader)
        await answered(course, room)
        new = str(
            (await leader.call("POST", "rooms", room, "upgrade", body={"new_version": "12"}))[
                "replacement_room"
            ]
        )
        for guest in (course.bot, asker.user_id):
            await leader.invite(new, guest)
        await asker.join(new)
        await leader.wait_for(lambda e: e.room == course.rooms[ORGA] and "umgezogen" in e.body)
        await answered(course, new)
        assert await course.service.stop() == 0


async def answered(course: Cohort, room: str) -> None:
    """A participant asks there and gets an answer."""
    asker = course.people["tn01"]
    await asker.say(room, "!suche qxz1")
    answer = await asker.wait_for(lambda e: e.sender == course.bot and e.body)
    assert (answer.room, answer.body[:6]) == (room, "„qxz1“")


async def test_whose_invitations_count(house: House, participant: Login) -> None:
    stranger, me = await participant("fremd"), [house.bot.user_id]
    direct = {"is_direct": True, "preset": "trusted_private_chat", "invite": me}
    wanted = await house.guest.create_room(**direct)
    await house.guest.create_room("Gruppe", invite=me)
    await house.leader.create_room("Privat", invite=me)
    await stranger.create_room(**direct)
    await stranger.create_room("Fremd", invite=me)
    await house.edge.until(lambda: wanted in house.edge.rooms.known)
    await house.edge.turns()
    assert sorted(await house.bot.joined_rooms()) == sorted([house.talk, house.orga, wanted])
    assert await house.declined() == {
        house.guest.user_id: 1,
        house.leader.user_id: 1,
        stranger.user_id: 2,
    }


async def test_who_is_in_a_room_of_the_course_may_write_directly(
    house: House, participant: Login
) -> None:
    """Even if nobody knows whose account it is: the bot then says so."""
    newcomer = await participant("neu")
    await house.leader.invite(house.talk, newcomer.user_id)
    await newcomer.join(house.talk)
    await house.edge.turns()
    wanted = await newcomer.create_room(is_direct=True, invite=[house.bot.user_id])
    await house.edge.until(lambda: wanted in house.edge.rooms.known)
    assert house.edge.rooms.shared_with(newcomer.user_id) == [house.talk, wanted]
    assert await house.declined() == {}


async def test_only_organisers_may_ask_into_a_course_room(house: House) -> None:
    await house.leader.call(
        "PUT",
        *("rooms", house.talk, "state", "m.room.power_levels", ""),
        body={"invite": 0, "users": {}},
    )
    await house.bot.leave(house.talk)
    await house.guest.invite(house.talk, house.bot.user_id)
    await house.edge.turns()
    assert not await house.inside(house.talk)
    assert await house.declined() == {house.guest.user_id: 1}


async def test_sixty_invitations_at_once_hold_nobody_up(house: House) -> None:
    """Rooms that do not exist any more, so that declining fails as well."""
    asking = {"type": "m.room.member", "state_key": house.bot.user_id, "sender": "@x:localhost"}
    state = {"events": [asking | {"content": {"membership": "invite"}}]}
    invited = {f"!{number}:localhost": {"invite_state": state} for number in range(60)}
    await house.edge.doorkeeper.notice({"rooms": {"invite": invited}}, house.edge.now)
    wanted = await house.guest.create_room(is_direct=True, invite=[house.bot.user_id])
    await house.edge.turn()
    assert await house.inside(wanted)
    assert await house.declined() == {"@x:localhost": 60}


async def test_a_withdrawn_invitation_is_forgotten(house: House) -> None:
    """Withdrawn before the bot knows, and withdrawn while it has yet to answer."""
    me, gone = {"user_id": house.bot.user_id}, "!weg:localhost"
    asking = {"type": "m.room.member", "state_key": house.bot.user_id}
    asking |= {"sender": house.guest.user_id}
    asking |= {"content": {"membership": "invite", "is_direct": True}}
    invited = {gone: {"invite_state": {"events": [asking]}}}
    await house.edge.doorkeeper.notice({"rooms": {"invite": invited}}, house.edge.now)
    room = await house.guest.create_room(is_direct=True, invite=[house.bot.user_id])
    await house.guest.call("POST", "rooms", room, "kick", body=me)
    await house.edge.turns()
    async with house.edge.sessions() as db:
        assert await invitations.waiting(db) == []
    assert house.edge.doorkeeper.joining == set()
    assert await house.declined() == {}


@pytest.mark.parametrize(
    "junk",
    [
        {"invite": {"!x:localhost": None, "kein Raum": {}, "!\ud800": {"invite_state": {}}}},
        {"invite": {"!x:localhost": {"invite_state": {"events": [None, {"type": 5}]}}}},
        {"leave": {"!x:localhost": 7, "!\ud800": {}, "": {"timeline": {"events": [{}]}}}},
        {"invite": [], "leave": "alle"},
    ],
)
async def test_garbage_is_no_invitation(house: House, junk: dict) -> None:
    batches = [{"rooms": junk}, {"rooms": {"leave": {house.talk: junk}}}]
    for batch in batches:
        await house.edge.doorkeeper.notice(batch, house.edge.now)
    async with house.edge.sessions() as db:
        assert await invitations.waiting(db) == []


@pytest.mark.parametrize(("verb", "how"), [("kick", "entfernt"), ("ban", "gesperrt")])
async def test_put_out_and_asked_in_again(house: House, verb: str, how: str) -> None:
    me, leader = {"user_id": house.bot.user_id}, house.leader
    await leader.call("POST", "rooms", house.talk, verb, body=me)
    await house.edge.until(lambda: house.talk not in house.edge.rooms.known)
    await house.edge.turns()
    again = await house.edge.restarted()
    await again.turns()
    text = f"Ich bin nicht mehr im Raum Austausch ({how} von {leader.user_id})"
    assert await house.edge.said() == [(house.orga, f"{text}: bitte wieder einladen.")]
    assert await house.memberships() == {house.talk: "leave", house.orga: "join"}
    if verb == "ban":
        await leader.call("POST", "rooms", house.talk, "unban", body=me)
    await leader.invite(house.talk, house.bot.user_id)
    before = again.woken
    await again.until(lambda: house.talk in again.rooms.known)
    await again.turn()
    assert await house.memberships() == {house.talk: "join", house.orga: "join"}
    assert again.woken > before
    assert again.doorkeeper.joining == set()
    assert len(await again.said()) == 1


async def test_each_departure_is_told_but_not_to_who_did_it(house: House) -> None:
    me, leader = {"user_id": house.bot.user_id}, house.leader
    for _ in range(2):
        await leader.call("POST", "rooms", house.talk, "kick", body=me)
        await house.edge.until(lambda: house.talk not in house.edge.rooms.known)
        await leader.invite(house.talk, house.bot.user_id)
        await house.edge.until(lambda: house.talk in house.edge.rooms.known)
        await house.edge.turn()
    await leader.call("POST", "rooms", house.orga, "kick", body=me)
    await house.edge.until(lambda: house.orga not in house.edge.rooms.known)
    assert [room for room, _ in await house.edge.said()] == [house.orga] * 2
    assert await house.memberships() == {house.talk: "join", house.orga: "leave"}


async def test_a_room_that_vanished_without_a_word(house: House) -> None:
    del house.edge.rooms.known[house.talk]
    await house.edge.turns()
    text = "Ich bin nicht mehr im Raum Austausch: bitte wieder einladen."
    assert await house.edge.said() == [(house.orga, text)]


async def test_the_account_leaves_on_another_device(house: House) -> None:
    """Nothing in /sync says so, since the bot reads no events of its own."""
    await house.bot.leave(house.talk)
    await house.edge.turns()
    assert await house.edge.said() == []
    house.edge.now += timedelta(minutes=10)
    await house.edge.turns()
    text = "Ich bin nicht mehr im Raum Austausch: bitte wieder einladen."
    assert await house.edge.said() == [(house.orga, text)]


async def test_put_out_while_the_bot_was_away(house: House) -> None:
    me = {"user_id": house.bot.user_id}
    await house.leader.call("POST", "rooms", house.talk, "kick", body=me)
    again = await house.edge.restarted()
    await again.turns()
    text = f"Ich bin nicht mehr im Raum Austausch (entfernt von {house.leader.user_id})"
    assert await again.said() == [(house.orga, f"{text}: bitte wieder einladen.")]


async def test_a_door_that_is_shut_again_is_not_knocked_at(house: House) -> None:
    """The invitation is gone by the time the bot answers it: 403."""
    me = {"user_id": house.bot.user_id}
    await house.leader.call("POST", "rooms", house.talk, "kick", body=me)
    await house.edge.turn()
    asking = {"type": "m.room.member", "state_key": house.bot.user_id}
    asking |= {"sender": house.leader.user_id, "content": {"membership": "invite"}}
    invited = {house.talk: {"invite_state": {"events": [asking]}}}
    await house.edge.doorkeeper.notice({"rooms": {"invite": invited}}, house.edge.now)
    await house.edge.turn()
    async with house.edge.sessions() as db:
        assert await invitations.waiting(db) == []
    assert house.edge.doorkeeper.joining == set()
    await house.leader.invite(house.talk, house.bot.user_id)
    await house.edge.until(lambda: house.talk in house.edge.rooms.known)


async def test_a_server_that_is_away_is_asked_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Until a /sync has come through again, whatever waits and however often one looks."""
    async with house.edge.sessions.begin() as db:
        for number in range(5):
            who = {"inviter": house.guest.user_id, "at": house.edge.now}
            await invitations.keep(db, Invitation(room_id=f"!{number}:localhost", **who))
    nobody = f"http://127.0.0.1:{free_port()}"
    client = Client(nobody, house.bot.user_id, house.edge.client.access)
    lonely = Edge(client, house.edge.sessions, rooms=house.edge.rooms)
    try:
        for batches in (0, 1, 2):
            for _ in range(20):
                await lonely.doorkeeper.attend()
                lonely.now += TURN
            assert len(caplog.records) == batches
            await lonely.doorkeeper.notice({}, lonely.now)
    finally:
        await client.close()
