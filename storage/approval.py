"""Which topics an approval vote selects: together, not each for itself."""

from collections.abc import Collection, Sequence

RULE = (
    "Ausgewählt sind die Themen, mit denen zusammen die wenigsten leer ausgehen, also keinen ihrer "
    "Wünsche bekommen. Geht das mehrfach gleich aus, entscheidet die Summe der Zustimmungen, "
    "danach die kleinere Nummer."
)
"""The rule as people read it with the result."""


def best(wishes: Sequence[Collection[int]], options: Collection[int], places: int) -> set[int]:
    """The topics for so many places that leave the fewest people without any wish.

    Of equally good sets it is the one with most approvals in all, then with the smallest numbers.
    """
    numbers = sorted({*options})
    fans = {
        number: sum(1 << voter for voter, wish in enumerate(wishes) if number in wish)
        for number in numbers
    }
    sets: list[tuple[tuple[int, ...], int]] = [((), 0)]
    for _ in range(min(places, len(numbers))):
        sets = [
            ((*chosen, number), pleased | fans[number])
            for chosen, pleased in sets
            for number in numbers
            if not chosen or number > chosen[-1]
        ]
    approvals = {number: fans[number].bit_count() for number in numbers}
    return {
        *min(
            sets,
            key=lambda one: (-one[1].bit_count(), -sum(approvals[n] for n in one[0]), one[0]),
        )[0]
    }
