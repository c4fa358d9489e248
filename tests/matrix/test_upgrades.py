"""Rooms that are replaced: the bot follows its course, and nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant, Refused
from storage import outbox, rooms, upgrades
from storage.models import OutgoingMessage
from tests.matrix.conftest import Login
from tests.matrix.edge import Edge, House, furnished

MOVED = "Der Raum Austausch ist umgezogen: Ich schreibe ab jetzt im neuen Raum."


@pytest.fixture
async def house(homeserver: Homeserver, participant: Login, tmp_path: Path) -> AsyncIterator[House]:
    async with furnished(homeserver, participant, tmp_path) as found:
        yield found


async def upgraded(person: Participant, room: str, version: str = "12") -> str:
    body = {"new_version": version}
    return str((await person.call("POST", "rooms", room, "upgrade", body=body))["replacement_room"])


async def closed(person: Participant, room: str, new: str) -> None:
    body = {"body": "umgezogen", "replacement_room": new}
    await person.call("PUT", "rooms", room, "state", "m.room.tombstone", "", body=body)


async def states(edge: Edge) -> dict[str, str]:
    async with edge.sessions() as db:
        return {row.new: row.state for row in await upgrades.every(db)}


async def empowered(house: House) -> None:
    """The participant may now close the room, too."""
    body = await house.leader.state(house.talk, "m.room.power_levels")
    body["users"] = body.get("users", {}) | {house.guest.user_id: 60}
    body["events"] = body["events"] | {"m.room.tombstone": 50}
    await house.leader.call(
        "PUT", "rooms", house.talk, "state", "m.room.power_levels", "", body=body
    )


@pytest.mark.parametrize(("before", "after"), [("10", "11"), ("10", "12"), ("12", "12")])
async def test_an_honest_upgrade_is_followed_by_invitation(
    homeserver: Homeserver, participant: Login, tmp_path: Path, before: str, after: str
) -> None:
    async with furnished(homeserver, participant, tmp_path, room_version=before) as house:
        waiting = {"room_id": house.talk, "content": {"body": "steht an"}, "due": house.edge.now}
        async with house.edge.sessions.begin() as db:
            await outbox.put(db, OutgoingMessage(cause="x", **waiting))
        new = await upgraded(house.leader, house.talk, after)
        await house.edge.turns()  # the door is shut, and it knows
        assert await states(house.edge) == {new: "erwartet"}
        assert await house.memberships() == {house.talk: "join", house.orga: "join"}
        again = await house.edge.restarted()
        await house.leader.invite(new, house.bot.user_id)
        await again.until(lambda: new in again.rooms.known)
        await again.turn()
        assert await house.memberships() == {new: "join", house.orga: "join"}
        assert await again.said() == [(new, "steht an"), (house.orga, MOVED)]
        third = await again.restarted()
        await third.turns()
        assert await third.said() == [(new, "steht an"), (house.orga, MOVED)]
        async with house.edge.sessions.begin() as db:
            await rooms.resolve(db, house.talk, house.talk)
        assert await house.memberships() == {new: "join", house.orga: "join"}


async def test_an_open_door_needs_no_invitation(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    async with furnished(homeserver, participant, tmp_path, preset="public_chat") as house:
        talk = await upgraded(house.leader, house.talk)
        orga = await upgraded(house.leader, house.orga)
        await house.edge.until(lambda: {talk, orga} <= house.edge.rooms.known.keys())
        assert await house.memberships() == {talk: "join", orga: "join"}
        # and once more
        last = await upgraded(house.leader, talk)
        await house.edge.until(lambda: last in house.edge.rooms.known)
        assert await house.memberships() == {last: "join", orga: "join"}
        assert house.edge.doorkeeper.joining == set()
        said = await house.edge.said()
        assert sorted(said) == sorted(
            [(orga, MOVED), (orga, MOVED.replace("Austausch", "Orga")), (orga, MOVED)]
        )


async def test_whoever_was_put_out_meanwhile_is_still_expected(house: House) -> None:
    new, me = await upgraded(house.leader, house.talk), {"user_id": house.bot.user_id}
    await house.edge.turns()
    await house.leader.call("POST", "rooms", house.talk, "kick", body=me)
    again = await house.edge.restarted()
    await again.turns()
    await house.leader.invite(new, house.bot.user_id)
    await again.until(lambda: new in again.rooms.known)
    await again.turn()
    assert await house.memberships() == {new: "join", house.orga: "join"}


async def test_a_direct_chat_may_be_replaced(house: House) -> None:
    invite = {"is_direct": True, "invite": [house.bot.user_id]}
    old = await house.guest.create_room(preset="trusted_private_chat", **invite)
    await house.edge.until(lambda: old in house.edge.rooms.known)
    new = await upgraded(house.guest, old)
    await house.edge.turns()
    await house.guest.invite(new, house.bot.user_id)
    await house.edge.until(lambda: new in house.edge.rooms.known)
    assert await states(house.edge) == {new: "gefolgt"}
    assert await house.edge.chats.chat_with(house.guest.user_id) == new


@pytest.mark.parametrize("made", ["by a stranger", "without a word on the old room"])
async def test_a_forged_upgrade_changes_nothing(
    house: House, participant: Login, made: str
) -> None:
    stranger = await participant("fremd")
    await empowered(house)
    maker, content = {
        "by a stranger": (stranger, {"predecessor": {"room_id": house.talk}}),
        "without a word on the old room": (house.guest, {}),
    }[made]
    trap = await maker.create_room("Falle", preset="public_chat", creation_content=content)
    await closed(house.guest, house.talk, trap)
    await house.edge.turns()
    again = await house.edge.restarted()
    await again.turns()
    assert await states(again) == {trap: "falle"}
    assert await house.memberships() == {house.talk: "join", house.orga: "join"}
    assert sorted(await house.bot.joined_rooms()) == sorted([house.talk, house.orga])
    assert await again.said() == []
    # the organisers still may
    new = await upgraded(house.leader, house.talk)
    await again.turns()
    await house.leader.invite(new, house.bot.user_id)
    await again.until(lambda: new in again.rooms.known)
    assert await house.memberships() == {new: "join", house.orga: "join"}


async def test_who_has_no_power_cannot_even_close_a_room(house: House) -> None:
    with pytest.raises(Refused):
        await closed(house.guest, house.talk, "!anders:localhost")
    await house.edge.turns()
    assert await states(house.edge) == {}


async def test_a_known_room_is_never_a_trap(house: House) -> None:
    """A tombstone that leads to where the bot is anyway: refused, and nobody leaves."""
    await closed(house.leader, house.talk, house.orga)
    again = await house.edge.restarted()
    await again.turns()
    assert await states(house.edge) == {house.orga: "abgelehnt"}
    assert await house.memberships() == {house.talk: "join", house.orga: "join"}
    assert await house.inside(house.orga)


async def test_other_rooms_are_left_alone(house: House) -> None:
    """A room that is neither of a course nor a direct chat may be replaced without the bot."""
    room = await house.guest.create_room(
        is_direct=True, invite=[house.bot.user_id, house.leader.user_id]
    )
    await house.edge.until(lambda: room in house.edge.rooms.known)
    await upgraded(house.guest, room)
    await house.edge.turns()
    assert await states(house.edge) == {}
