"""What the chamber gets at the end: everybody's units by meeting, their sum, quota and state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from storage import attendance, calendar, checkin, meetings, networks
from storage.attendance import SETTLED, Account
from storage.lists.spreadsheet import Cell, Rows
from storage.models import Attendance, Course, Meeting, Person

STATES: Final = ("erreicht", "noch möglich", "nicht erreicht")


@dataclass(frozen=True)
class Line:
    """One person, what is settled of them by the keys of meetings, and what follows from it."""

    person: Person
    settled: Mapping[str, Attendance]
    account: Account

    @property
    def state(self) -> str:
        """One of `STATES`, by what is settled alone; the chamber decides."""
        if self.account.attended >= self.account.required:
            return STATES[0]
        return STATES[1] if self.account.reserve >= 0 else STATES[2]


@dataclass(frozen=True)
class Proof:
    """The list as it is now; `open` is how many entries of past meetings nobody has confirmed."""

    dates: Sequence[Meeting]
    lines: Sequence[Line]
    open: int
    entries: Sequence[Attendance]

    def count(self, state: str) -> int:
        """How many people are in one of `STATES`."""
        return sum(line.state == state for line in self.lines)


async def proof(db: AsyncSession, course: Course, now: datetime) -> Proof:
    """Everybody who has not left, and all dates that count."""
    dates = [m for m in await meetings.every(db, course) if m.mandatory and not m.cancelled]
    known = await attendance.every(db, course)
    lines = []
    for person in await checkin.members(db, course):
        own = known.get(person.key, {})
        settled = {key: row for key, row in own.items() if row.state in SETTLED}
        lines.append(Line(person, settled, attendance.account_of(course, dates, settled, now)))
    return Proof(
        dates,
        lines,
        sum(len(line.account.unconfirmed) for line in lines),
        [row for line in lines for row in line.settled.values()],
    )


async def table(db: AsyncSession, course: Course, found: Proof) -> Rows:
    """The list, its head first; a meeting that nobody has confirmed yet stays empty."""
    short = {network.key: network.short for network in await networks.every(db, course)}
    days = [f"{m.key} {calendar.short(m.day)}{m.day.year}, {m.units} UE" for m in found.dates]
    head = ["Kennung", "Rolle", "Netzwerk", *days, "Summe UE", "von UE", "nötig UE"]
    rows: list[list[Cell]] = [[*head, "Quote in Prozent", "Stand", "nachgeholt", "offen"]]
    for line in found.lines:
        person, account = line.person, line.account
        units = [line.settled[m.key].units if m.key in line.settled else "" for m in found.dates]
        made_up = [key for key, row in line.settled.items() if row.made_up]
        rows.append(
            [
                *(person.key, person.display, short.get(person.network or "", "")),
                *units,
                *(account.attended, account.total, account.required, _percent(account)),
                *(line.state, ", ".join(sorted(made_up))),
                ", ".join(m.key for m in account.unconfirmed),
            ]
        )
    return rows


def _percent(account: Account) -> float:
    """With one place, rounded down: 79,9 is not 80."""
    return (1000 * account.attended // account.total if account.total else 0) / 10
