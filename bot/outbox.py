"""Deliver what the outbox holds, one queue per room, and remember what was sent.

The transaction id of a message never changes and the server knows it for 24 hours, so a message
whose answer was lost is simply sent again. Later, or from another device, the room is searched
for it first.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from sqlalchemy.exc import SQLAlchemyError

from bot.obstacles import (
    PARKED,
    SLOWEST,
    Away,
    Forbidden,
    Limited,
    Unreachable,
    pause_after,
)
from bot.pacing import Pace
from bot.sending import End, Sending, deadline
from storage import outbox
from storage.models import OutgoingMessage

log = logging.getLogger(__name__)

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


Done = tuple[OutgoingMessage, *End]
"""A message and how it ended."""


@dataclass
class Delivery:
    """What is announced waits while the clock is not `trusted`: nobody knows whether it is time."""

    sending: Sending
    trusted: Callable[[], bool] = lambda: True
    _busy: set[str] = field(default_factory=set)
    _flying: set[int] = field(default_factory=set)
    _resting: set[str] = field(default_factory=set)
    _failures: dict[str, int] = field(default_factory=dict)
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
        self._sessions = self.sending.sessions

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
                    self._flying.update(row.id for row in rows)
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
        on_their_way = sum(row.id in self._flying for row in waiting)
        self._held_back |= len(free) + on_their_way < len(waiting)
        free.sort(key=lambda row: (row.room_id, deadline(row), row.due, row.id))
        return [(room, list(rows)) for room, rows in groupby(free, attrgetter("room_id"))]

    async def _waiting(self) -> list[OutgoingMessage]:
        """What is to be sent: the replies that were handed over, or all there is.

        If one of them might have been found before, it is better to look again.
        """
        handed, self._handed = self._handed, []
        if self._to_find or any(row.id <= self._newest for row in handed):
            if self._more:
                await self.settle()
            async with self._sessions() as db:
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
        self._flying.difference_update(row.id for row in rows)
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
                    await self.sending.tell_barred(row, error)
                return error.rest
        return 0.0

    async def _deliver(self, row: OutgoingMessage) -> End:
        """Send one message, as soon as the server takes one more."""
        if row.about is not None:
            await self.settle()
        while True:
            async with self._pace.turn(deadline(row)):
                try:
                    end = await self.sending.attempt(row)
                except Limited as limit:
                    self._pace.limited(limit.patience)
                    continue
            if end[0] != outbox.SENT:
                self.wake()  # the organisers are told
            return end

    def _pause(self, room_id: str, asked: float) -> float:
        """Seconds until this room is tried again; at least what the server asks for."""
        count = self._failures[room_id] = self._failures.get(room_id, 0) + 1
        return max(asked, pause_after(count))

    async def _mark(self, done: Sequence[Done]) -> None:
        if done:
            async with self._sessions.begin(lasting=False) as db:
                for row, state, event_id in done:
                    await outbox.mark(db, row, state, event_id)


def _strike(row: OutgoingMessage) -> str:
    """What all parts have in common that one strike of the clock says."""
    return row.cause.partition("#")[0]
