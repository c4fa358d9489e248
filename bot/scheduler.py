"""What is due is said: schedules run when their moment has come, each occurrence once.

APScheduler is only the alarm clock. What is to happen stands in the database, so that neither a
crash nor a long absence loses or doubles anything.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot import absence, announcing, foretelling
from schedules import Schedule
from storage import occurrences, outbox
from storage.database import Sessions
from storage.joined import Shared, nowhere
from storage.models import Occurrence, OutgoingMessage
from storage.replies import Post

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
"""Seconds after which the database is looked at anyway: somebody may have imported a course."""

LATE = timedelta(minutes=10)
"""What is said later than this is reported to the organisers."""

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


async def run(
    sessions: Sessions,
    schedules: Schedules,
    clock: Callable[[], datetime | None],
    wake: Callable[[], None],
    outside: Outside = ALONE,
) -> None:
    """Strike until cancelled; `wake` is called whenever there is something to deliver.

    Nothing is struck while the clock says None: then nobody knows what time it is.
    The heartbeat is no job of APScheduler's, which sleeps on when somebody sets the clock back.
    """
    ringing = asyncio.Event()
    alarm = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
    alarm.start()
    try:
        while True:
            ringing.clear()
            striking = partial(strike, sessions, schedules, outside=outside)
            now = clock()
            if now and await _tick(sessions, striking, now, partial(_set, alarm, ringing)):
                wake()
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT):
                    await ringing.wait()
    finally:
        alarm.shutdown(wait=False)


def _set(alarm: AsyncIOScheduler, ringing: asyncio.Event, moment: datetime) -> None:
    async def ring() -> None:
        ringing.set()

    alarm.add_job(ring, DateTrigger(moment), id="next", replace_existing=True)


async def _tick(
    sessions: Sessions,
    striking: Callable[[datetime], Awaitable[int]],
    now: datetime,
    ring_at: Callable[[datetime], None],
) -> int:
    """Strike once and set the alarm; if that goes wrong, the next heartbeat tries again."""
    try:
        count = await striking(now)
        async with sessions() as db:
            moment = await occurrences.next_due(db, after=now)
    except Exception:
        log.exception("the clock could not strike")
        return 0
    if moment is not None:
        ring_at(moment)
    return count


async def strike(
    sessions: Sessions, schedules: Schedules, now: datetime, outside: Outside = ALONE
) -> int:
    """Let everything happen that is due by now; how many messages came of it.

    What is no longer useful is left out, and the organisers are told, also about what is late.
    """
    async with sessions() as db:
        found = await occurrences.due(db, now)
    count, late = 0, list[Occurrence]()
    for occurrence in (one for one in found if now < one.expires):
        said = await _attempt(sessions, schedules, occurrence, now, outside)
        count += said
        if said and now - occurrence.due > LATE:
            late.append(occurrence)
    useless = [occurrence for occurrence in found if now >= occurrence.expires]
    for course_id in dict.fromkeys(occurrence.course_id for occurrence in (*useless, *late)):
        theirs = [occurrence for occurrence in late if occurrence.course_id == course_id]
        count += await absence.tell(sessions, schedules, course_id, theirs, now)
    return count


async def _attempt(
    sessions: Sessions,
    schedules: Schedules,
    occurrence: Occurrence,
    now: datetime,
    outside: Outside,
) -> int:
    """One occurrence in one transaction. What fails stays due, and is tried again while useful."""
    try:
        notes = await outside.before(occurrence)
        async with sessions.begin() as db:
            row = await occurrences.still_due(db, occurrence, now)
            if row is None:
                return 0
            ctx = await foretelling.context(db, row, now, outside.shared)
            said = await foretelling.speak(schedules[row.schedule], ctx)
            ctx.also.extend(notes)
            count = await announcing.put(db, ctx, row, said)
            state = occurrences.SENT if count else occurrences.OVER
            await occurrences.finish(db, row, state)
            log.debug("occurrence %s: %s", row.id, state)
        outside.say(outbox.fresh(db))
        return count
    except announcing.RoomUnknown:
        return 0
    except Exception:
        log.exception("occurrence %s failed", occurrence.id)
        return 0
