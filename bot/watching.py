"""Tell organisers what needs a human, once as long as it lasts, and when it is over."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import organisers
from bot.health import Health
from bot.troubles import Trouble
from storage import courses, facts

log = logging.getLogger(__name__)

EVERY = 20.0
"""Seconds from one look to the next."""

LASTING = 60.0
"""Seconds that trouble has to last: much is over before anybody could do anything."""

Told = tuple[int, str]
"""The number of a course, and what is said there when the trouble is over."""

FACT = "troubles"
"""The fact that says what the organisers have been told, also across restarts, by its key."""


@dataclass
class Watch:
    """Looks now and then; `wake` starts the delivery."""

    health: Health
    wake: Callable[[], None]
    lasting: float = LASTING
    _since: dict[str, float] = field(default_factory=dict)
    _warned: Collection[str] = ()
    _trusted: bool = True

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except SQLAlchemyError as trouble:
                log.error("cannot look for trouble: %s", type(trouble).__name__)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Tell what has lasted long enough and was not told, and what was told and is over."""
        self._warn()
        found = {trouble.key: trouble for trouble in await self.health.for_organisers()}
        now = asyncio.get_running_loop().time()
        self._since = {key: self._since.get(key, now) for key in found}
        lasting = [found[key] for key, since in self._since.items() if now - since >= self.lasting]
        async with self.health.sessions() as db:
            told = json.loads(await facts.get(db, FACT) or "{}")
        new = [trouble for trouble in lasting if trouble.key not in told]
        over = [key for key in told if key not in found]
        if new or over:
            async with self.health.sessions.begin() as db:
                await self._tell(db, told, new, over)
            self.wake()

    def _warn(self) -> None:
        """Operators read in the log what is not wrong yet, once; what waited is to be sent now."""
        trusted, warnings = self.health.pulse.trusted(), self.health.warnings()
        if warnings and not self._warned:
            log.warning("%s", warnings[0])
        if trusted and not self._trusted:
            self.wake()
        self._trusted, self._warned = trusted, warnings

    async def _tell(
        self, db: AsyncSession, told: dict[str, Told], new: list[Trouble], over: list[str]
    ) -> None:
        now = self.health.pulse.clock()
        running = {course.id for course in await courses.running(db, now.date())}
        for trouble in new:
            course_id, cause = trouble.course_id, f"störung/{trouble.key}/{now.isoformat()}"
            if course_id and await organisers.tell(db, course_id, trouble.told, cause, now):
                told[trouble.key] = course_id, trouble.over
                log.warning("told the organisers: %s", trouble.key)
        for key in over:
            course_id, text = told.pop(key)
            if text and course_id in running:
                await organisers.tell(
                    db, course_id, text, f"wieder gut/{key}/{now.isoformat()}", now
                )
        await facts.put(db, FACT, json.dumps(told))
