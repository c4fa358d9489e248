"""Voices from the course: what people said that may be quoted, and as whose words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding
from storage.models import Course, Network, Person, Quote

NAME, NETWORK, ANONYMOUS, INTERNAL = "name", "netzwerk", "anonym", "intern"
CONSENTS: Final = {
    NAME: "mit dem Namen",
    NETWORK: "nur mit dem Netzwerk",
    ANONYMOUS: "ohne Namen",
    INTERNAL: "nur für die Lehrgangsleitung",
}
"""What people may agree to, the most open first."""

LONGEST = 300
"""Characters; a longer one is no quotation."""

MOST = 20
"""As many of one person; nobody reads more."""


@dataclass(frozen=True)
class Shown:
    """A quotation as far as it was agreed to: `by` is empty where nobody is to be named."""

    id: int
    text: str
    by: str
    consent: str


async def say(db: AsyncSession, person: Person, text: str, consent: str, now: datetime) -> None:
    """Keep a quotation; the same one again has the new consent."""
    for row in await mine(db, person):
        if folding.fold_words(row.text) == folding.fold_words(text):
            row.consent, row.at = consent, now
            break
    else:
        here, key = person.course_id, person.key
        db.add(Quote(course_id=here, person=key, text=text, consent=consent, at=now))
    await db.flush()


async def mine(db: AsyncSession, person: Person) -> Sequence[Quote]:
    """Somebody's own quotations, the oldest first."""
    theirs = (Quote.course_id == person.course_id, Quote.person == person.key)
    return (await db.scalars(select(Quote).where(*theirs).order_by(Quote.id))).all()


async def withdraw(db: AsyncSession, quote: Quote) -> None:
    """It may not be quoted any more, and is forgotten."""
    await db.delete(quote)
    await db.flush()


async def every(db: AsyncSession, course: Course, *, internal: bool = False) -> list[Shown]:
    """All quotations for the course, the newest first; for organisers also the internal ones."""
    query = (
        select(Quote, Person.display, Network.short)
        .join(Person, and_(Person.course_id == Quote.course_id, Person.key == Quote.person))
        .outerjoin(
            Network, and_(Network.course_id == Quote.course_id, Network.key == Person.network)
        )
        .where(Quote.course_id == course.id)
    )
    rows = (await db.execute(query.order_by(Quote.id.desc()))).all()
    return [
        Shown(quote.id, quote.text, _by(quote.consent, display, short or ""), quote.consent)
        for quote, display, short in rows
        if internal or quote.consent != INTERNAL
    ]


def _by(consent: str, display: str, short: str) -> str:
    return {NAME: display, NETWORK: short, INTERNAL: display}.get(consent, "")
