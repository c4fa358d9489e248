"""What is stored about one person: to show all of it, and to erase what is theirs alone.

Both follow the catalogue, so a new table needs a word there and nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage import outbox, polls
from storage.catalogue import Entry, Erased, Named, personal
from storage.models import Base, Course, DirectChat, Organiser, OutgoingMessage, Person

Value = str | int | float | bool | None | list[object] | dict[str, object]
Row = dict[str, Value]


@dataclass(frozen=True)
class Owner:
    """Somebody by the full Matrix id, in all their courses, and where they are alone with us."""

    mxid: str
    people: Sequence[Person]
    rooms: Sequence[str]


async def owner(db: AsyncSession, mxid: str, room_id: str = "") -> Owner:
    """Who asks, in a direct chat if that is known."""
    people = (await db.scalars(select(Person).where(Person.mxid == mxid))).all()
    return Owner(mxid, people, [*await _chats(db, mxid), room_id])


async def shown(db: AsyncSession, whose: Owner) -> list[tuple[Entry, list[Row]]]:
    """Everything about the person that the catalogue shows; entries without rows, too."""
    found = []
    for entry in personal():
        rows = await _rows(db, entry, whose) if entry.shown else []
        found.append((entry, rows))
    return found


async def person(db: AsyncSession, course: Course, key: str) -> Person | None:
    """Whoever has this key in the course, whatever the case, also if they have left."""
    same = func.lower(Person.key) == key.lower()
    return await db.scalar(select(Person).where(Person.course_id == course.id, same))


async def accounts(db: AsyncSession) -> list[str]:
    """The Matrix ids of everybody in a course."""
    found = await db.scalars(select(Person.mxid).where(Person.mxid.is_not(None)).distinct())
    return [mxid for mxid in found if mxid]


async def erase(db: AsyncSession, whose: Owner, now: datetime) -> None:
    """Delete what is the person's alone, and take back votes that nobody has counted yet.

    Words that wait in the outbox are still said; what was said in their courses is forgotten, for
    it may repeat theirs.
    """
    for entry in personal():
        table = Base.metadata.tables[entry.table]
        if entry.erased is Erased.OPEN_POLLS:
            for person in whose.people:
                course = await db.get_one(Course, person.course_id)
                await polls.withdraw(db, course, whose.mxid, now)
        elif entry.erased is Erased.AT_ONCE and entry.named is Named.ROOM:
            await _empty(db, whose)
        elif entry.erased is Erased.AT_ONCE:
            await db.execute(delete(table).where(_theirs(table, entry, whose)))


async def erase_all(db: AsyncSession, course: Course, person: Person, now: datetime) -> int:
    """Delete every row about somebody in a course; how many that were.

    Closed polls keep their sums. A network stays while somebody else belongs to it, and what is
    known by the account alone while that leads a course or takes part in another.
    """
    for poll in await polls.every(db, course):
        if poll.closes <= now:
            await polls.settle(db, poll)
    whose = Owner(person.mxid or "", [person], await _chats(db, person.mxid))
    await _empty(db, whose)
    kept = await _kept(db, person)
    count = 0
    for entry in personal():
        table = Base.metadata.tables[entry.table]
        if entry.table not in kept:
            theirs = _theirs(table, entry, whose)
            if entry.named is Named.MXID and "course_id" in table.c:
                theirs = and_(theirs, table.c.course_id == course.id)
            gone = await db.execute(delete(table).where(theirs).returning(literal(1)))
            count += len(gone.all())
    if person.mxid and "outbox" not in kept:
        named = OutgoingMessage.cause.contains(person.mxid, autoescape=True)
        await db.execute(delete(OutgoingMessage).where(named))
    return count


async def _kept(db: AsyncSession, person: Person) -> set[str]:
    """The tables in which somebody else needs what is known by the network or the account."""
    others = (Person.course_id == person.course_id, Person.network == person.network)
    shared = exists().where(*others, Person.id != person.id)
    leads = exists().where(Organiser.mxid == person.mxid)
    again = exists().where(Person.mxid == person.mxid, Person.id != person.id)
    network, account = (await db.execute(select(shared, or_(leads, again)))).one()
    known = {e.table for e in personal() if e.named in (Named.MXID, Named.ROOM)}
    found = {"networks"} if network else set()
    return found | (known - {"people", "ballots"} if account or not person.mxid else set())


async def _chats(db: AsyncSession, mxid: str | None) -> list[str]:
    """Where somebody is alone with the bot, as far as is known; the id itself is one of them."""
    chats = await db.scalars(select(DirectChat.room_id).where(DirectChat.mxid == mxid))
    return [mxid, *(room for room in chats if room)] if mxid else []


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
    """Forget the words of all that was said in their courses, or to them; not that it was."""
    here = or_(
        OutgoingMessage.room_id.in_(whose.rooms),
        OutgoingMessage.reply_room.in_(whose.rooms),
        OutgoingMessage.course_id.in_([person.course_id for person in whose.people]),
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
