"""Who speaks where: the course, the place and the role that a message comes from."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Organiser, Person, Room
from storage.replies import DIRECT, Place


@dataclass(frozen=True)
class Standing:
    """Decided by full Matrix id and room id alone, never by names."""

    course: Course
    place: Place
    person: Person | None
    organiser: bool


async def in_room(db: AsyncSession, room_id: str, mxid: str) -> Standing | None:
    """The standing of somebody in a room of a course; None when it is no such room."""
    query = (
        select(Course, Room.kind, Person, Organiser.id)
        .join(Room, Room.course_id == Course.id)
        .outerjoin(Person, and_(Person.course_id == Course.id, Person.mxid == mxid))
        .outerjoin(Organiser, and_(Organiser.course_id == Course.id, Organiser.mxid == mxid))
        .where(Room.room_id == room_id)
    )
    row = (await db.execute(query)).first()
    if row is None:
        return None
    course, kind, person, organiser = row
    return Standing(course, Place(kind), person, organiser is not None)


async def directly(db: AsyncSession, mxid: str, today: date) -> Standing | None:
    """The standing of somebody in a direct chat: in their running course, else the latest."""
    theirs = union(
        select(Person.course_id).where(Person.mxid == mxid),
        select(Organiser.course_id).where(Organiser.mxid == mxid),
    )
    running = case((and_(Course.begins <= today, Course.ends >= today), 0), else_=1)
    query = (
        select(Course, Person, Organiser.id)
        .outerjoin(Person, and_(Person.course_id == Course.id, Person.mxid == mxid))
        .outerjoin(Organiser, and_(Organiser.course_id == Course.id, Organiser.mxid == mxid))
        .where(Course.id.in_(theirs))
        .order_by(running, Course.begins.desc())
        .limit(1)
    )
    row = (await db.execute(query)).first()
    if row is None:
        return None
    course, person, organiser = row
    return Standing(course, DIRECT, person, organiser is not None)


async def room_of(db: AsyncSession, course_id: int, place: Place) -> str | None:
    """The id of a course's room, once it is known."""
    query = select(Room.room_id).where(Room.course_id == course_id, Room.kind == place)
    return await db.scalar(query)
