"""The bot in encrypted rooms, seen by people with Element's own library."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.homeserver import Homeserver
from bot.participant import Participant
from tests import databases
from tests.matrix.cohort import PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.peer import Event, Peer
from tests.matrix.proxy import Upstream, running
from tests.matrix.service import eventually

PRIVATE = {"preset": "trusted_private_chat", "is_direct": True}


def said_by(bot: str, text: str) -> Callable[[Any], bool]:
    """An answer of the bot that was readable, with this in it."""

    def fits(event: Any) -> bool:
        return event.sender == bot and text in event.body

    return fits


async def test_questions_are_answered_where_they_were_asked_encrypted(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 2) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        async with Peer(homeserver.base_url, course.user_id("tn01")) as anna:
            await anna.login(PASSWORD)
            direct = await anna.create_room(invite=[course.bot], **PRIVATE)
            await course.joined(direct, course.people["tn01"])
            await anna.say(direct, "!netzwerk wattkante")
            answer = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (answer.room, answer.encrypted, answer.failure) == (direct, True, None)

            await anna.say(direct, "!kalender")
            file = await anna.wait_for(lambda e: e.content.get("msgtype") == "m.file", 20)
            calendar = await anna.download(file.content)
            assert file.encrypted
            assert calendar.startswith(b"BEGIN:VCALENDAR")

            room = course.rooms[TALK]
            await anna.say(room, "!netzwerk wattkante")
            plain = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (plain.room, plain.encrypted) == (room, False)
            await course.people["leitung"].call(
                "PUT",
                "rooms",
                room,
                "state",
                "m.room.encryption",
                body={"algorithm": "m.megolm.v1.aes-sha2"},
            )
            await anna.wait_for(lambda event: event.type == "m.room.encryption")
            await anna.say(room, "!netzwerk wattkante")
            sealed = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert (sealed.room, sealed.encrypted) == (room, True)
        assert await course.service.stop() == 0


async def trusted(anna: Peer, bot: str) -> None:
    """Wait until Element's library sees one device of the bot, signed by its owner."""

    async def signed() -> bool:
        devices = (await anna.trust(bot)).devices.values()
        return [device.signed_by_owner for device in devices] == [True]

    await eventually(signed, 20)


async def asked(anna: Peer, course: Cohort, room: str) -> Event:
    """The answer to a question in an encrypted room, readable and without a shield."""
    await anna.say(room, "!netzwerk wattkante")
    answer = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
    assert (answer.room, answer.encrypted, answer.shield) == (room, True, "NONE")
    return answer


