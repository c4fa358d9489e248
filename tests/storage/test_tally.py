"""What counts as a vote: the rules one by one, and against a second reading of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.tally import ENDS, REDACTION, TYPED, VOTES, Heard, Rules, Standing, Tally, count, total
from tests.storage.histories import COURSE, made
from tests.storage.reference_tally import reference

OPENS, CLOSES = datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 11, 11, tzinfo=UTC)
RULES = Rules(OPENS, CLOSES, (1, 2, 3, 4), 1, frozenset({"$poll"}))
INSIDE = OPENS + timedelta(days=1)
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
FUTURE, PAST = datetime(2999, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
ADA, BEN, MOD = "@ada:example.org", "@ben:example.org", "@mod:example.org"


def vote(name, *answers, at=INSIDE, by=ADA, on="$poll", kind=VOTES[0]):
    return Heard(f"${name}", kind, by, at, on, answers)


def typed(name, *answers, at=INSIDE, by=ADA):
    return Heard(f"${name}", TYPED, by, at, "", answers)


def edit(name, target, *answers, at=INSIDE + SECOND, by=ADA, kind=VOTES[0]):
    return Heard(f"${name}", kind, by, at, f"${target}", answers, edit=True)


def end(name, at, by=MOD, power=True, on="$poll", kind=ENDS[0]):
    return Heard(f"${name}", kind, by, at, on, power=power)


def redaction(name, target, by=ADA, power=False):
    return Heard(f"${name}", REDACTION, by, INSIDE + SECOND, f"${target}", power=power)


LATER = INSIDE + SECOND
BREAK = INSIDE + 2 * SECOND
CASES = {
    "nobody": ([], {}),
    "a click": ([vote(1, "3")], {ADA: (3,)}),
    "a number typed": ([typed(1, "3")], {ADA: (3,)}),
    "two people": ([vote(1, "3"), vote(2, "3", by=BEN)], {ADA: (3,), BEN: (3,)}),
    "the stable form": ([vote(1, "3", kind=VOTES[1])], {ADA: (3,)}),
    "both forms": ([vote(1, "3"), vote(2, "1", at=LATER, kind=VOTES[1])], {ADA: (1,)}),
    "another poll": ([vote(1, "3", on="$lunch")], {}),
    # the last one counts, whichever way it came
    "the last": ([vote(1, "3"), vote(2, "1", at=LATER)], {ADA: (1,)}),
    "the last by its stamp": ([vote(2, "1", at=LATER), vote(1, "3")], {ADA: (1,)}),
    "of equal stamps the last to arrive": ([vote(1, "3"), vote(2, "1")], {ADA: (1,)}),
    "typed after a click": ([vote(1, "3"), typed(2, "1", at=LATER)], {ADA: (1,)}),
    "clicked after a number": ([typed(1, "3"), vote(2, "1", at=LATER)], {ADA: (1,)}),
    "the same event twice": ([vote(1, "3"), vote(2, "1", at=LATER), vote(1, "3")], {ADA: (1,)}),
    # withdrawn
    "deselected": ([vote(1, "3"), vote(2, at=LATER)], {}),
    "withdrawn by typing": ([vote(1, "3"), typed(2, at=LATER)], {}),
    "deselected what was typed": ([typed(1, "3"), vote(2, at=LATER)], {}),
    "withdrawn and given again": ([vote(1), vote(2, "3", at=LATER)], {ADA: (3,)}),
    # in time
    "at the very end": ([vote(1, "3", at=CLOSES)], {ADA: (3,)}),
    "too late": ([vote(1, "3"), vote(2, "1", at=CLOSES + MILLISECOND)], {ADA: (3,)}),
    "too late and spoiled": ([vote(1, "3"), vote(2, "9", at=CLOSES + MILLISECOND)], {ADA: (3,)}),
    "stamped before the poll": ([vote(1, "3", at=OPENS - SECOND)], {ADA: (3,)}),
    "stamped in 1970": ([vote(1, "3", at=PAST)], {ADA: (3,)}),
    "stamped in the future": ([vote(1, "3"), vote(2, "1", at=FUTURE)], {ADA: (3,)}),
    "typed in the first moment": ([typed(1, "3", at=OPENS)], {ADA: (3,)}),
    "typed in the last moment": ([typed(1, "3", at=CLOSES)], {ADA: (3,)}),
    "typed before": ([typed(1, "3", at=OPENS - MILLISECOND)], {}),
    "typed after": ([typed(1, "3", at=CLOSES + MILLISECOND)], {}),
    # spoiled
    "unknown": ([vote(1, "3"), vote(2, "9", at=LATER)], {}),
    "unknown behind what is read": ([vote(1, "3", "9")], {}),
    "nearly known": ([vote(1, "03"), vote(2, "3 ", by=BEN)], {}),
    "empty": ([vote(1, "")], {}),
    "too many are cut off": ([vote(1, "3", "1")], {ADA: (3,)}),
    # ended by hand
    "after an end": ([end("e", INSIDE), vote(1, "3", at=LATER)], {}),
    "with the end": ([end("e", INSIDE), vote(1, "3")], {ADA: (3,)}),
    "late to arrive": ([end("e", LATER), vote(1, "3")], {ADA: (3,)}),
    "the older one revives": (
        [vote(1, "3"), vote(2, "1", at=BREAK), end("e", LATER)],
        {ADA: (3,)},
    ),
    "the first end": ([end("e", BREAK), end("f", INSIDE), vote(1, "3", at=LATER)], {}),
    "the stable end": ([end("e", INSIDE, kind=ENDS[1]), vote(1, "3", at=LATER)], {}),
    "a forged end": ([end("e", INSIDE, BEN, False), vote(1, "3", at=LATER)], {ADA: (3,)}),
    "the end of another": ([end("e", INSIDE, on="$lunch"), vote(1, "3", at=LATER)], {ADA: (3,)}),
    "an end after the deadline": (
        [end("e", CLOSES + SECOND), vote(1, "3", at=CLOSES + MILLISECOND)],
        {},
    ),
    "a number is typed after the native end": (
        [end("e", INSIDE), typed(1, "3", at=LATER)],
        {ADA: (3,)},
    ),
    "a redacted end": (
        [end("e", INSIDE), vote(1, "3", at=LATER), redaction("r", "e", MOD, True)],
        {ADA: (3,)},
    ),
    # deleted
    "deleted": ([vote(1, "3"), redaction("r", 1)], {}),
    "deleted before it came": ([redaction("r", 1), vote(1, "3")], {}),
    "deleted goes back": ([vote(1, "3"), vote(2, "1", at=LATER), redaction("r", 2)], {ADA: (3,)}),
    "deleted deselection": ([vote(1, "3"), vote(2, at=LATER), redaction("r", 2)], {ADA: (3,)}),
    "deleted goes back to typed": (
        [typed(1, "3"), vote(2, "1", at=LATER), redaction("r", 2)],
        {ADA: (3,)},
    ),
    "deleted by a moderator": ([vote(1, "3"), redaction("r", 1, MOD, True)], {}),
    "deleted by nobody": ([vote(1, "3"), redaction("r", 1, BEN)], {ADA: (3,)}),
    "the deletion deleted": (
        [vote(1, "3"), redaction("r", 1), redaction("s", "r")],
        {},
    ),
    "a typed one stays given": ([typed(1, "3"), redaction("r", 1)], {ADA: (3,)}),
    "the poll deleted": (
        [vote(1, "3"), typed(2, "1", by=BEN), redaction("r", "poll", MOD, True)],
        {BEN: (1,)},
    ),
    "the poll not deleted": ([vote(1, "3"), redaction("r", "poll", BEN)], {ADA: (3,)}),
    # edited
    "edited": ([vote(1, "3"), edit(2, 1, "1")], {ADA: (1,)}),
    "edited twice": (
        [vote(1, "3"), edit(2, 1, "1", at=BREAK), edit(3, 1, "4")],
        {ADA: (1,)},
    ),
    "edited at once, by the name of the event": (
        [vote(1, "3"), edit("b", 1, "1"), edit("a", 1, "4")],
        {ADA: (1,)},
    ),
    "edited and spoiled": ([vote(1, "3"), edit(2, 1, "9")], {}),
    "edited but not the last": (
        [vote(1, "3"), vote(2, "4", at=LATER), edit(3, 1, "1", at=BREAK)],
        {ADA: (4,)},
    ),
    "edited by another": ([vote(1, "3"), edit(2, 1, "1", by=BEN)], {ADA: (3,)}),
    "edited in another form": ([vote(1, "3"), edit(2, 1, "1", kind=VOTES[1])], {ADA: (3,)}),
    "edited too late": ([vote(1, "3"), edit(2, 1, "1", at=CLOSES + SECOND)], {ADA: (3,)}),
    "edited after the end": (
        [vote(1, "3"), edit(2, 1, "1", at=BREAK), end("e", LATER)],
        {ADA: (3,)},
    ),
    "the edit deleted": ([vote(1, "3"), edit(2, 1, "1"), redaction("r", 2)], {ADA: (3,)}),
    "an edit of the poll": ([vote(1, "3"), edit(2, "poll", "1", by=BEN)], {ADA: (3,)}),
}


@pytest.mark.parametrize(("heard", "result"), CASES.values(), ids=CASES)
def test_what_counts(heard, result):
    assert count(heard, RULES) == result


@pytest.mark.parametrize(
    ("most", "answers", "chosen"),
    [
        (1, ("3", "3"), (3,)),
        (2, ("3", "1", "2"), (3, 1)),
        (2, ("3", "3", "1"), (3,)),
        (2, ("3", "3", "9"), ()),
        (20, ("4", "3", "2", "1"), (4, 3, 2, 1)),
        (0, ("3", "1"), (3,)),
        (-1, ("3", "1"), (3,)),
        ("2", ("3", "1"), (3,)),
        (None, ("3", "1"), (3,)),
        (1.5, ("3", "1"), (3,)),
    ],
)
def test_how_many_answers_are_read(most, answers, chosen):
    assert replace(RULES, most=most).chosen(answers) == chosen


def test_several_native_polls_are_one_when_it_was_opened_again():
    rules = replace(RULES, native=frozenset({"$poll", "$again"}))
    heard = [vote(1, "3"), end("e", INSIDE), vote(2, "1", at=LATER, on="$again")]
    assert count(heard, rules) == {ADA: (1,)}


def test_only_those_in_the_course_count_and_each_of_them_once():
    votes = {ADA: (3,), BEN: (3, 1), "@gast:example.org": (1,)}
    people = [ADA, BEN, BEN, None]
    assert total(votes, people, (1, 2, 3)) == Tally(2, 4, {1: 1, 2: 0, 3: 2})


def test_an_approval_vote_selects_who_pleases_most():
    votes = {f"@{n}:x": wish for n, wish in enumerate([(1, 2)] * 5 + [(1,)] + [(3,)] * 2)}
    tally = total(votes, [*votes], (1, 2, 3), places=2)
    assert tally == Tally(8, 8, {1: 6, 2: 5, 3: 2}, (1, 3), 0)
    assert tally.standings(["A", "B"]) == [
        Standing((1,), 6, ("A",)),
        Standing((3,), 2, ("B",)),
        Standing((2,), 5, ()),
    ]


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
