"""How far a typed word is from a known one."""

from collections.abc import Iterable


def allowed(typed: str) -> int:
    """How many typing mistakes are forgiven in a word of this length (product E.1 rule 5)."""
    return 0 if len(typed) <= 3 else 1 if len(typed) <= 6 else 2


def near(typed: str, known: Iterable[str], *, at_most: int) -> list[tuple[str, int]]:
    """The known words within so many typing mistakes, and how many; the nearest first.

    A mistake is a letter too many, missing, wrong, or swapped with its neighbour.
    """
    # Two and a half MiB, for typing mistakes only.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(
        typed, list(known), scorer=OSA.distance, score_cutoff=at_most, limit=None
    )
    return [(word, mistakes) for word, mistakes, _ in found]
