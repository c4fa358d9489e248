"""Look after the rooms of courses: what is possible there, who has come, what stands over them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import organisers, welcoming
from bot.matrix.client import Client
from bot.matrix.direct_chats import DirectChats
from bot.matrix.pauses import Pauses
from bot.matrix.state import Room, Rooms
from bot.matrix.topics import Topics
from bot.matrix.vouching import vouched
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from storage import facts, room_care, setup_check
from storage.database import Sessions
from storage.models import Course, Person
from storage.models import Room as Row
from storage.replies import INFO, ORGA, TALK
from storage.room_care import ENCRYPTED, PIN, TOLD, TOPIC, WRITE
from storage.setup_check import SIGNED

log = logging.getLogger(__name__)

KEYS, HOUR = "keys", 3600.0
STEADY = timedelta(seconds=4)
"""So long nothing new must have been found before the organisers read what was."""

Held = tuple[Row, Room]
"""A room of a course, and what it is like."""


@dataclass
class Caretaker:
    """`wake` starts the delivery of what it says."""

    client: Client
    sessions: Sessions
    rooms: Rooms
    chats: DirectChats
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    _found: dict[int, tuple[str, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pauses = Pauses(self.clock)
        self._topics = Topics(self.client, self.sessions, self._pauses)

    async def tend(self) -> None:
        """Do what is to be done by now; to be called now and then. Nothing while we are cut off."""
        if self.client.line.closed:
            return
        await self._check_keys()
        now = self.clock()
        async with self.sessions() as db:
            rows = await room_care.held(db, now)
        held = [(row, room) for row in rows if (room := self.rooms.get(str(row.room_id)))]
        for row, room in held:
            await self._look(row, room)
        for row, _ in held:
            if row.kind == ORGA and not row.seen.get(TOLD):
                await self._introduce(row, now)
        public = [(row, room) for row, room in held if row.kind in (INFO, TALK)]
        await self._welcome(public, now)
        await self._topics.renew(public, now)

    async def _check_keys(self) -> None:
        """Once an hour: whether other clients see that the device belongs to the account."""
        if not self._pauses.over(KEYS):
            return
        user, device = self.client.user_id, self.client.device_id
        try:
            body = {"device_keys": {user: [device]}}
            answer = await self.client.call("POST", "keys", "query", body=body)
        except (Unreachable, Broken, Forbidden, Rejected) as trouble:
            log.warning("cannot look at the own keys: %s", trouble)
            self._pauses.begin(KEYS)
            return
        self._pauses.end(KEYS)
        self._pauses.begin(KEYS, HOUR)
        async with self.sessions.begin() as db:
            await facts.put(db, SIGNED, "ja" if vouched(answer, user, device) else "nein")

    async def _look(self, row: Row, room: Room) -> None:
        """Keep what is new about a room; no /sync shows that the bot itself has joined it."""
        room.members[self.client.user_id] = "join"
        rights = room.rights(self.client.user_id)
        seen = {ENCRYPTED: room.encryption is not None, WRITE: rights.write}
        seen |= {PIN: rights.pin, TOPIC: rights.name_topic}
        if {**row.seen, **seen} != row.seen:
            async with self.sessions.begin() as db:
                await room_care.note(db, room.room_id, seen, room.joined)
            row.seen = {**row.seen, **seen}

    async def _introduce(self, row: Row, now: datetime) -> None:
        """Tell organisers what was found, once, when the bot is in their room."""
        async with self.sessions() as db:
            course = await db.get_one(Course, row.course_id)
            text = await setup_check.told(db, course)
        before, since = self._found.get(row.id, ("", now))
        if text != before:
            self._found[row.id] = text, now
        elif now - since >= STEADY:
            async with self.sessions.begin() as db:
                cause = f"prüfung/{course.key}/{row.room_id}"
                await organisers.tell(db, course.id, f"Ich bin da. {text}", cause, now)
                await room_care.note(db, str(row.room_id), {TOLD: True}, ())
            self.wake()

    async def _welcome(self, public: Sequence[Held], now: datetime) -> None:
        """Who has come since the bot has: in the direct chat if there is one, else in a room."""
        async with self.sessions() as db:
            arriving = await room_care.newcomers(db)
        for course_id in {person.course_id for person in arriving}:
            here = [held for held in public if held[0].course_id == course_id]
            here.sort(key=lambda held: held[0].kind != TALK)
            joined = {user for _, room in here for user in room.joined}
            people = [p for p in arriving if p.course_id == course_id and p.mxid in joined]
            if people:
                await self._greet(people, here[0][1].room_id, now)

    async def _greet(self, people: Sequence[Person], common: str, now: datetime) -> None:
        async with self.sessions() as db:
            course = await db.get_one(Course, people[0].course_id)
            if not await room_care.speaks(db, course, now):
                return
        where: dict[str, list[Person]] = {}
        for person in people:
            chat = await self.chats.existing(str(person.mxid))
            where.setdefault(chat or common, []).append(person)
        async with self.sessions.begin() as db:
            await welcoming.welcome(db, course, where, now)
        self.wake()
