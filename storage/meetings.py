"""The dates of a course: which come, which are over, and which one somebody means."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, folding
from storage.models import Course, Meeting, Speaker

_KINDS: Final = {"auftakt": "Auftakt", "webinar": "Webinar", "abschluss": "Abschluss"}
_NUMBER: Final = re.compile(
    r"^0*(\d{1,3})$|\b(?:w|webinars?|termins?|nr|nummer|woche) ?0*(\d{1,3})\b(?! \d)"
    r"|(?<!\d )\b0*(\d{1,3}) (?:webinar|termin)\b"
)
_KIND: Final = re.compile(r"\b(auftakt\w*|kick ?off|abschluss\w*)\b(?: tag)? ?([1-9])?\b")
_TALK: Final = frozenset(
    "aktuelle aktuellen aufgabe aufgaben datei dateien finde findet folie folien handout"
    " hausaufgaben letzte letzten letztes liegen liegt link material materialien neue neuen"
    " neueste neuesten praesentation skript termin thema unterlage unterlagen video webinar"
    " webinars".split()
)


def name(meeting: Meeting) -> str:
    """What kind of date it is and which: "Webinar 3", "Auftakt"."""
    kind = _KINDS.get(meeting.kind, "Termin")
    return kind if meeting.number is None else f"{kind} {meeting.number}"


def subject(meeting: Meeting) -> str:
    """What it is about in few words, what follows a colon left out: "Öffentlichkeitsarbeit"."""
    short = meeting.topic.split(":")[0].strip() or meeting.topic.strip()
    kind = _KINDS.get(meeting.kind, "")
    special = kind not in ("", "Webinar") and kind.lower() not in short.lower()
    return f"{kind}, {short}" if special else short


def is_open(meeting: Meeting) -> bool:
    """Whether its topic is still to be elected."""
    return meeting.slot is not None and not meeting.speakers


async def every(db: AsyncSession, course: Course) -> Sequence[Meeting]:
    """All dates in order, cancelled ones too."""
    query = select(Meeting).where(Meeting.course_id == course.id)
    return (await db.scalars(query.order_by(Meeting.day, Meeting.starts, Meeting.id))).all()


async def upcoming(db: AsyncSession, course: Course, *, after: datetime) -> list[Meeting]:
    """What is still to come or running at that moment, without cancelled ones."""
    return [m for m in await every(db, course) if not m.cancelled and course.ends_at(m) > after]


async def held(db: AsyncSession, course: Course, *, before: datetime) -> list[Meeting]:
    """What was over at that moment, in order, without cancelled ones."""
    return [m for m in await every(db, course) if not m.cancelled and course.ends_at(m) <= before]


async def following(db: AsyncSession, course: Course, *, now: datetime) -> Meeting | None:
    """The date that is running now, else the next one."""
    return next(iter(await upcoming(db, course, after=now)), None)


async def due_tasks(
    db: AsyncSession, course: Course, *, now: datetime
) -> list[tuple[Meeting, datetime]]:
    """Tasks that are still to be done, by deadline, in the zone of the course.

    One without a deadline is meant for the date itself while that is to come, else for the next.
    """
    found = []
    dates = [m for m in await every(db, course) if not m.cancelled]
    starts = [course.starts(m) for m in dates]
    for meeting in dates:
        until = meeting.task_due or next((s for s in starts if s >= now), course.starts(meeting))
        if meeting.task_due is None and course.starts(meeting) > until:
            until = course.starts(meeting)
        if meeting.task and until >= now:
            found.append((meeting, course.local(until)))
    return sorted(found, key=lambda task: task[1])


async def speakers(db: AsyncSession, course: Course, meeting: Meeting) -> list[str]:
    """The roles of those who lead a meeting, in the order of the course file."""
    if not meeting.speakers:
        return []
    query = select(Speaker.key, Speaker.role).where(Speaker.course_id == course.id)
    roles = dict((await db.execute(query)).tuples().all())
    return [roles.get(key, key) for key in meeting.speakers]


async def matching(db: AsyncSession, course: Course, text: str, today: date) -> Sequence[Meeting]:
    """The dates somebody means, in order; none if it fits nothing.

    By key or number ("w5", "5", "Webinar 5"), kind ("Auftakt 2"), day ("gestern", "25.11."), or
    a part of the topic, mistyped or not ("angebot").
    """
    dates = await every(db, course)
    said = " ".join(folding.key_words(text))
    keyed = [m for m in dates if not said.isdecimal() and _joined(m.key) == _joined(text)]
    if keyed:
        return keyed
    if numbered := _NUMBER.search(said):
        number = int(next(filter(None, numbered.groups())))
        return [m for m in dates if m.number == number]
    return _of_kind(dates, said) or _on_day(dates, course, text, today) or _about(dates, said)


def _joined(text: str) -> str:
    return folding.fold_words(text).replace(" ", "")


def _of_kind(dates: Sequence[Meeting], said: str) -> list[Meeting]:
    """A kind of date, or which of them: "auftakt", "abschluss tag 2"."""
    found = _KIND.search(said)
    if found is None:
        return []
    kind = "abschluss" if found[1].startswith("abschluss") else "auftakt"
    of_kind = [m for m in dates if m.kind == kind]
    return of_kind[int(found[2]) - 1 :][:1] if found[2] else of_kind


def _on_day(dates: Sequence[Meeting], course: Course, text: str, today: date) -> list[Meeting]:
    for said in _phrases(text):
        day = calendar.read_date(said, today=today, first=course.begins, last=course.ends)
        if day is not None:
            return [m for m in dates if m.day == day]
    return []


def _phrases(text: str) -> Iterator[str]:
    """The text, then every run of up to three words in it: a date may stand in a sentence.

    Not a lone "so" or "mi": in a sentence they are hardly ever weekdays.
    """
    words = text[:300].split()[:40]
    yield text
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            if size > 1 or len(words[start].rstrip(".,?!")) > 2:
                yield " ".join(words[start : start + size])


def _about(dates: Sequence[Meeting], said: str) -> list[Meeting]:
    said = without_talk(said) or said
    named: dict[str, list[Meeting]] = {}
    for meeting in dates:
        named.setdefault(folding.fold_words(meeting.topic), []).append(meeting)
        named.setdefault(folding.fold_words(subject(meeting)), []).append(meeting)
    return sorted(folding.look_up(said, named), key=lambda m: (m.day, m.starts))


def without_talk(text: str) -> str:
    """The words by which a date could be meant; empty if only materials are spoken of."""
    return " ".join(word for word in folding.key_words(text) if word not in _TALK)


def units(dates: Sequence[Meeting]) -> int:
    """The teaching units that count for the certificate: obligatory dates which take place."""
    return sum(m.units for m in dates if m.mandatory and not m.cancelled)


def required(course: Course, total: int) -> int:
    """How many of `total` units somebody must attend, rounded up (product A.2)."""
    return -(-total * course.quota_percent // 100)


def is_past(course: Course, meeting: Meeting, now: datetime) -> bool:
    """Whether it is over."""
    return course.ends_at(meeting) <= now


def is_running(course: Course, meeting: Meeting, now: datetime) -> bool:
    """Whether it goes on right now, from a quarter of an hour before it starts."""
    return course.starts(meeting) - timedelta(minutes=15) <= now < course.ends_at(meeting)
