"""The alarm clock: when the next moment has come, what is due is said.

APScheduler only wakes us: what is to happen, and when, stands in the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.striking import ALONE, Outside, Schedules, strike
from storage import occurrences
from storage.database import Sessions

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
"""Seconds after which the database is looked at anyway: somebody may have imported a course."""


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
