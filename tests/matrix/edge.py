"""The part of the bot that looks after rooms, on a real homeserver and turn by turn."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from bot.homeserver import Homeserver
from bot.matrix.access import Access, Credentials
from bot.matrix.client import Client
from bot.matrix.direct_chats import DirectChats
from bot.matrix.rooms import Doorkeeper
from bot.matrix.state import Rooms
from bot.participant import Participant
from storage import database, invitations, outbox, rooms
from storage.database import Sessions
from storage.models import Course, Organiser, Person, Room
from tests import databases
from tests.matrix.conftest import PASSWORD, Login

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
TURN = timedelta(seconds=3)


@dataclass
class Edge:
    """One process of the bot; `now` is its clock, three seconds later after each turn."""

    client: Client
    sessions: Sessions
    now: datetime = START
    rooms: Rooms = field(default_factory=Rooms)
    since: str = ""
    woken: int = 0

    def __post_init__(self) -> None:
        self.doorkeeper = Doorkeeper(
            self.client, self.sessions, self.rooms, lambda: self.now, self._wake
        )
        self.chats = DirectChats(self.client, self.sessions, self.rooms, lambda: self.now)

    def _wake(self) -> None:
        self.woken += 1

    async def turn(self) -> None:
        """One /sync and everything that follows from it."""
        timeline = {"limit": 100, "not_senders": [self.client.user_id]}
        query = {"filter": json.dumps({"room": {"timeline": timeline}}), "timeout": "200"}
        query |= {"since": self.since} if self.since else {}
        query |= {} if self.rooms.known else {"full_state": "true"}
        batch = await self.client.call("GET", "sync", query=f"?{urlencode(query)}")
        self.rooms.update(batch)
        await self.doorkeeper.notice(batch, self.now)
        await self.doorkeeper.settle(batch)
        await self.doorkeeper.attend()
        self.since, self.now = batch["next_batch"], self.now + TURN

    async def until(self, check: Callable[[], object], seconds: float = 20) -> None:
        """Take turns until the check says yes; TimeoutError when it does not in time."""
        async with asyncio.timeout(seconds):
            while not check():
                await self.turn()

    async def turns(self, number: int = 4) -> None:
        for _ in range(number):
            await self.turn()

    async def restarted(self) -> "Edge":
        """Another process of the same bot: it knows what is in the database."""
        other = Edge(self.client, self.sessions, self.now, since=self.since)
        await other.doorkeeper.open()
        return other

    async def course(self, rooms: dict[str, str], leader: str, people: Sequence[str] = ()) -> None:
        """Put a course with these rooms by kind and these people into the database."""
        day = date(2026, 11, 1)
        async with self.sessions.begin() as db:
            course = Course(
                key="k",
                title="K",
                short_title="K",
                timezone="Europe/Berlin",
                begins=day,
                ends=day,
                imported_at=START,
            )
            db.add(course)
            await db.flush()
            for kind, room in rooms.items():
                room_id = room if room.startswith("!") else None
                db.add(Room(course_id=course.id, kind=kind, address=room, room_id=room_id))
            db.add(Organiser(course_id=course.id, mxid=leader))
            for mxid in people:
                db.add(Person(course_id=course.id, key=mxid, display=mxid, mxid=mxid))

    async def said(self) -> list[tuple[str, str]]:
        """What the bot wants to say, by room."""
        async with self.sessions() as db:
            return [(row.room_id, row.content["body"]) for row in await outbox.every(db)]


@asynccontextmanager
async def edge(homeserver: Homeserver, bot: Participant, folder: Path) -> AsyncIterator[Edge]:
    """The edge of an account, with a database of its own."""
    credentials = Credentials(access_token=await bot.login(PASSWORD))
    client = Client(homeserver.base_url, bot.user_id, Access(credentials, lambda _: None))
    async with database.opened(databases.of(folder / "kursbot.db")) as sessions:
        found = Edge(client, sessions)
        await found.doorkeeper.open()
        try:
            yield found
        finally:
            await client.close()


@dataclass
class House:
    """A course with two rooms that the bot is in, its leader and a participant."""

    edge: Edge
    bot: Participant
    leader: Participant
    guest: Participant
    talk: str
    orga: str

    async def inside(self, room: str) -> bool:
        return room in await self.bot.joined_rooms()

    async def memberships(self) -> dict[str, str]:
        async with self.edge.sessions() as db:
            return await rooms.memberships(db)

    async def declined(self) -> dict[str, int]:
        async with self.edge.sessions() as db:
            return {who: n for (_, who), n in (await invitations.declined(db)).items()}


@asynccontextmanager
async def furnished(
    homeserver: Homeserver, participant: Login, folder: Path, **options: object
) -> AsyncIterator[House]:
    """The course, with everybody inside; options are those of its two rooms."""
    bot, leader, guest = [await participant(name) for name in ("kursbot", "leitung", "gast")]
    guests = [bot.user_id, guest.user_id]
    options = {"preset": "private_chat"} | options
    talk = await leader.create_room("Austausch", invite=guests, **options)
    orga = await leader.create_room("Orga", invite=guests[:1], **options)
    await guest.join(talk)
    async with edge(homeserver, bot, folder) as found:
        course = {"austausch": talk, "orga": orga}
        await found.course(course, leader.user_id, [guest.user_id])
        await found.until(lambda: {talk, orga} <= found.rooms.known.keys())
        await found.turn()
        yield House(found, bot, leader, guest, talk, orga)
