"""Who of the people in a course is in its rooms by now, by what the server says."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import checkin, standing
from storage.models import Course, Person
from storage.replies import INFO, TALK

SCHEDULE: Final = "beigetreten"
SHOWN: Final = 20

Shared = Callable[[str], Collection[str]]
"""The rooms in which somebody is together with the bot, by Matrix id."""


def nowhere(person: str) -> Collection[str]:
    """Where there is no server, nobody is together with the bot."""
    return ()


@dataclass(frozen=True)
class Joined:
    """Everybody who takes part, and who of them is not yet in all rooms for that."""

    people: Sequence[Person]
    open: Sequence[Person]

    @property
    def line(self) -> str:
        """As organisers read it; who has no account cannot be in."""
        said = f"Beigetreten: {len(self.people) - len(self.open)} von {len(self.people)}"
        keys = [p.key if p.mxid else f"{p.key} (ohne Konto)" for p in self.open[:SHOWN]]
        more = f" und {len(self.open) - SHOWN} weitere" if len(self.open) > SHOWN else ""
        return f"{said}. Offen: {', '.join(keys)}{more}" if keys else said


async def joined(db: AsyncSession, course: Course, shared: Shared) -> Joined | None:
    """Who is in the room for announcements and in that for talking; None while there are none."""
    found = [await standing.room_of(db, course.id, place) for place in (INFO, TALK)]
    rooms = {room_id for room_id in found if room_id}
    if not rooms:
        return None
    people = await checkin.members(db, course)
    return Joined(people, [p for p in people if not (p.mxid and rooms <= {*shared(p.mxid)})])
