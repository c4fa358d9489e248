"""The count of a poll: pure, by the specification where it has rules, and the same every time.

Rules: MSC3381 ("Chat Polls", in its stable and its unstable form), redactions and replacements by
the Client-Server API. A vote that was typed to the bot is one more response of the same person.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from storage import approval

TYPED: Final = ""
"""The type of a vote that came as a number or a command."""

VOTES: Final = ("org.matrix.msc3381.poll.response", "m.poll.response")
ENDS: Final = ("org.matrix.msc3381.poll.end", "m.poll.end")
REDACTION: Final = "m.room.redaction"


@dataclass(frozen=True)
class Heard:
    """Something said about a poll: `type` as in Matrix, `at` as the server of `sender` stamped it.

    `about` is the event that a vote answers, an end ends or a redaction removes; of an edit, the
    vote it replaces. A typed vote is about nothing. `power` is that to redact others' events. The
    bot's own end of a poll is not heard: the deadline in the rules is the same moment or earlier.
    """

    id: str
    type: str
    sender: str
    at: datetime
    about: str = ""
    answers: tuple[str, ...] = ()
    edit: bool = False
    power: bool = False


@dataclass(frozen=True)
class Rules:
    """What a poll allows; `native` are the events by which the bot has opened it, if any yet.

    `most` is how many answers one person may give; what is no positive number means one (MSC3381).
    """

    opens: datetime
    closes: datetime
    options: Collection[int]
    most: object = 1
    native: frozenset[str] = frozenset()

    def chosen(self, answers: Sequence[str]) -> tuple[int, ...]:
        """What these answers vote for: nothing at all, if one of them is unknown."""
        names = {str(number): number for number in self.options}
        if not names.keys() >= set(answers):
            return ()
        limit = self.most if isinstance(self.most, int) and self.most > 0 else 1
        return tuple(dict.fromkeys(names[answer] for answer in answers[:limit]))


@dataclass(frozen=True)
class Standing:
    """Topics with equally many votes, and the slots they win or, being several, compete for."""

    numbers: tuple[int, ...]
    votes: int
    slots: tuple[str, ...]

    @property
    def tied(self) -> bool:
        """Whether somebody has to decide which of the topics gets which of the slots."""
        return len(self.numbers) > 1 and bool(self.slots)


@dataclass(frozen=True)
class Tally:
    """The result so far: `votes` has every topic by its number, also those nobody wants.

    In an approval vote `selected` are the winners, and `without` is how many voters have no wish
    among them.
    """

    voters: int
    entitled: int
    votes: Mapping[int, int]
    selected: tuple[int, ...] = ()
    without: int = 0

    def standings(self, slots: Sequence[str]) -> list[Standing]:
        """The topics by votes, most first, with the slots shared out in that order.

        An approval vote has its rule for every case: there is never anything to decide.
        """
        won = [
            Standing((n,), self.votes[n], (s,)) for n, s in zip(self.selected, slots, strict=False)
        ]
        ranked = sorted(self.votes.keys() - {*self.selected}, key=lambda n: (-self.votes[n], n))
        left, found = tuple(slots)[len(won) :], []
        for votes, equal in groupby(ranked, key=lambda number: self.votes[number]):
            numbers = tuple(equal)
            found.append(Standing(numbers, votes, left[: len(numbers)]))
            left = left[len(numbers) :]
        return won + found


def count(heard: Iterable[Heard], rules: Rules) -> dict[str, tuple[int, ...]]:
    """The valid vote of each Matrix id, from what was heard in the order of arrival.

    The last response in time counts, also if it is spoiled or empty: then there is no vote. Of two
    that were stamped alike, it is the one that arrived last. What came twice, came once.
    """
    unique: dict[str, Heard] = {}
    for one in heard:
        unique.setdefault(one.id, one)
    gone = _redacted(unique)
    said = [one for one in unique.values() if one.type == TYPED or one.id not in gone]
    ends = {poll: _end(poll, said, rules) for poll in rules.native - gone}
    votes = sorted((one for one in said if _in_time(one, rules, ends)), key=lambda one: one.at)
    edits = _edits(said, {vote.id: vote for vote in votes}, ends)
    last = {vote.sender: edits.get(vote.id, vote) for vote in votes}
    chosen = {sender: rules.chosen(vote.answers) for sender, vote in last.items()}
    return {sender: numbers for sender, numbers in chosen.items() if numbers}


def total(
    votes: Mapping[str, tuple[int, ...]],
    people: Collection[str | None],
    options: Collection[int],
    places: int = 0,
) -> Tally:
    """The sums over those in the course, some of whom have no account yet; others do not count.

    In an approval vote there are so many `places` to select topics for.
    """
    wishes = [votes[mxid] for mxid in sorted({mxid for mxid in people if mxid} & votes.keys())]
    sums = {number: sum(number in wish for wish in wishes) for number in sorted(options)}
    best = approval.best(wishes, options, places)
    ranked = sorted(best, key=lambda number: (-sums[number], number))
    without = sum(not best & {*wish} for wish in wishes) if best else 0
    return Tally(len(wishes), len(people), sums, tuple(ranked), without)


def _redacted(heard: Mapping[str, Heard]) -> set[str]:
    """What was removed by its own sender, or by somebody with the power; be it the poll itself."""
    redactions = [one for one in heard.values() if one.type == REDACTION]
    return {
        one.about
        for one in redactions
        if one.power or (one.about in heard and heard[one.about].sender == one.sender)
    }


def _end(poll: str, said: Iterable[Heard], rules: Rules) -> datetime:
    """When a native poll ended: first of all by the deadline, also if its own end came later."""
    valid = (one for one in said if one.type in ENDS and one.about == poll and one.power)
    return min((rules.closes, *(one.at for one in valid)))


def _in_time(one: Heard, rules: Rules, ends: Mapping[str, datetime]) -> bool:
    """A response may be stamped before its poll: clocks differ (MSC3381). A typed one may not."""
    if one.type == TYPED:
        return rules.opens <= one.at <= rules.closes
    return one.type in VOTES and not one.edit and one.about in ends and one.at <= ends[one.about]


def _edits(
    said: Iterable[Heard], votes: Mapping[str, Heard], ends: Mapping[str, datetime]
) -> dict[str, Heard]:
    """The latest replacement of each vote, sent while the poll was open ("Event replacements")."""
    valid = (
        one
        for one in said
        if one.edit
        and (vote := votes.get(one.about)) is not None
        and (one.sender, one.type) == (vote.sender, vote.type)
        and one.at <= ends[vote.about]
    )
    return {one.about: one for one in sorted(valid, key=lambda one: (one.at, one.id))}
