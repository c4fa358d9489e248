"""A course file that was uploaded, applied to its course as `kursbot import` does it.

What checks course files takes memory and time to load: that is done when somebody uploads one.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import occurrences
from storage.course_files import course_reading
from storage.models import Course, Organiser


class Refused(Exception):
    """The file may be good, but not here; the text says why, in German."""


async def apply(
    db: AsyncSession, course: Course, text: str, now: datetime
) -> tuple[list[str], list[str]]:
    """Change the course as the file says; the changes and what organisers should know.

    Raises `Refused` when it is the file of another course, or one about who leads the course: that
    takes a second person (`!organisator`).
    """
    from storage.course_files import imports  # noqa: PLC0415 - as above; `bot.files` has loaded it by now
    from storage.course_files.course_file import CourseFile, Faulty  # noqa: PLC0415

    file = CourseFile.model_validate(course_reading.loads(text))
    if file.kurs.id != course.key:
        raise Refused(
            f"Das ist die Datei eines anderen Kurses ({file.kurs.id}), hier läuft {course.key}. "
            "Es hat sich nichts geändert."
        )
    before = await _organisers(db, course)
    try:
        result = await imports.apply(db, file, now)
    except Faulty as error:
        raise Refused(course_reading.told(error.problems)) from None
    if await _organisers(db, course) != before:
        raise Refused(
            "Die Datei ändert, wer den Kurs leitet ([admin], mxids). Das geht nicht per Upload. "
            "Bitte dort so lassen, wie es ist: es hat sich nichts geändert."
        )
    await occurrences.plan(db, course, now)
    return result.changes, result.notes


async def _organisers(db: AsyncSession, course: Course) -> set[str]:
    return {*await db.scalars(select(Organiser.mxid).where(Organiser.course_id == course.id))}
