"""What organisers want a post to say instead of its usual text, with placeholders; no templates."""

import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, meetings
from storage.models import Course, Meeting, Rule
from storage.timetable import schedule_of

CHANGEABLE: Final = ("impuls", "vortag", "gleich", "feedback", "wochenrueckblick")
"""The rules whose posts are a text, about one meeting."""

PLACEHOLDERS: Final = ("{thema}", "{termin}", "{datum}", "{uhrzeit}", "{zugang}", "{kenncode}")
ALWAYS: Final = "alle"
"""Under which the text stands that holds for all meetings without one of their own."""

_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")


def unknown(text: str) -> list[str]:
    """What looks like a placeholder and is none, each once."""
    found = (braces.casefold() for braces in _BRACES.findall(text))
    return [one for one in dict.fromkeys(found) if one not in PLACEHOLDERS]


def filled(text: str, course: Course, meeting: Meeting) -> str:
    """The text about a meeting; the date has its weekday, the time is that of the course."""
    start = course.starts(meeting)
    values = (
        *(meeting.topic, meetings.name(meeting), calendar.short(meeting.day)),
        *(f"{calendar.clock(start.time())} Uhr", meeting.link or "!link", meeting.code or "keiner"),
    )
    known = dict(zip(PLACEHOLDERS, values, strict=True))
    return _BRACES.sub(lambda found: known.get(found[0].casefold(), found[0]), text)


def instead(rule: Rule | None, schedule: str, course: Course, meeting: Meeting | None) -> str:
    """What the schedule is to say about the meeting; empty for its usual text."""
    if rule is None or meeting is None or schedule_of(rule) != schedule:
        return ""
    text = rule.texts.get(meeting.key) or rule.texts.get(ALWAYS) or ""
    return filled(text, course, meeting)


async def rule(db: AsyncSession, course: Course, schedule: str) -> Rule | None:
    """The rule of a schedule whose text can be changed; None if the course has none."""
    rules = await db.scalars(select(Rule).where(Rule.course_id == course.id))
    return next((r for r in rules if schedule_of(r) == schedule in CHANGEABLE), None)


def put(rule: Rule, key: str, text: str) -> None:
    """Say this from now on for the meeting of this key, or `ALWAYS`; empty is the usual text."""
    others = {known: said for known, said in rule.texts.items() if known != key}
    rule.texts = others | ({key: text} if text else {})
