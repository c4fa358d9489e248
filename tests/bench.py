"""`make bench`: what the bot costs beside a minimal one, on the same homeserver in the same run."""

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.homeserver import running
from bot.participant import Participant
from tests import databases, fanout, scale
from tests.matrix.cohort import INFO, ORGA, TALK, Cohort, cohort, times
from tests.matrix.service import ROOT, eventually

PAIRS = 150
WARM_UP = 30
STARTS = 5
BURST = 5
COURSES = 1000
ROOMS = 200
QUESTION = "!programm"
ANSWER = "Nächste Termine"


@dataclass(frozen=True)
class Figure:
    """A measured value, what it is compared with, and how far it may go."""

    name: str
    ours: float
    unit: str
    limit: float
    minimal: float | None = None
    least: bool = False

    @property
    def kept(self) -> bool:
        measured = self.ours if self.minimal is None else self.ours / self.minimal
        return self.ours >= self.limit if self.least else measured <= self.limit

    def __str__(self) -> str:
        beside = "" if self.minimal is None else f"{self.minimal:.1f}"
        ratio = "" if self.minimal is None or self.least else f"{self.ours / self.minimal:.2f}"
        bound = f"{'≥' if self.least else '≤'} {self.limit:g}{'' if not ratio else ' ×'}"
        verdict = "ok" if self.kept else "verfehlt" if self.least else "zu viel"
        figures = f"{self.ours:8.1f} {beside:>8} {self.unit:4}{ratio:>6}"
        return f"{self.name:44} {figures}  {bound:8} {verdict}"


@dataclass(frozen=True)
class Minimal:
    """The bot of forty lines, its rooms, and its process."""

    user_id: str
    rooms: list[str]
    pid: int


