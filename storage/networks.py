"""The networks in a course: who is among them, who offers what, and which one is meant."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import folding
from storage.models import Course, Network, Person

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
    """All networks of the course, in the order of its file."""
    query = select(Network).where(Network.course_id == course.id).order_by(Network.id)
    return (await db.scalars(query)).all()


def alphabetically(networks: Iterable[Network]) -> list[Network]:
    """By their short names, umlauts as they are spelt out."""
    return sorted(networks, key=lambda network: folding.fold_words(network.short))


async def matching(db: AsyncSession, course: Course, text: str) -> Sequence[Network]:
    """The networks somebody means by key, short or full name, a part of it, mistyped or not;
    by its state if nothing else fits.
    """
    networks = await every(db, course)
    exact = [n for n in networks if n.key == text.strip()]
    named: dict[str, list[Network]] = {}
    for network in networks:
        for known in (network.short, network.name, network.key):
            named.setdefault(folding.fold_words(known), []).append(network)
    there = [n for n in networks if folding.fold_words(state(n)) == folding.fold_words(text)]
    return exact or folding.look_up(text, named) or there


async def contacts(db: AsyncSession, course: Course, network: Network) -> Sequence[Person]:
    """The people who coordinate it and are still in the course."""
    query = select(Person).where(Person.course_id == course.id, Person.network == network.key)
    return (await db.scalars(query.where(Person.status != "ausgeschieden"))).all()


def offering(networks: Iterable[Network], text: str) -> list[tuple[Network, str]]:
    """Who offers something like this, and what they call it."""
    return _speaking(networks, text, lambda network: network.offers)


def seeking(networks: Iterable[Network], text: str) -> list[tuple[Network, str]]:
    """Who looks for something like this, and what they call it."""
    return _speaking(networks, text, lambda network: network.needs)


def _speaking(
    networks: Iterable[Network], text: str, of: Callable[[Network], Iterable[str]]
) -> list[tuple[Network, str]]:
    """All words of the text in one entry, as parts or mistyped; parts beat typing mistakes."""
    said = folding.key_words(text)
    if not said:
        return []
    entries = [(network, entry) for network in networks for entry in of(network)]
    parts = [found for found in entries if _contains(folding.fold_words(found[1]), said)]
    return parts or [found for found in entries if _resembles(found[1], said)]


def _contains(entry: str, said: list[str]) -> bool:
    return "".join(said) in entry.replace(" ", "") or all(word in entry for word in said)


def _resembles(entry: str, said: list[str]) -> bool:
    words = folding.fold_words(entry).split()
    whole = folding.nearest("".join(said), ["".join(words)])
    return bool(whole) or all(folding.nearest(word, words) for word in said)
