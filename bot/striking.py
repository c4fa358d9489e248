"""What is due is said, each occurrence once.

What is to happen stands in the database, and ends there in the transaction that puts the words
into the outbox: neither a crash nor a long absence loses or doubles anything.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import absence, announcing, foretelling
from schedules import Schedule
from storage import occurrences, outbox
from storage.database import Sessions
from storage.joined import Shared, nowhere
from storage.models import Occurrence, OutgoingMessage
from storage.replies import Post

log = logging.getLogger(__name__)

LATE = timedelta(minutes=10)
"""What is said later than this is reported to the organisers."""

GROUP = 20
"""As many occurrences go in one transaction if they change nothing else.

A Wednesday morning gets out in half the time, and nobody waits for an answer noticeably longer.
"""

Schedules = Mapping[str, Schedule]
Before = Callable[[Occurrence], Awaitable[Sequence[Post]]]
"""What has to be done before an occurrence, and is said about it behind everything else."""


async def nothing(_: Occurrence) -> Sequence[Post]:
    """Nothing has to be done before."""
    return ()


@dataclass(frozen=True)
class Outside:
    """What the clock has to ask those who talk to the server; `shared` is that of the contexts.

    They hear what to `say` at once: the first messages of a morning need not wait for the last.
    """

    before: Before = nothing
    shared: Shared = nowhere
    say: Callable[[Sequence[OutgoingMessage]], None] = lambda rows: None


ALONE: Final = Outside()
"""There is no server."""


async def strike(
    sessions: Sessions, schedules: Schedules, now: datetime, outside: Outside = ALONE
) -> int:
    """Let everything happen that is due by now; how many messages came of it.

    What is no longer useful is left out, and the organisers are told, also about what is late.
    """
    async with sessions() as db:
        found = await occurrences.due(db, now)
    useful = [occurrence for occurrence in found if now < occurrence.expires]
    said = await _Strike(sessions, schedules, now, outside).all(useful)
    late = [one for one, count in said if count and now - one.due > LATE]
    useless = [occurrence for occurrence in found if now >= occurrence.expires]
    total = sum(count for _, count in said)
    for course_id in dict.fromkeys(occurrence.course_id for occurrence in (*useless, *late)):
        theirs = [occurrence for occurrence in late if occurrence.course_id == course_id]
        total += await absence.tell(sessions, schedules, course_id, theirs, now)
    return total


Counts = list[tuple[Occurrence, int]]
"""Occurrences, and how many messages came of each."""


@dataclass(frozen=True)
class _Strike:
    sessions: Sessions
    schedules: Schedules
    now: datetime
    outside: Outside

    async def all(self, found: Iterable[Occurrence]) -> Counts:
        said: Counts = []
        for some in self._groups(found):
            said += await self._attempt(some)
        return said

    def _groups(self, found: Iterable[Occurrence]) -> Iterator[Sequence[Occurrence]]:
        """In order; only those go together that read the course and change nothing in it."""
        for reading, neighbours in groupby(found, self._only_reads):
            rest = list(neighbours)
            while rest:
                size = GROUP if reading else 1
                yield rest[:size]
                del rest[:size]

    def _only_reads(self, occurrence: Occurrence) -> bool:
        schedule = self.schedules.get(occurrence.schedule)
        return schedule is not None and schedule.foretold

    async def _attempt(self, some: Sequence[Occurrence]) -> Counts:
        """One transaction. What fails together is tried alone; what fails alone stays due."""
        try:
            notes = [await self.outside.before(one) for one in some]
            async with self.sessions.begin() as db:
                said = [
                    (one, await self._happen(db, one, beside))
                    for one, beside in zip(some, notes, strict=True)
                ]
            self.outside.say(outbox.fresh(db))
            return said
        except Exception as error:
            if len(some) > 1:
                return [said for one in some for said in await self._attempt([one])]
            if not isinstance(error, announcing.RoomUnknown):
                log.exception("occurrence %s failed", some[0].id)
            return []

    async def _happen(self, db: AsyncSession, occurrence: Occurrence, notes: Sequence[Post]) -> int:
        """Say it, unless it is not due any more. Raises `announcing.RoomUnknown`."""
        row = await occurrences.still_due(db, occurrence, self.now)
        if row is None:
            return 0
        ctx = await foretelling.context(db, row, self.now, self.outside.shared)
        said = await foretelling.speak(self.schedules[row.schedule], ctx)
        ctx.also.extend(notes)
        count = await announcing.put(db, ctx, row, said)
        state = occurrences.SENT if count else occurrences.OVER
        await occurrences.finish(db, row, state)
        log.debug("occurrence %s: %s", row.id, state)
        return count
