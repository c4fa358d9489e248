"""Addresses under which a calendar program fetches somebody's dates: secret, and to be revoked.

The database has only a hash of what is secret in them, so that nobody can read an address there.
"""

import hashlib
import secrets

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Person, Subscription
from storage.models.people import GONE

ADDRESS = "web_address"
"""The fact that says under which address the web endpoint is reached; empty if it is off."""


def path(token: str) -> str:
    """Where the file of a token is, seen from the address of the web endpoint."""
    return f"/kalender/{token}.ics"


async def issue(db: AsyncSession, person: Person) -> str:
    """A new token for somebody; the one before is void."""
    await revoke(db, person)
    token = secrets.token_urlsafe(32)
    row = Subscription(course_id=person.course_id, person=person.key, digest=_digest(token))
    db.add(row)
    await db.flush()
    return token


async def revoke(db: AsyncSession, person: Person) -> bool:
    """Make somebody's address void; whether there was one."""
    theirs = (Subscription.course_id == person.course_id, Subscription.person == person.key)
    gone = await db.execute(delete(Subscription).where(*theirs).returning(Subscription.id))
    return bool(gone.all())


async def course_of(db: AsyncSession, token: str) -> Course | None:
    """Whose dates are fetched with this token; None if it is void or its person has left."""
    query = (
        select(Course)
        .join(Subscription, Subscription.course_id == Course.id)
        .join(Person, (Person.course_id == Course.id) & (Person.key == Subscription.person))
        .where(Subscription.digest == _digest(token), Person.status != GONE)
    )
    return await db.scalar(query)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
