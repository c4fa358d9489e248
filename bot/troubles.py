"""What is wrong with the courses: posts that do not come, rooms where the bot has no power."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncSession

from bot import absence
from bot.matrix.state import Rooms
from schedules import Schedule
from storage import courses, figures, notices, rooms
from storage.models import Course
from storage.models import Room as CourseRoom
from storage.replies import INFO, ORGA, ROOM_NAMES, Place

KINDS = ("sync", "scheduler", "clock", "database", "post", "room")
"""All that can be wrong with the service."""

OFF = "Die Uhren des Bots und des Homeservers gehen {minutes} Minuten auseinander. "
HELD = (
    "Solange das so ist, sende ich nichts von selbst; Antworten gibt es weiter. "
    "Bitte der Technik Bescheid geben."
)
RIGHT_AGAIN = "Die Uhren gehen wieder gleich: Ich sende wieder von selbst."

MUTE = (
    "Im Raum {name} darf ich nicht schreiben. Das Recht dazu gibt es in den Raumeinstellungen, "
    "unter Berechtigungen. Bis dahin warten meine Beiträge."
)
SPEAKS_AGAIN = "Im Raum {name} darf ich wieder schreiben."

UNPINNED = (
    "Im Raum {name} darf ich nichts mehr anheften: Das Programm dort bleibt, wie es ist. Das Recht "
    "dazu gibt es in den Raumeinstellungen, unter Berechtigungen."
)

MISSED = "Überfällig: {posts}. Ich versuche es weiter; wenn es eilt, bitte selbst ansagen."


@dataclass(frozen=True)
class Trouble:
    """Something wrong, of a kind: `text` is for operators.

    What organisers of a course can do something about is `told` to them, and perhaps when it is
    `over`; what it is `about` tells it apart from others of its kind.
    """

    kind: str
    text: str
    course_id: int | None = None
    about: str = ""
    told: str = ""
    over: str = ""

    @property
    def key(self) -> str:
        """Its name, as long as it lasts."""
        return f"{self.kind}/{self.course_id}/{self.about}"


async def missed(
    db: AsyncSession, schedules: Mapping[str, Schedule], before: datetime, now: datetime
) -> list[Trouble]:
    """Posts that should have come before a moment, by courses, and those nobody could deliver."""
    found = []
    rows = await figures.overdue(db, before)
    for course_id, theirs in groupby(rows, attrgetter("course_id")):
        late = [*theirs]
        text = f"Überfällig: {await absence.listed(db, schedules, late)}"
        useful = [row for row in late if now < row.expires]
        told = useful and MISSED.format(posts=await absence.listed(db, schedules, useful))
        found.append(Trouble("post", text, course_id, told=told or ""))
    count = await figures.undelivered(db, before)
    return found + ([Trouble("post", f"Nicht zugestellt: {count}")] if count else [])


async def powerless(db: AsyncSession, known: Rooms, bot: str, now: datetime) -> list[Trouble]:
    """Rooms of the courses where the bot is not, or may not do what it has to."""
    pinned = await notices.hanging(db)
    found = []
    for course, row in await rooms.in_use(db, now.date()):
        pins = row.kind == INFO and course.id in pinned
        trouble = _room(known, bot, course, row, pins)
        if trouble is not None and (trouble.told or course.begins <= now.date()):
            found.append(trouble)
    return found


def _room(known: Rooms, bot: str, course: Course, row: CourseRoom, pins: bool) -> Trouble | None:
    name = ROOM_NAMES.get(Place(row.kind), row.kind)
    room = known.get(row.room_id) if row.room_id else None
    where, about = f"Raum {name} ({course.key})", row.kind
    if room is None:
        return Trouble("room", f"{where}: nicht dabei", course.id, about)
    rights = room.rights(bot)
    if not rights.write:
        over = SPEAKS_AGAIN.format(name=name)
        told = "" if row.kind == ORGA else MUTE.format(name=name)
        return Trouble("room", f"{where}: darf nicht schreiben", course.id, about, told, over)
    if pins and not rights.pin:
        told = UNPINNED.format(name=name)
        return Trouble("room", f"{where}: darf nicht anheften", course.id, f"{about}/pin", told)
    return None


async def untimely(db: AsyncSession, drift: float, now: datetime) -> list[Trouble]:
    """The clock is wrong by so many seconds: every course hears of it."""
    minutes = round(abs(drift) / 60)
    text = OFF.format(minutes=minutes) + HELD
    running = await courses.running(db, now.date())
    return [Trouble("clock", "", course.id, told=text, over=RIGHT_AGAIN) for course in running]
