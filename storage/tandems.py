"""Tandems: who takes part, who has met whom, and how it went."""

from collections import defaultdict
from datetime import date
from itertools import combinations
from typing import Final

from sqlalchemy import and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import networks, pairing
from storage.models import Course, Network, Person, Rule, TandemMember, TandemSeat
from storage.models.people import GONE
from storage.pairing import Seated, Tandem

RULE: Final = "tandem"
"""The rule of the course file without which there are no tandems."""


async def offered(db: AsyncSession, course: Course) -> bool:
    """Whether the course has tandems."""
    rule = exists().where(Rule.course_id == course.id, Rule.key == RULE)
    return bool(await db.scalar(select(rule)))


async def member(db: AsyncSession, course: Course, person: Person) -> TandemMember | None:
    """How somebody takes part; None who does not."""
    query = select(TandemMember).where(TandemMember.course_id == course.id)
    return await db.scalar(query.where(TandemMember.person == person.key))


async def join(db: AsyncSession, course: Course, person: Person) -> None:
    """Take part from the next week on, or again after a pause."""
    row = await member(db, course, person)
    if row is None:
        db.add(TandemMember(course_id=course.id, person=person.key))
    else:
        row.paused = False
    await db.flush()


async def leave(db: AsyncSession, course: Course, person: Person) -> None:
    """Take part no more; nothing is kept of that but whom somebody has met."""
    theirs = (TandemMember.course_id == course.id, TandemMember.person == person.key)
    await db.execute(delete(TandemMember).where(*theirs))


async def seated(db: AsyncSession, course: Course) -> list[Seated]:
    """All who take part just now and can be written to, in the order of the course file."""
    query = select(Person, TandemMember.avoids).join(
        TandemMember,
        and_(TandemMember.course_id == Person.course_id, TandemMember.person == Person.key),
    )
    query = query.where(Person.course_id == course.id, TandemMember.paused.is_(False))
    query = query.where(Person.status != GONE, Person.mxid.is_not(None))
    rows = (await db.execute(query.order_by(Person.id))).all()
    known = {network.key: network for network in await networks.every(db, course)}
    return [
        Seated(
            person,
            network := known[person.network],
            frozenset(avoids),
            tuple(networks.spoken(network.offers)),
            tuple(networks.spoken(network.needs)),
        )
        for person, avoids in rows
        if person.network in known
    ]


async def form(db: AsyncSession, course: Course, week: date) -> list[Tandem]:
    """The tandems of the week that begins on this Monday, once; who is in none stands alone."""
    seats = (TandemSeat.course_id == course.id, TandemSeat.week == week)
    people = await seated(db, course)
    if not people or await db.scalar(select(exists().where(*seats))):
        return []
    met = await _meetings(db, course)
    found = pairing.together(people, met, week, f"{course.key}/{week}")
    for number, tandem in enumerate((one for one in found if len(one) > 1), 1):
        for one in tandem:
            key = one.person.key
            seat = TandemSeat(course_id=course.id, week=week, number=number, person=key)
            db.add(seat)
    await db.flush()
    return found


async def _meetings(db: AsyncSession, course: Course) -> dict[frozenset[str], list[date]]:
    """In which weeks two people were in a tandem."""
    groups: dict[tuple[date, int], list[str]] = defaultdict(list)
    for seat in await db.scalars(select(TandemSeat).where(TandemSeat.course_id == course.id)):
        groups[seat.week, seat.number].append(seat.person)
    met: dict[frozenset[str], list[date]] = defaultdict(list)
    for (week, _), people in groups.items():
        for pair in combinations(people, 2):
            met[frozenset(pair)].append(week)
    return met


async def unasked(db: AsyncSession, course: Course, before: date) -> list[tuple[Person, list[str]]]:
    """Who was in a tandem of an earlier week and has not been asked about it, with whom: the
    others by the names of their networks. From now on they count as asked.
    """
    seats = (TandemSeat.course_id == course.id, TandemSeat.week < before)
    rows = (await db.scalars(select(TandemSeat).where(*seats, TandemSeat.asked.is_(False)))).all()
    latest = max((row.week for row in rows), default=before)
    names = await partners(db, course, latest)
    people = await db.scalars(select(Person).where(Person.course_id == course.id))
    known = {p.key: p for p in people if p.mxid and p.status != GONE}
    asking = [row for row in rows if row.week == latest and row.person in known]
    for row in rows:
        row.asked = True
    await db.flush()
    return [(known[row.person], names.get(row.person, [])) for row in asking]


async def partners(db: AsyncSession, course: Course, week: date) -> dict[str, list[str]]:
    """Each person of the week's tandems, with the others by the short names of their networks."""
    query = (
        select(TandemSeat.number, TandemSeat.person, func.coalesce(Network.short, Person.display))
        .join(Person, and_(Person.course_id == course.id, Person.key == TandemSeat.person))
        .outerjoin(Network, and_(Network.course_id == course.id, Network.key == Person.network))
        .where(TandemSeat.course_id == course.id, TandemSeat.week == week)
    )
    rows = (await db.execute(query.order_by(TandemSeat.id))).all()
    return {
        person: [name for n, other, name in rows if n == number and other != person]
        for number, person, _ in rows
    }


async def answer(db: AsyncSession, course: Course, person: Person, met: bool) -> bool:
    """Whether the latest tandem that somebody was asked about has met; False if there is none."""
    theirs = (TandemSeat.course_id == course.id, TandemSeat.person == person.key)
    query = select(TandemSeat).where(*theirs, TandemSeat.asked.is_(True))
    seat = await db.scalar(query.order_by(TandemSeat.week.desc()).limit(1))
    if seat is not None:
        seat.met = met
    return seat is not None


async def counts(db: AsyncSession, course: Course) -> tuple[int, int, int, int]:
    """How it goes, without names: who takes part, who pauses, tandems, those that have met."""
    members = await db.scalars(select(TandemMember).where(TandemMember.course_id == course.id))
    paused = [row.paused for row in members]
    seats = (await db.scalars(select(TandemSeat).where(TandemSeat.course_id == course.id))).all()
    formed = {(row.week, row.number) for row in seats}
    met = {(row.week, row.number) for row in seats if row.met}
    return paused.count(False), paused.count(True), len(formed), len(met)