async def main() -> int:
    """Measure everything, print a line for each figure; 0 when all limits are kept, else 1."""
    with tempfile.TemporaryDirectory() as folder:
        print("misst, das dauert etwa zwei Minuten …", flush=True)
        files = (f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/many.db")
        one, many = await scale.ratio(*files, COURSES, 200)
        with databases.server() as server:
            accounts = (databases.with_account(server, name) for name in ("one", "many"))
            shared_one, shared_many = await scale.ratio(*accounts, COURSES, 200)
        beside = f"Antwort bei {COURSES} Kursen / bei einem"
        figures = [
            *await against_minimal(Path(folder)),
            Figure(beside, many, "ms", 1.2, one),
            Figure(f"{beside}, PostgreSQL", shared_many, "ms", 1.3, shared_one),
        ]
    print(f"{'':44} {'kursbot':>8} {'minimal':>8}      {'':>5} Grenze")
    print(*figures, sep="\n")
    return 0 if all(figure.kept for figure in figures) else 1


async def against_minimal(folder: Path) -> list[Figure]:
    """Both bots on one Synapse, each in rooms of its own with the same people."""
    hide_test_tools(folder / "hidden")
    async with (
        running(folder / "homeserver") as homeserver,
        cohort(homeserver, folder, 8, limits={"replies_per_minute": 1000}) as first,
        cohort(homeserver, folder / "second", 0) as second,
    ):
        await enter(first, second)
        async with minimal(first) as other:
            rooms = [c.rooms[kind] for c in (first, second) for kind in (TALK, INFO)]
            figures = await in_turns(first, other)
            figures.append(await encrypted(first, second))
            figures.append(await burst(first, rooms, other))
            figures.append(Figure("Arbeitsspeicher danach", memory(first.service.pid), "MiB", 90))
        ours, bare = await fanout.ratio(homeserver, f"sqlite:///{folder}/morning.db", ROOMS)
        name = f"Mittwochmorgen in {ROOMS} Räumen / nur Anfragen"
        figures.append(Figure(name, ours * 1000, "ms", 1.15, bare * 1000))
        figures.append(await starts(first))
        return figures


def hide_test_tools(folder: Path) -> None:
    """Let the bot find what it finds where it is installed: neither cffi nor psycopg.

    Synapse needs the first, and pycryptodome would keep a parser for C in memory; the second is
    for those who chose PostgreSQL, and peewee would load it.
    """
    folder.mkdir()
    for name in ("cffi", "psycopg"):
        (folder / f"{name}.py").write_text("raise ImportError")
    os.environ["PYTHONPATH"] = str(folder)


async def enter(first: Cohort, second: Cohort) -> None:
    """One bot, one group of people, two courses."""
    when = times(datetime.now(UTC), opens_after=7200)
    leader = second.people["leitung"]
    for room in second.rooms.values():
        await leader.invite(room, first.bot)
        for person in first.people.values():
            await leader.invite(room, person.user_id)
            await person.join(room)
    people = second.people | {n: p for n, p in first.people.items() if n != "leitung"}
    first.service.read(first.course(when))
    first.service.read(replace(second, service=first.service, people=people).course(when))
    await first.arrive()
    for room in second.rooms.values():
        await first.joined(room, leader)


@contextlib.asynccontextmanager
async def minimal(course: Cohort) -> AsyncIterator[Minimal]:
    """Let it run in as many rooms with the same people."""
    await course.register("minimal")
    user_id, leader = course.user_id("minimal"), course.people["leitung"]
    guests = [person.user_id for person in course.people.values() if person is not leader]
    rooms = [await leader.create_room(invite=[user_id, *guests]) for _ in range(4)]
    async with Participant(course.homeserver.base_url, user_id) as account:
        token = await account.login("geheim")
        for room in rooms:
            await account.join(room)
            for person in course.people.values():
                await person.join(room)
    command = [
        sys.executable,
        "-m",
        "tests.minimal_bot",
        course.homeserver.base_url,
        user_id,
        token,
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
            yield Minimal(user_id, rooms, process.pid)
        finally:
            process.kill()


async def in_turns(course: Cohort, other: Minimal) -> list[Figure]:
    """The same question to both, one after the other: latency and processor time."""
    asker = course.people["tn01"]
    bots = [(course.bot, course.rooms[TALK]), (other.user_id, other.rooms[0])]
    pids, spent, used = (course.service.pid, other.pid), ([], []), [0.0, 0.0]
    for turn in range(WARM_UP + PAIRS):
        await breath(turn)
        before = [processor(pid) for pid in pids]
        for (bot, room), found in zip(bots, spent, strict=True):
            found.append(await latency(asker, bot, room))
        if turn >= WARM_UP:
            now = [processor(pid) for pid in pids]
            used = [u + n - b for u, n, b in zip(used, now, before, strict=True)]
    used = [seconds / PAIRS * 1000 for seconds in used]
    spent = tuple(found[WARM_UP:] for found in spent)
    middle = [statistics.median(found) * 1000 for found in spent]
    return [
        Figure(f"{QUESTION}: Antwortzeit, p50", middle[0], "ms", 1.3, middle[1]),
        Figure(f"{QUESTION}: Prozessorzeit je Befehl", used[0], "ms", 3.8, used[1]),
    ]


async def breath(turn: int) -> None:
    """People who ask again at once, again and again, are taken for bots."""
    if turn % 4 == 3:
        await asyncio.sleep(1.1)


async def encrypted(course: Cohort, second: Cohort) -> Figure:
    """The same question in an open and in an encrypted room, with the same people in both.

    What the asker needs to encrypt it is not the bot's: the time begins when the server has it.
    """
    asker, rooms = course.people["tn01"], (second.rooms[TALK], second.rooms[ORGA])
    await second.people["leitung"].encrypt(rooms[1])
    await asker.wait_for(lambda e: e.room == rooms[1] and e.type == "m.room.encryption")
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(WARM_UP + PAIRS):
        await breath(turn)
        for room, found in zip(rooms, spent, strict=True):
            await asker.say(room, QUESTION)
            seconds = await answer(asker, course.bot, room)
            if turn >= WARM_UP:
                found.append(seconds)
    middle = [statistics.median(found) * 1000 for found in spent]
    return Figure(f"{QUESTION}: verschlüsselt / offen, p50", middle[1], "ms", 1.5, middle[0])


async def latency(asker: Participant, bot: str, room: str) -> float:
    """Seconds from the question to the answer, as the asker sees it."""
    begun = time.perf_counter()
    await asker.say(room, QUESTION)
    await answer(asker, bot, room)
    return time.perf_counter() - begun


async def answer(asker: Participant, bot: str, room: str) -> float:
    """Seconds until the asker sees the answer."""
    begun = time.perf_counter()
    await asker.wait_for(
        lambda e: e.sender == bot and e.room == room and e.body.startswith(ANSWER), 30
    )
    return time.perf_counter() - begun


async def burst(course: Cohort, rooms: list[str], other: Minimal) -> Figure:
    """Everybody asks five times in four rooms, all at once; how many answers came."""
    people = [person for name, person in course.people.items() if name != "leitung"]
    expected = len(people) * len(rooms) * BURST
    answers = []
    for bot, places in ((course.bot, rooms), (other.user_id, other.rooms)):
        before = await answered(course, bot, places)
        said = (
            person.say(room, QUESTION) for _ in range(BURST) for person in people for room in places
        )
        await asyncio.gather(*said)

        async def all_there(
            bot: str = bot, places: list[str] = places, before: int = before
        ) -> bool:
            return await answered(course, bot, places) - before >= expected

        with contextlib.suppress(TimeoutError):
            await eventually(all_there, 30)
        answers.append(await answered(course, bot, places) - before)
    name = f"beantwortet von {expected} Befehlen auf einmal"
    return Figure(name, answers[0], "", expected, answers[1], least=True)


async def answered(course: Cohort, bot: str, rooms: list[str]) -> int:
    """How many answers of a bot stand in the rooms."""
    reader = course.people["tn01"]
    timelines = await asyncio.gather(*map(reader.messages, rooms))
    return sum(
        e.sender == bot and e.body.startswith(ANSWER) for events in timelines for e in events
    )


async def starts(course: Cohort) -> Figure:
    """How long it takes from the start of the process until it has read the rooms."""
    seconds = []
    for _ in range(STARTS):
        await course.service.stop()
        course.service.start()
        seconds.append(await course.service.ready())
    return Figure("bereit nach dem Start", statistics.median(seconds), "s", 2.0)


def processor(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """MiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