async def test_clients_that_exclude_insecure_devices_talk_with_the_bot(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        async with Peer(homeserver.base_url, course.user_id("tn01")) as anna:
            await anna.login(PASSWORD)
            await anna.exclude_insecure_devices()
            room = await anna.create_room(invite=[course.bot], **PRIVATE)
            await course.joined(room, course.people["tn01"])
            await trusted(anna, course.bot)
            await asked(anna, course, room)
        assert await course.service.stop() == 0


def lost(store: Path, copy: Path) -> None:
    for file in store.glob("olm.db*"):
        file.unlink()


def rolled_back(store: Path, copy: Path) -> None:
    lost(store, copy)
    for file in copy.iterdir():
        shutil.copy(file, store)


def corrupt(store: Path, copy: Path) -> None:
    for file in store.glob("olm.db*"):
        file.write_bytes(b"rubbish" * 1000)


@pytest.mark.parametrize(
    "harm", [lost, *(pytest.param(harm, marks=pytest.mark.soak) for harm in (rolled_back, corrupt))]
)
async def test_whatever_happens_to_its_keys_the_bot_gets_new_ones(
    homeserver: Homeserver, tmp_path: Path, harm: Callable[[Path, Path], None]
) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        store, copy = course.service.database.parent / "keys", tmp_path / "copy"
        async with Peer(homeserver.base_url, course.user_id("tn01")) as anna:
            await anna.login(PASSWORD)
            room = await anna.create_room(invite=[course.bot], **PRIVATE)
            await course.joined(room, course.people["tn01"])
            await trusted(anna, course.bot)
            before = set((await anna.trust(course.bot)).devices)
            copy.mkdir()
            for file in store.glob("olm.db*"):
                shutil.copy(file, copy)
            await asked(anna, course, room)
            assert await course.service.stop() == 0
            harm(store, copy)
            course.service.start()
            await course.service.ready()
            await trusted(anna, course.bot)
            assert not before & set((await anna.trust(course.bot)).devices)
            await asked(anna, course, room)
        leader = course.people["leitung"]
        await leader.wait_for(said_by(course.bot, "mit einem neuen Gerät anmelden müssen"))
        assert await course.service.stop() == 0


@pytest.mark.soak
async def test_keys_for_new_devices_never_run_out(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        leader = course.people["leitung"]
        async with Peer(homeserver.base_url, course.user_id("tn01")) as anna:
            await anna.login(PASSWORD)
            room = await anna.create_room(invite=[course.bot], **PRIVATE)
            await course.joined(room, course.people["tn01"])
            await trusted(anna, course.bot)
            [device] = (await anna.trust(course.bot)).devices
            assert await course.service.stop() == 0
            claim = {"one_time_keys": {course.bot: {device: "signed_curve25519"}}}

            async def another() -> bool:
                """Take a one-time key away; whether it was the last resort."""
                taken = await leader.call("POST", "keys", "claim", body=claim)
                [key] = taken["one_time_keys"][course.bot][device].values()
                return key.get("fallback", False)

            while not await another():
                pass
            await anna.say(room, "!netzwerk wattkante")
            course.service.start()
            answer = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
            assert answer.encrypted

            async def refilled() -> bool:
                return not await another()

            await eventually(refilled, 10)
        assert await course.service.stop() == 0


async def test_who_has_left_cannot_read_what_is_said_afterwards(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 2) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        room, leader = course.rooms[TALK], course.people["leitung"]
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        await leader.call("PUT", "rooms", room, "state", "m.room.encryption", body=content)
        async with (
            Peer(homeserver.base_url, course.user_id("tn01")) as anna,
            Peer(homeserver.base_url, course.user_id("tn02")) as bernd,
        ):
            await anna.login(PASSWORD)
            await bernd.login(PASSWORD)
            first = await asked(anna, course, room)
            second = await asked(anna, course, room)
            await bernd.wait_for(lambda event: event.id == second.id and not event.failure)
            await bernd.leave(room)
            await anna.wait_for(lambda event: event.content.get("membership") == "leave")
            third = await asked(anna, course, room)
            sessions = [
                (await leader.call("GET", "rooms", room, "event", event.id))["content"][
                    "session_id"
                ]
                for event in (first, second, third)
            ]
            assert sessions[0] == sessions[1] != sessions[2]
        assert await course.service.stop() == 0


async def test_a_message_whose_key_comes_late_is_answered_then(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    """The homeserver says that it has the key of the message, but passes it on only later."""
    letters: list[Upstream] = []

    async def keep(_: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        letters.append(upstream)
        return web.json_response({})

    async with (
        cohort(homeserver, tmp_path, 1) as course,
        running(homeserver.base_url) as proxy,
        Participant(proxy.base_url, course.user_id("tn01")) as anna,
    ):
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        await anna.login(PASSWORD)
        room = await anna.create_room(encrypted=True, invite=[course.bot], **PRIVATE)
        await course.joined(room, anna)
        kept = proxy.when("/sendToDevice/", keep)
        await anna.say(room, "!netzwerk wattkante")

        async def noticed() -> bool:
            query = "SELECT count(*) FROM sealed_events"
            return databases.query(course.service.url, query) == [(1,)]

        await eventually(noticed, 20)
        assert kept.hits == 1
        proxy.heal()
        for letter in letters:
            await letter()
        answer = await anna.wait_for(said_by(course.bot, "Wattkante"), 20)
        assert answer.encrypted
        await eventually(lambda: negated(noticed), 5)
        assert await course.service.stop() == 0


async def negated(check: Callable[[], Awaitable[bool]]) -> bool:
    return not await check()
