"""The rooms of the courses, and the invitations that the bot has not answered yet."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Invitation, Organiser, Person, Room


async def nameless(db: AsyncSession) -> Sequence[str]:
    """The aliases whose room is not known yet."""
    return (await db.scalars(select(Room.address).where(Room.room_id.is_(None)))).all()


async def resolve(db: AsyncSession, alias: str, room_id: str) -> None:
    """This is the room behind the alias."""
    found = (Room.address == alias, Room.room_id.is_(None))
    await db.execute(update(Room).where(*found).values(room_id=room_id))


async def known(db: AsyncSession, room_id: str) -> bool:
    """Whether this room belongs to a course."""
    return bool(await db.scalar(select(exists().where(Room.room_id == room_id))))


async def invited(db: AsyncSession, invitation: Invitation) -> None:
    """Keep an invitation until it is answered."""
    await db.merge(invitation)


async def uninvited(db: AsyncSession, room_id: str) -> None:
    """The invitation has been answered or withdrawn."""
    await db.execute(delete(Invitation).where(Invitation.room_id == room_id))


async def accept(db: AsyncSession, room_id: str) -> None:
    """The bot is about to join: what was said there before is not for it."""
    row = Invitation.room_id == room_id
    await db.execute(update(Invitation).where(row).values(accepted=True))


async def invitations(db: AsyncSession) -> Sequence[Invitation]:
    """All invitations, accepted or not yet answered."""
    return (await db.scalars(select(Invitation))).all()


async def welcome(db: AsyncSession, invitation: Invitation) -> bool | None:
    """Whether to accept: course rooms from their organisers, direct chats from people of a course.

    None means to wait: nobody can be known before the first course is imported.
    """
    who, room = invitation.inviter, Room.room_id == invitation.room_id
    leads = select(
        exists().where(room, Organiser.course_id == Room.course_id, Organiser.mxid == who)
    )
    if await db.scalar(leads):
        return True
    if not await db.scalar(select(exists().where(Course.id > 0))):
        return None
    if await db.scalar(select(exists().where(room))):
        return False
    known = or_(
        exists().where(Person.mxid == who, Person.status != "ausgeschieden"),
        exists().where(Organiser.mxid == who),
    )
    return bool(await db.scalar(select(known)))
