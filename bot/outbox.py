"""Deliver what the outbox holds, one queue per room, and remember what was sent.

The transaction id of a message never changes and the server knows it for 24 hours, so a message
whose answer was lost is simply sent again. Later, or from another device, the room is searched
for it first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy.exc import SQLAlchemyError

from bot import markup
from bot.obstacles import (
    PARKED,
    SLOWEST,
    Away,
    Broken,
    Forbidden,
    Limited,
    Rejected,
    Unreachable,
    pause_after,
)
from bot.pacing import Pace
from storage import outbox, standing
from storage.database import Sessions
from storage.models import OutgoingMessage
from storage.replies import ORGA

log = logging.getLogger(__name__)

SURE = timedelta(hours=12)
"""How long the server is trusted to recognise a transaction id (Synapse forgets after 24 h)."""

STALE = timedelta(hours=24)
"""A reply that could not be delivered for so long is of no use any more."""

SOON = 0.5
"""Seconds after which it is written down what was sent, all at once.

After a crash in between it is sent again, and the server recognises it.
"""

OFTEN = 30.0
"""Seconds after which the database is looked at anyway.

Whoever lost the connection while committing does not know that there is something to send.
"""

FEW = outbox.MOST // 2
"""As long as messages are on their way to more rooms than that, it is not looked for more."""

LEAST = 0.1
"""Shortest pause between two tries, in seconds."""


Done = tuple[OutgoingMessage, str, str | None]
"""A message, its last state, and the event that it became, if any."""

Send = Callable[[OutgoingMessage], Awaitable[str]]
Find = Callable[[OutgoingMessage], Awaitable[str | None]]


@dataclass
class Delivery:
    """`send` returns the event id; `find` searches the room for a message sent earlier.

    What is announced waits while the clock cannot be `trusted`: nobody knows whether it is time.
    What is due before the moment `unsure` may have been sent by an earlier life of the bot.
    """

    sessions: Sessions
    send: Send
    find: Find
    clock: Callable[[], datetime]
    trusted: Callable[[], bool] = lambda: True
    unsure: datetime = datetime.min.replace(tzinfo=UTC)
    _busy: set[str] = field(default_factory=set)
    _resting: set[str] = field(default_factory=set)
    _failures: dict[str, int] = field(default_factory=dict)
    _suspects: dict[int, int] = field(default_factory=dict)
    _successes: int = 0
    _held_back: bool = False
    _more: bool = False
    _done: list[Done] = field(default_factory=list)
    _handed: list[OutgoingMessage] = field(default_factory=list)
    _newest: int = 0
    _to_find: bool = True
    _pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self._sent = asyncio.Event()
        self._turn = asyncio.Lock()

    def wake(self) -> None:
        """There may be something to send: look for it."""
        self._to_find = True
        self._woken.set()

    def accept(self, rows: Sequence[OutgoingMessage]) -> None:
        """There is this to send, just committed: nobody need look for it."""
        self._handed.extend(rows)
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what cannot be sent now is tried again later."""
        async with asyncio.TaskGroup() as rooms:
            rooms.create_task(self._write_down())
            while True:
                self._woken.clear()
                try:
                    queues = await self._queues()
                except SQLAlchemyError as error:
                    log.error("cannot read what is to be sent: %s", type(error).__name__)
                    await asyncio.sleep(SLOWEST)
                    continue
                for room_id, rows in queues:
                    self._busy.add(room_id)
                    rooms.create_task(self._serve(room_id, rows))
                with suppress(TimeoutError):
                    async with asyncio.timeout(OFTEN):
                        await self._woken.wait()
                self._to_find |= not self._woken.is_set()

    async def deliver_once(self) -> None:
        """Send everything that can be sent now, room by room, and end."""
        self._to_find = True
        while queues := [q for q in await self._queues() if q[0] not in self._resting]:
            for room_id, rows in queues:
                if await self._empty(room_id, rows):
                    self._resting.add(room_id)
                await self.settle()
            self._to_find = True
        self._resting.clear()

    async def settle(self) -> None:
        """Write down what was sent so far, before anything refers to it.

        Raises `SQLAlchemyError`; then it is still to be done.
        """
        async with self._turn:
            done = self._done[:]
            await self._mark(done)
            del self._done[: len(done)]

    async def _write_down(self) -> None:
        """Settle now and then, until cancelled, and then once more."""
        try:
            while True:
                await self._sent.wait()
                await asyncio.sleep(SOON)
                self._sent.clear()
                await self._try_to_settle()
        finally:
            await self._try_to_settle()

    async def _try_to_settle(self) -> None:
        try:
            await self.settle()
        except SQLAlchemyError as error:
            log.error("cannot write down what was sent: %s", type(error).__name__)
            self._sent.set()
        if self._held_back:
            self.wake()

    async def _queues(self) -> list[tuple[str, list[OutgoingMessage]]]:
        waiting = await self._waiting()
        certain = waiting if self.trusted() else [row for row in waiting if row.expires is None]
        free = [row for row in self._in_turn(certain) if row.room_id not in self._busy]
        self._held_back |= len(free) < len(waiting)
        free.sort(key=lambda row: (row.room_id, _deadline(row), row.due, row.id))
        return [(room, list(rows)) for room, rows in groupby(free, attrgetter("room_id"))]

    async def _waiting(self) -> list[OutgoingMessage]:
        """What is to be sent: the replies that were handed over, or all there is.

        If one of them might have been found before, it is better to look again.
        """
        handed, self._handed = self._handed, []
        if self._to_find or any(row.id <= self._newest for row in handed):
            if self._more:
                await self.settle()
            async with self.sessions() as db:
                found = await outbox.waiting(db)
            self._to_find, self._more = False, len(found) == outbox.MOST
            self._held_back = self._more
            done = {row.id for row, _, _ in self._done}
            handed = [row for row in found if row.id not in done]
        self._newest = max((self._newest, *(row.id for row in handed)))
        return handed

    def _in_turn(self, waiting: Sequence[OutgoingMessage]) -> list[OutgoingMessage]:
        """Without what follows a post to another room: organisers read a result first.

        A room that is in trouble holds up nobody.
        """
        first: dict[str, str] = {}
        for row in waiting:
            if row.expires is not None and row.room_id not in self._resting:
                first.setdefault(_strike(row), row.room_id)
        return [row for row in waiting if first.get(_strike(row), row.room_id) == row.room_id]

    async def _serve(self, room_id: str, rows: Sequence[OutgoingMessage]) -> None:
        """Empty one room's queue; after trouble it rests for a while."""
        rest = await self._empty(room_id, rows)
        if rest:
            self._resting.add(room_id)
            self.wake()
            await asyncio.sleep(rest)
            self._resting.discard(room_id)
        self._busy.discard(room_id)
        if rest or (self._held_back and len(self._busy) - len(self._resting) <= FEW):
            self.wake()

    async def _empty(self, room_id: str, rows: Sequence[OutgoingMessage]) -> float:
        """Send in order until the first trouble; the seconds that the room should rest.

        When the server slows us down, each message may be overtaken by a more urgent one.
        """
        for row in rows:
            try:
                self._done.append((row, *await self._deliver(row)))
                self._sent.set()
                self._failures.pop(room_id, None)
                if self._pace.slow:
                    self._held_back = True
                    break
            except SQLAlchemyError as error:
                log.error("cannot look up what %s is about: %s", row.id, type(error).__name__)
                return self._pause(room_id, 0.0)
            except Away as away:
                await away.back()
                return LEAST
            except Unreachable as trouble:
                rest = self._pause(room_id, trouble.patience)
                log.warning("cannot send to %s: %s; again in %.0f s", room_id, trouble, rest)
                return rest
            except Forbidden as error:
                if error.rest >= PARKED:
                    await self._tell(row, f"gesperrt/{room_id}/{self.clock():%Y-%m-%d}", str(error))
                return error.rest
        return 0.0

    async def _deliver(self, row: OutgoingMessage) -> tuple[str, str | None]:
        """Send one message, as soon as the server takes one more; its last state and event id."""
        while True:
            async with self._pace.turn(_deadline(row)):
                try:
                    return await self._try(row)
                except Limited as limit:
                    self._pace.limited(limit.patience)

    async def _try(self, row: OutgoingMessage) -> tuple[str, str | None]:
        now = self.clock()
        if now > _deadline(row):
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
        await self.settle()
        async with self.sessions() as db:
            event_id = await outbox.event_of(db, str(row.about))
        if event_id is not None:
            row.content = markup.refer(row.content, event_id)
        return event_id is not None

    async def _suspect(self, row: OutgoingMessage, error: Broken) -> tuple[str, str | None]:
        """Twice the same failure while others get through: it is the message, not the server."""
        before = self._suspects.setdefault(row.id, self._successes)
        if before == self._successes:
            raise Unreachable(str(error)) from error
        log.error("message %s is given up: %s", row.id, error)
        await self._tell(row, f"aufgegeben/{row.cause}", "hat der Server nicht verarbeiten können")
        return outbox.DEAD, None

    def _pause(self, room_id: str, asked: float) -> float:
        """Seconds until this room is tried again; at least what the server asks for."""
        count = self._failures[room_id] = self._failures.get(room_id, 0) + 1
        return max(asked, pause_after(count))

    async def _mark(self, done: Sequence[Done]) -> None:
        if done:
            async with self.sessions.begin(lasting=False) as db:
                for row, state, event_id in done:
                    await outbox.mark(db, row, state, event_id)

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
        self.wake()


def _deadline(row: OutgoingMessage) -> datetime:
    """Until when a message is of use: announcements say it, replies are for a day."""
    return row.expires or row.due + STALE


def _strike(row: OutgoingMessage) -> str:
    """What all parts have in common that one strike of the clock says."""
    return row.cause.partition("#")[0]
