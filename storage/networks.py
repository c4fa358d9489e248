"""The networks in a course: who is among them, who offers what, and which one is meant."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding, profiles
from storage.models import Course, Network, Person
from storage.models.people import GONE

Spoken = tuple[str, frozenset[str]]

STATES: Final = {
    **{"BW": "Baden-Württemberg", "BY": "Bayern", "BE": "Berlin", "BB": "Brandenburg"},
    **{"HB": "Bremen", "HH": "Hamburg", "HE": "Hessen", "MV": "Mecklenburg-Vorpommern"},
    **{"NI": "Niedersachsen", "NW": "Nordrhein-Westfalen", "RP": "Rheinland-Pfalz"},
    **{"SL": "Saarland", "SN": "Sachsen", "ST": "Sachsen-Anhalt", "SH": "Schleswig-Holstein"},
    "TH": "Thüringen",
}
HOSTS: Final = {
    "hochschule": "Hochschule",
    "wirtschaftsfoerderung": "Wirtschaftsförderung",
    "ihk": "IHK",
    "bildungsmanagement": "Bildungsmanagement",
    "regionalmanagement": "Regionalmanagement",
}
AREAS: Final = {"laendlich": "ländlich", "urban": "städtisch", "gemischt": "gemischt"}


def state(network: Network) -> str:
    """Where it is: "Niedersachsen"."""
    return STATES.get(network.state, network.state)


async def every(db: AsyncSession, course: Course) -> Sequence[Network]:
    """All networks of the course in the order of its file, with what people say in the chat."""
    return await profiles.every(db, course)


async def known(db: AsyncSession, course: Course) -> Sequence[Network]:
    """All networks of the course file, also those whose people have left."""
    query = select(Network).where(Network.course_id == course.id).order_by(Network.id)
    return (await db.scalars(query)).all()


def alphabetically(networks: Iterable[Network]) -> list[Network]:
    """By their short names, umlauts as they are spelt out."""
    return sorted(networks, key=lambda network: folding.fold_words(network.short))


async def matching(db: AsyncSession, course: Course, text: str) -> Sequence[Network]:
    """The networks somebody means, see `meant`."""
    return meant(await every(db, course), text)


def meant(networks: Sequence[Network], text: str) -> Sequence[Network]:
    """Those with this key, short or full name, a part of it, mistyped or not; by their state if
    nothing else fits.
    """
    exact = [n for n in networks if n.key == text.strip()]
    named: dict[str, list[Network]] = {}
    for network in networks:
        for known in (network.short, network.name, network.key):
            named.setdefault(folding.fold_words(known), []).append(network)
    there = [n for n in networks if folding.fold_words(state(n)) == folding.fold_words(text)]
    return exact or folding.look_up(text, named) or there


async def contacts(db: AsyncSession, course: Course, network: Network) -> Sequence[Person]:
    """The people who coordinate it and are still in the course, unless they do not want to be."""
    if await profiles.hides(db, network, profiles.CONTACT):
        return []
    query = select(Person).where(Person.course_id == course.id, Person.network == network.key)
    return (await db.scalars(query.where(Person.status != GONE))).all()


def offering(networks: Iterable[Network], text: str) -> list[tuple[Network, str]]:
    """Who offers something like this, and what they call it."""
    return _speaking(networks, text, lambda network: network.offers)


def seeking(networks: Iterable[Network], text: str) -> list[tuple[Network, str]]:
    """Who looks for something like this, and what they call it."""
    return _speaking(networks, text, lambda network: network.needs)


def spoken(entries: Iterable[str]) -> list[Spoken]:
    """The entries with the words that carry their meaning."""
    return [(entry, frozenset(folding.key_words(entry))) for entry in entries]


def exchange(offers: Iterable[Spoken], needs: Iterable[Spoken]) -> list[tuple[str, str]]:
    """What one offers and another looks for: an offer for each need, in the order of needs."""
    found = ((next((o for o, words in offers if _fit(words, w)), ""), need) for need, w in needs)
    return [(offer, need) for offer, need in found if offer]


def _fit(one: frozenset[str], other: frozenset[str]) -> bool:
    """All words of the shorter in the longer one; "MINT" alone would fit everything."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return short <= long and sum(map(len, short)) >= 5


def _speaking(
    networks: Iterable[Network], text: str, of: Callable[[Network], Iterable[str]]
) -> list[tuple[Network, str]]:
    """All words of the text in one entry, as parts or mistyped; parts beat typing mistakes."""
    said = folding.key_words(text)
    if not said:
        return []
    entries = [(network, entry) for network in networks for entry in of(network)]
    for fits in (_contains, _resembles, _sounds):
        found = [one for one in entries if fits(folding.fold_words(one[1]), said)]
        if found:
            return found
    return []


def _contains(entry: str, said: list[str]) -> bool:
    return "".join(said) in entry.replace(" ", "") or all(word in entry for word in said)


def _resembles(entry: str, said: list[str]) -> bool:
    words = entry.split()
    whole = folding.nearest("".join(said), ["".join(words)])
    return bool(whole) or all(folding.nearest(word, words) for word in said)


def _sounds(entry: str, said: list[str]) -> bool:
    """With typing mistakes in the middle of long words, too: "kistne" in "Experimentierkisten"."""
    words = entry.split()
    return all(
        word in entry or folding.nearest(word, words) or folding.inside(word, words)
        for word in said
    )
