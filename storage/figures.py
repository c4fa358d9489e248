"""How the bot is doing, in numbers: what waits, what was posted, what could not be handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Occurrence, OutgoingMessage, Quarantine
from storage.occurrences import PLANNED, SENT, SKIPPED
from storage.outbox import WAITING


@dataclass(frozen=True)
class Figures:
    """All courses together; `oldest` is the first message that waits to be delivered."""

    waiting: int
    oldest: datetime | None
    due: int
    sent: int
    skipped: int
    quarantined: int


async def all_together(db: AsyncSession, now: datetime) -> Figures:
    """The numbers of this moment."""
    message, post = OutgoingMessage, Occurrence
    outbox = select(func.count(), func.min(message.due)).where(message.state == WAITING)
    waiting, oldest = (await db.execute(outbox)).one()
    ended = select(post.state, func.count()).where(post.state.in_((SENT, SKIPPED)))
    states = {state: count for state, count in await db.execute(ended.group_by(post.state))}
    due = select(func.count()).where(post.state == PLANNED, post.due <= now)
    lost = select(func.count()).select_from(Quarantine)
    return Figures(
        waiting,
        oldest,
        await db.scalar(due) or 0,
        states.get(SENT, 0),
        states.get(SKIPPED, 0),
        await db.scalar(lost) or 0,
    )


async def overdue(db: AsyncSession, before: datetime) -> Sequence[Occurrence]:
    """What should have happened before a moment and still may; what was stopped is not missed."""
    query = select(Occurrence).join(Course).where(Course.stopped.is_(False))
    query = query.where(Occurrence.state == PLANNED, Occurrence.due < before)
    return (await db.scalars(query.order_by(Occurrence.due, Occurrence.id))).all()


async def undelivered(db: AsyncSession, before: datetime) -> int:
    """How many posts have been waiting for their delivery since before that moment."""
    message = OutgoingMessage
    late = (message.state == WAITING, message.expires.is_not(None), message.due < before)
    return await db.scalar(select(func.count()).select_from(message).where(*late)) or 0
