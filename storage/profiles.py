"""What people say about their own network in the chat, and how much of it the others see."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from storage import folding
from storage.models import Course, Entry, Network, Person
from storage.models.people import GONE

OFFER, NEED, SENTENCE, HIDDEN = "bietet", "sucht", "satz", "verborgen"
PARTNERS, CONTACT = "partner", "kontakt"
LISTS: Final = {OFFER: "offers", NEED: "needs"}
PARTS: Final = {
    OFFER: "Angebote",
    NEED: "Gesuche",
    SENTENCE: "Satz",
    PARTNERS: "Partner",
    CONTACT: "Kontakt",
}
"""What can be hidden from the others, as people type it and as they read it."""

MOST = 12
"""Entries in a list; nobody reads more."""

LONGEST = 80
"""Characters of an entry."""

VISIBLE = "Sichtbar für alle im Kurs."
NO_NETWORK = "Diesem Konto fehlt ein Netzwerk. Eintragen kann es die Lehrgangsleitung: !orga"

_THEIRS = and_(Person.course_id == Network.course_id, Person.network == Network.key)
_LEFT = and_(exists().where(_THEIRS), ~exists().where(_THEIRS, Person.status != GONE))
"""Whether all who coordinated a network have left the course."""

_ALL = (
    select(Network, Entry)
    .outerjoin(Entry, and_(Entry.course_id == Network.course_id, Entry.network == Network.key))
    .where(Network.course_id == bindparam("course"), ~_LEFT)
    .order_by(Network.id, Entry.id)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Own:
    """Somebody's own network with all there is, and which parts of it the others do not see."""

    network: Network
    hidden: frozenset[str]


@dataclass(frozen=True)
class Wish:
    """A change somebody wants in a list: an entry to add, or the one `found` that is to be struck.

    `line` says it in a way that is understood again, `asks` is what to ask back.
    """

    kind: str
    text: str
    strikes: bool = False
    found: tuple[str, ...] = ()
    problem: str = ""
    asks: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """As somebody would type it: "nicht FabLab-Kurse"."""
        return f"nicht {self.found[0]}" if self.strikes else self.text


async def every(db: AsyncSession, course: Course) -> list[Network]:
    """All networks in the order of the course file, as everybody in the course may see them.

    Those whose people have all left are not among them.
    """
    return [_shown(network, entries, entries) for network, entries in await _all(db, course)]


async def own(db: AsyncSession, course: Course, person: Person | None) -> Own | None:
    """Somebody's own network; None if there is none."""
    for network, entries in await _all(db, course):
        if person is not None and network.key == person.network:
            hidden = frozenset(entry.text for entry in entries if entry.kind == HIDDEN)
            return Own(_shown(network, entries, ()), hidden)
    return None


async def _all(db: AsyncSession, course: Course) -> list[tuple[Network, list[Entry]]]:
    found: dict[int, tuple[Network, list[Entry]]] = {}
    for network, entry in await db.execute(_ALL, {"course": course.id}):
        _, entries = found.setdefault(network.id, (network, []))
        if entry is not None:
            entries.append(entry)
    return list(found.values())


def _shown(network: Network, entries: Sequence[Entry], hiding: Iterable[Entry]) -> Network:
    """The row as it is to be read; what it shows is never written back."""
    hidden = {entry.text for entry in hiding if entry.kind == HIDDEN}
    for kind, column in LISTS.items():
        listed = _listed(getattr(network, column), [e for e in entries if e.kind == kind])
        set_committed_value(network, column, [] if kind in hidden else listed)
    said = [entry.text for entry in entries if entry.kind == SENTENCE]
    sentence = "" if SENTENCE in hidden else [network.sentence, *said][-1]
    set_committed_value(network, "sentence", sentence)
    if PARTNERS in hidden:
        set_committed_value(network, "partners", {})
        set_committed_value(network, "other_partners", "")
    return network


def _listed(filed: Sequence[str], entries: Iterable[Entry]) -> list[str]:
    """What the file says, without what was struck, and with what was added."""
    texts = list(filed)
    for entry in entries:
        texts = [text for text in texts if not _same(text, entry.text)]
        texts += [] if entry.struck else [entry.text]
    return texts


def _same(one: str, other: str) -> bool:
    return folding.fold_words(one).replace(" ", "") == folding.fold_words(other).replace(" ", "")


def tidy(typed: str, longest: int) -> str:
    """What somebody typed as an entry: one line without markup; one that is too long stays so."""
    spaced = " ".join(unicodedata.normalize("NFC", typed[: 20 * longest]).split())
    text = "".join(filter(str.isprintable, spaced)).replace("**", "").strip(' ,;:-–„“"')
    return (text[:1].upper() + text[1:])[: longest + 1]


