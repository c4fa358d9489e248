"""`kursbot check`: what is right and what is wrong, while the bot works or before it does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

import schedules
from bot import absence
from bot.app import clock
from bot.config import Config
from bot.matrix import session
from bot.matrix.access import SignedOut
from bot.matrix.client import Client
from bot.matrix.state import Room
from bot.matrix.translate import part
from bot.matrix.vouching import vouched
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from bot.pulse import LATE
from bot.terminal import settings, with_config
from storage import calendar, courses, database, facts, invitations, occurrences
from storage.database import Sessions
from storage.engine.schema import TooNew
from storage.models import Course
from storage.models import Room as CourseRoom
from storage.replies import ROOM_NAMES, Place

Trouble = (Unreachable, Broken, Forbidden, Rejected)

POSTS = 3
"""How many of the next posts are shown."""

MARK = {True: "ja  ", False: "NEIN", None: "    "}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is right, and what it is. None is only told."""

    what: str
    right: bool | None
    detail: str = ""

    def __str__(self) -> str:
        return f"{MARK[self.right]}  {self.what:<22}  {self.detail}".rstrip()


async def findings(config: Config, now: Callable[[], datetime]) -> AsyncIterator[Finding]:
    """Everything that has to be right, in the order in which it depends on each other."""
    if missing := _missing(config):
        yield Finding("Datenbank beschreibbar", False, missing)
        return
    try:
        async with database.opened(config.database_url) as sessions:
            yield await _writable(sessions, now())
            async for finding in _account(config, sessions, now):
                yield finding
            async for finding in _declined(sessions):
                yield finding
            async for finding in _posts(sessions, now()):
                yield finding
    except (OperationalError, TooNew, OSError) as error:
        yield Finding("Datenbank beschreibbar", False, str(getattr(error, "orig", error)))


def _missing(config: Config) -> str | None:
    """What to do when there is no database yet; looking must not make one."""
    address = make_url(config.database_url)
    if address.get_backend_name() != "sqlite" or Path(address.database or "").exists():
        return None
    return f"{address.database} gibt es noch nicht: kursbot import legt sie an"


async def _writable(sessions: Sessions, now: datetime) -> Finding:
    async with sessions.begin() as db:
        await facts.put(db, "checked", now.isoformat())
    return Finding("Datenbank beschreibbar", True)


async def _account(
    config: Config, sessions: Sessions, now: Callable[[], datetime]
) -> AsyncIterator[Finding]:
    """The homeserver, the account, its device, and the rooms of all courses."""
    begun = time.monotonic()
    try:
        client = await session.look_in(config.matrix, config.data.folder)
    except SignedOut as error:
        yield Finding("Homeserver erreichbar", True, config.matrix.homeserver)
        yield Finding("Angemeldet", False, str(error))
        return
    except Trouble as error:
        yield Finding("Homeserver erreichbar", False, f"{config.matrix.homeserver}: {error}")
        return
    try:
        took = f"{config.matrix.homeserver}, {(time.monotonic() - begun) * 1000:.0f} ms"
        yield Finding("Homeserver erreichbar", True, took)
        yield _clocks(client, now())
        yield Finding("Angemeldet", True, f"{client.user_id}, Gerät {client.device_id}")
        yield await _signed(client)
        async for finding in _rooms(client, sessions):
            yield finding
    finally:
        await client.close()


def _clocks(client: Client, now: datetime) -> Finding:
    if client.date is None:
        return Finding("Uhren gleich", None, "der Homeserver sagt seine Zeit nicht")
    apart = (now - client.date).total_seconds()
    return Finding("Uhren gleich", abs(apart) <= LATE, f"Abweichung {apart:+.0f} s")


async def _signed(client: Client) -> Finding:
    """Whether other clients see that the device belongs to the account."""
    user, device = client.user_id, client.device_id
    try:
        answer = await client.call("POST", "keys", "query", body={"device_keys": {user: [device]}})
    except Trouble as error:
        return Finding("Gerät bestätigt", False, str(error))
    if not part(answer, "device_keys", user, device):
        return Finding("Gerät bestätigt", False, "noch ohne Schlüssel: kursbot run starten")
    right = vouched(answer, user, device)
    return Finding("Gerät bestätigt", right, "" if right else "kursbot run starten")


async def _rooms(client: Client, sessions: Sessions) -> AsyncIterator[Finding]:
    """Every room of every course: joined, may write, encrypted."""
    async with sessions() as db:
        found = [(course, await courses.rooms(db, course)) for course in await courses.every(db)]
    if not found:
        yield Finding("Kurs eingelesen", False, "kursbot import kurs.toml")
    for course, rooms in found:
        for room in rooms:
            yield await _room(client, course, room)


async def _room(client: Client, course: Course, row: CourseRoom) -> Finding:
    name = ROOM_NAMES.get(Place(row.kind), row.kind)
    what = f"Raum {name}"
    if row.room_id is None:
        return Finding(what, False, f"{course.key}: {row.address} gibt es nicht oder noch nicht")
    try:
        room = await _state(client, row.room_id)
    except Trouble:
        return Finding(what, False, f"{course.key}: nicht dabei, bitte einladen ({row.room_id})")
    may = room.rights(client.user_id).write
    sealed = "verschlüsselt" if room.encryption is not None else "unverschlüsselt"
    said = f"{sealed}, darf schreiben" if may else f"{sealed}, darf NICHT schreiben"
    return Finding(what, may, f"{course.key}: {said}")


async def _state(client: Client, room_id: str) -> Room:
    """The room as the server has it now; the answer is a list, which `call` does not know."""
    members = await client.call("GET", "rooms", room_id, "joined_members")
    room = Room(room_id, {user: "join" for user in part(members, "joined")})
    for kind in ("m.room.create", "m.room.power_levels", "m.room.encryption"):
        path = ("rooms", room_id, "state", kind)
        try:
            event: Mapping[str, Any] = await client.call("GET", *path, query="?format=event")
        except Forbidden:
            continue
        room.apply({**event, "type": kind, "state_key": ""})
    return room


async def _declined(sessions: Sessions) -> AsyncIterator[Finding]:
    async with sessions() as db:
        counts = await invitations.declined(db)
    for (day, inviter), count in [*counts.items()][-POSTS:]:
        detail = f"{calendar.short(day)}, {count} × von {inviter}"
        yield Finding("Einladung abgelehnt", None, detail)


async def _posts(sessions: Sessions, now: datetime) -> AsyncIterator[Finding]:
    known = schedules.discover()
    async with sessions() as db:
        for occurrence in await occurrences.upcoming(db, now, POSTS):
            yield Finding("Nächster Beitrag", None, await absence.name(db, known, occurrence))


@click.command(name="check", help="Zeigt, was in Ordnung ist und was nicht.")
@with_config
def verb(path: Path | None) -> None:
    """Print a line for everything; the exit code is 1 if something is wrong."""
    if not asyncio.run(printed(settings(path))):
        raise SystemExit(1)


async def printed(config: Config) -> bool:
    """A line for everything; whether all of it is right."""
    right = True
    async for finding in findings(config, clock):
        click.echo(str(finding))
        right = right and finding.right is not False
    return right
