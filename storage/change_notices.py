"""What people hear of a change of the programme, and how organisers are asked about that."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import announcements, calendar, folding, occurrences, silence, standing
from storage.models import Change, Course, Meeting, Occurrence
from storage.replies import INFO, ORGA, WITHOUT, Place, Post

SILENTLY: Final = folding.fold_words(WITHOUT).replace(" ", "")
"""How `Context.answer` says that nobody else is to hear of it."""

OUTDATED: Final = "**Veraltet.** Dazu gibt es eine neue Ansage weiter unten."
"""What is read instead of a reminder, once it is no longer true."""

_DATED: Final = ("vortag", "gleich")
_A_MEETING: Final = timedelta(hours=3)


async def tell(
    db: AsyncSession, course: Course, change: Change, text: str, answer: str
) -> tuple[list[Post], str]:
    """Let everybody know as the preview was answered (`Context.answer`); what organisers read.

    A time that is over today means tomorrow. Who was reminded already hears of it in any case.
    """
    change.text = f"{text}\nFrühere Hinweise gelten nicht mehr." if change.told else text
    if await standing.room_of(db, course.id, INFO) is None:
        return [], "Im Raum Ankündigungen bin ich noch nicht: die Ansage fehlt."
    forced = change.told and answer == SILENTLY
    at = change.at if forced else _moment(course, answer, change.at)
    posts = await _announce(db, course, change, at)
    if at is None:
        return posts, "Ohne Ansage. Zurücknehmen: !rueckgaengig"
    if posts:
        return posts, "Die Ansage steht im Raum Ankündigungen."
    local = course.local(at)
    day = calendar.day_phrase(local.date(), course.local(change.at).date())
    clock = calendar.clock(local.time())
    return posts, f"Die Ansage kommt {day}, {clock} Uhr. Bis dahin zurücknehmen: !rueckgaengig"


async def _announce(
    db: AsyncSession, course: Course, change: Change, at: datetime | None
) -> list[Post]:
    """Let everybody know by the text of the change: at once, later, or never."""
    now, change.says = change.at, at
    if at is None:
        return []
    if at <= now:
        return [Post(INFO, change.text, push=True), *await _outdated(db, course, change)]
    await announcements.plan(db, course, INFO, change.text, (at, cause(change)))
    return []


async def _outdated(db: AsyncSession, course: Course, change: Change) -> list[Post]:
    """New texts for the reminders of what has changed, where they were said."""
    about = (Occurrence.course_id == course.id, Occurrence.subject.in_([*change.before]))
    said = (Occurrence.state == occurrences.SENT, Occurrence.schedule.in_(_DATED))
    soon = Occurrence.anchor > change.at - _A_MEETING
    rows = await db.scalars(select(Occurrence).where(*about, *said, soon).order_by(Occurrence.id))
    return [Post(Place(row.room), OUTDATED, edits=row.cause) for row in rows]


def _moment(course: Course, answer: str, now: datetime) -> datetime | None:
    if answer == SILENTLY:
        return None
    if ":" not in answer:
        return now
    today, clock = course.local(now).date(), time.fromisoformat(answer)
    at = calendar.at(today, clock, course.zone)
    return at if at > now else calendar.at(today + timedelta(days=1), clock, course.zone)


def hint(course: Course, told: bool, now: datetime) -> str | None:
    """What to think of before everybody hears of a change; `told` if they were reminded already."""
    local = course.local(now)
    quiet = silence.after_quiet(course, local) != local
    lines = ["Achtung: Eine Erinnerung ist schon raus, die Ansage gehört dazu."] if told else []
    lines += ["Achtung: Es ist Ruhezeit. Später ansagen: eine Uhrzeit schreiben."] if quiet else []
    return "\n".join(lines) or None


def asks(told: bool) -> str:
    """How a change may be answered: who was reminded already has to hear of it."""
    return "ja, 14:00 – Ansage später, nein" if told else f"ja, {WITHOUT}, 14:00 – später, nein"


async def reminded(
    db: AsyncSession, course: Course, dates: Sequence[Meeting], by: str = ""
) -> bool:
    """Whether people were told about one of these meetings as they are planned now.

    By any schedule, or by this one.
    """
    said = (Occurrence.state == occurrences.SENT, Occurrence.room != ORGA)
    keys = [meeting.key for meeting in dates]
    query = select(Occurrence.subject, Occurrence.anchor).where(
        Occurrence.course_id == course.id, Occurrence.subject.in_(keys), *said
    )
    query = query.where(Occurrence.schedule == by) if by else query
    planned = {(meeting.key, course.starts(meeting)) for meeting in dates}
    return any((key, anchor) in planned for key, anchor in await db.execute(query))


def cause(change: Change) -> str:
    """By what a notice for later is found again."""
    return f"aenderung/{change.id}"
