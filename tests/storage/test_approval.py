"""Which topics an approval vote selects, compared with trying out all there are."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.approval import RULE, best

NUMBERS = st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True)


@pytest.mark.parametrize(
    ("wishes", "places", "chosen"),
    [
        ([], 2, {1, 2}),
        ([{3}], 1, {3}),
        # together they please five of six, the two most wanted only four
        ([{1, 2}, {1, 2}, {1, 2}, {1}, {3}, {4}], 2, {1, 3}),
        # as many are pleased: the more approvals
        ([{1}, {2, 4}, {2, 4}, {4}], 2, {1, 4}),
        # also as many approvals: the smaller number
        ([{1}, {2}, {3}], 2, {1, 2}),
        ([{4}, {3}], 1, {3}),
        ([{1, 2, 3, 4}] * 3, 2, {1, 2}),
        ([{2}], 9, {1, 2, 3, 4}),
        ([{2}], 0, set()),
    ],
)
def test_the_rule(wishes, places, chosen):
    assert best(wishes, (4, 3, 2, 1), places) == chosen


@given(st.data(), NUMBERS, st.integers(0, 6))
def test_no_other_set_is_better(data, options, places):
    wishes = data.draw(st.lists(st.sets(st.sampled_from(options)), max_size=12))

    def badness(chosen):
        empty = sum(not wish & {*chosen} for wish in wishes)
        return empty, -sum(len(wish & {*chosen}) for wish in wishes), chosen

    every = combinations(sorted(options), min(places, len(options)))
    assert best(wishes, options, places) == {*min(every, key=badness)}


@given(st.lists(st.sets(st.integers(1, 4)), max_size=8), st.randoms())
def test_the_order_of_votes_and_options_does_not_matter(wishes, dice):
    shuffled, options = [*wishes], [1, 2, 3, 4]
    dice.shuffle(shuffled)
    dice.shuffle(options)
    assert best(shuffled, options, 2) == best(wishes, (1, 2, 3, 4), 2)


def test_the_rule_is_two_sentences():
    assert [len(part.split()) > 5 for part in RULE.split(". ")] == [True, True]
