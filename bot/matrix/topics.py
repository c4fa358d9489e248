"""Keep the next date over the rooms of a course, where the bot may.

It is state that is compared and written, so it never comes twice, and never over what people wrote.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.matrix.client import Client
from bot.matrix.pauses import Pauses
from bot.matrix.state import Room
from bot.obstacles import PARKED, Broken, Forbidden, Rejected, Unreachable
from storage import room_topics
from storage.database import Sessions
from storage.models import Course
from storage.models import Room as Row
from storage.room_care import TOPIC

log = logging.getLogger(__name__)


@dataclass
class Topics:
    """A room that makes trouble is left alone for a while."""

    client: Client
    sessions: Sessions
    pauses: Pauses

    async def renew(self, rows: Sequence[tuple[Row, Room]], now: datetime) -> None:
        """Write what is not there already; nothing in courses that are stopped."""
        for row, room in rows:
            if not row.seen.get(TOPIC) or not self.pauses.over(room.room_id):
                continue
            async with self.sessions() as db:
                course = await db.get_one(Course, row.course_id)
                topic = await room_topics.wanted(db, course, room.topic, now)
            if self.client.line.closed:
                return
            if topic != room.topic and not course.stopped:
                await self._write(room, topic)

    async def _write(self, room: Room, topic: str) -> None:
        path = ("rooms", room.room_id, "state", "m.room.topic")
        try:
            await self.client.call("PUT", *path, body={"topic": topic})
        except (Forbidden, Rejected) as refusal:
            log.warning("may not set the topic of %s: %s", room.room_id, refusal)
            self.pauses.begin(room.room_id, PARKED)
        except (Unreachable, Broken) as trouble:
            log.warning("cannot set the topic of %s: %s", room.room_id, trouble)
            self.pauses.begin(room.room_id)
        else:
            room.topic = topic  # no /sync shows what the bot does itself
            self.pauses.end(room.room_id)
