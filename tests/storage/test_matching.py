"""Pairs and trios: the optimum where it can be had, and near it where there are too many."""

from itertools import combinations
from random import Random
from time import process_time

import pytest

from storage.matching import EXACT, groups, worth


def table(size, seed, *, most=1500):
    rng = Random(seed)
    weights = [[0] * size for _ in range(size)]
    for a, b in combinations(range(size), 2):
        weights[a][b] = weights[b][a] = rng.randrange(most)
    return weights


def total(weights, found):
    return sum(worth(weights, group) for group in found)


def everything(people):
    """All ways to make pairs of people, with one trio where they are odd."""
    if not people:
        yield []
        return
    first, *rest = people
    sizes = (1, 2) if len(people) % 2 else (1,)
    for size in sizes if len(people) != 3 else (2,):
        for others in combinations(rest, size):
            for found in everything([p for p in rest if p not in others]):
                yield [(first, *others), *found]


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_better(size, seed):
    weights = table(size, seed)
    best = max(total(weights, found) for found in everything([*range(size)]))
    assert total(weights, groups(weights, "")) == best


@pytest.mark.parametrize("size", [*range(2, 24), 60, 61, 200])
def test_everybody_is_in_one_group_and_one_trio_makes_it_even(size):
    found = groups(table(size, size), "")
    assert sorted(person for group in found for person in group) == [*range(size)]
    assert sorted({len(group) for group in found}, reverse=True)[1:] in ([], [2])
    assert sum(len(group) == 3 for group in found) == size % 2


@pytest.mark.parametrize("size", [0, 1])
def test_who_is_alone_meets_nobody(size):
    assert groups(table(size, 0), "") == []


def test_many_are_seated_nearly_as_well_as_possible():
    for seed in range(3):
        weights = table(16, seed)
        best = total(weights, groups(weights, ""))
        assert total(weights, groups(weights, "", exact=0)) >= 0.99 * best


def test_many_meet_in_a_moment_and_the_same_every_time():
    weights = table(200, 1)
    began = process_time()
    found = groups(weights, "woche")
    assert process_time() - began < 1.0
    assert found == groups(weights, "woche")


def test_the_largest_exact_group_takes_a_moment():
    weights = table(EXACT - 1, 1)
    began = process_time()
    groups(weights, "")
    assert process_time() - began < 0.5
