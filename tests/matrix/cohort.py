"""A course with people, rooms and a bot of its own, on a homeserver that others use, too."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.demo import course as demo_course
from bot.demo.course import AHEAD, SAMPLE, Times
from bot.homeserver import Homeserver
from bot.participant import Event, Participant
from tests.matrix.service import Service, eventually

PASSWORD = "geheim"
INFO, TALK, ORGA = "ankuendigungen", "austausch", "orga"
MEETING = """
[[termin]]
id = "n{number}"
art = "webinar"
nummer = {number}
datum = {start:%Y-%m-%d}
beginn = {start:%H:%M:%S}
ende = {end:%H:%M:%S}
ue = 2
thema = "Ansage {number}"
"""


@dataclass
class Cohort:
    """Everybody goes by a short name: `leitung`, `tn01` … `tn16`, as in the sample course.

    `encrypted` are all of its rooms and direct chats, or none.
    """

    homeserver: Homeserver
    service: Service
    encrypted: bool = False
    key: str = field(default_factory=lambda: secrets.token_hex(4))
    people: dict[str, Participant] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    direct: dict[str, str] = field(default_factory=dict)

    @property
    def bot(self) -> str:
        """The Matrix ID of the bot."""
        return self.user_id("kursbot")

    @property
    def everywhere(self) -> dict[str, str]:
        """All rooms by their ids, and who can read them."""
        private = {room: name for name, room in self.direct.items()}
        return dict.fromkeys(self.rooms.values(), "leitung") | private

    def user_id(self, name: str) -> str:
        return self.homeserver.user_id(f"{name}-{self.key}")

    async def register(self, name: str) -> None:
        await self.homeserver.register(f"{name}-{self.key}", PASSWORD, displayname=name)

    async def gather(self, names: Sequence[str], stack: contextlib.AsyncExitStack) -> None:
        """Accounts for everybody, rooms with everybody in them, direct chats with the bot."""
        await asyncio.gather(*map(self.register, ("kursbot", "leitung", *names)))
        for name in ("leitung", *names):
            person = Participant(self.homeserver.base_url, self.user_id(name))
            self.people[name] = await stack.enter_async_context(person)
        await asyncio.gather(*(person.login(PASSWORD) for person in self.people.values()))
        guests = [self.user_id(name) for name in names]
        await asyncio.gather(*(self._room(k, [self.bot, *guests]) for k in (INFO, TALK)))
        await self._room(ORGA, [self.bot])
        await asyncio.gather(*map(self._settle_in, names))

    async def _room(self, kind: str, guests: list[str]) -> None:
        leader = self.people["leitung"]
        self.rooms[kind] = await leader.create_room(
            kind, encrypted=self.encrypted, preset="private_chat", invite=guests
        )

    async def _settle_in(self, name: str) -> None:
        person = self.people[name]
        for kind in (INFO, TALK):
            await person.join(self.rooms[kind])
        self.direct[name] = await person.create_room(
            encrypted=self.encrypted,
            preset="trusted_private_chat",
            is_direct=True,
            invite=[self.bot],
        )

    def course(self, when: Times, announced: Sequence[datetime] = ()) -> str:
        """The sample course with these people and rooms, its fourth week now.

        At each of the announced moments it says "Gleich geht es los" about `Ansage 100` and so on.
        """
        text = demo_course.written(SAMPLE.read_text("utf-8"), when)
        rooms = {kind: json.dumps(room) for kind, room in self.rooms.items()}
        text = demo_course.changed(text, "[raeume]", **rooms)
        leader = json.dumps([self.user_id("leitung")])
        text = demo_course.changed(text, "[admin]", mxids=leader)
        text = demo_course.changed(text, "[kurs]", id=json.dumps(f"kurs-{self.key}"))
        for name in self.people:
            text = text.replace(f'"@{name}:chat.example.org"', json.dumps(self.user_id(name)))
        starts = [(moment + AHEAD).astimezone(when.zone) for moment in announced]
        return text + "".join(
            MEETING.format(number=number, start=start, end=start + timedelta(minutes=30))
            for number, start in enumerate(starts, 100)
        )

    async def arrive(self) -> None:
        """Start the bot, and wait until it has joined all rooms and reads them."""
        self.service.start()
        await self.service.ready()
        for room, name in self.everywhere.items():
            await self.joined(room, self.people[name])
        await asyncio.gather(*map(self._greet, self.direct))

    async def _greet(self, name: str) -> None:
        person, room = self.people[name], self.direct[name]
        await person.say(room, "!danke")
        await person.wait_for(lambda e: e.room == room and e.type == "m.reaction")

    async def joined(self, room: str, person: Participant) -> None:
        """Wait until the bot is in a room."""

        async def there() -> bool:
            members = await person.call("GET", "rooms", room, "joined_members")
            return self.bot in members["joined"]

        await eventually(there, 30)

    async def timeline(self, room: str) -> list[Event]:
        """Everything that happened in a room, as somebody reads it back who is in it."""
        return await self.people[self.everywhere[room]].messages(room)

    async def unreadable(self) -> dict[str, list[str]]:
        """Who cannot read what, by event ids, of all that was said where they are."""
        found: dict[str, list[str]] = {}
        for name, person in self.people.items():
            for room in await person.joined_rooms():
                sealed = [event.id for event in await person.messages(room) if event.unreadable]
                if sealed:
                    found.setdefault(name, []).extend(sealed)
        return found


@contextlib.asynccontextmanager
async def cohort(
    homeserver: Homeserver,
    folder: Path,
    size: int,
    *,
    encrypted: bool = False,
    **settings: dict,
) -> AsyncIterator[Cohort]:
    """So many people in their rooms with an invited bot that has no course yet."""
    names = [f"tn{number:02}" for number in range(1, size + 1)]
    async with contextlib.AsyncExitStack() as stack:
        found = Cohort(homeserver, Service(folder / "bot"), encrypted)
        stack.callback(lambda: found.service.kill())  # a test may have put another in its place
        await found.gather(names, stack)
        found.service.configure(homeserver.base_url, found.bot, PASSWORD, **settings)
        yield found


def late_morning(now: datetime) -> ZoneInfo:
    """A zone without clock changes where it is past 11:00: no rule of the sample speaks then."""
    return ZoneInfo(f"Etc/GMT{now.astimezone(UTC).hour - 11:+d}")


def times(now: datetime, opens_after: float = 3) -> Times:
    """The poll opens soon and is open for hours; the webinar of the week is announced then, too."""
    zone = late_morning(now)
    start = now.astimezone(zone).replace(microsecond=0) + timedelta(seconds=1)
    opens = start + timedelta(seconds=opens_after)
    return Times(zone, opens, opens, start + timedelta(hours=6))
