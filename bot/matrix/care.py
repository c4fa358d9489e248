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
from bot.matrix.vouching import vouched
from bot.outbox import PARKED, Broken, Forbidden, Rejected, Unreachable
from storage import facts, room_care, room_topics, setup_check
from storage.database import Sessions
from storage.models import Course, Person
from storage.models import Room as Row
from storage.replies import ORGA, TALK
from storage.room_care import ENCRYPTED, PIN, TOLD, TOPIC, WRITE
from storage.setup_check import SIGNED

log = logging.getLogger(__name__)

KEYS, HOUR = "keys", 3600.0
STEADY = timedelta(seconds=4)
"""So long nothing new must have been found before the organisers read what was."""

Trouble = (Unreachable, Broken, Forbidden, Rejected)


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

    async def tend(self) -> None:
        """Do what is to be done by now; to be called now and then. Nothing while we are cut off."""
        if self.client.line.closed:
            return
        now = self.clock()
        await self._check_keys()
        async with self.sessions() as db:
            rows = [
                row
                for row in await room_care.held(db, now.date())
                if self.rooms.get(str(row.room_id))
            ]
            arriving = await room_care.newcomers(db)
        await self._look(rows)
        await self._introduce([r for r in rows if r.kind == ORGA and not r.seen.get(TOLD)], now)
        await self._welcome(rows, arriving, now)
        await self._name(rows, now)

    def _known(self, row: Row) -> Room:
        return self.rooms.known[str(row.room_id)]

    async def _check_keys(self) -> None:
        """Once an hour: whether other clients see that the device belongs to the account."""
        if not self._pauses.over(KEYS):
            return
        user, device = self.client.user_id, self.client.device_id
        self._pauses.begin(KEYS, HOUR)
        try:
            body = {"device_keys": {user: [device]}}
            answer = await self.client.call("POST", "keys", "query", body=body)
        except Trouble as trouble:
            log.warning("cannot look at the own keys: %s", trouble)
            return
        async with self.sessions.begin() as db:
            await facts.put(db, SIGNED, "ja" if vouched(answer, user, device) else "nein")

    async def _look(self, rows: Sequence[Row]) -> None:
        """Keep what is new about rooms."""
        for row in rows:
            room = self._known(row)
            rights = room.rights(self.client.user_id)
            seen = {ENCRYPTED: room.encryption is not None, WRITE: rights.write}
            seen |= {PIN: rights.pin, TOPIC: rights.name_topic}
            if {**row.seen, **seen} != row.seen:
                async with self.sessions.begin() as db:
                    await room_care.note(db, room.room_id, seen, room.joined)
                row.seen = {**row.seen, **seen}

    async def _introduce(self, rows: Sequence[Row], now: datetime) -> None:
        """Tell organisers what was found, once, when the bot is in their room."""
        for row in rows:
            async with self.sessions.begin() as db:
                course = await db.get_one(Course, row.course_id)
                text = await setup_check.told(db, course)
                before, since = self._found.get(row.id, ("", now))
                if text != before:
                    self._found[row.id] = text, now
                elif now - since >= STEADY:
                    cause = f"prüfung/{course.key}/{row.room_id}"
                    await organisers.tell(db, course.id, f"Ich bin da. {text}", cause, now)
                    await room_care.note(db, str(row.room_id), {TOLD: True}, ())
                    self.wake()

    async def _welcome(
        self, rows: Sequence[Row], arriving: Sequence[Person], now: datetime
    ) -> None:
        """Who has come since the bot has: in the direct chat if there is one, else in a room."""
        for course_id in {person.course_id for person in arriving}:
            public = [r for r in rows if r.course_id == course_id and r.kind != ORGA]
            public.sort(key=lambda row: row.kind != TALK)
            joined = {user for row in public for user in self._known(row).joined}
            people = [p for p in arriving if p.course_id == course_id and p.mxid in joined]
            if people:
                await self._greet(people, str(public[0].room_id), now)

    async def _greet(self, people: Sequence[Person], common: str, now: datetime) -> None:
        where: dict[str, list[Person]] = {}
        for person in people:
            chat = await self.chats.existing(str(person.mxid))
            where.setdefault(chat or common, []).append(person)
        async with self.sessions.begin() as db:
            course = await db.get_one(Course, people[0].course_id)
            if await room_care.speaks(db, course, now):
                if await welcoming.welcome(db, course, where, now):
                    self.wake()

    async def _name(self, rows: Sequence[Row], now: datetime) -> None:
        """Put the next date over the rooms where the bot may; where it says so, nothing is done."""
        for row in rows:
            room = self._known(row)
            if row.kind == ORGA or not row.seen[TOPIC] or not self._pauses.over(room.room_id):
                continue
            async with self.sessions() as db:
                course = await db.get_one(Course, row.course_id)
                topic = await room_topics.wanted(db, course, room.topic, now)
            if topic != room.topic and not course.stopped:
                await self._put_topic(room, topic)

    async def _put_topic(self, room: Room, topic: str) -> None:
        path = ("rooms", room.room_id, "state", "m.room.topic")
        try:
            await self.client.call("PUT", *path, body={"topic": topic})
        except Trouble as trouble:
            log.warning("cannot name the topic of %s: %s", room.room_id, trouble)
            least = PARKED if isinstance(trouble, Forbidden | Rejected) else 0.0
            self._pauses.begin(room.room_id, least)
            return
        room.topic = topic  # no /sync shows what the bot does itself
        self._pauses.end(room.room_id)
