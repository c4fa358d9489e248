"""A week without the bot: then no vote is lost, and nobody is bothered with what is over."""

import re
import secrets
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

import schedules
from bot.demo.course import Times
from storage import courses, database, occurrences, outbox
from storage.course_files import course_file, imports
from storage.models import Ballot
from tests.matrix.checker import POLL_START, tally
from tests.matrix.cohort import INFO, ORGA, Cohort, cohort, late_morning
from tests.matrix.past import Past, time_machine
from tests.matrix.service import eventually
from tests.matrix.test_kill import counted, timelines

DAY = timedelta(days=1)
WEEK = 7 * DAY
STALE = timedelta(minutes=11)
SECONDS = 120
MEBIBYTES = 200

LATE = (
    "Ich war eine Weile nicht erreichbar. Stimmen, die rechtzeitig kamen, zählen. "
    "Was sonst noch wichtig ist, bitte einfach noch einmal schreiben."
)
OTHER_RULES = re.compile(r'\[\[regel\]\]\nid = "(?!gleich)[^"]*"[^[]*|\ncheckin_[^\n]*')
RULES = {name.replace("_", "-") for name in schedules.discover()} | {"material"}


async def read(course: Cohort, text: str, now: datetime) -> None:
    """Import the course as if it were another time."""
    file = course_file.read(OTHER_RULES.sub("", text).encode(), RULES)
    course.service.database.parent.mkdir(mode=0o700, exist_ok=True)
    async with database.opened(url(course)) as sessions, sessions.begin() as db:
        await imports.apply(db, file, now)
        found = await courses.by_key(db, file.kurs.id)
        assert found
        await occurrences.plan(db, found, now)


async def votes_kept(course: Cohort) -> list[str]:
    async with database.opened(url(course)) as sessions, sessions() as db:
        return sorted(await db.scalars(select(Ballot.event_id)))


async def all_said(course: Cohort) -> bool:
    async with database.opened(url(course)) as sessions, sessions() as db:
        return not await outbox.waiting(db)


def url(course: Cohort) -> str:
    return course.service.url


async def second_chats(course: Cohort, count: int) -> None:
    """Some people have another one with the bot, which is not encrypted."""
    for name in [*course.direct][:count]:
        person = course.people[f"{name}-offen"] = course.people[name]
        course.direct[f"{name}-offen"] = await person.create_room(
            preset="trusted_private_chat", is_direct=True, invite=[course.bot]
        )


async def missed(course: Cohort, when: Times) -> None:
    """While the bot is away, six announcements become useless; the seventh is just due."""
    now = datetime.now(UTC)
    moments = [now - n * DAY for n in range(6, 0, -1)] + [now - timedelta(minutes=2)]
    await read(course, course.course(when, moments), now - WEEK)


def times(now: datetime) -> Times:
    """The poll has been open for a week, and nothing else happens within hours."""
    zone, hour = late_morning(now), timedelta(hours=1)
    local = now.astimezone(zone).replace(microsecond=0)
    return Times(zone, local - WEEK, local + 5 * hour, local + 6 * hour)


async def comes_back(course: Cohort, votes: int) -> None:
    """The bot is killed in the middle of reading; the next one must be done in time."""

    async def halfway() -> bool:
        return len(await votes_kept(course)) > votes / 2

    began = time.monotonic()
    course.service.start()
    await eventually(halfway, SECONDS)
    course.service.kill()
    print(f"killed after {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    course.service.start()
    ready = await course.service.ready(SECONDS)
    await eventually(lambda: all_said(course), SECONDS)
    seconds, memory = time.monotonic() - began, course.service.memory(most=True)
    print(f"read after {ready:.1f} s, all said after {seconds:.1f} s, at most {memory:.0f} MiB")
    assert (seconds <= SECONDS, memory <= MEBIBYTES) == (True, True)
    assert await course.service.stop() == 0


async def away(folder: Path, size: int, second: int, **counts: int) -> None:
    seed = secrets.randbelow(1_000_000)
    async with (
        time_machine(folder / "server") as (homeserver, anybody),
        cohort(homeserver, folder, size, encrypted=True) as course,
    ):
        await second_chats(course, second)
        now = datetime.now(UTC)
        when = times(now)
        await read(course, course.course(when), now - WEEK - DAY)
        await course.arrive()
        poll = await course.people["tn01"].wait_for(lambda event: event.type == POLL_START)
        assert await course.service.stop() == 0

        stopped = datetime.now(UTC)
        past = Past(course, anybody, Random(seed), poll, when.opens, stopped - STALE)
        await past.happens(**counts)
        print(f"\nseed {seed}, {counts} in {len(course.everywhere)} rooms: {dict(past.sent)}")
        print(f"written in {(datetime.now(UTC) - stopped).total_seconds():.0f} s")
        await missed(course, when)
        await course.people["tn01"].say(course.direct["tn01"], "!suche qxz1")
        await comes_back(course, len(past.votes))

        events = await timelines(course)
        assert await votes_kept(course) == sorted(past.votes)
        assert await counted(course) == tally(events, set(course.direct.values()), poll.id)
        said = {
            room: Counter(e.body for e in found if e.sender == course.bot and e.sent_at > stopped)
            for room, found in events.items()
        }
        assert {room for room, words in said.items() if words.pop(LATE, 0) == 1} == past.asked
        check_the_rest(course, {room: [*words.elements()] for room, words in said.items()})


def check_the_rest(course: Cohort, said: dict[str, list[str]]) -> None:
    """What is new has been answered, what is useful announced, the rest reported to Orga."""
    (skipped,) = [text for text in said.pop(course.rooms[ORGA]) if "Prüfung: " not in text]
    assert skipped.startswith("Ausgelassen: „Gleich geht es los“ zu Webinar 100")
    assert skipped.endswith("und 2 weitere, weil es dafür zu spät war.")
    (announced,) = said.pop(course.rooms[INFO])
    assert re.match(r"Gleich geht es los, \d\d:\d\d Uhr: Ansage 106\n", announced)
    (answer,) = said.pop(course.direct["tn01"])
    assert answer.startswith("„qxz1“ bietet bisher niemand an.")
    assert [*said.values()] == [[]] * len(said)


@pytest.mark.soak
async def test_after_a_week_away_no_vote_is_lost(tmp_path: Path) -> None:
    await away(tmp_path, 3, 2, messages=250, votes=60, questions=20)


@pytest.mark.soak
async def test_ten_thousand_messages_wait_in_thirty_rooms(tmp_path: Path) -> None:
    await away(tmp_path, 15, 12, messages=10_000, votes=300, questions=50)
