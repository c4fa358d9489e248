"""Who wants to be in the alumni network: only of them, name of the network and offers move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import networks
from storage.models import Alumnus, Course, Network, Person


@dataclass(frozen=True)
class Consent:
    """Somebody who agreed, and their network as everybody sees it, if they have one."""

    person: Person
    network: Network | None

    @property
    def name(self) -> str:
        """What moves: the name of the network, or the role."""
        return self.network.name if self.network else self.person.display

    @property
    def offers(self) -> Sequence[str]:
        """What else moves."""
        return self.network.offers if self.network else ()


async def agrees(db: AsyncSession, person: Person) -> bool:
    """Whether somebody has agreed and not taken it back."""
    theirs = (Alumnus.course_id == person.course_id, Alumnus.person == person.key)
    return await db.scalar(select(Alumnus.id).where(*theirs)) is not None


async def agree(db: AsyncSession, person: Person, now: datetime) -> None:
    """They want to; who has said so already is left alone."""
    if not await agrees(db, person):
        db.add(Alumnus(course_id=person.course_id, person=person.key, at=now))
        await db.flush()


async def withdraw(db: AsyncSession, person: Person) -> None:
    """They do not want to any more."""
    theirs = (Alumnus.course_id == person.course_id, Alumnus.person == person.key)
    await db.execute(delete(Alumnus).where(*theirs))


async def every(db: AsyncSession, course: Course) -> list[Consent]:
    """All who agreed and have not left, in the order of the course file."""
    said = select(Alumnus.person).where(Alumnus.course_id == course.id)
    here = (Person.course_id == course.id, Person.status != "ausgeschieden")
    people = await db.scalars(select(Person).where(*here, Person.key.in_(said)).order_by(Person.id))
    known = {network.key: network for network in await networks.every(db, course)}
    return [Consent(person, known.get(person.network or "")) for person in people]
