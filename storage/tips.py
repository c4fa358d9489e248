"""Tips: messages that somebody found worth keeping, as far as their authors agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Network, Person, Tip

LONGEST = 500
"""Characters that are kept."""

_TABLE = Tip.metadata.tables[Tip.__tablename__]
_ID = _TABLE.c.id


@dataclass(frozen=True)
class Shown:
    """A tip with the network it comes from, or the role of its author."""

    id: int
    text: str
    by: str


async def put(db: AsyncSession, tip: Tip) -> int | None:
    """Keep a message until its author agrees, or what has been agreed to; None if it is there."""
    values = {c.name: getattr(tip, c.name) for c in _TABLE.columns if c.name != "id"}
    query = insert(_TABLE).values(values).on_conflict_do_nothing().returning(_ID)
    number: int | None = await db.scalar(query)
    return number


async def mine(db: AsyncSession, course: Course, person: Person) -> Sequence[Tip]:
    """Somebody's own tips, agreed to or not, the oldest first."""
    theirs = (Tip.course_id == course.id, Tip.person == person.key)
    return (await db.scalars(select(Tip).where(*theirs).order_by(Tip.id))).all()


async def agree(db: AsyncSession, tip: Tip, now: datetime) -> None:
    """From now on it is for everybody."""
    tip.agreed, tip.at = True, now
    await db.flush()


async def drop(db: AsyncSession, tip: Tip) -> None:
    """Forget it."""
    await db.delete(tip)
    await db.flush()


async def every(db: AsyncSession, course: Course) -> list[Shown]:
    """All tips that were agreed to, the newest first; also for the organisers to take along."""
    query = (
        select(Tip.id, Tip.text, func.coalesce(Network.short, Person.display))
        .join(Person, and_(Person.course_id == Tip.course_id, Person.key == Tip.person))
        .outerjoin(Network, and_(Network.course_id == Tip.course_id, Network.key == Person.network))
        .where(Tip.course_id == course.id, Tip.agreed)
    )
    return [Shown(*row) for row in await db.execute(query.order_by(Tip.id.desc()))]


async def count(db: AsyncSession, course: Course, since: datetime) -> int:
    """How many there are since then."""
    new = (Tip.course_id == course.id, Tip.agreed, Tip.at >= since)
    return await db.scalar(select(func.count()).select_from(Tip).where(*new)) or 0


async def unanswered(db: AsyncSession, before: datetime) -> bool:
    """Whether an author has not answered since then."""
    return bool(await db.scalar(select(exists().where(~Tip.agreed, Tip.at <= before))))


async def forget(db: AsyncSession, before: datetime) -> None:
    """Drop what an author has not answered since then."""
    await db.execute(delete(Tip).where(~Tip.agreed, Tip.at <= before))
