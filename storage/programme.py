"""The dates of a course as lines to read: for the answer and for the notice on the wall."""

from collections.abc import Sequence
from datetime import date, time
from typing import Final

from storage import calendar, meetings
from storage.models import Meeting
from storage.quoting import quoted

MOST_LINES: Final = 30
"""As many dates stand on the notice: who looks it up must not scroll for long."""

_WEEKDAYS: Final = "montags dienstags mittwochs donnerstags freitags samstags sonntags".split()
Slot = tuple[int, time, time]


def whole(dates: Sequence[Meeting]) -> str:
    """All dates, past ones too, so that the text changes only when the programme does."""
    usual = meetings.usual(dates)
    lines = [line(group, usual) for group in meetings.together(dates)]
    more = f"… und {len(lines) - MOST_LINES} weitere" if len(lines) > MOST_LINES else ""
    shown = [
        f"**Programm**{usually(usual)}",
        *lines[:MOST_LINES],
        more,
        "In den Kalender: !kalender",
    ]
    return "\n".join(filter(None, shown))


def line(group: Sequence[Meeting], usual: Slot | None) -> str:
    """Neighbouring dates in one line; what is not as usual is said."""
    meeting = group[0]
    remark = ""
    if meeting.cancelled:
        remark = " (entfällt)"
    elif meetings.is_open(meeting):
        remark = " (offen)"
    elif usual is None or any((m.starts, m.ends) != usual[1:] for m in group):
        starts = dict.fromkeys(calendar.clock(m.starts) for m in group)
        remark = f" ({' und '.join(list(starts)[:3])} Uhr)"
    return f"{_days([m.day for m in group])} – {name(group)}{remark}"


def name(group: Sequence[Meeting]) -> str:
    """What neighbouring dates are called together."""
    return group[0].kind.capitalize() if len(group) > 1 else quoted(meetings.subject(group[0]), 45)


def usually(usual: Slot | None) -> str:
    """When most webinars are: " (mittwochs, 10:00 bis 11:30 Uhr)"."""
    return f" ({_WEEKDAYS[usual[0]]}, {calendar.span(usual[1], usual[2])})" if usual else ""


def _days(days: Sequence[date]) -> str:
    shown = [calendar.short(day) for day in days]
    return " und ".join(shown) if len(shown) < 3 else f"{shown[0]} bis {shown[-1]}"
