"""What changes between two rehearsals of a course: which posts vanish, come, or become others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from textwrap import indent

from bot.rehearsal import Said, headline


@dataclass(frozen=True)
class Difference:
    """A post before, and what is said instead of it; one of them may be nothing."""

    before: Said | None
    after: Said | None

    @property
    def later(self) -> Said:
        """The one by which it is found in the order of time."""
        found = self.after or self.before
        assert found is not None
        return found


def differences(before: Sequence[Said], after: Sequence[Said]) -> list[Difference]:
    """Posts are the same when the same schedule says them about the same subject; by time."""
    old, new = _by_subject(before), _by_subject(after)
    pairs = [
        Difference(*pair)
        for about in old | new
        for pair in zip_longest(
            _without(old.get(about, []), new.get(about, [])),
            _without(new.get(about, []), old.get(about, [])),
        )
    ]
    return sorted(pairs, key=lambda one: (one.later.at, one.later.place, one.later.text))


def _by_subject(posts: Sequence[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for said in posts:
        found.setdefault(said.about, []).append(said)
    return found


def _without(posts: Sequence[Said], others: Sequence[Said]) -> list[Said]:
    """Those that are not among the others, as often as they are."""
    return [*(Counter(posts) - Counter(others)).elements()]


def printed(before: Sequence[Said], after: Sequence[Said]) -> Iterator[str]:
    """The differences for people to read, with a summary; what many are told is shown once."""
    found = differences(before, after)
    for one, alike in groupby(found):
        yield _shown(one, len(list(alike)))
    kinds = Counter(_kind(one) for one in found)
    same = len(after) - kinds["neu"] - kinds["anders"]
    yield (
        f"{_posts(kinds['entfällt'])} weniger, {_posts(kinds['neu'])} mehr, "
        f"{_posts(kinds['anders'])} anders; {_posts(same)} wie bisher."
    )


def _kind(one: Difference) -> str:
    if one.before and one.after:
        return "anders"
    return "neu" if one.after else "entfällt"


def _shown(one: Difference, count: int) -> str:
    """What vanishes or is new in full; of what changes the lines that do."""
    head = f"{_kind(one):<10}{headline(one.later, count)}"
    if not (one.before and one.after):
        return f"{head}\n{indent(one.later.text, '    ')}\n"
    old, new = one.before.text.splitlines(), one.after.text.splitlines()
    moved = headline(one.before, count) if one.before.at != one.after.at else ""
    lines = [f"    bisher: {moved}"] if moved else []
    lines += [f"    – {line}" for line in old if line not in new]
    lines += [f"    + {line}" for line in new if line not in old]
    lines += [f"    {old[0]}"] if old == new else []
    return "\n".join([head, *lines]) + "\n"


def _posts(count: int) -> str:
    return "1 Beitrag" if count == 1 else f"{count} Beiträge"
