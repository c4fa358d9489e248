"""What the service costs in the long run: memory after many events, processor time when idle."""

import asyncio
import contextlib
import os
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from bot.homeserver import Homeserver
from bot.participant import POLL_RESPONSE, Json
from tests.matrix.cohort import INFO, ORGA, PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.fake_homeserver import serving
from tests.matrix.flood import Stream, garbage, text, vote
from tests.matrix.service import Service, eventually

NAMES = ("leitung", *(f"tn{number:02}" for number in range(1, 16)))
EVENTS, BATCH = 100_000, 500
MEBIBYTES = 20
IDLE_SECONDS, SHARE = 60, 0.01
WAITING = "SELECT count(*) FROM outbox WHERE state = 'wartet' AND room_id LIKE '!%'"
COMMANDS = (
    "!hilfe",
    "!programm alle",
    "!suche Foto",
    "!link",
    "!biete Werkstatt",
    "!stimme 2",
    "!anwesenheit",
    "!netzwerk heide",
    "!unbekannt",
    "!frage w5 Wie geht das?",
)


class Crowd(Stream):
    """Everything that happens in rooms, by people who come and go."""

    def batch(self) -> Json:
        """Many events in rooms for all and for two."""
        said: dict[str, list[Json]] = {}
        for _ in range(BATCH):
            name = self.dice.choice(NAMES[1:])
            room = self.dice.choice((self.course.rooms[TALK], f"!{name}:fake"))
            said.setdefault(room, []).append(self._something(name))
        letter = {"type": "m.room.encrypted", "sender": "@a:b", "content": garbage()}
        join = {room: {"timeline": {"events": events}} for room, events in said.items()}
        return {"rooms": {"join": join}, "to_device": {"events": [letter]}}

    def _something(self, name: str) -> Json:
        dice, stranger = self.dice, secrets.token_hex(4)
        match dice.randrange(12):
            case 0:
                return self._event(name, POLL_RESPONSE, vote(f"$poll{dice.randrange(1000)}"))
            case 1:
                return self._event(name, "m.room.encrypted", garbage())
            case 2:
                about = {"rel_type": "m.annotation", "event_id": "$sent1", "key": "👍"}
                return self._event(name, "m.reaction", {"m.relates_to": about})
            case 3:
                return self._event(stranger, "m.room.message", text("Hallo zusammen!"))
            case 4:
                return self._event(name, "m.room.message", {"msgtype": 7, "body": []})
            case 5:
                kind, gone = "m.room.member", {"membership": dice.choice(("join", "leave"))}
                return self._event(stranger, kind, gone) | {"state_key": f"@{stranger}:fake"}
            case 6 | 7 | 8 | 9 | 10:
                return self._event(name, "m.room.message", text("Nur so, und noch mehr. " * 20))
        return self._event(name, "m.room.message", text(dice.choice(COMMANDS)))


@contextlib.asynccontextmanager
async def crowded(folder: Path, seed: int) -> AsyncIterator[Crowd]:
    """A course on a homeserver that is never out of breath."""
    async with serving("kursbot-x") as server:
        course = Cohort(server, Service(folder), key="x", people=dict.fromkeys(NAMES))
        course.rooms = {kind: f"!{kind}:fake" for kind in (INFO, TALK, ORGA)}
        for room in course.rooms.values():
            server.room(room, [course.user_id(name) for name in NAMES])
        for name in NAMES:
            server.room(f"!{name}:fake", [course.user_id(name)])
        limits = {"replies_per_minute": 1000}
        course.service.configure(server.base_url, course.bot, PASSWORD, limits=limits)
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        course.service.start()
        try:
            await course.service.ready()
            yield Crowd(course, server, Random(seed))
        finally:
            course.service.kill()


async def heard(crowd: Crowd, events: int) -> None:
    """So many events more, one batch after the other; what is to be said is said in between."""
    server, file = crowd.server, crowd.course.service.database

    async def quiet() -> bool:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            (waiting,) = db.execute(WAITING).fetchone()
        return server.accepted() and not waiting

    for _ in range(events // BATCH):
        server.feed(crowd.batch())
        await eventually(quiet, 300, 0.02)


@pytest.mark.soak
async def test_a_hundred_thousand_events_leave_little_in_memory(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    async with crowded(tmp_path / "bot", seed) as crowd:
        service = crowd.course.service
        start = service.memory()
        found, began = list[float](), time.monotonic()
        for _ in range(20):
            await heard(crowd, EVENTS // 20)
            found.append(service.memory())
            print(f"{found[-1] - start:+.1f}", end=" ", flush=True)
        spent = time.monotonic() - began
        answers = len(crowd.server.sent)
    print(f"MiB after {start:.1f}; seed {seed}: {answers} messages in {spent:.0f} s")
    assert found[-1] - start <= MEBIBYTES


@pytest.mark.soak
async def test_who_does_nothing_costs_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 15) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        await asyncio.sleep(5)
        before = processor(course.service.pid)
        await asyncio.sleep(IDLE_SECONDS)
        share = (processor(course.service.pid) - before) / IDLE_SECONDS
        print(f"\nidle: {share:.2%} of a core, {course.service.memory():.1f} MiB")
        assert share <= SHARE


def processor(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
