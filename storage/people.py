"""The people in a course, their project groups, and who may vote."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding, overrides
from storage.models import Course, Group, Network, Person
from storage.models.people import ACTIVE, GONE

Members = Sequence[Person]

TOPICLESS = "noch ohne Thema"
"""What a project group of the chat works on until the course file says more."""


async def groups(db: AsyncSession, course: Course) -> Sequence[Group]:
    """The project groups by number."""
    query = select(Group).where(Group.course_id == course.id).order_by(Group.number)
    return (await db.scalars(query)).all()


async def count(db: AsyncSession, course: Course) -> int:
    """How many take part, with an account or without."""
    query = select(func.count()).select_from(Person).where(Person.course_id == course.id)
    return await db.scalar(query.where(Person.status != GONE)) or 0


async def by_mxid(db: AsyncSession, course: Course, mxid: str) -> Person | None:
    """Who takes part with this account; None who does not, or not any more."""
    query = select(Person).where(Person.course_id == course.id, Person.mxid == mxid)
    return await db.scalar(query.where(Person.status != GONE))


async def members(
    db: AsyncSession, course: Course, group: Group, *, but: Person | None = None
) -> list[str]:
    """Who works in a group, by the short names of their networks, without one of them."""
    query = (
        select(Person.key, Person.display, Network.short)
        .outerjoin(
            Network, (Network.course_id == Person.course_id) & (Network.key == Person.network)
        )
        .where(Person.course_id == course.id, Person.group == group.number)
        .where(Person.status != GONE)
    )
    rows = (await db.execute(query)).all()
    shown = {short or display for key, display, short in rows if but is None or key != but.key}
    return sorted(shown, key=folding.fold_words)


def called(people: Sequence[Person], name: str) -> list[Person]:
    """Who goes by this key, or coordinates the network with it."""
    said = name.casefold()
    return [p for p in people if said in (p.key.casefold(), (p.network or "").casefold())]


async def network_of(db: AsyncSession, course: Course, person: Person | None) -> str:
    """The name of somebody's network; empty if there is none."""
    if person is None or person.network is None:
        return ""
    query = select(Network.name).where(Network.course_id == course.id)
    return await db.scalar(query.where(Network.key == person.network)) or ""


def only(people: Members, name: str) -> Person | None:
    """The one person who goes by this key, or alone coordinates the network with it."""
    found = called(people, name)
    return found[0] if len(found) == 1 else None


async def everybody(db: AsyncSession, course: Course) -> Members:
    """Who takes part and who has, by key."""
    query = select(Person).where(Person.course_id == course.id).order_by(Person.key)
    return (await db.scalars(query)).all()


def leave(person: Person) -> None:
    """They do not take part any more, whatever an old course file says."""
    overrides.put(person, status=GONE)


async def enter(db: AsyncSession, person: Person, network: str | None, mxid: str | None) -> None:
    """They take part from now on, with this network and account if there is a new one."""
    if person.id is None:
        person.network, person.mxid, person.filed = network, mxid, {"key": ""}
        db.add(person)
    else:
        wanted = {"status": ACTIVE, "network": network or person.network, "mxid": mxid}
        changes = {name: new for name, new in wanted.items() if new != getattr(person, name)}
        overrides.put(person, **changes)
    await db.flush()


async def found(db: AsyncSession, course: Course, number: int) -> None:
    """Make a project group that the course file does not know, and that its import leaves alone."""
    db.add(Group(course_id=course.id, number=number, topic=TOPICLESS, typed=True))
    await db.flush()


def assign(people: Members, number: int | None) -> None:
    """They work in this project group from now on, or in none."""
    for person in people:
        overrides.put(person, group=number)
