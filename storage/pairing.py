"""Which people make good tandems, and what they could talk about; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations
from random import Random
from typing import Final

from storage import matching, networks
from storage.models import Network, Person
from storage.networks import Spoken

NEVER: Final = -(10**12)
AGAIN: Final = 1_000_000
EACH_WEEK: Final = 10_000
"""What it costs to meet somebody from the same or an avoided network; somebody known, however much
there would be to say; and how much less for every week since."""

FIT, BOTH_WAYS, SAME_WISH, APART, SLIGHTLY = 300, 200, 100, 200, 50
"""What an offer for a need is worth, when both have one, the same need, different kinds of region,
and smaller differences."""


@dataclass(frozen=True)
class Seated:
    """Somebody who takes part, with the network and what it offers and seeks."""

    person: Person
    network: Network
    avoids: frozenset[str]
    offers: tuple[Spoken, ...]
    needs: tuple[Spoken, ...]


Tandem = tuple[Seated, ...]
Met = Mapping[frozenset[str], Sequence[date]]
"""In which weeks two people, by their keys, were in a tandem."""


def together(people: Sequence[Seated], met: Met, week: date, seed: str) -> list[Tandem]:
    """Who meets whom: nobody twice while there is somebody new, then by what they have to say.

    Who cannot be with the others of the group meets somebody else who cannot, or joins a pair, or
    is left alone.
    """
    weights = _weights(people, met, week, Random(seed))
    groups = matching.groups(weights, seed)
    fine = [group for group in groups if _bearable(weights, group)]
    apart = {*range(len(people))} - {n for group in fine for n in group}
    for pair in sorted(combinations(sorted(apart), 2), key=lambda p: -weights[p[0]][p[1]]):
        if {*pair} <= apart and _bearable(weights, pair):
            fine.append(pair)
            apart -= {*pair}
    for one in sorted(apart):
        fine = _joined(weights, fine, one)
    return [tuple(people[n] for n in group) for group in fine]


def _joined(weights: matching.Weights, groups: matching.Groups, one: int) -> matching.Groups:
    """The one makes the best pair a trio that can be borne, or stays alone."""
    pairs = [pair for pair in groups if len(pair) == 2 and _bearable(weights, (*pair, one))]
    best = max(pairs, key=lambda pair: matching.worth(weights, (*pair, one)), default=())
    return [*(group for group in groups if group != best), (*best, one)]


def _weights(people: Sequence[Seated], met: Met, week: date, rng: Random) -> list[list[int]]:
    weights = [[0] * len(people) for _ in people]
    for a, b in combinations(range(len(people)), 2):
        before = met.get(frozenset((people[a].person.key, people[b].person.key)), ())
        value = _value(people[a], people[b]) + rng.randrange(SLIGHTLY)
        value -= sum(AGAIN - EACH_WEEK * ((week - then).days // 7) for then in before)
        weights[a][b] = weights[b][a] = value
    return weights


def _bearable(weights: matching.Weights, group: Sequence[int]) -> bool:
    return len(group) > 1 and all(weights[a][b] > NEVER // 2 for a, b in combinations(group, 2))


def _value(one: Seated, other: Seated) -> int:
    mine, theirs = one.network, other.network
    if mine.key == theirs.key or mine.key in other.avoids or theirs.key in one.avoids:
        return NEVER
    given = min(len(networks.exchange(one.offers, other.needs)), 3)
    taken = min(len(networks.exchange(other.offers, one.needs)), 3)
    wishes = {words for _, words in one.needs} & {words for _, words in other.needs}
    differences = (mine.area != theirs.area, mine.structure != theirs.structure)
    small = (mine.kind != theirs.kind, mine.state != theirs.state)
    return (
        FIT * (given + taken)
        + (BOTH_WAYS if given and taken else 0)
        + SAME_WISH * min(len(wishes), 2)
        + APART * sum(differences)
        + SLIGHTLY * sum(small)
    )


def common(tandem: Tandem) -> list[str]:
    """What they could talk about: offers that others need, then needs that they share."""
    lines = []
    for giver, taker in permutations(tandem, 2):
        names = giver.network.short, taker.network.short
        for offer, _ in networks.exchange(giver.offers, taker.needs)[:2]:
            lines.append(f"{names[0]} bietet {offer}, {names[1]} sucht das")
    wishes = [{words: need for need, words in one.needs} for one in tandem]
    for words, need in wishes[0].items():
        if all(words in theirs for theirs in wishes):
            lines.append(f"Alle suchen {need}")
    return lines
