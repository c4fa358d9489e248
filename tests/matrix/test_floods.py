"""Floods: the noise of one person keeps nobody else waiting."""

import asyncio
import contextlib
import math
import secrets
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant
from tests.matrix.checker import CAUSE
from tests.matrix.cohort import INFO, ORGA, PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.fake_homeserver import serving
from tests.matrix.flood import DIRECT, RATE, Flood, Stream
from tests.matrix.service import Service, eventually

NAMES = ("leitung", "tn01", "tn02", "tn03")
SLOW_DOWN = "Das geht mir etwas zu schnell."
PER_MINUTE = 30
SECONDS = 5
MEBIBYTES = 15


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


async def flooded(homeserver: Homeserver, folder: Path, seconds: float) -> None:
    seed = secrets.randbelow(1_000_000)
    async with cohort(homeserver, folder, 3) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        room, over = course.rooms[TALK], asyncio.Event()
        noisy = course.people["tn01"]
        flood = Flood(noisy, room, Random(seed), await noisy.say(room, "Jetzt geht es los!"))
        await flood.goes_on(seconds / 5)
        before, sent = course.service.memory(), flood.sent
        flood.sent = 0
        async with asyncio.TaskGroup() as group:
            group.create_task(asks(course.people["tn02"], room, over))
            group.create_task(asks(course.people["tn03"], course.direct["tn03"], over))
            await flood.goes_on(seconds)
            over.set()
        await last_answer(course.people["leitung"], room)
        growth = course.service.memory() - before
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
        assert max(*here, *there) <= SECONDS
        assert growth <= MEBIBYTES


async def last_answer(person: Participant, room: str) -> None:
    """Ask once more: the answer comes when the bot has read everything."""
    asked = await person.say(room, "!hilfe")
    await person.wait_for(lambda event: event.content.get(CAUSE) == asked, 30)


async def flooded_at_full_rate(folder: Path, seconds: float) -> None:
    seed = secrets.randbelow(1_000_000)
    async with serving("kursbot-x") as server:
        course = Cohort(server, Service(folder), key="x", people=dict.fromkeys(NAMES))
        course.rooms = {kind: f"!{kind}:fake" for kind in (INFO, TALK, ORGA)}
        everybody = [course.user_id(name) for name in NAMES]
        for room in course.rooms.values():
            server.room(room, everybody)
        server.room(DIRECT, everybody[3:])
        course.service.configure(server.base_url, course.bot, PASSWORD)
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        course.service.start()
        try:
            await course.service.ready()
            stream = Stream(course, server, Random(seed))
            await stream.flows(seconds / 5)
            before = course.service.memory()
            await stream.flows(seconds)
            with contextlib.suppress(TimeoutError):
                await eventually(stream.over, SECONDS)
            here, there = stream.waits("tn02"), stream.waits("tn03")
            growth = course.service.memory() - before
        finally:
            course.service.kill()
    others = len(server.sent) - len(stream.asked)
    print(
        f"\nseed {seed}: {RATE} messages a second for {seconds} s, {others} answers; others "
        f"{len(here)} times within {max(here):.2f} s in the same room and "
        f"{len(there)} times within {max(there):.2f} s elsewhere; {growth:+.1f} MiB"
    )
    assert 0 < others <= math.ceil(seconds * 1.2 / 60) * (PER_MINUTE + 1)
    assert max(*here, *there) <= SECONDS
    assert growth <= MEBIBYTES


@pytest.mark.soak
async def test_a_flood_keeps_nobody_waiting(homeserver: Homeserver, tmp_path: Path) -> None:
    await flooded(homeserver, tmp_path, 10)


@pytest.mark.soak
async def test_a_flood_at_full_rate_keeps_nobody_waiting(tmp_path: Path) -> None:
    await flooded_at_full_rate(tmp_path / "bot", 10)


@pytest.mark.soak
async def test_a_flood_at_full_rate_for_a_minute(tmp_path: Path) -> None:
    await flooded_at_full_rate(tmp_path / "bot", 60)


@pytest.mark.soak
async def test_a_flood_of_a_minute(homeserver: Homeserver, tmp_path: Path) -> None:
    await flooded(homeserver, tmp_path, 60)
