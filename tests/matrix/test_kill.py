"""The real bot on a real homeserver, killed and restarted at random: nothing lost or doubled."""

import asyncio
import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.homeserver import Homeserver
from storage import courses, database, polls
from tests import databases
from tests.matrix.checker import POLL_START, POLL_TITLE, Seen, Verdict, events_of, tally, verdict
from tests.matrix.cohort import INFO, ORGA, TALK, Cohort, cohort, times
from tests.matrix.load import Load
from tests.matrix.service import Service, eventually

SETTINGS = {"sync": {"window": 5}, "limits": {"replies_per_minute": 1000}}
THEME = "Öffentlichkeitsarbeit: Tipps und Tricks"
ROUND_SECONDS = 1.0
EVERY = timedelta(seconds=2.5)
ENGINE = "postgresql.py:_take_turn" if databases.POSTGRESQL else "sqlite.py:_commit"
PLACES = (
    "bot/announcing.py:put",  # the clock has struck
    "bot/matrix/state.py:update",  # received
    "bot/matrix/machine.py:learn_key",
    "bot/matrix/machine.py:unseal",
    "bot/intake.py:take",  # back-filled
    "bot/router.py:handle",  # in the transaction
    f"storage/engine/{ENGINE}",
    "bot/outbox.py:wake",  # committed
    "bot/outbox.py:_serve",
    "bot/matrix/machine.py:parcels",  # the room has a new key
    "bot/matrix/encryption.py:_to_device",
    "bot/matrix/machine.py:seal",
    "bot/matrix/outgoing.py:send",  # request written
    "bot/outbox.py:_mark",  # response read
    "storage/outbox.py:mark",  # marked
    "bot/matrix/encryption.py:tend",
)
MOST = 100


async def prepared(course: Cohort, rounds: int = 0) -> Seen:
    """Import a course that announces something all the time; what is due in its rooms."""
    when = times(datetime.now(UTC), opens_after=12)
    length = timedelta(seconds=rounds * ROUND_SECONDS)
    count = min(MOST, length // EVERY)
    moments = [when.opens + length / count * (n + 1) for n in range(count)]
    course.service.read(course.course(when, moments))
    info, talk = course.rooms[INFO], course.rooms[TALK]
    due = Seen({(info, THEME): 1, (talk, POLL_TITLE): 1, (talk, POLL_START): 1})
    due.update((info, f"Ansage {number}") for number in range(100, 100 + count))
    return due


async def storm(service: Service, rounds: int, dice: Random) -> None:
    """Kill the bot at random moments, some of them counted from when it has begun to work."""
    for _ in range(rounds):
        if dice.random() < 0.7:
            await asyncio.sleep(dice.uniform(0.05, 1.5))
        else:
            await service.ready()
            await asyncio.sleep(dice.uniform(0, 0.6))
        service.kill()
        service.start()
    await service.ready()


async def timelines(course: Cohort) -> dict[str, list]:
    rooms = list(course.everywhere)
    return dict(zip(rooms, await asyncio.gather(*map(course.timeline, rooms)), strict=True))


async def judged(course: Cohort, due: Seen, seconds: float) -> Verdict:
    """Give the bot time until nothing is lost; then ask once more everywhere, and judge.

    Reading everything back keeps the homeserver busy: the longer it may take, the rarer.
    """
    pause = seconds / 50

    async def complete() -> bool:
        return not (await verdict_now(course, due)).lost

    for question in ("!suche qxz0", "!suche qxz00"):
        with contextlib.suppress(TimeoutError):
            await eventually(complete, seconds, pause)
        for name, room in course.direct.items():
            await course.people[name].say(room, question)
    with contextlib.suppress(TimeoutError):
        await eventually(complete, 10)
    return await verdict_now(course, due)


async def verdict_now(course: Cohort, due: Seen) -> Verdict:
    return verdict(await timelines(course), course.bot, set(course.direct.values()), due)


async def counted(course: Cohort) -> tuple[int, dict[int, int]]:
    """The votes as the database has them."""
    async with database.opened(course.service.url) as sessions, sessions() as db:
        found = await courses.by_key(db, f"kurs-{course.key}")
        assert found
        poll = await polls.election(db, found)
        assert poll
        result = await polls.tally(db, poll)
        return result.voters, dict(result.votes)


async def survives(
    homeserver: Homeserver, folder: Path, rounds: int, seed: int, encrypted: bool = False
) -> None:
    """So many rounds of commands, votes and announcements under SIGKILL."""
    print(f"seed {seed}, {rounds} rounds, {'encrypted' if encrypted else 'open'} rooms")
    async with cohort(homeserver, folder, 6, encrypted=encrypted, **SETTINGS) as course:
        due = await prepared(course, rounds)
        await course.arrive()
        load = Load(course, Random(seed))
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.until(enough))
            group.create_task(load.open_poll())
            await storm(course.service, rounds, Random(seed + 1))
            enough.set()
        await settled(course, due, load, 60 + rounds / 5)


