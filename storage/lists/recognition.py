"""Who of the course is meant by the names that people give themselves in a video conference; pure.

The course knows no names of people, only keys, networks and accounts. What fits exactly one person
is sure, everything else is a suggestion at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from storage import folding

_SHORT: Final = 4  # letters; what is shorter is part of too many names
_SUGGESTED: Final = 2


@dataclass(frozen=True)
class Known:
    """A person of the course: key, account, and the names of the network, as many as it has."""

    key: str
    mxid: str | None
    networks: Sequence[str]


@dataclass(frozen=True)
class Guess:
    """A name of the list, and who that may be; `sure` if there is no doubt."""

    name: str
    keys: Sequence[str]
    sure: bool


def recognise(names: Iterable[str], people: Sequence[Known]) -> list[Guess]:
    """One guess for each name."""
    signs = [(person.key, _signs(person)) for person in people]
    return [_guess(name, signs) for name in names]


@dataclass(frozen=True)
class _Signs:
    """Folded: the key, the words of the account, and the words of each name of the network."""

    key: str
    account: frozenset[str]
    networks: Sequence[frozenset[str]]


def _signs(person: Known) -> _Signs:
    local = (person.mxid or "").removeprefix("@").partition(":")[0]
    networks = [frozenset(folding.fold_words(name).split()) for name in person.networks]
    account = frozenset(folding.fold_words(local).split())
    long = account if len("".join(account)) > _SHORT else frozenset[str]()
    return _Signs(folding.fold_words(person.key), long, [words for words in networks if words])


def _guess(name: str, people: Sequence[tuple[str, _Signs]]) -> Guess:
    words = folding.fold_words(name).split()
    said = {*words, *("".join(pair) for pair in zip(words, words[1:], strict=False))}
    for fits in (_by_key, _by_account, _by_network):
        found = [key for key, signs in people if fits(said, signs)]
        if found:
            return Guess(name, found[:_SUGGESTED], len(found) == 1)
    near = [key for key, signs in people if _near(said, signs)]
    return Guess(name, near[:_SUGGESTED], False)


def _by_key(said: set[str], signs: _Signs) -> bool:
    return signs.key in said


def _by_account(said: set[str], signs: _Signs) -> bool:
    return bool(signs.account) and (signs.account <= said or "".join(signs.account) in said)


def _by_network(said: set[str], signs: _Signs) -> bool:
    return any(words <= said for words in signs.networks)


def _near(said: set[str], signs: _Signs) -> bool:
    """A part of a name, or one with a typing mistake."""
    known = {w for words in (signs.account, *signs.networks) for w in words if len(w) > _SHORT}
    long = [word for word in said if len(word) > _SHORT]
    return any(
        known_word.startswith(word) or folding.nearest(word, (known_word,))
        for word in long
        for known_word in known
    )
