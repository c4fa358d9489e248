"""How long the bot takes for an answer, by how many courses there are; without a homeserver."""

import itertools
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import commands
import schedules
from bot.demo.course import SAMPLE
from bot.incoming import Message
from bot.intake import TOKEN, Intake
from bot.router import Router
from storage import courses, database, models, occurrences
from storage.course_files import course_file, imports
from tests import databases

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
ROOM, TALK = "!raum:chat.example.org", "#nk-2026-2-austausch:chat.example.org"
OWN = {"key", "title", "mxid", "room_id", "address", "cause", "event_id", "about"}
"""Columns that differ between courses: a copy gets another ending."""


async def ratio(one_url: str, many_url: str, copies: int, pairs: int) -> tuple[float, float]:
    """Median milliseconds of an answer with one course and with so many, asked in turns."""
    async with prepared(one_url, 1) as one, prepared(many_url, copies) as many:
        spent: tuple[list[float], list[float]] = ([], [])
        numbers = itertools.count()
        for _ in range(pairs):
            for intake, times in zip((one, many), spent, strict=True):
                for direct in (False, True):
                    begun = time.perf_counter()
                    await intake.take([asked(next(numbers), direct)], {TOKEN: f"s{begun}"})
                    times.append(time.perf_counter() - begun)
    middle = [statistics.median(times) * 1000 for times in spent]
    return middle[0], middle[1]


def asked(number: int, direct: bool) -> Message:
    """A command in the room of the first course, or in a direct chat with one of its people."""
    return Message(
        event_id=f"$frage{number}",
        room_id="!direkt" if direct else ROOM,
        sender="@tn01:chat.example.org",
        body="!programm",
        sent=NOW,
        now=NOW,
        direct=direct,
    )


@asynccontextmanager
async def prepared(url: str, copies: int) -> AsyncIterator[Intake]:
    """The bot without its edge, on a database with the sample course so many times."""
    async with database.opened(url) as sessions:
        rules = {name.replace("_", "-") for name in schedules.discover()} | {"material"}
        async with sessions.begin() as db:
            await imports.apply(db, course_file.read(SAMPLE.read_bytes(), rules), NOW)
            course = await courses.by_key(db, "nk-2026-2")
            assert course
            await occurrences.plan(db, course, NOW)
        databases.script(url, ";".join(copied(copies)))
        router = Router(commands.discover(), ["Kursbot"])
        router.throttle.per_minute = 1_000_000
        yield Intake(sessions, router, lambda rows: None)


def copied(copies: int) -> Iterator[str]:
    """The SQL that multiplies the course with all that belongs to it."""
    yield f"UPDATE rooms SET room_id = '{ROOM}' WHERE address = '{TALK}'"
    yield "CREATE TEMP TABLE numbers (n INTEGER)"
    yield (
        "INSERT INTO numbers WITH RECURSIVE next (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM next "
        f"WHERE n < {copies}) SELECT n FROM next WHERE n > 1"
    )
    for table in models.Base.metadata.sorted_tables:
        key = "id" if table.name == "courses" else "course_id"
        if key in table.columns:
            kept = [c.name for c in table.columns if c.name == key or not c.primary_key]
            values = ", ".join("n" if name == key else copy(name) for name in kept)
            names = ", ".join(f'"{name}"' for name in kept)
            yield (
                f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name}, numbers "
                f"WHERE {key} = 1"
            )
    yield "ANALYZE"


def copy(name: str) -> str:
    """The value of a column in copy number `n`."""
    return f'"{name}" || n' if name in OWN else f'"{name}"'
