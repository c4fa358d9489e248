"""Bring a course file into the database as a difference: what is still there stays the same row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import courses, erasures, organisers, overrides
from storage.catalogue import FOR_PROOF
from storage.course_files import course_rows, differences
from storage.course_files.course_document import shown
from storage.course_files.course_file import CourseFile, Faulty
from storage.course_files.course_notes import notes
from storage.course_files.course_subjects import COURSE, SUBJECTS, Subject
from storage.models import (
    Attendance,
    Base,
    Break,
    Course,
    Group,
    Meeting,
    Organiser,
    Person,
    Poll,
    Room,
)
from storage.polls import ELECTION
from storage.replies import ALUMNI

_IN_CALENDARS: Final = {"kind", "number", "day", "starts", "ends", "topic"}
_IN_ALL_CALENDARS: Final = {"title", "short_title", "timezone"}


@dataclass(frozen=True)
class Result:
    """What the import did, and what organisers should know; German lines."""

    course: Course
    changes: list[str]
    notes: list[str]


async def apply(db: AsyncSession, file: CourseFile, now: datetime) -> Result:
    """Create or change the course of this file, in the caller's transaction.

    The same file again changes nothing. What the file does not know stays: votes, polls of the
    chat, what an election has decided, check-ins, and attendance that it no longer names. Raises
    `Faulty` when another course has its rooms.
    """
    if taken := await _taken(db, file):
        raise Faulty(taken)
    file, left_out = await _without_forgotten(db, file, now)
    wanted = course_rows.course(file, now)
    course = await courses.by_key(db, file.kurs.id)
    if course is None:
        db.add(wanted)
        await db.flush()
        await _merge(db, wanted, file)
        await db.flush()
        return Result(wanted, [_summary(file)], [*left_out, *notes(file, {})])
    moved = _IN_ALL_CALENDARS & set(differences.changed(COURSE, course, wanted))
    if moved:
        await db.execute(
            update(Meeting)
            .where(Meeting.course_id == course.id)
            .values({Meeting.sequence: Meeting.sequence + 1})
        )
    changes = [*_take(COURSE, course, wanted, wanted.zone), *await _merge(db, course, file)]
    if changes:
        course.imported_at = now
    await db.flush()
    return Result(course, changes, [*left_out, *notes(file, await _elected(db, course))])


async def _taken(db: AsyncSession, file: CourseFile) -> list[str]:
    """The rooms in which another course is held already: there nobody could tell which is meant."""
    rooms = course_rows.rooms(file)
    query = select(Course.key, Room.kind, Room.address, Room.room_id)
    query = query.join(Room, Room.course_id == Course.id).where(Course.key != file.kurs.id)
    same = or_(Room.address.in_(rooms.values()), Room.room_id.in_(rooms.values()))
    found = [(key, of, known) for key, of, *known in await db.execute(query.where(same))]
    return [
        f"[raeume], {kind}: {shown(address)} gehört schon zum Kurs {key}"
        for kind, address in rooms.items()
        for key, of, known in found
        if address in known and (kind, of) != (ALUMNI, ALUMNI)  # that one may be shared
    ]


async def _without_forgotten(
    db: AsyncSession, file: CourseFile, now: datetime
) -> tuple[CourseFile, list[str]]:
    """The file without those who were erased, or everybody once their time is up; notes on it."""
    end = max(file.kurs.ende, *(termin.datum for termin in file.termin))
    over = FOR_PROOF.until(course_rows.course(file, now), end) <= now.date()
    everybody = [person.id for person in file.person]
    gone = set(everybody) if over else await erasures.gone(db, file.kurs.id, everybody)
    if not gone:
        return file, []
    why = "die Frist nach Kursende ist vorbei" if over else "auf Wunsch gelöscht"
    named = ", ".join([key for key in everybody if key in gone][:8])
    return course_rows.without(file, gone), [f"Nicht übernommen ({why}): {named}"]


async def _elected(db: AsyncSession, course: Course) -> dict[str, str]:
    """The topics that an election has put where the file knows none, by the keys of meetings."""
    rows = await db.scalars(select(Meeting).where(Meeting.course_id == course.id))
    return {row.key: row.topic for row in rows if "topic" in row.filed}


def _summary(file: CourseFile) -> str:
    counts = {
        ("Termin", "Termine"): len(file.termin),
        ("Netzwerk", "Netzwerke"): len(file.netzwerk),
        ("Person", "Personen"): len(file.person),
        ("Wahlthema", "Wahlthemen"): len(file.wahlthema),
        ("Regel", "Regeln"): len(file.regel),
    }
    told = ", ".join(f"{count} {noun[count != 1]}" for noun, count in counts.items())
    return f"Neuer Kurs {file.kurs.id}: {told}"


async def _merge(db: AsyncSession, course: Course, file: CourseFile) -> list[str]:
    """Add, change and remove the rows of a course; what that means for organisers."""
    lines = list[str]()
    rows = organisers.left(course, course_rows.rows(file, course.id), file.admin.mxids)
    for subject in SUBJECTS:
        wanted = {subject.key(row): row for row in rows if isinstance(row, subject.model)}
        found = await db.scalars(select(subject.model).filter_by(course_id=course.id))
        there = {subject.key(row): row for row in found}
        added = [row for key, row in wanted.items() if key not in there]
        db.add_all(added)
        for key in [key for key in wanted if key in there]:
            lines += _take(subject, there[key], wanted[key], course.zone)
        lines += _told(subject, added, course.zone)
        for row in [row for key, row in there.items() if key not in wanted and _filed(row)]:
            await db.delete(row)
            lines.append(differences.gone(subject, row))
    return lines


def _filed(row: Base) -> bool:
    """Whether the file says what there is; somebody may have added it in the chat."""
    if isinstance(row, Meeting | Person):
        return "key" not in row.filed
    if isinstance(row, Break | Group | Organiser):
        return not row.typed
    if isinstance(row, Room):
        return "address" not in row.filed
    return row.kind == ELECTION if isinstance(row, Poll) else not isinstance(row, Attendance)


def _take(subject: Subject, row: Base, wanted: Base, zone: ZoneInfo) -> list[str]:
    """Make the row what the file wants, and say how it differed."""
    columns = differences.changed(subject, row, wanted)
    lines = [differences.step(subject, row, wanted, column, zone) for column in columns]
    for column in columns:
        setattr(row, column, getattr(wanted, column))
        overrides.forget(row, column)
    if isinstance(row, Group | Organiser):
        row.typed = False
    if isinstance(row, Person):
        overrides.forget(row, "key")
    if columns and isinstance(row, Attendance):
        row.by = row.at = None
    if columns and isinstance(row, Room) and isinstance(wanted, Room):
        row.room_id, row.seen = wanted.room_id, {}
    if isinstance(row, Meeting) and _IN_CALENDARS & set(columns):
        row.sequence += 1
    return lines


def _told(subject: Subject, added: Sequence[Base], zone: ZoneInfo) -> list[str]:
    """New rows, one line each; attendance by meeting."""
    if subject.model is not Attendance:
        return [differences.new(subject, row, zone) for row in added]
    counts = Counter(row.meeting for row in added if isinstance(row, Attendance))
    return [f"Anwesenheit {meeting}: {count} neu" for meeting, count in counts.items()]
