"""The journal of erasures: whom a restored backup has to forget again. It names nobody.

Each line has a salt and the digest of a name behind it, so only who knows the name can tell whom
it is about. Keep a copy of `journal` outside the database, where it outlives that; after a backup
was restored, `again` erases what happened since.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import own_data
from storage.models import Course, Erasure, Person
from storage.own_data import Owner

OWN, ALL = "eigenes", "alles"
"""What was erased: what somebody could erase themselves, or everything about them."""


async def erase_own(db: AsyncSession, whose: Owner, now: datetime) -> None:
    """Erase what is the person's alone, as they wish."""
    await own_data.erase(db, whose, now)
    await _note(db, whose.mxid, OWN, now)


async def erase_all(db: AsyncSession, course: Course, person: Person, now: datetime) -> int:
    """Erase all that is known about somebody in a course, for ever; how many rows that were."""
    name = _name(course, person.key)
    count = await own_data.erase_all(db, course, person, now)
    await _note(db, name, ALL, now)
    return count


async def gone(db: AsyncSession, course_key: str, people: Iterable[str]) -> set[str]:
    """Which keys of people belong to somebody who was erased, and must not be imported again."""
    rows = (await db.scalars(select(Erasure).where(Erasure.scope == ALL))).all()
    return {key for key in people if _about(rows, f"{course_key}/{key}")} if rows else set()


async def journal(db: AsyncSession) -> list[str]:
    """The whole journal as lines of JSON, the oldest first."""
    rows = await db.scalars(select(Erasure).order_by(Erasure.id))
    return [
        json.dumps(
            {"at": row.at.isoformat(), "scope": row.scope, "salt": row.salt, "digest": row.digest}
        )
        for row in rows
    ]


async def again(db: AsyncSession, lines: Iterable[str]) -> int:
    """Erase what a journal names and this database does not know of; how many lines were new.

    What it does know of was erased before the backup was made: whatever is there came later.
    Raises `ValueError` when a line is none of a journal.
    """
    known = set(await db.scalars(select(Erasure.digest)))
    found = [_read(line) for line in lines if line.strip()]
    new = [row for row in found if row.digest not in known]
    for row in new:
        if row.scope == OWN:
            await _own_again(db, row)
        else:
            await _all_again(db, row)
        db.add(row)
    await db.flush()
    return len(new)


async def unwiped(db: AsyncSession, before: datetime) -> bool:
    """Whether somebody was erased by then whose traces may still be in the files."""
    query = select(exists().where(Erasure.wiped.is_(False), Erasure.at <= before))
    return bool(await db.scalar(query))


async def wiped(db: AsyncSession, before: datetime) -> None:
    """The files have been cleaned of what was erased by then."""
    late = (Erasure.wiped.is_(False), Erasure.at <= before)
    await db.execute(update(Erasure).where(*late).values(wiped=True))


async def _note(db: AsyncSession, name: str, scope: str, now: datetime) -> None:
    salt = secrets.token_hex(16)
    db.add(Erasure(salt=salt, digest=_digest(salt, name), scope=scope, at=now))
    await db.flush()


async def _own_again(db: AsyncSession, row: Erasure) -> None:
    for mxid in await own_data.accounts(db):
        if _about([row], mxid):
            await own_data.erase(db, await own_data.owner(db, mxid), row.at)


async def _all_again(db: AsyncSession, row: Erasure) -> None:
    people = await db.execute(select(Person, Course).join(Course, Course.id == Person.course_id))
    for person, course in people.all():
        if _about([row], _name(course, person.key)):
            await own_data.erase_all(db, course, person, row.at)


def _name(course: Course, key: str) -> str:
    return f"{course.key}/{key}"


def _about(rows: Collection[Erasure], name: str) -> bool:
    return any(row.digest == _digest(row.salt, name) for row in rows)


def _digest(salt: str, name: str) -> str:
    return hashlib.sha256(f"{salt} {name}".encode()).hexdigest()


def _read(line: str) -> Erasure:
    match json.loads(line):
        case {"at": str(at), "scope": str(scope), "salt": str(salt), "digest": str(digest)}:
            moment = datetime.fromisoformat(at)
            return Erasure(salt=salt, digest=digest, scope=scope, at=moment)
    raise ValueError("this is no line of a journal")
