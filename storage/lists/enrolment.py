"""What a list of participants changes about a course, and making it so."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding
from storage.course_files.course_document import meant
from storage.lists.participants import ACCOUNT, GROUP, NETWORK, Remark, Row, Sheet
from storage.models import Course, Group, Network, Person

LEFT: Final = "ausgeschieden"
_AT_ONCE: Final = 200  # rows, then others have a turn
_COLUMNS: Final = {"network": NETWORK, "mxid": ACCOUNT, "group": GROUP}
_FIELDS: Final = (
    *(Person.id, Person.key, Person.network, Person.mxid, Person.group, Person.status),
    Person.filed,
)


@dataclass(frozen=True)
class Known:
    """A person of the course, as far as a list can change that."""

    id: int
    key: str
    network: str | None
    mxid: str | None
    group: int | None
    status: str
    filed: Mapping[str, Any]


@dataclass
class Plan:
    """What would be new and changed, and who is missing; with `faults`, nothing may be done.

    `changed` has the new values by column; `hints` are about lines that are good enough.
    """

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[Known, dict[str, Any]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)
    hints: list[Remark] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether all is as the list says already."""
        return not (self.new or self.changed)

    def columns(self) -> list[str]:
        """Who changes in what, as people read it: "tn02 Konto"."""
        return [f"{p.key} {', '.join(_COLUMNS[c] for c in values)}" for p, values in self.changed]


@dataclass
class _Course:
    """What is there to compare with; people are taken out as they are found."""

    people: list[Known]
    names: Mapping[str, Sequence[str]]  # keys of networks by their folded names
    shorts: Mapping[str, str]  # what networks are called, by key
    groups: set[int]

    known: dict[str, str | None] = field(default_factory=dict)

    def network(self, typed: str) -> str | None:
        """The key of a network by its whole name, short or long, or by its key."""
        if typed not in self.known:
            found = {*self.names.get(folding.fold_words(typed), ())}
            self.known[typed] = found.pop() if len(found) == 1 else None
        return self.known[typed]


async def plan(db: AsyncSession, course: Course, sheet: Sheet) -> Plan:
    """Compare a list with the course; nothing is changed.

    Somebody is known by their key, else by their account, else by their network. What is empty in
    the list stays as it is.
    """
    there = await _there(db, course)
    found, taken = Plan(faults=[*sheet.faults]), dict[int, Known]()
    for by in (_by_key, _by_account, _by_network):
        await asyncio.sleep(0)
        found_already = {person.id for person in taken.values()}
        free = [person for person in there.people if person.id not in found_already]
        taken |= by([row for row in sheet.rows if row.number not in taken], free, there)
    numbers = _numbers(there.people)
    keys = {person.key.casefold() for person in there.people}
    for count, row in enumerate(sheet.rows):
        if count % _AT_ONCE == 0:
            await asyncio.sleep(0)
        found.hints += _missing_in(row, there)
        _compare(found, row, taken.get(row.number), there)
        if row.number not in taken:
            key = row.key or next(n for n in numbers if n not in keys)
            keys.add(key.casefold())
            found.new.append(_new(row, key, there))
    found_already = {person.id for person in taken.values()}
    gone = [p for p in there.people if p.id not in found_already and p.status != LEFT]
    found.missing = [person.key for person in gone]
    found.faults += _accounts_twice(sheet.rows, taken, there.people)
    return found


async def _there(db: AsyncSession, course: Course) -> _Course:
    people = await db.execute(select(*_FIELDS).where(Person.course_id == course.id))
    await asyncio.sleep(0)
    networks = await db.scalars(select(Network).where(Network.course_id == course.id))
    names, shorts = dict[str, list[str]](), dict[str, str]()
    for network in networks:
        shorts[network.key] = network.short
        for name in {folding.fold_words(n) for n in (network.key, network.short, network.name)}:
            names.setdefault(name, []).append(network.key)
    groups = await db.scalars(select(Group.number).where(Group.course_id == course.id))
    return _Course([Known(*row) for row in people], names, shorts, {*groups})


def _by_key(rows: Sequence[Row], people: Sequence[Known], _: _Course) -> dict[int, Known]:
    known = {person.key.casefold(): person for person in people}
    return {r.number: known[r.key.casefold()] for r in rows if r.key.casefold() in known}


