"""A course file that was uploaded: read where that may fail, then applied as `kursbot import` does.

What checks course files takes memory and time to load: that is done when somebody uploads one.
"""

import json
from collections.abc import Callable, Collection
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import occurrences
from storage.models import Course, Organiser

KIND: Final = "course_upload"
_FORMS: Final[dict[str, Callable[[str], date | time]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}
_MOST: Final = 6  # mistakes that fit an answer


class Unreadable(Exception):
    """The file has mistakes; the text names the first ones, in German."""


class Refused(Exception):
    """The file may be good, but not here; the text says why, in German."""


def read(data: bytes, rules: Collection[str]) -> str:
    """The document in a course file without mistakes, as JSON. Raises `Unreadable`."""
    from storage import course_file  # noqa: PLC0415 - pydantic: 8 MiB, 0.1 s

    try:
        return json.dumps(course_file.document(data, rules), default=_tagged)
    except course_file.Faulty as error:
        raise Unreadable(_told(error.problems)) from None


def _told(problems: list[str]) -> str:
    count, more = len(problems), len(problems) - _MOST
    return "\n".join(
        [
            f"**Die Kursdatei hat {'einen Fehler' if count == 1 else f'{count} Fehler'}:**",
            *(f"– {problem[:75]}" for problem in problems[:_MOST]),
            *([f"und {more} weitere"] if more > 0 else []),
            "Es hat sich nichts geändert. Nach dem Berichtigen neu hochladen, dann !import",
        ]
    )


def _tagged(value: object) -> dict[str, str]:
    assert isinstance(value, date | time)
    return {"$": type(value).__name__, "v": value.isoformat()}


def _untagged(found: dict[str, Any]) -> object:
    kind = _FORMS.get(str(found.get("$"))) if found.keys() == {"$", "v"} else None
    return kind(found["v"]) if kind else found


async def apply(
    db: AsyncSession, course: Course, text: str, now: datetime
) -> tuple[list[str], list[str]]:
    """Change the course as the file says; the changes and what organisers should know.

    Raises `Refused` when it is the file of another course, or one about who leads the course: that
    takes a second person (`!organisator`).
    """
    from storage import imports  # noqa: PLC0415 - as above; `bot.files` has loaded it by now
    from storage.course_file import CourseFile, Faulty  # noqa: PLC0415

    file = CourseFile.model_validate(json.loads(text, object_hook=_untagged))
    if file.kurs.id != course.key:
        raise Refused(
            f"Das ist die Datei eines anderen Kurses ({file.kurs.id}), hier läuft {course.key}. "
            "Es hat sich nichts geändert."
        )
    before = await _organisers(db, course)
    try:
        result = await imports.apply(db, file, now)
    except Faulty as error:
        raise Refused(_told(error.problems)) from None
    if await _organisers(db, course) != before:
        raise Refused(
            "Die Datei ändert, wer den Kurs leitet ([admin], mxids). Das geht nicht per Upload. "
            "Bitte dort so lassen, wie es ist: es hat sich nichts geändert."
        )
    await occurrences.plan(db, course, now)
    return result.changes, result.notes


async def _organisers(db: AsyncSession, course: Course) -> set[str]:
    return {*await db.scalars(select(Organiser.mxid).where(Organiser.course_id == course.id))}
