"""The rooms of the courses: which room is meant, and whether the bot is in it."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import overrides, upgrades
from storage.models import Course, Room
from storage.replies import ALUMNI

JOIN, LEAVE = "join", "leave"


async def nameless(db: AsyncSession, server: str) -> Sequence[str]:
    """The aliases whose room is not known yet.

    Where alumni meet is looked up on the bot's own server alone: it is not worth waiting for others
    every few minutes, for months.
    """
    query = select(Room.address).where(Room.room_id.is_(None), near(server))
    return (await db.scalars(query.distinct())).all()


def near(server: str) -> ColumnElement[bool]:
    """Whether the alias of a room is worth a look from this server."""
    return or_(Room.kind != ALUMNI, Room.address.endswith(f":{server}", autoescape=True))


async def resolve(db: AsyncSession, alias: str, room_id: str) -> None:
    """This is the room behind the alias, or the one that it was replaced by."""
    found = (Room.address == alias, Room.room_id.is_(None))
    newest = await upgrades.newest(db, room_id)
    await db.execute(update(Room).where(*found).values(room_id=newest))


async def known(db: AsyncSession, room_id: str) -> bool:
    """Whether this room belongs to a course."""
    return bool(await db.scalar(select(exists().where(Room.room_id == room_id))))


async def memberships(db: AsyncSession) -> dict[str, str]:
    """What the bot is in each room of a course, as far as was noticed."""
    rows = await db.execute(select(Room.room_id, Room.membership).where(Room.room_id.is_not(None)))
    return {str(room_id): membership for room_id, membership in rows}


async def in_use(db: AsyncSession, today: date) -> Sequence[tuple[Course, Room]]:
    """The rooms of the courses that are not over on that day; alumni meet elsewhere, and later."""
    query = select(Course, Room).join(Room, Room.course_id == Course.id)
    query = query.where(Room.kind != ALUMNI)
    rows = await db.execute(query.where(Course.ends >= today).order_by(Course.id, Room.id))
    return [(course, room) for course, room in rows]


async def entered(db: AsyncSession, room_ids: Collection[str]) -> None:
    """The bot is in these rooms: what waits for them is sent again."""
    there = Room.room_id.in_(room_ids)
    await db.execute(update(Room).where(there).values(membership=JOIN))


async def left(db: AsyncSession, room_id: str) -> Sequence[Room]:
    """The bot is not in this room any more; the rooms of courses that this is news for."""
    query = select(Room).where(Room.room_id == room_id, Room.membership == JOIN)
    rows = (await db.scalars(query)).all()
    for row in rows:
        row.membership = LEAVE
    await db.flush()
    return rows


async def of(db: AsyncSession, course: Course, kind: str) -> Room | None:
    """The room that is for this, if the course has one."""
    here = (Room.course_id == course.id, Room.kind == kind, Room.address != "")
    return await db.scalar(select(Room).where(*here))


async def inside(db: AsyncSession, course: Course, kind: str) -> bool:
    """Whether the bot is in this room of the course."""
    room = await of(db, course, kind)
    return room is not None and room.room_id is not None and room.membership == JOIN


async def taken(db: AsyncSession, addresses: Collection[str]) -> bool:
    """Whether a course is held in one of these rooms; where alumni meet, none is."""
    same = or_(Room.address.in_(addresses), Room.room_id.in_(addresses))
    return bool(await db.scalar(select(exists().where(same, Room.kind != ALUMNI))))


async def put_alumni(db: AsyncSession, course: Course, address: str) -> None:
    """Let alumni meet in this room, or nowhere if it is empty; a course file leaves it so."""
    found = select(Room).where(Room.course_id == course.id, Room.kind == ALUMNI)
    room = await db.scalar(found) or Room(course_id=course.id, kind=ALUMNI, address="")
    db.add(room)
    overrides.put(room, address=address)
    room.room_id = address if address.startswith("!") else None
    room.membership = ""
    await db.flush()
