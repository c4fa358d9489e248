"""Where the bot finds one person alone, and how often it asks for that."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.obstacles import Forbidden
from storage import direct_chats
from storage.models import DirectChat
from tests.matrix.conftest import Login
from tests.matrix.edge import House, furnished

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
async def house(homeserver: Homeserver, participant: Login, tmp_path: Path) -> AsyncIterator[House]:
    async with furnished(homeserver, participant, tmp_path) as found:
        yield found


async def made(house: House) -> str:
    """A chat that the bot has begun with the participant."""
    room = await house.edge.chats.chat_with(house.guest.user_id)
    assert room
    await house.edge.until(lambda: room in house.edge.rooms.known)
    return room


async def begun(house: House) -> list[str]:
    """All rooms that the bot has made."""
    return sorted(set(await house.bot.joined_rooms()) - {house.talk, house.orga})


async def test_a_chat_that_the_person_began_is_used(house: House) -> None:
    direct = {"is_direct": True, "invite": [house.bot.user_id]}
    room = await house.guest.create_room(preset="trusted_private_chat", **direct)
    await house.edge.until(lambda: room in house.edge.rooms.known)
    assert await house.edge.chats.chat_with(house.guest.user_id) == room
    assert await begun(house) == [room]


async def test_a_new_chat_is_encrypted_and_made_once(house: House) -> None:
    who = house.guest.user_id
    rooms = await asyncio.gather(*(house.edge.chats.chat_with(who) for _ in range(3)))
    room = await made(house)
    assert (set(rooms), await begun(house)) == ({room}, [room])
    assert house.edge.doorkeeper.rooms.direct(room)
    assert (house.edge.rooms.known[room].encryption or {})["algorithm"] == "m.megolm.v1.aes-sha2"
    asked = await house.guest.wait_for(lambda e: e.room == room)
    assert (asked.content["membership"], asked.content["is_direct"]) == ("invite", True)
    await house.guest.join(room)
    await house.edge.turn()
    again = await house.edge.restarted()
    await again.turn()
    assert await again.chats.chat_with(who) == room


@pytest.mark.parametrize("written", [None, "!nie:localhost"])
async def test_a_crash_while_it_is_made_makes_no_second_one(
    house: House, written: str | None
) -> None:
    """The intent is on the disk and the room on the server; nobody has put them together."""
    room = await made(house)
    lost = DirectChat(mxid=house.guest.user_id, room_id=written, again=house.edge.now - SECOND)
    async with house.edge.sessions.begin() as db:
        await direct_chats.keep(db, lost)
    again = await house.edge.restarted()
    await again.turn()
    assert await again.chats.chat_with(house.guest.user_id) == room
    assert await begun(house) == [room]


async def test_an_intent_without_a_room_is_taken_up_again(house: House) -> None:
    who = house.guest.user_id
    soon = house.edge.now + timedelta(minutes=2)
    async with house.edge.sessions.begin() as db:
        await direct_chats.keep(db, DirectChat(mxid=who, again=soon))
    assert await house.edge.chats.chat_with(who) is None
    house.edge.now = soon
    assert await begun(house) == []
    assert await house.edge.chats.chat_with(who) is not None


async def test_who_declines_is_asked_again_after_an_hour(house: House) -> None:
    who, room = house.guest.user_id, await made(house)
    for _ in range(2):
        await house.guest.leave(room)
        await house.edge.until(lambda: not house.edge.doorkeeper.rooms.direct(room))
        assert await house.edge.chats.chat_with(who) is None
        house.edge.now += HOUR
        assert await house.edge.chats.chat_with(who) == room
        assert house.edge.doorkeeper.rooms.direct(room)
    await house.guest.join(room)
    await house.edge.turn()
    assert await house.edge.chats.chat_with(who) == room
    assert await begun(house) == [room]


async def test_when_the_bot_is_out_there_is_another_room_after_an_hour(house: House) -> None:
    who, room = house.guest.user_id, await made(house)
    await house.bot.leave(room)
    house.edge.now += HOUR
    await house.edge.until(lambda: room not in house.edge.rooms.known)
    assert not house.edge.doorkeeper.rooms.direct(room)
    assert await house.edge.chats.chat_with(who) not in (None, room)


async def test_others_reading_along_end_a_direct_chat(house: House) -> None:
    room = await made(house)
    await house.guest.join(room)
    await house.guest.invite(room, house.leader.user_id)
    await house.edge.until(lambda: not house.edge.doorkeeper.rooms.direct(room))
    house.edge.now += HOUR
    assert await house.edge.chats.chat_with(house.guest.user_id) not in (None, room)


async def test_a_room_of_the_course_is_no_direct_chat(house: House) -> None:
    assert house.edge.doorkeeper.rooms.direct(house.orga)
    room = await house.edge.chats.chat_with(house.leader.user_id)
    assert room not in (None, house.orga)


async def test_where_a_message_may_go(house: House) -> None:
    """To course rooms always, to a direct chat only while nobody else reads along."""
    chats, who, room = house.edge.chats, house.guest.user_id, await made(house)
    asked = [await chats.destination(one) for one in (who, room, house.talk, "!neu:localhost")]
    assert asked == [room, room, house.talk, "!neu:localhost"]
    await house.guest.leave(room)
    await house.edge.until(lambda: not house.edge.doorkeeper.rooms.direct(room))
    for one in (who, room):
        with pytest.raises(Forbidden):
            await chats.destination(one)
    await house.bot.invite(room, who)
    await house.guest.join(room)
    await house.guest.invite(room, house.leader.user_id)
    await house.edge.until(lambda: len(house.edge.rooms.known[room].present) == 3)
    for one in (who, room):
        with pytest.raises(Forbidden):
            await chats.destination(one)


@pytest.mark.parametrize("who", ["", "tn01", "@\ud800:localhost", "!raum:localhost"])
async def test_nobody_is_asked_by_a_broken_name(house: House, who: str) -> None:
    assert await house.edge.chats.chat_with(who) is None
    assert await begun(house) == []
