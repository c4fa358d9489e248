"""Forget in time: once a day what its time is up for, and soon what people have erased.

Organisers are told what went, and when their course becomes one that is only read.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot import markup
from storage import (
    calendar,
    catalogue,
    courses,
    erasures,
    facts,
    outbox,
    retention,
    standing,
    tips,
    uploads,
)
from storage.catalogue import FOR_PROOF
from storage.database import Sessions
from storage.lists import spreadsheet
from storage.lists.spreadsheet import MIMETYPE
from storage.models import Course, OutgoingMessage
from storage.replies import A_DAY, ORGA, File

SWEPT: Final = "swept"
"""The fact that names the day (UTC) on which all was looked through last."""

MORNING: Final = 8
"""The hour (UTC) from which that happens: the organisers hear of it while they are at work."""

SOON: Final = timedelta(seconds=20)
"""What was erased is out of the files so much later: the answer to it has been sent by then."""

_NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "people": ("Profil", "Profile"),
    "attendance": ("Check-in", "Check-ins"),
    "feedback": ("Rückmeldung", "Rückmeldungen"),
    "speaker_questions": ("Frage", "Fragen"),
}


async def forget(sessions: Sessions, now: datetime) -> bool:
    """Do what is due by now; whether there is something to say about it."""
    async with sessions() as db:
        late = await tips.unanswered(db, now - A_DAY) or await uploads.stale(db, now)
        erased = await erasures.unwiped(db, now - SOON)
        due = now.hour >= MORNING and await facts.get(db, SWEPT) != f"{now:%Y-%m-%d}"
    if late:
        async with sessions.begin() as db:
            await tips.forget(db, now - A_DAY)
            await uploads.forget(db, now)
    told = due and await _sweep(sessions, now)
    if (due or erased) and await sessions.wipe(copies=erased or told):
        async with sessions.begin() as db:
            await erasures.wiped(db, now - SOON)
            if due:
                await facts.put(db, SWEPT, f"{now:%Y-%m-%d}")
    return told


async def _sweep(sessions: Sessions, now: datetime) -> bool:
    """Each course in a transaction of its own, with what its organisers are told."""
    async with sessions() as db:
        ids = [course.id for course in await courses.every(db)]
    told = False
    for number in ids:
        async with sessions.begin() as db:
            course = await db.get_one(Course, number)
            told |= await _look_through(db, course, now)
    async with sessions.begin() as db:
        await retention.of_bot(db, now)
    return told


async def _look_through(db: AsyncSession, course: Course, now: datetime) -> bool:
    told = False
    gone = await retention.of_course(db, course, now)
    if await retention.close(db, course, now):
        last = FOR_PROOF.until(course, await courses.end(db, course))
        told = await _tell(
            db,
            course,
            "**Der Kurs ist abgeschlossen.** Ab jetzt gebe ich nur noch Auskunft: keine Beiträge, "
            "keine Abstimmungen, kein Check-in.\n"
            f"Am {calendar.with_year(last)} lösche ich Anwesenheit und Profile. Davor sichern: "
            "!export",
            now,
        )
    if gone:
        told |= await _tell(db, course, _sentence(gone), now, _protocol(course, gone, now))
    return told


def _sentence(gone: Mapping[str, int]) -> str:
    named = [f"{gone[t]} {nouns[gone[t] != 1]}" for t, nouns in _NOUNS.items() if t in gone]
    rest = sum(count for table, count in gone.items() if table not in _NOUNS)
    named += [f"{rest} weitere {'Einträge' if rest > 1 else 'Eintrag'}"] if rest else []
    text = f"**Gelöscht:** {', '.join(named)}. Die Frist war um, das Protokoll hängt an."
    if "people" in gone:
        text += "\nJetzt bitte auch die Räume in Element schließen und alte Exporte löschen."
    return text


def _protocol(course: Course, gone: Mapping[str, int], now: datetime) -> File:
    """What went, how many and why; nothing about anybody."""
    rows: list[list[str | int]] = [["Was", "Tabelle", "Einträge", "Frist", "gelöscht am"]]
    for entry in catalogue.personal():
        if entry.table in gone:
            kept, day = entry.kept.told(course), calendar.with_year(course.local(now).date())
            rows.append([entry.what, entry.table, gone[entry.table], kept, day])
    name = f"loeschprotokoll-{course.local(now):%Y-%m-%d}.csv"
    return File(name, MIMETYPE, spreadsheet.file(rows))


async def _tell(
    db: AsyncSession, course: Course, text: str, now: datetime, file: File | None = None
) -> bool:
    """In the organisers' room, in the transaction that did it, so once; silently."""
    room_id = await standing.room_of(db, course.id, ORGA)
    kind = "frist" if file else "abschluss"
    cause = f"{kind}/{course.key}/{course.local(now):%Y-%m-%d}"
    said = OutgoingMessage(
        cause=cause,
        course_id=course.id,
        room_id=room_id or "",
        content=markup.content(text, False, cause),
        due=now,
    )
    if room_id:
        await outbox.put(db, said)
    if room_id and file:
        below = f"{cause}#datei"
        content = markup.file(file.name, file.mimetype, len(file.data), below)
        await outbox.put(db, replace(said, cause=below, content=content, file=file.data))
    return room_id is not None
