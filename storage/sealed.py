"""Messages that wait for their key."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, exists, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from storage.models import SealedEvent

MOST = 300
"""As many are kept of each sender; who floods the bot with them pushes out their own."""

PATIENCE = timedelta(minutes=3)
"""How long a key may take before the sender is told."""

HOUR = timedelta(hours=1)

_TABLE = SealedEvent.metadata.tables[SealedEvent.__tablename__]
_PUT = insert(_TABLE).on_conflict_do_nothing()
_THEIRS = SealedEvent.sender == bindparam("by")
_NEWEST = select(SealedEvent.event_id).where(_THEIRS).order_by(SealedEvent.sent.desc()).limit(MOST)
_FORGET = delete(SealedEvent).where(_THEIRS, SealedEvent.event_id.not_in(_NEWEST))

_BEFORE = aliased(SealedEvent)
_TOLD = exists().where(_BEFORE.sender == SealedEvent.sender, _BEFORE.told > bindparam("recent"))
_OVERDUE = (
    select(SealedEvent)
    .where(SealedEvent.told.is_(None), SealedEvent.at <= bindparam("patient"), ~_TOLD)
    .order_by(SealedEvent.at)
    .options(defer(SealedEvent.source, raiseload=True))
)

PAGE = 100
"""As many are tried at once with a new key: thousands would fill the memory."""

_ORDER = (SealedEvent.at, SealedEvent.sent, SealedEvent.event_id)
_PAGE = select(SealedEvent).order_by(*_ORDER).limit(PAGE)
_LAST = (bindparam(name, type_=_TABLE.c[name].type) for name in ("at", "sent", "event_id"))
_AFTER = tuple_(*_ORDER) > tuple_(*_LAST)


async def put(db: AsyncSession, row: SealedEvent) -> None:
    """Keep a message until its key comes, once."""
    await db.execute(_PUT, {c.name: getattr(row, c.name) for c in _TABLE.columns})
    await db.execute(_FORGET, {"by": row.sender})


async def waiting(db: AsyncSession, after: SealedEvent | None = None) -> Sequence[SealedEvent]:
    """A page of what could not be read so far, oldest first; the first page, or the next one."""
    if after is None:
        return (await db.scalars(_PAGE)).all()
    last = {"at": after.at, "sent": after.sent, "event_id": after.event_id}
    return (await db.scalars(_PAGE.where(_AFTER), last)).all()


async def drop(db: AsyncSession, event_id: str) -> None:
    """It has been read, or never will be."""
    await db.execute(delete(SealedEvent).where(SealedEvent.event_id == event_id))


async def overdue(db: AsyncSession, now: datetime) -> Sequence[SealedEvent]:
    """The latest unreadable message of everybody who has not been told within the last hour."""
    rows = await db.scalars(_OVERDUE, {"patient": now - PATIENCE, "recent": now - HOUR})
    return list({row.sender: row for row in rows}.values())


async def tell(db: AsyncSession, sender: str, now: datetime) -> None:
    """The sender knows of all that is unreadable by now."""
    silent = (SealedEvent.sender == sender, SealedEvent.told.is_(None))
    await db.execute(update(SealedEvent).where(*silent).values(told=now))
