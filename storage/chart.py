"""The result of a poll as a picture: what it shows, and what it says to those who do not see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.tally import Tally

LONGEST_DESCRIPTION = 600


@dataclass(frozen=True)
class Bar:
    """An option with its votes; `mark` says what it has won."""

    label: str
    votes: int
    mark: str = ""


@dataclass(frozen=True)
class Chart:
    """Horizontal bars in this order, beside a text that is complete without them."""

    title: str
    bars: tuple[Bar, ...]
    note: str

    @property
    def description(self) -> str:
        """The alternative text, as screen readers say it and others see it below the picture."""
        told = [f"{bar.label}: {bar.votes}{bar.mark and f', {bar.mark}'}" for bar in self.bars]
        text = f"Bild zum Ergebnis. {'; '.join(told)}. {self.note}"
        return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 1]}…"


@dataclass(frozen=True)
class Picture:
    """A PNG file and its size in pixels."""

    data: bytes
    width: int
    height: int


def of(
    question: str,
    tally: Tally,
    names: Mapping[int, str],
    slots: Sequence[str] = (),
    marks: Mapping[int, str] | None = None,
) -> Chart:
    """The picture of a result: options by votes, most first.

    Marks show who has won what; without any, what the tally alone decides about the slots.
    """
    standings = tally.standings(slots)
    won = {s.numbers[0]: f"Platz {s.slots[0]}" for s in standings if s.slots and not s.tied}
    shown = won if marks is None else marks
    bars = [
        Bar(f"{number} – {names[number]}", tally.votes[number], shown.get(number, ""))
        for standing in standings
        for number in standing.numbers
    ]
    return Chart(question, tuple(bars), f"{tally.voters} von {tally.entitled} haben abgestimmt.")
