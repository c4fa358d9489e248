"""A course on a chat: only the rooms are made up, everything else is real."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bot
import commands
import schedules
from bot import striking
from bot.files import Files, TooLarge
from bot.incoming import Attachment, Emoji, Message, NativeVote
from bot.intake import TOKEN, Intake
from bot.outbox import Delivery
from bot.router import Router
from bot.sending import Sending
from bot.striking import Outside
from storage import courses, database, occurrences
from storage.course_files import course_file, imports
from storage.course_files.course_schema import CourseFile
from storage.database import Sessions
from storage.models import Course, OutgoingMessage
from storage.replies import Place
from tests import databases
from tests.postgres import GIVEN

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
RULES = {name.replace("_", "-") for name in schedules.discover()} | {"material"}
SERVER = "chat.example.org"
LEADER = "leitung-ihk"


@dataclass(frozen=True)
class Said:
    """What the bot said: where, as what, and the whole content."""

    room: str
    type: str
    content: Mapping[str, Any]
    file: bytes | None = None

    @property
    def body(self) -> str:
        return str(self.content.get("body", self.content.get("m.relates_to", {}).get("key", "")))


@cache
def parsed(data: bytes) -> CourseFile:
    """Most tests begin with the same course."""
    return course_file.read(data, RULES)


@dataclass
class Chat:
    """Rooms where people and the clock speak and the bot answers."""

    sessions: Sessions
    course: Course | None = None
    now: datetime = datetime.fromisoformat("2026-11-24T15:00:00+01:00")
    said: list[Said] = field(default_factory=list)
    inside: dict[str, set[str]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=itertools.count)
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ["Kursbot", "kursbot", f"@kursbot:{SERVER}"]
        known = schedules.discover()
        self.router = Router(commands.discover(), names, shared=self.shared, schedules=known)
        files = Files(self.fetch, RULES)
        self.intake = Intake(self.sessions, self.router, lambda rows: None, files=files)

    async def loads(self, path: Path = SAMPLE, now: str = "2026-10-01 12:00") -> list[str]:
        """Import a course and give its rooms ids; what changed."""
        return await self.imports(path.read_bytes(), now)

    async def imports(self, data: bytes, now: str = "2026-10-01 12:00") -> list[str]:
        file = parsed(data)
        self.at(now)
        async with self.sessions.begin() as db:
            result = await imports.apply(db, file, self.now)
            self.course = await courses.by_key(db, file.kurs.id)
            for room in await courses.rooms(db, self.course):
                room.room_id = room.room_id or self.room(room.kind)
            await db.flush()
            await occurrences.plan(db, self.course, self.now)
        rooms = [self.room(place) for place in ("ankuendigungen", "austausch", "orga")]
        for person in file.person:
            self.inside.setdefault(person.mxid, set(rooms[:2]))
        for leader in file.admin.mxids:
            self.inside.setdefault(leader, set(rooms))
        self.at("2026-11-24 15:00")
        return list(result.changes)

    def shared(self, person: str) -> set[str]:
        """Who takes part is in the rooms for that; `inside` says by Matrix id who is where."""
        return self.inside.get(person, set())

    def at(self, text: str) -> None:
        """Set the clock to a local time of the course."""
        moment = datetime.fromisoformat(text)
        zone = self.course.zone if self.course else self.now.tzinfo
        self.now = moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def room(self, place: str, by: str = "") -> str:
        return f"!{place}-{by}:{SERVER}" if place == "direct" else f"!{place}:{SERVER}"

    def message(
        self, body: str, by: str = "tn02", place: str = "direct", **changes: Any
    ) -> Message:
        message = Message(
            event_id=f"$event{next(self.ids)}",
            room_id=self.room(place, by),
            sender=by if by.startswith("@") else f"@{by}:{SERVER}",
            body=body,
            sent=self.now,
            now=self.now,
            direct=place == "direct",
        )
        return replace(message, **changes)

    async def says(self, body: str, by: str = "tn02", place: str = "direct", **changes: Any) -> str:
        """What the bot answers, everywhere, in the order in which it is sent."""
        return await self.hears(self.message(body, by, place, **changes))

    async def fetch(self, source: Mapping[str, Any], most: int) -> bytes:
        data = self.files[source["url"]]
        if len(data) > most:
            raise TooLarge
        return data

    async def uploads(
        self, name: str, data: bytes, by: str = "leitung-ihk", place: str = "orga", **changes: Any
    ) -> str:
        """What the bot answers to a file that somebody puts into a room."""
        typed = self.message("", by, place)
        url = f"mxc://{SERVER}/{typed.event_id[1:]}"
        self.files[url] = data
        info = {"mimetype": "application/octet-stream", "size": len(data)}
        where = (typed.event_id, typed.room_id, typed.sender, name)
        file = Attachment(*where, {"url": url, "info": info}, self.now, self.now)
        return await self.hears(replace(file, **changes))

    async def reacts(
        self, key: str, on: str = "", by: str = "tn02", place: str = "direct", **changes: Any
    ) -> str:
        """What the bot answers to an emoji on a message, on the last one that it has sent."""
        typed = self.message("", by, place)
        where = (typed.event_id, typed.room_id, typed.sender, on or f"$sent{len(self.said)}")
        emoji = Emoji(*where, key, self.now, self.now, direct=typed.direct)
        return await self.hears(replace(emoji, **changes))

    async def hears(self, *events: Message | Attachment | Emoji | NativeVote) -> str:
        before = len(self.said)
        await self.intake.take(events, {TOKEN: "token"})
        await self.deliver()
        return "\n".join(said.body for said in self.said[before:])

    async def clock_strikes(self, now: str) -> str:
        """What the bot says unasked."""
        self.at(now)
        before = len(self.said)
        outside = Outside(shared=self.shared)
        await striking.strike(self.sessions, schedules.discover(), self.now, outside)
        await self.deliver()
        return "\n".join(said.body for said in self.said[before:])

    async def deliver(self) -> None:
        async def send(row: OutgoingMessage) -> str:
            self.said.append(Said(row.room_id, row.type, row.content, row.file))
            return f"$sent{len(self.said)}"

        async def find(row: OutgoingMessage) -> str | None:
            return None

        delivery = Delivery(Sending(self.sessions, send, find, lambda: self.now))
        await delivery.deliver_once()

    def place_of(self, said: Said) -> Place:
        return Place(said.room.removeprefix("!").partition(":")[0])


RUNNING = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """One server for all processes of the run, if it is not to be SQLite."""
    config.stash[RUNNING] = ExitStack()
    if databases.POSTGRESQL:
        os.environ[GIVEN] = config.stash[RUNNING].enter_context(databases.server())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUNNING].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, whatever the other tests use."""
    with databases.server() as url:
        yield url


@pytest.fixture(autouse=databases.POSTGRESQL)
def _emptied() -> Iterator[None]:
    """Nothing of a test is left for the next one."""
    yield
    databases.ACCOUNTS.give_back()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
        yield Chat(sessions)
