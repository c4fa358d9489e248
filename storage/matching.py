"""Who meets whom: everybody in pairs, one trio where the number is odd, the best as a whole; pure.

Up to `EXACT` people the result is the optimum: what is left over of the first k people can only be
left in so many ways (a Fibonacci number), and each is solved once. For more people the best pairs
are taken first, which is half of the optimum or more (where nothing counts against a meeting);
then any two pairs swap as long as that gains something, and groups of `TABLE` people are seated
anew in the best way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Final

EXACT: Final = 18
TABLE: Final = 14
ROUNDS: Final = 60
HOPELESS: Final = 10**15

Weights = Sequence[Sequence[int]]
"""How good it is that two people meet; symmetric."""

Groups = list[tuple[int, ...]]


def groups(weights: Weights, seed: str, exact: int = EXACT) -> Groups:
    """Pairs, and one trio at most, by the numbers of the people. The same seed gives the same."""
    everyone = range(len(weights))
    if len(weights) <= exact:
        return _best(weights, everyone)
    found = _swapped(weights, _greedy(weights))
    rng = Random(seed)
    for _ in range(ROUNDS):
        rng.shuffle(found)
        table = found[: TABLE // 2]
        there = [person for pair in table for person in pair]
        found[: TABLE // 2] = _best(weights, there) if len(there) == TABLE else table
    left = {*everyone} - {person for pair in found for person in pair}
    return sorted(_joined(weights, found, left.pop()) if left else found)


def worth(weights: Weights, group: Sequence[int]) -> int:
    """How good a group is; of a trio, two of its three meetings count."""
    links = sum(weights[a][b] for n, a in enumerate(group) for b in group[:n])
    return links if len(group) < 3 else 2 * links // 3


def _best(weights: Weights, people: Sequence[int]) -> Groups:
    """The optimum: the last of the people meets one of the others, or two where they are odd."""
    table = _Table([[weights[a][b] for b in people] for a in people])
    left, found = (1 << len(people)) - 1, Groups()
    if left:
        table.solve(left)
    while table.solved[left][1]:
        chosen = table.solved[left][1]
        found.append(tuple(sorted(people[n] for n in range(len(people)) if chosen >> n & 1)))
        left ^= chosen
    return sorted(found)


@dataclass
class _Table:
    """The best for each set of people, as bits: what it is worth, and the group of its last."""

    weights: Weights
    solved: dict[int, tuple[int, int]] = field(default_factory=lambda: {0: (0, 0)})

    def solve(self, left: int) -> int:
        """What the best groups of these people are worth."""
        last = left.bit_length() - 1
        best, chosen = -HOPELESS, 0
        others = [n for n in range(last) if left >> n & 1]
        mine, solved, trio = self.weights[last], self.solved, len(others) % 2 == 0
        for n in others if len(others) != 2 else ():
            rest = left ^ (1 << last | 1 << n)
            value = mine[n] + (solved[rest][0] if rest in solved else self.solve(rest))
            if value > best:
                best, chosen = value, left ^ rest
        for a, b in combinations(others, 2) if trio else ():
            rest = left ^ (1 << last | 1 << a | 1 << b)
            value = 2 * (mine[a] + mine[b] + self.weights[a][b]) // 3
            value += solved[rest][0] if rest in solved else self.solve(rest)
            if value > best:
                best, chosen = value, left ^ rest
        solved[left] = best if chosen else 0, chosen
        return solved[left][0]


def _greedy(weights: Weights) -> Groups:
    """The best pair first, then the best of those that are left."""
    free, found = {*range(len(weights))}, Groups()
    links = ((weights[a][b], b, a) for a in range(len(weights)) for b in range(a))
    for _, one, other in sorted(links, reverse=True):
        if one in free and other in free:
            found.append((one, other))
            free -= {one, other}
    return found


def _swapped(weights: Weights, pairs: Groups) -> Groups:
    """Two pairs change partners as long as any two gain by it."""
    found, again = [(*pair,) for pair in pairs], True
    while again:
        again = False
        for n in range(len(found)):
            for m in range(n):
                (a, b), (c, d) = found[n], found[m]
                now = weights[a][b] + weights[c][d]
                crossed, across = weights[a][c] + weights[b][d], weights[a][d] + weights[b][c]
                if max(crossed, across) > now:
                    better = ((a, c), (b, d)) if crossed >= across else ((a, d), (b, c))
                    found[n], found[m], again = *better, True
    return found


def _joined(weights: Weights, pairs: Groups, one: int) -> Groups:
    """The one who is left over joins the pair where that is best."""
    best = max(pairs, key=lambda pair: worth(weights, (*pair, one)) - worth(weights, pair))
    return [tuple(sorted((*pair, one))) if pair == best else pair for pair in pairs]
