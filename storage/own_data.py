"""What is stored about one person: to show all of it, and to erase what is theirs alone.

Both follow the catalogue, so a new table needs a word there and nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Table, and_, delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import outbox, polls
from storage.catalogue import Entry, Erased, Named, personal
from storage.models import Base, Course, DirectChat, OutgoingMessage, Person

Value = str | int | float | bool | None | list[object] | dict[str, object]
Row = dict[str, Value]


@dataclass(frozen=True)
class Owner:
    """Somebody by the full Matrix id, in all their courses, and where they are alone with us."""

    mxid: str
    people: Sequence[Person]
    rooms: Sequence[str]


async def owner(db: AsyncSession, mxid: str, room_id: str) -> Owner:
    """Who asks, in a direct chat."""
    people = (await db.scalars(select(Person).where(Person.mxid == mxid))).all()
    chats = await db.scalars(select(DirectChat.room_id).where(DirectChat.mxid == mxid))
    return Owner(mxid, people, [mxid, room_id, *(room for room in chats if room)])


async def shown(db: AsyncSession, whose: Owner) -> list[tuple[Entry, list[Row]]]:
    """Everything about the person that the catalogue shows; entries without rows, too."""
    found = []
    for entry in personal():
        rows = await _rows(db, entry, whose) if entry.shown else []
        found.append((entry, rows))
    return found


async def erase(db: AsyncSession, whose: Owner, course: Course, now: datetime) -> None:
    """Delete what is the person's alone, and take back votes that nobody has counted yet.

    Words that wait in the outbox are still said.
    """
    for entry in personal():
        table = Base.metadata.tables[entry.table]
        if entry.erased is Erased.OPEN_POLLS:
            await polls.withdraw(db, course, whose.mxid, now)
        elif entry.erased is Erased.AT_ONCE and entry.named is Named.ROOM:
            await _empty(db, whose)
        elif entry.erased is Erased.AT_ONCE:
            await db.execute(delete(table).where(_theirs(table, entry, whose)))


async def _rows(db: AsyncSession, entry: Entry, whose: Owner) -> list[Row]:
    table = Base.metadata.tables[entry.table]
    columns = [table.c[name] for name in entry.columns.split()]
    rows = await db.execute(select(*columns).where(_theirs(table, entry, whose)))
    return [{name: _plain(value) for name, value in row.items()} for row in rows.mappings()]


def _theirs(table: Table, entry: Entry, whose: Owner) -> ColumnElement[bool]:
    column = table.c[entry.by]
    match entry.named:
        case Named.MXID:
            return column == whose.mxid
        case Named.ROOM:
            return column.in_(whose.rooms)
    keys = {
        (p.course_id, p.key if entry.named is Named.PERSON else p.network) for p in whose.people
    }
    return or_(false(), *(and_(table.c.course_id == at, column == key) for at, key in keys))


async def _empty(db: AsyncSession, whose: Owner) -> None:
    """Forget the words of what was said to the person, or passed on for them; not that it was."""
    here = or_(
        OutgoingMessage.room_id.in_(whose.rooms), OutgoingMessage.reply_room.in_(whose.rooms)
    )
    query = update(OutgoingMessage).where(here, OutgoingMessage.state != outbox.WAITING)
    await db.execute(query.values(content={}))


def _plain(value: object) -> Value:
    """As it can stand in a JSON file."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return str(value)
