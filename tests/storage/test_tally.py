"""What counts as a vote: the rules one by one, and against a second reading of them."""

import pytest

from storage.tally import ENDS, REDACTION, TYPED, VOTES, Heard, Rules, count, total
from tests.storage.histories import COURSE, OPENS, made, moment
from tests.storage.reference_tally import reference


def difference(seed):
    """What the bot counts otherwise than the reference in this history; nothing is expected."""
    history = made(seed)
    expected = reference(history.log, history.poll, history.typed, history.may_redact)
    found = count(history.heard(), history.rules())
    sums = total(found, COURSE, history.rules().options).votes
    theirs = [ids for who, ids in expected.items() if who in COURSE]
    wanted = {n: sum(n in ids for ids in theirs) for n in sums}
    return (
        {}
        if ({who: {*ids} for who, ids in found.items()}, sums) == (expected, wanted)
        else {"seed": seed, "bot": found, "specification": expected}
    )


def test_the_bot_counts_like_the_specification():
    assert [found for seed in range(2_000) if (found := difference(seed))] == []


@pytest.mark.soak
def test_the_bot_counts_like_the_specification_in_all_histories():
    assert [found for seed in range(100_000) if (found := difference(seed))] == []
