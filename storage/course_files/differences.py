"""What differs between a row as it is and as a course file wants it, put in German; pure."""

from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from storage import calendar, meetings, overrides
from storage.course_files.course_document import cut
from storage.course_files.course_subjects import Subject
from storage.models import Attendance, Base, Meeting

_WEEKDAYS: Final = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


def changed(subject: Subject, row: Base, wanted: Base) -> list[str]:
    """The columns in which the file wants something else, and knows what it is talking about."""
    columns = [name for name in subject.fields if getattr(row, name) != getattr(wanted, name)]
    return [name for name in columns if not overrides.holds(row, wanted, name)]


def name(subject: Subject, row: Base) -> str:
    """What organisers call the row: "Termin w9", "Netzwerk Wattkante"."""
    return f"{subject.noun} {cut(str(getattr(row, subject.called)))}"


def new(subject: Subject, row: Base, zone: ZoneInfo) -> str:
    """A row that was not there: "Neu: Person tn17 (Koordination X)"."""
    detail = ", ".join(_value(getattr(row, column), zone) for column in subject.detail)
    return f"Neu: {name(subject, row)}" + (f" ({detail})" if detail else "")


def gone(subject: Subject, row: Base) -> str:
    """A row that the file does not name any more: "Entfernt: Termin w9"."""
    return f"Entfernt: {name(subject, row)}"


def step(subject: Subject, row: Base, wanted: Base, column: str, zone: ZoneInfo) -> str:
    """One column before and after, times as clocks in `zone` show them.

    "Webinar 4: Mi 02.12. → Do 03.12.", "Netzwerk Wattkante, bietet: + FabLab".
    """
    old, new = getattr(row, column), getattr(wanted, column)
    label = f", {subject.fields[column]}" if subject.fields[column] else ""
    match column, old, new:
        case "weekday", _, _:
            said = " → ".join("–" if day is None else _WEEKDAYS[day] for day in (old, new))
        case "reminders", _, _:
            said = _items(_moments(old), _moments(new), zone=zone)
        case _, list(), list():
            said = _items(old, new, zone=zone)
        case _, dict(), dict():
            said = ", ".join(
                f"{key} {old.get(key, 0)} → {value}"
                for key, value in new.items()
                if old.get(key) != value
            )
        case _:
            said = _pair(old, new, zone)
    return f"{_label(subject, row)}{label}: {said}"


def _label(subject: Subject, row: Base) -> str:
    match row:
        case Meeting(number=None):
            return f"{meetings.name(row)} {row.key}"
        case Meeting():
            return meetings.name(row)
        case Attendance():
            return f"{name(subject, row)} bei {row.meeting}"
    return subject.noun if subject.noun == "Kurs" else name(subject, row)


def _moments(texts: list[str]) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in texts]


def _items(old: list[Any], new: list[Any], *, zone: ZoneInfo) -> str:
    more = [f"+ {_value(item, zone)}" for item in new if item not in old]
    less = [f"− {_value(item, zone)}" for item in old if item not in new]
    return ", ".join(more + less) or "andere Reihenfolge"


def _pair(old: object, new: object, zone: ZoneInfo) -> str:
    before, after = _value(old, zone), _value(new, zone)
    if before == after:  # long texts, or the same day of another year
        return "geändert"
    return f"{before} → {after}"


def _value(value: object, zone: ZoneInfo) -> str:
    match value:
        case None | "":
            return "–"
        case bool():
            return "ja" if value else "nein"
        case datetime():
            local = value.astimezone(zone)
            return f"{calendar.short(local.date())} {calendar.clock(local.time())}"
        case date():
            return calendar.short(value)
        case time():
            return calendar.clock(value)
        case {"titel": title, "datei": file}:
            return cut(f"{title} ({file})" if file else title)
    return cut(str(value))
