"""Invitations that the bot has not answered yet, and how many it has declined."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage import rooms
from storage.models import Course, Declined, Invitation, Organiser, Person, Room, Upgrade
from storage.models.people import GONE
from storage.upgrades import EXPECTED

MOST = 100
"""As many invitations as are answered in one go."""


async def keep(db: AsyncSession, invitation: Invitation) -> None:
    """Keep an invitation until it is answered."""
    await db.merge(invitation)
    await db.flush()


async def accept(db: AsyncSession, invitation: Invitation) -> None:
    """The bot is about to join: what was said there before is not for it."""
    invitation.accepted = True
    await db.merge(invitation)
    await db.flush()


async def drop(db: AsyncSession, room_id: str) -> None:
    """The invitation has been answered or withdrawn."""
    await db.execute(delete(Invitation).where(Invitation.room_id == room_id))


async def accepted(db: AsyncSession) -> Sequence[str]:
    """The rooms that the bot has decided to join, and has not read yet."""
    return (await db.scalars(select(Invitation.room_id).where(Invitation.accepted))).all()


async def waiting(db: AsyncSession) -> Sequence[Invitation]:
    """The oldest invitations, accepted or not yet answered."""
    return (await db.scalars(select(Invitation).order_by(Invitation.at).limit(MOST))).all()


async def decline(db: AsyncSession, invitation: Invitation, day: date) -> None:
    """Forget the invitation and count it."""
    await drop(db, invitation.room_id)
    query = insert(Declined).values(day=day, inviter=invitation.inviter, count=1)
    more = {"count": Declined.count + 1}
    await db.execute(query.on_conflict_do_update(index_elements=["day", "inviter"], set_=more))


async def declined(db: AsyncSession) -> dict[tuple[date, str], int]:
    """How many invitations were declined, by day (UTC) and inviter."""
    rows = (await db.scalars(select(Declined).order_by(Declined.day, Declined.inviter))).all()
    return {(row.day, row.inviter): row.count for row in rows}


async def welcome(
    db: AsyncSession, invitation: Invitation, shared: Collection[str] = ()
) -> bool | None:
    """Whether to accept: course rooms from their organisers, direct chats from people of a course.

    To those belongs who is unknown, but in a room of a course: `shared` are the rooms in which the
    bot is together with them.
    None means to wait: nobody can be known before the first course is imported, nor a room of an
    organiser's course before its alias leads anywhere.
    """
    who, room_id = invitation.inviter, invitation.room_id
    if invitation.accepted:
        return True
    if await _yes(db, _leads(who, Room.room_id == room_id), _expected(who, room_id)):
        return True
    if not await _yes(db, exists().where(Course.id > 0)):
        return None
    if await _yes(db, exists().where(Room.room_id == room_id)):
        return False
    if invitation.direct:
        active = exists().where(Person.mxid == who, Person.status != GONE)
        there = exists().where(Room.room_id.in_(shared))
        unknown = and_(there, ~exists().where(Person.mxid == who))
        return await _yes(db, active, exists().where(Organiser.mxid == who), unknown)
    expected = and_(Room.room_id.is_(None), rooms.near(who.partition(":")[2]))
    return None if await _yes(db, _leads(who, expected)) else False


def _leads(who: str, room: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody leads the course that such a room belongs to."""
    return exists().where(room, Organiser.course_id == Room.course_id, Organiser.mxid == who)


def _expected(who: str, room_id: str) -> ColumnElement[bool]:
    """Whether the room replaces another one, and who asks has done that or leads the course."""
    leads = exists().where(
        Room.room_id == Upgrade.old, Organiser.course_id == Room.course_id, Organiser.mxid == who
    )
    open_ = (Upgrade.new == room_id, Upgrade.state == EXPECTED)
    return exists().where(*open_, or_(Upgrade.by == who, leads.correlate(Upgrade)))


async def _yes(db: AsyncSession, *conditions: ColumnElement[bool]) -> bool:
    return bool(await db.scalar(select(or_(*conditions))))