async def settled(course: Cohort, due: Seen, load: Load, seconds: float) -> None:
    """Nothing was lost or doubled, everybody can read everything, every vote counts once."""
    found = await judged(course, due, seconds)
    assert await course.service.stop() == 0
    events = await timelines(course)
    asked = sum(event.sender != course.bot for event, _ in events_of(events))
    print(f"{asked} events of people, {due.total()} announcements, {found.asked} answers due")
    assert found.clean, f"{found.summary}\n{course.service.last_words()}"
    assert await course.unreadable() == {}
    assert await counted(course) == tally(events, set(course.direct.values()), load.poll.id)


@pytest.mark.long
async def test_forty_kills_lose_and_double_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    await survives(homeserver, tmp_path, 40, secrets.randbelow(1_000_000))


@pytest.mark.long
async def test_a_kill_at_any_place_loses_and_doubles_nothing(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    dice = Random(seed)
    async with cohort(homeserver, tmp_path, 3, encrypted=True, **SETTINGS) as course:
        due = await prepared(course, 30)
        await course.arrive()
        leader, often = course.people["leitung"], {"rotation_period_msgs": 2}
        await leader.encrypt(course.rooms[TALK], **often)
        load = Load(course, Random(seed))
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.until(enough))
            await load.open_poll()
            course.service.kill()
            for place in PLACES:
                course.service.start(dies=(place, dice.randint(1, 3)))
                assert await course.service.dead(30), f"never came to {place}"
            course.service.start()
            enough.set()
        await settled(course, due, load, 60)


@pytest.mark.soak
async def test_five_hundred_kills(homeserver: Homeserver, tmp_path: Path) -> None:
    await survives(homeserver, tmp_path, 500, secrets.randbelow(1_000_000))


@pytest.mark.soak
async def test_three_hundred_kills_in_encrypted_rooms(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    await survives(homeserver, tmp_path, 300, secrets.randbelow(1_000_000), encrypted=True)


@pytest.mark.long
async def test_a_gap_is_read_an_end_is_swift_and_a_second_bot_gives_way(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 4, **SETTINGS) as course:
        due = await prepared(course)
        await course.arrive()
        load = Load(course, Random(1))
        await load.open_poll()
        second = course.service.call("run")
        folder = course.service.database.parent
        assert (second.returncode, second.stdout) == (3, "")
        assert second.stderr == f"In {folder} arbeitet schon ein Kursbot.\n"
        async with asyncio.TaskGroup() as group:
            busy = group.create_task(load.until(asyncio.Event(), pause=0.1))
            await asyncio.sleep(1)
            assert await course.service.stop() == 0
            busy.cancel()
        await fill_a_gap(course)
        course.service.start()
        assert (await judged(course, due, 30)).clean
        assert await course.service.stop() == 0
        votes = tally(await timelines(course), set(course.direct.values()), load.poll.id)
        assert await counted(course) == votes


async def fill_a_gap(course: Cohort) -> None:
    """In one room while the bot is away: 120 messages, among them 20 commands and votes."""
    room, people = course.rooms[TALK], list(course.direct)
    for number in range(120):
        text = f"Nur so, {number}."
        if number % 6 == 0:
            text = f"!suche qxz9{number}" if number % 12 else f"!stimme {number % 4 + 1}"
        await course.people[people[number % len(people)]].say(room, text)


def forgotten(course: Cohort) -> None:
    """Its database is a fresh one."""
    for file in course.service.database.parent.glob("kursbot.db*"):
        file.unlink()
    if databases.POSTGRESQL:
        databases.empty(course.service.url)


async def test_old_commands_are_not_repeated(homeserver: Homeserver, tmp_path: Path) -> None:
    """Neither with a fresh database nor after being thrown out and asked in again."""
    async with cohort(homeserver, tmp_path, 2, **SETTINGS) as course:
        when = times(datetime.now(UTC), opens_after=3600)
        text = course.course(when)
        course.service.read(text)
        await course.arrive()
        person, room = course.people["tn01"], course.rooms[TALK]
        await person.say(room, "!suche qxz1")
        assert (await judged(course, Seen(), 10)).clean
        assert await course.service.stop() == 0
        forgotten(course)
        course.service.read(text)
        course.service.start()
        assert (await judged(course, Seen(), 10)).clean
        leader, bot = course.people["leitung"], {"user_id": course.bot}
        await leader.call("POST", "rooms", room, "kick", body=bot)
        gone = f"Ich bin nicht mehr im Raum Austausch (entfernt von {leader.user_id}): bitte wieder"
        await leader.wait_for(lambda event: event.body.startswith(gone))  # it may come back at once
        missed = await person.say(room, "!suche qxz2")
        await leader.invite(room, course.bot)
        await course.joined(room, person)
        await person.say(room, "!suche qxz3")
        await person.wait_for(lambda event: "„qxz3“" in event.body)
        assert await course.service.stop() == 0
        found = await verdict_now(course, Seen())
        assert (found.unanswered, found.lost) == ([missed], {(room, "qxz2"): 1})
        assert found.doubled == {(course.rooms[ORGA], f"{gone} einladen."): 1}
