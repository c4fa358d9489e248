"""Who speaks where: the course, the place and the role that a message comes from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, and_, bindparam, case, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Organiser, Person, Room
from storage.models.people import GONE
from storage.replies import ALUMNI, DIRECT, Place


@dataclass(frozen=True)
class Standing:
    """Decided by full Matrix id and room id alone, never by names.

    An `organiser` of the course `leads` in the organisers' room, as a member of it now. Somebody
    `former` has taken part, and does not any more.
    """

    course: Course
    place: Place
    person: Person | None
    organiser: bool
    leads: bool = False
    former: bool = False


_PERSON = and_(Person.course_id == Course.id, Person.mxid == bindparam("mxid"))
_ORGANISER = and_(Organiser.course_id == Course.id, Organiser.mxid == bindparam("mxid"))
_IN_ROOM = (
    select(Course, Room.kind, Person, Organiser.id)
    .join(Room, Room.course_id == Course.id)
    .outerjoin(Person, _PERSON)
    .outerjoin(Organiser, _ORGANISER)
    .where(Room.room_id == bindparam("room"), Room.kind != ALUMNI)
)


async def in_room(db: AsyncSession, room_id: str, mxid: str) -> Standing | None:
    """The standing of somebody in a room of a course; None when it is no such room.

    Where alumni meet, those of several courses do: none of them is held there.
    """
    row = (await db.execute(_IN_ROOM, {"room": room_id, "mxid": mxid})).first()
    if row is None:
        return None
    course, kind, person, organiser = row
    return _of(course, Place(kind), person, organiser)


_THEIRS = union(
    select(Person.course_id).where(Person.mxid == bindparam("mxid")),
    select(Organiser.course_id).where(Organiser.mxid == bindparam("mxid")),
)
_TODAY: BindParameter[date] = bindparam("today")
_RUNNING = case((and_(Course.begins <= _TODAY, Course.ends >= _TODAY), 0), else_=1)
_LEFT = case((and_(Person.status == GONE, Organiser.id.is_(None)), 1), else_=0)
_DIRECTLY = (
    select(Course, Person, Organiser.id)
    .outerjoin(Person, _PERSON)
    .outerjoin(Organiser, _ORGANISER)
    .where(Course.id.in_(_THEIRS))
    .order_by(_LEFT, _RUNNING, Course.begins.desc())
    .limit(1)
)


async def directly(db: AsyncSession, mxid: str, today: date) -> Standing | None:
    """The standing of somebody in a direct chat: in their running course, else the latest.

    Courses that they have left come last.
    """
    row = (await db.execute(_DIRECTLY, {"mxid": mxid, "today": today})).first()
    if row is None:
        return None
    course, person, organiser = row
    return _of(course, DIRECT, person, organiser)


def _of(course: Course, place: Place, person: Person | None, organiser: int | None) -> Standing:
    former = person is not None and person.status == GONE
    taking_part = None if former else person
    return Standing(course, place, taking_part, organiser is not None, former=former)


async def course_of(db: AsyncSession, room_ids: Collection[str]) -> Course | None:
    """The course that one of these rooms belongs to, the latest one; None if none does."""
    query = select(Course).join(Room, Room.course_id == Course.id)
    theirs = query.where(Room.room_id.in_(room_ids), Room.kind != ALUMNI).order_by(
        Course.begins.desc()
    )
    return await db.scalar(theirs.limit(1))


_ROOM = select(Room.room_id)
_ROOM = _ROOM.where(Room.course_id == bindparam("course"), Room.kind == bindparam("kind"))


async def room_of(db: AsyncSession, course_id: int, place: Place) -> str | None:
    """The id of a course's room, once it is known."""
    return await db.scalar(_ROOM, {"course": course_id, "kind": place})
