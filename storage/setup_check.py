"""Whether the bot can work in its rooms, as organisers read it, and what they can do next."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import checkin, courses, facts, meetings
from storage.models import Course, Notice, Room
from storage.replies import INFO, ORGA, ROOM_NAMES, TALK, Place
from storage.room_care import ENCRYPTED, PIN, TOPIC, WRITE
from storage.rooms import JOIN

SIGNED: Final = "signed"
"""The fact whether the bot's device is signed by its account: other clients trust it then."""


async def told(db: AsyncSession, course: Course) -> str:
    """What was found in the rooms at the last look, and the first thing that is missing."""
    rooms = {Place(room.kind): room for room in await courses.rooms(db, course)}
    ordered = [rooms[kind] for kind in (INFO, TALK, ORGA) if kind in rooms]
    inside = [room for room in ordered if room.membership == JOIN and room.seen]
    outside = [room for room in ordered if room not in inside]
    signed = await facts.get(db, SIGNED) == "ja"
    public = [room for room in inside if room.kind != ORGA]
    lines = [
        f"**Prüfung:** {_each('verschlüsselt', ENCRYPTED, inside)}, "
        f"bestätigt {'ja' if signed else 'nein'}, {_each('darf schreiben', WRITE, inside)}, "
        f"Zeitzone {course.timezone}.",
        f"Freiwillig: {_each('Raumthema', TOPIC, public)}, {_each('anheften', PIN, public[:1])}.",
        f"Nächster Schritt: {_needed(inside, outside, signed) or await _unprepared(db, course)}",
    ]
    return "\n".join(lines)


def _each(what: str, key: str, rooms: Sequence[Room]) -> str:
    """The same word for all rooms, and where it is otherwise."""
    lacking = [room for room in rooms if not room.seen.get(key)]
    if len(lacking) == len(rooms):
        return f"{what} nein"
    return f"{what} ja" + (f" (nicht in {_named(lacking)})" if lacking else "")


def _named(rooms: Sequence[Room]) -> str:
    return " und ".join(ROOM_NAMES[Place(room.kind)] for room in rooms)


def _needed(inside: Sequence[Room], outside: Sequence[Room], signed: bool) -> str | None:
    """Without what the bot cannot do its work."""
    if outside:
        return f"mich in {_named(outside)} einladen. Danach: !pruefung"
    mute = [room for room in inside if not room.seen.get(WRITE)]
    if mute:
        return f"mir in {_named(mute)} das Schreiben erlauben (Raumeinstellungen, Rechte)."
    return None if signed else "wer den Bot betreibt, ruft kursbot check auf und startet ihn neu."


async def _unprepared(db: AsyncSession, course: Course) -> str:
    """What of the course is still to come."""
    if not await meetings.every(db, course):
        return "Programm einlesen."
    people = await checkin.members(db, course)
    if not people:
        return "Teilnehmende importieren."
    nameless = [person.key for person in people if not person.mxid]
    if nameless:
        shown = ", ".join(nameless[:6]) + (" …" if len(nameless) > 6 else "")
        return f"fehlende Konten eintragen: {shown}"
    if await db.get(Notice, course.id) is None:
        return "Programm anheften: !aushang"
    return "nichts, alles bereit. Was ich sende: !vorschau"
