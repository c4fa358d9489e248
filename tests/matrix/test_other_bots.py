"""Other bots in the room of a course: no loop lasts."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.participant import Event, Participant
from tests.matrix.checker import CAUSE
from tests.matrix.cohort import PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.service import Service, eventually

Guest = Callable[[str], Awaitable[Participant]]
LOOKS_LIKE_BOT = "Das sieht nach einem anderen Bot aus"


async def prepared(course: Cohort) -> None:
    course.service.read(course.course(times(datetime.now(UTC), 3600)))
    await course.arrive()


async def guest(course: Cohort, participant: Guest, name: str) -> Participant:
    """Somebody who is in the discussion room, but not in the course."""
    person = await participant(name)
    await course.people["leitung"].invite(course.rooms[TALK], person.user_id)
    await person.join(course.rooms[TALK])
    return person


@contextlib.asynccontextmanager
async def second_bot(course: Cohort, folder: Path, **settings: dict) -> AsyncIterator[str]:
    """Another copy of the bot for the same course, with an account and data of its own."""
    await course.register("zweitbot")
    user_id, service = course.user_id("zweitbot"), Service(folder / "zweitbot")
    service.configure(course.homeserver.base_url, user_id, PASSWORD, **settings)
    service.read((course.service.folder / "kurs.toml").read_text("utf-8"))
    room, leader = course.rooms[TALK], course.people["leitung"]
    service.start()
    try:
        await service.ready()
        await leader.invite(room, user_id)

        async def there() -> bool:
            members = await leader.call("GET", "rooms", room, "joined_members")
            return user_id in members["joined"]

        await eventually(there, 30)
        yield user_id
    finally:
        service.kill()


async def echoes(echo: Participant, room: str) -> None:
    """Repeat at once what anybody else says."""
    while True:
        heard = await echo.wait_for(
            lambda e: e.room == room and e.sender != echo.user_id and e.body != "", math.inf
        )
        await echo.say(room, heard.body)


async def said_by(reader: Participant, room: str, *bots: str) -> list[Event]:
    events = await reader.messages(room)
    return [e for e in events if e.sender in bots and e.type == "m.room.message"]


async def two_bots_and_an_echo(
    homeserver: Homeserver, folder: Path, participant: Guest, seconds: float
) -> None:
    echo = await participant("echo")
    settings = {"limits": {"bots": [echo.user_id]}}
    async with cohort(homeserver, folder, 1, **settings) as course:
        await prepared(course)
        room, anna = course.rooms[TALK], course.people["tn01"]
        await course.people["leitung"].invite(room, echo.user_id)
        await echo.join(room)
        async with second_bot(course, folder, **settings) as second, asyncio.timeout(60 + seconds):
            echoing = asyncio.create_task(echoes(echo, room))
            for text in ("Hallo zusammen!", "!programm", "Was für ein Echo."):
                await anna.say(room, text)
            await asyncio.wait([echoing], timeout=seconds)
            echoing.cancel()
            said = await said_by(anna, room, course.bot, second)
            repeated = await said_by(anna, room, echo.user_id)
        print(f"\n{len(repeated)} echoes in {seconds} s, {len(said)} messages of two bots")
        assert sorted(event.sender for event in said) == sorted((course.bot, second))
        assert [e.body for e in repeated].count("!programm") == 1
        assert len(repeated) == 5


@pytest.mark.soak
async def test_two_bots_and_an_echo_do_not_talk_to_each_other(
    homeserver: Homeserver, tmp_path: Path, participant: Guest
) -> None:
    await two_bots_and_an_echo(homeserver, tmp_path, participant, 10)


@pytest.mark.soak
async def test_two_bots_and_an_echo_for_a_minute(
    homeserver: Homeserver, tmp_path: Path, participant: Guest
) -> None:
    await two_bots_and_an_echo(homeserver, tmp_path, participant, 60)


async def test_an_unknown_bot_that_answers_every_answer_is_found_out(
    homeserver: Homeserver, tmp_path: Path, participant: Guest
) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        await prepared(course)
        room, anna = course.rooms[TALK], course.people["tn01"]
        other = await guest(course, participant, "plaudertasche")
        await other.say(room, "!programm")

        def answer(event: Event) -> bool:
            return event.sender == course.bot and event.type == "m.room.message"

        answers = 0
        while not (await other.wait_for(answer)).body.startswith(LOOKS_LIKE_BOT):
            answers += 1
            await other.say(room, "!programm")
        await other.say(room, "!programm")
        asked = await anna.say(room, "!hilfe")
        await anna.wait_for(lambda event: event.content.get(CAUSE) == asked)
        said = await said_by(anna, room, course.bot)
        print(f"\nfound out after {answers} answers")
        assert answers <= 10
        assert len(said) == answers + 2
