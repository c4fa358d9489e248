"""What stands in the way of the dates of a new course, and on which days it would not."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from storage import calendar, deadlines, meetings, silence
from storage.models import Break, Holiday, Meeting, Network, Poll
from storage.networks import STATES
from storage.successors import Successor

_DAY: Final = timedelta(days=1)

Holidays = Mapping[date, Mapping[str, Sequence[str]]]


def holidays(new: Successor) -> Holidays:
    """The public holidays while it lasts, in all Länder: who will take part is not known yet."""
    course = new.course
    years = range(course.begins.year, course.ends.year + 1)
    known = deadlines.public_holidays(sorted(STATES), years)
    return {day: names for day, names in known.items() if course.begins <= day <= course.ends}


def hits(new: Successor, known: Holidays, networks: Sequence[Network]) -> list[str]:
    """The dates that are on a holiday, with Länder and networks, and the next free day for each."""
    found = []
    for meeting in new.dates:
        for name, states in known.get(meeting.day, {}).items():
            free = calendar.short(_free(new, known, meeting))
            where = _where(states, networks)
            found.append(f"{_named(meeting)}: {name}, {where}. Frei wäre {free}")
    for poll in [row for row in new.rows if isinstance(row, Poll)]:
        end = new.course.local(poll.closes).date()
        for name, states in known.get(end, {}).items():
            where = _where(states, networks)
            found.append(f"Ende der Wahl ({calendar.short(end)}): {name}, {where}")
    return found


def breaks(new: Successor) -> list[str]:
    """The breaks, which may have been about a season that it is not any more."""
    found = [row for row in new.rows if isinstance(row, Break)]
    return [f"{calendar.short(row.first)} bis {calendar.short(row.last)}" for row in found]


def filed(new: Successor, known: Holidays) -> list[Holiday]:
    """The holidays that the new course has to know of, so that an import names them again."""
    return [
        Holiday(course_id=0, day=day, name=name, states=_everywhere(states))
        for day in sorted({meeting.day for meeting in new.dates} & known.keys())
        for name, states in known[day].items()
    ]


def _free(new: Successor, known: Holidays, meeting: Meeting) -> date:
    taken = {other.day for other in new.dates} | known.keys()
    rest = [row for row in new.rows if isinstance(row, Break)]
    day = meeting.day + _DAY
    while (
        day in taken
        or day.weekday() >= silence.SATURDAY
        or any(pause.first <= day <= pause.last for pause in rest)
    ):
        day += _DAY
    return day


def _where(states: Sequence[str], networks: Sequence[Network]) -> str:
    ours = [network.short for network in networks if network.state in states]
    more = f" und {len(ours) - 3} weitere" if len(ours) > 3 else ""
    there = "überall" if _everywhere(states) == ["*"] else f"in {', '.join(states)}"
    return there + (f" (zuletzt {', '.join(ours[:3])}{more})" if ours and there[0] == "i" else "")


def _everywhere(states: Sequence[str]) -> list[str]:
    return ["*"] if len(states) == len(STATES) else [*states]


def _named(meeting: Meeting) -> str:
    name = meetings.name(meeting) + ("" if meeting.number else f" {meeting.key}")
    return f"{name} ({calendar.short(meeting.day)})"
