"""Other bots and floods: loops end, and one person's noise keeps nobody else waiting."""

import asyncio
import contextlib
import math
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from bot.homeserver import Homeserver
from bot.participant import POLL_RESPONSE, Event, Participant
from tests.matrix.checker import CAUSE
from tests.matrix.cohort import PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.service import Service, eventually

Guest = Callable[[str], Awaitable[Participant]]
SLOW_DOWN = "Das geht mir etwas zu schnell."
LOOKS_LIKE_BOT = "Das sieht nach einem anderen Bot aus"
PER_MINUTE = 30
RATE = 100
AT_ONCE = 8


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
        await last_answer(anna, room)
        said = await said_by(anna, room, course.bot)
        print(f"\nfound out after {answers} answers")
        assert answers <= 10
        assert len(said) == answers + 2


@dataclass
class Flood:
    """One person says everything that costs something, a hundred times a second."""

    person: Participant
    room: str
    dice: Random
    poll: str
    sent: int = 0
    seconds: float = 0
    total: float = 0
    commands: list[str] = field(default_factory=lambda: ["!hilfe", "!programm", "!suche Foto"])

    async def goes_on(self, seconds: float) -> None:
        """As fast as the homeserver takes it, but not faster than intended."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as hands:
            for _ in range(AT_ONCE):
                hands.create_task(self._until(began, seconds))
        self.seconds = time.monotonic() - began
        self.total += self.seconds

    async def _until(self, began: float, seconds: float) -> None:
        while (late := time.monotonic() - began) < seconds:
            if self.sent > late * RATE:
                await asyncio.sleep(1 / RATE)
                continue
            self.sent += 1
            await self._something()

    async def _something(self) -> None:
        person, room = self.person, self.room
        match self.dice.randrange(10):
            case 0:
                await person.send(room, POLL_RESPONSE, vote(self.poll))
            case 1:
                await person.send(room, "m.room.encrypted", garbage())
            case 2 | 3 | 4:
                await person.say(room, f"Nur so, {self.sent}.")
            case _:
                await person.say(room, self.dice.choice(self.commands))


def vote(poll: str) -> dict:
    relation = {"rel_type": "m.reference", "event_id": poll}
    return {"m.relates_to": relation, POLL_RESPONSE: {"answers": ["1"]}}


def garbage() -> dict:
    return {
        "algorithm": "m.megolm.v1.aes-sha2",
        "session_id": secrets.token_urlsafe(32),
        "ciphertext": secrets.token_urlsafe(200),
        "sender_key": secrets.token_urlsafe(32),
        "device_id": "FLOOD",
    }


async def asks(person: Participant, room: str, over: asyncio.Event) -> None:
    """Ask again and again, not more often than everybody may."""
    while not over.is_set():
        await person.say(room, "!hilfe")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 2.2)


async def answered(course: Cohort, room: str, sender: str) -> tuple[list[str], list[float]]:
    """What the bot has said to somebody, and the seconds it took, as the server knows it.

    A question without an answer took for ever.
    """
    events = await course.timeline(room)
    said = {e.content.get(CAUSE): e for e in events if e.sender == course.bot}
    asked = [e for e in events if e.sender == sender and e.body.startswith("!")]
    waits = [
        (said[e.id].sent_at - e.sent_at).total_seconds() if e.id in said else math.inf
        for e in asked
    ]
    return [said[e.id].body for e in asked if e.id in said], waits


def memory(service: Service) -> float:
    """What the process has in memory, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{service.pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


async def flooded(homeserver: Homeserver, folder: Path, seconds: float) -> None:
    seed = secrets.randbelow(1_000_000)
    async with cohort(homeserver, folder, 3) as course:
        await prepared(course)
        room, over = course.rooms[TALK], asyncio.Event()
        noisy = course.people["tn01"]
        flood = Flood(noisy, room, Random(seed), await noisy.say(room, "Jetzt geht es los!"))
        await flood.goes_on(seconds / 5)
        before, sent = memory(course.service), flood.sent
        flood.sent = 0
        async with asyncio.TaskGroup() as group:
            group.create_task(asks(course.people["tn02"], room, over))
            group.create_task(asks(course.people["tn03"], course.direct["tn03"], over))
            await flood.goes_on(seconds)
            over.set()
        await last_answer(course.people["leitung"], room)
        growth = memory(course.service) - before
        answers, _ = await answered(course, room, noisy.user_id)
        _, here = await answered(course, room, course.user_id("tn02"))
        _, there = await answered(course, course.direct["tn03"], course.user_id("tn03"))
        print(
            f"\nseed {seed}: {sent} and {flood.sent} messages in {flood.seconds:.0f} s "
            f"({flood.sent / flood.seconds:.0f} per second), {len(answers)} answers; others "
            f"{len(here)} times within {max(here):.2f} s in the same room and "
            f"{len(there)} times within {max(there):.2f} s elsewhere; {growth:+.1f} MiB"
        )
        minutes = math.ceil(flood.total / 60)
        slow = sum(text.startswith(SLOW_DOWN) for text in answers)
        assert 0 < slow <= minutes
        assert len(answers) - slow <= minutes * PER_MINUTE
        assert max(*here, *there) <= 5
        assert growth <= 15


async def last_answer(person: Participant, room: str) -> None:
    """Ask once more: the answer comes when the bot has read everything."""
    asked = await person.say(room, "!hilfe")
    await person.wait_for(lambda event: event.content.get(CAUSE) == asked, 30)


async def test_a_flood_keeps_nobody_waiting(homeserver: Homeserver, tmp_path: Path) -> None:
    await flooded(homeserver, tmp_path, 10)


@pytest.mark.soak
async def test_a_flood_of_a_minute(homeserver: Homeserver, tmp_path: Path) -> None:
    await flooded(homeserver, tmp_path, 60)
