"""Who was in a video conference, by the list that its tool exports (Zoom, Teams, BigBlueButton).

People come and go, each time on a line of its own. Nothing of this is kept: names are compared with
who takes part, and forgotten.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

KIND: Final = "lists.presence_reading"

Visit = tuple[str, float | None, datetime | None, datetime | None]
"""A name, the minutes if the tool counts them, from when to when; local, without a zone."""


def loads(text: str) -> list[Visit]:
    """The visits that were read from the file."""
    return [(n, m, _read(joined), _read(left)) for n, m, joined, left in json.loads(text)]


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def minutes(visits: Sequence[Visit], start: datetime, end: datetime) -> dict[str, float]:
    """How long everybody was there between start and end (local, without a zone), by name.

    Two devices at once count once. Where the times of the file do not fit the meeting at all, e.g.
    because they are of another zone, only their lengths count.
    """
    clip = any(j and lft and j < end and lft > start for _, _, j, lft in visits)
    stays: dict[str, list[tuple[datetime, datetime]]] = {}
    counted: dict[str, float] = {}
    for name, length, joined, left in visits:
        counted.setdefault(name, 0.0)
        if joined and (left or length is None):
            gone = left or end
            span = (max(joined, start), min(gone, end)) if clip else (joined, gone)
            stays.setdefault(name, []).append(span)
        else:
            counted[name] += length or 0.0
    return {name: more + _union(stays.get(name, ())) for name, more in counted.items()}


def _union(stays: Iterable[tuple[datetime, datetime]]) -> float:
    total, until = timedelta(), None
    for joined, left in sorted(stays):
        total += max(left - max(joined, until or joined), timedelta())
        until = max(left, until or left)
    return total / timedelta(minutes=1)


def day(visits: Sequence[Visit]) -> date | None:
    """The day of the first visit, if the file says it."""
    return min((joined.date() for _, _, joined, _ in visits if joined), default=None)
