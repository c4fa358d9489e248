"""The schedules, one file each: what the bot says unasked.

A schedule is a command typed by the clock. To add one, write `schedules/gruss.py`:

    from schedules import Context, schedule

    @schedule("Ein Gruß vorab")
    async def gruss(ctx: Context) -> str | None:
        return f"Gleich beginnt {ctx.meeting.topic}!"

and name it in the course file, `[[regel]] id = "gruss"`, with its room and time. It returns what
to post, or None to stay silent. Its title tells the organisers which post was late or left out.
"""

import importlib
import pkgutil
import textwrap
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar
from storage.joined import Shared, nowhere
from storage.models import Course, Meeting, Poll, Rule
from storage.replies import Ballot, Closing, Notice, Post, Summons, Whisper

Said = str | Summons | Ballot | Closing | Notice | None
Run = Callable[..., Coroutine[Any, Any, Said]]


@dataclass(frozen=True)
class Context:
    """What a schedule may know.

    `due` is the planned moment and `now` the moment of posting, both in the zone of the course:
    they differ after downtime. `lead` is how many minutes before the meeting somebody wants it,
    0 if nobody said. `text` is what organisers wrote, and `shared` names the rooms in which
    somebody is together with the bot. `also` collects what is to be said elsewhere,
    before the post.
    """

    db: AsyncSession
    course: Course
    due: datetime
    now: datetime
    rule: Rule | None = None
    about: Meeting | None = None
    election: Poll | None = None
    lead: int = 0
    text: str = ""
    shared: Shared = nowhere
    also: list[Post | Whisper] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of posting in the zone of the course."""
        return self.now.date()

    def when(self, moment: datetime) -> str:
        """A moment as everybody reads it: "morgen, Mi 25.11., 10:00 Uhr"."""
        local = self.course.local(moment)
        day = calendar.day_phrase(local.date(), self.today)
        return f"{day}, {calendar.clock(local.time())} Uhr"

    @property
    def meeting(self) -> Meeting:
        """The meeting this strike is about."""
        assert self.about is not None
        return self.about

    @property
    def poll(self) -> Poll:
        """The poll this strike is about."""
        assert self.election is not None
        return self.election


@dataclass(frozen=True)
class Schedule:
    """A function called by the clock; if `foretold`, it changes nothing and can be shown before."""

    run: Run
    title: str
    foretold: bool = False

    @property
    def name(self) -> str:
        """The name of the file, and of the rule in the course file."""
        return self.run.__name__


def schedule(title: str, *, foretold: bool = False) -> Callable[[Run], Schedule]:
    """Turn a function into a schedule that organisers know by this title."""
    return lambda run: Schedule(run, title, foretold)


def discover() -> dict[str, Schedule]:
    """Import every module of this package and collect the schedules."""
    found: dict[str, Schedule] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found |= {s.name: s for s in vars(module).values() if isinstance(s, Schedule)}
    return found


def cut(text: str, limit: int = 160) -> str:
    """What organisers wrote, on one line and not longer than a phone's screen bears."""
    return textwrap.shorten(text, limit, placeholder=" …")
