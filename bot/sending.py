"""Send one message, and know how that ended: it arrived, came too late, or will never arrive."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot import markup
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from storage import outbox, standing
from storage.database import Sessions
from storage.models import OutgoingMessage
from storage.replies import ORGA

log = logging.getLogger(__name__)

SURE = timedelta(hours=12)
"""How long the server is trusted to recognise a transaction id (Synapse forgets after 24 h)."""

STALE = timedelta(hours=24)
"""A reply that could not be delivered for so long is of no use any more."""

End = tuple[str, str | None]
"""The last state of a message, and the event that it became, if any."""

Send = Callable[[OutgoingMessage], Awaitable[str]]
Find = Callable[[OutgoingMessage], Awaitable[str | None]]


@dataclass
class Sending:
    """`send` returns the event id; `find` searches the room for a message sent earlier.

    What is due before the moment `unsure` may have been sent by an earlier life of the bot.
    """

    sessions: Sessions
    send: Send
    find: Find
    clock: Callable[[], datetime]
    unsure: datetime = datetime.min.replace(tzinfo=UTC)
    _suspects: dict[int, int] = field(default_factory=dict)
    _successes: int = 0

    async def attempt(self, row: OutgoingMessage) -> End:
        """Send it, unless it arrived before or is of no use any more.

        Raises what `bot.obstacles` names when it may be tried again.
        """
        now = self.clock()
        if now > deadline(row):
            await self._tell(row, f"verfallen/{row.cause}", "war nicht rechtzeitig zustellbar")
            return outbox.EXPIRED, None
        try:
            if row.look_first or row.due < self.unsure or now - row.due > SURE:
                found = await self.find(row)
                if found is not None:
                    return outbox.SENT, found
            if row.about is not None and not await self._referred(row):
                return outbox.DEAD, None
            event_id = await self.send(row)
        except Rejected as error:
            log.error("message %s was rejected: %s", row.id, error)
            await self._tell(row, f"abgelehnt/{row.cause}", error.told)
            return outbox.DEAD, None
        except Broken as error:
            return await self._suspect(row, error)
        self._successes += 1
        log.debug("message %s is %s", row.id, event_id)
        return outbox.SENT, event_id

    async def _referred(self, row: OutgoingMessage) -> bool:
        """Put in the event that the message is about; False when that was never sent."""
        async with self.sessions() as db:
            event_id = await outbox.event_of(db, str(row.about))
        if event_id is not None:
            row.content = markup.refer(row.content, event_id)
        return event_id is not None

    async def _suspect(self, row: OutgoingMessage, error: Broken) -> End:
        """Twice the same failure while others get through: it is the message, not the server."""
        before = self._suspects.setdefault(row.id, self._successes)
        if before == self._successes:
            raise Unreachable(str(error)) from error
        log.error("message %s is given up: %s", row.id, error)
        await self._tell(row, f"aufgegeben/{row.cause}", "hat der Server nicht verarbeiten können")
        return outbox.DEAD, None

    async def tell_barred(self, row: OutgoingMessage, why: Forbidden) -> None:
        """A line to the organisers that the bot may not speak in a room, once a day."""
        await self._tell(row, f"gesperrt/{row.room_id}/{self.clock():%Y-%m-%d}", str(why))

    async def _tell(self, row: OutgoingMessage, cause: str, reason: str) -> None:
        """One line to the organisers about a message that did not arrive, once per cause."""
        log.warning("message %s: %s", row.id, reason)
        if row.course_id is None or row.expires is None:
            return
        async with self.sessions.begin() as db:
            room_id = await standing.room_of(db, row.course_id, ORGA)
            if room_id is None or room_id == row.room_id:
                return
            title = str(row.content.get("body", "")).partition("\n")[0][:80]
            text = f"Ausgelassen: „{title}“ {reason}."
            post = OutgoingMessage(
                cause=cause,
                course_id=row.course_id,
                room_id=room_id,
                content=markup.content(text, False, cause),
                due=self.clock(),
            )
            await outbox.put(db, post)


def deadline(row: OutgoingMessage) -> datetime:
    """Until when a message is of use: announcements say it, replies are for a day."""
    return row.expires or row.due + STALE