def wish(own: Own, kind: str, typed: str) -> Wish:
    """The change that this means: a new entry, or with "nicht" before it an end of one."""
    there: list[str] = getattr(own.network, LISTS[kind])
    name, label = tidy(own.network.short, 60), kind.capitalize()
    first, _, rest = typed.strip().partition(" ")
    if folding.fold_words(first) in ("nicht", "kein", "keine", "keinen"):
        said = rest.removeprefix("mehr ")
        found = folding.look_up(said, {folding.fold_words(text): [text] for text in there})
        problem = "" if found else "Das steht dort nicht, es hat sich nichts geändert."
        asks = (f"Soll ich das bei {name} streichen?", f"**{label}: {found[0]}**") if found else ()
        return Wish(kind, said, True, tuple(found), problem, asks)
    text = tidy(typed, LONGEST).rstrip(".")
    asked = (f"Soll ich das bei {name} eintragen?", f"**{label}: {text}**", VISIBLE)
    known = [] if kind in own.hidden else there
    return Wish(kind, text, problem=_problem(text, there, known), asks=asked)


def _problem(text: str, there: Sequence[str], visible: Sequence[str]) -> str:
    """Why this cannot be entered; with what is there, as far as the others see it, too."""
    if not folding.key_words(text):
        shown = f"Bisher: {', '.join(visible)}. " if visible else ""
        return f"{shown}Was genau dazukommt, bitte als Stichwort dahinter schreiben."
    if len(text) > LONGEST:
        return f"Bitte kürzer: höchstens {LONGEST} Zeichen, am besten ein Stichwort."
    if any(_same(text, known) for known in there):
        return "Das steht dort schon, es hat sich nichts geändert."
    if len(there) >= MOST:
        return f"{MOST} Einträge sind genug. Erst einen streichen, mit „nicht“ davor."
    return ""


async def fulfil(db: AsyncSession, own: Own, person: Person, wish: Wish, now: datetime) -> None:
    """Make the change; an entry of the course file is struck, one of the chat is gone."""
    text = wish.found[0] if wish.strikes else wish.text
    await _forget(db, own.network, wish.kind, text)
    if not wish.strikes or await _filed(db, own.network, wish.kind, text):
        row = _entry(own.network, person, wish.kind, text, now)
        row.struck = wish.strikes
        db.add(row)
        await db.flush()


async def say(db: AsyncSession, own: Own, person: Person, sentence: str, now: datetime) -> None:
    """The network's sentence from now on; an empty one brings the file's back."""
    await _forget(db, own.network, SENTENCE, None)
    if sentence:
        db.add(_entry(own.network, person, SENTENCE, sentence, now))
        await db.flush()


async def hide(db: AsyncSession, own: Own, person: Person, part: str, now: datetime) -> None:
    """From now on, the others do not see this part."""
    await show(db, own, part)
    db.add(_entry(own.network, person, HIDDEN, part, now))
    await db.flush()


async def show(db: AsyncSession, own: Own, part: str) -> None:
    """The others see this part again."""
    await _forget(db, own.network, HIDDEN, part)


def _entry(network: Network, person: Person, kind: str, text: str, now: datetime) -> Entry:
    return Entry(
        course_id=network.course_id,
        network=network.key,
        person=person.key,
        kind=kind,
        text=text,
        at=now,
    )


async def _filed(db: AsyncSession, network: Network, kind: str, text: str) -> bool:
    """Whether the course file has this entry."""
    column = getattr(Network, LISTS[kind])
    filed: list[str] = await db.scalar(select(column).where(Network.id == network.id)) or []
    return any(_same(text, known) for known in filed)


async def _forget(db: AsyncSession, network: Network, kind: str, text: str | None) -> None:
    """Everything that was said about this entry; about all of the kind if none is named."""
    theirs = (Entry.course_id == network.course_id, Entry.network == network.key)
    rows = await db.scalars(select(Entry).where(*theirs, Entry.kind == kind))
    gone = [row.id for row in rows if text is None or _same(row.text, text)]
    await db.execute(delete(Entry).where(Entry.id.in_(gone)))


async def hides(db: AsyncSession, network: Network, part: str) -> bool:
    """Whether the others do not see this part of a network's profile."""
    here = (Entry.course_id == network.course_id, Entry.network == network.key)
    return bool(
        await db.scalar(select(exists().where(*here, Entry.kind == HIDDEN, Entry.text == part)))
    )


async def news(db: AsyncSession, course: Course, since: datetime) -> list[tuple[str, str]]:
    """What has been offered since then and still is: the network's short name, and the offer."""
    query = select(Entry).where(Entry.course_id == course.id, Entry.kind == OFFER)
    entries = (await db.scalars(query.where(Entry.at >= since).order_by(Entry.id))).all()
    if not entries:
        return []
    offers = {network.key: network for network in await every(db, course)}
    return [
        (offers[entry.network].short, entry.text)
        for entry in entries
        if entry.network in offers and entry.text in offers[entry.network].offers
    ]