def _by_account(rows: Sequence[Row], people: Sequence[Known], _: _Course) -> dict[int, Known]:
    known = {person.mxid: person for person in people if person.mxid}
    return {r.number: known[r.mxid] for r in rows if r.mxid in known and not r.key}


def _by_network(rows: Sequence[Row], people: Sequence[Known], there: _Course) -> dict[int, Known]:
    """In the order of the list; who has no account yet comes first."""
    free: dict[str | None, list[Known]] = {}
    for person in sorted(people, key=lambda p: (p.mxid is not None, p.key)):
        if person.status != LEFT:
            free.setdefault(person.network, []).append(person)
    found = {}
    for row in rows:
        waiting = free.get(there.network(row.network)) if row.network and not row.key else None
        if waiting:
            found[row.number] = waiting.pop(0)
    return found


def _missing_in(row: Row, there: _Course) -> Iterator[Remark]:
    if row.network and there.network(row.network) is None:
        return
    if not row.mxid:
        key = there.network(row.network) if row.network else None
        who = there.shorts[key] if key else row.key
        yield Remark(row.number, f"Konto fehlt ({who})" if who else "Konto fehlt")
    if not row.network:
        yield Remark(row.number, "Netzwerk fehlt")


def _compare(found: Plan, row: Row, person: Known | None, there: _Course) -> None:
    """What is wrong with a line in this course, and what it changes about somebody known."""
    if row.network and there.network(row.network) is None:
        near = meant(row.network, there.shorts.values()) if len(found.faults) < 50 else ""
        found.faults.append(Remark(row.number, f"Netzwerk „{row.network[:40]}“ unbekannt{near}"))
    if row.group is not None and row.group not in there.groups:
        found.faults.append(Remark(row.number, f"Gruppe {row.group} gibt es nicht"))
    if person is None:
        return
    if person.status == LEFT:
        found.hints.append(Remark(row.number, f"{person.key} ist ausgeschieden und bleibt es"))
        return
    said = {"network": there.network(row.network), "mxid": row.mxid, "group": row.group}
    values = {name: v for name, v in said.items() if v and v != getattr(person, name)}
    if values:
        found.changed.append((person, values))


def _new(row: Row, key: str, there: _Course) -> dict[str, Any]:
    """A person whom the course file does not know, and whom its import leaves alone."""
    network = there.network(row.network)
    return {
        "key": key,
        "display": f"Koordination {there.shorts[network]}" if network else f"Person {key}",
        "network": network,
        "mxid": row.mxid or None,
        "group": row.group,
        "status": "eingeladen",
        "filed": {"key": ""},
    }


def _numbers(people: Sequence[Known]) -> Iterator[str]:
    """Keys that nobody has had: tn17, tn18 …"""
    used = [int(m[1]) for p in people if (m := re.fullmatch(r"tn0*(\d{1,6})", p.key.casefold()))]
    number = max(used, default=0)
    while True:
        number += 1
        yield f"tn{number:02}"


def _accounts_twice(
    rows: Sequence[Row], taken: Mapping[int, Known], people: Sequence[Known]
) -> Iterator[Remark]:
    """Accounts that stay with somebody else."""
    given = {taken[row.number].key for row in rows if row.number in taken and row.mxid}
    stays = {p.mxid: p.key for p in people if p.mxid and p.key not in given}
    for row in rows:
        if row.mxid in stays and (row.number not in taken or taken[row.number].mxid != row.mxid):
            yield Remark(row.number, f"das Konto gehört schon zu {stays[row.mxid]}")


async def enrol(db: AsyncSession, course: Course, wanted: Plan) -> None:
    """Make it so; another import of the same course file does not undo it."""
    for start in range(0, len(wanted.new), _AT_ONCE):
        some = [row | {"course_id": course.id} for row in wanted.new[start : start + _AT_ONCE]]
        await db.execute(insert(Person), some)
        await asyncio.sleep(0)
    for number, (person, values) in enumerate(wanted.changed, 1):
        filed = {name: getattr(person, name) for name in values} | dict(person.filed)
        query = update(Person).where(Person.id == person.id)
        await db.execute(query.values({**values, "filed": filed}))
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
