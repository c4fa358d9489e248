"""German dates and times, in and out; pure: the day it is and the time zone are always given."""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_WEEKDAYS: Final = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
_NEAR: Final = {"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "uebermorgen": 2}
_MONTHS: Final = {
    **{"januar": 1, "jaenner": 1, "jan": 1, "februar": 2, "feb": 2, "maerz": 3, "mrz": 3},
    **{"april": 4, "apr": 4, "mai": 5, "juni": 6, "jun": 6, "juli": 7, "jul": 7},
    **{"august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "oktober": 10, "okt": 10},
    **{"november": 11, "nov": 11, "dezember": 12, "dez": 12},
}
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ü": "ue"})
_BEFORE: Final = re.compile(r"^(?:(?:am|auf|de[mnr]|vo[mn]|zum|ab|bis|um|gegen) )+")
_WEEKDAY: Final = re.compile(
    r"(?:(?P<which>naechste|kommende|diese|letzte|vorige)[nmrs]? )?"
    r"(?P<name>mo(?:ntag)?|di(?:enstag)?|mi(?:ttwoch)?|do(?:nnerstag)?|fr(?:eitag)?"
    r"|sa(?:mstag)?|so(?:nntag)?)\b\.?,? ?(?P<the>(?:am|de[mnr]) )?(?P<rest>.*)"
)
_WEEK: Final = re.compile(
    r"(?:in )?(?:de[rn] )?(diese|naechste|kommende|letzte|vorige)[nrs]? woche"
)
_MONTH: Final = re.compile(r"(?:im (?:monat )?)?(?P<month>[a-z]+)(?: (?P<year>20[0-9]{2}))?")
_NUMBERED: Final = re.compile(r"(?P<day>[0-9]{1,2})(?P<dot>\.?)")
_TWO_MONTHS: Final = 62  # days
_DATES: Final = (
    re.compile(
        r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})(?:\. ?(?P<year>[0-9]{4}|[0-9]{2})?)?"
    ),
    re.compile(r"(?P<day>[0-9]{1,2})\.? ?(?P<month>[a-z]+)\.?(?: (?P<year>[0-9]{4}|[0-9]{2}))?"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
)
_TIME: Final = re.compile(
    r"(?P<hour>[0-9]{1,2})"
    r"(?:[:.](?P<minute>[0-9]{2})(?: ?uhr)?| ?(?:uhr|h)(?: ?(?P<later>[0-9]{2}))?)?"
)


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The aware moment when clocks in `zone` show this time.

    A time skipped by a clock change becomes the first valid minute after, a doubled one is the
    first of the two (promises, Time).
    """
    moment = datetime.combine(day, clock.replace(fold=0), tzinfo=zone)
    while not _exists(moment):
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment


def _exists(moment: datetime) -> bool:
    """Whether clocks really show this: a skipped time comes back from UTC as another one."""
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None, fold=0) == moment.replace(tzinfo=None)


def later(moment: datetime, delay: timedelta) -> datetime:
    """So much later as a stopwatch counts, also across a clock change."""
    return (moment.astimezone(UTC) + delay).astimezone(moment.tzinfo)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def weekday(day: date) -> str:
    """Two letters: "Mi"."""
    return _WEEKDAYS[day.weekday()]


def short(day: date) -> str:
    """The date as everybody reads it: "Mi 25.11." (product B.3)."""
    return f"{weekday(day)} {day:%d.%m.}"


def with_year(day: date) -> str:
    """The date where the year could be mistaken: "Mo 21.12.2026"."""
    return f"{short(day)}{day.year:04}"


def clock(moment: time) -> str:
    """The time of day: "10:00"."""
    return f"{moment:%H:%M}"


def span(start: time, end: time) -> str:
    """From when to when, with a word that is read aloud: "10:00 bis 11:30 Uhr" (product B.3)."""
    return f"{clock(start)} bis {clock(end)} Uhr"


def relative(day: date, today: date) -> str:
    """One of "heute", "morgen", "gestern"; empty for all other days."""
    return {0: "heute", 1: "morgen", -1: "gestern"}.get((day - today).days, "")


def day_phrase(day: date, today: date) -> str:
    """How near, then which: "morgen, Mi 25.11."; "morgen" alone may be read late (B.3)."""
    return ", ".join(filter(None, (relative(day, today), short(day))))


def read_date(
    text: str, *, today: date, first: date | None = None, last: date | None = None
) -> date | None:
    """The day somebody means (product E.1 rule 13); None if it is no date or no such day exists.

    Without a year the next such day of the course from `first` to `last`, else one of the course
    already past, else the next at all. A bare weekday may be today, "nächsten Mittwoch" may not.
    A weekday which contradicts its date is no date: one of the two is wrong. With a number alone,
    as in "Mittwoch den 9.", it is the next such day within two months, else the last.
    """
    said = _plain(text)
    if said in _NEAR:
        return today + timedelta(days=_NEAR[said])
    named = _WEEKDAY.fullmatch(said)
    if named and not named["rest"]:
        return _next(named["name"], named["which"], today)
    if named and (number := _numbered(named)):
        near = (today + timedelta(days=n) for n in (*range(_TWO_MONTHS), *range(-_TWO_MONTHS, 0)))
        wanted = (number, _index(named["name"]))
        return next((day for day in near if (day.day, day.weekday()) == wanted), None)
    for pattern in _DATES:
        if found := pattern.fullmatch(named["rest"] if named else said):
            day = _day(found, today, first, last)
            agreed = named is None or day is None or _index(named["name"]) == day.weekday()
            return day if agreed else None
    return None


def is_date(text: str) -> bool:
    """Whether a date or a weekday is meant, be there such a day or not."""
    said = _plain(text)
    named = _WEEKDAY.fullmatch(said)
    if named and (not named["rest"] or _numbered(named)):
        return True
    rest = named["rest"] if named else said
    found = next(filter(None, (pattern.fullmatch(rest) for pattern in _DATES)), None)
    return found is not None and (found["month"].isdecimal() or found["month"] in _MONTHS)


def read_span(text: str, *, today: date, first: date, last: date) -> tuple[date, date] | None:
    """The first and the last day of a week or a month: "nächste Woche", "im Dezember".

    Without a year it is the next such month of the course from `first` to `last`, else its last.
    """
    said = _plain(text)
    if week := _WEEK.fullmatch(said):
        weeks = {"diese": 0, "letzte": -1, "vorige": -1}.get(week[1], 1)
        monday = today + timedelta(weeks=weeks, days=-today.weekday())
        return monday, monday + timedelta(days=6)
    month = _MONTH.fullmatch(said)
    if month is None or month["month"] not in _MONTHS:
        return None
    number = _MONTHS[month["month"]]
    if month["year"]:
        return _whole(int(month["year"]), number)
    spans = [_whole(year, number) for year in range(first.year, last.year + 1)]
    inside = [span for span in spans if span[0] <= last and span[1] >= first]
    ahead = [span for span in inside if span[1] >= today]
    return next(iter([*ahead, *reversed(inside)]), None)


def _whole(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _numbered(named: re.Match[str]) -> int:
    """The 9 of "Mittwoch den 9" and "Mi 9."; 0 if there is none: "Mi 9" may be a time."""
    found = _NUMBERED.fullmatch(named["rest"])
    return int(found["day"]) if found and (named["the"] or found["dot"]) else 0


def _plain(text: str) -> str:
    """Lower case without umlauts, doubled spaces and words like "am" in front."""
    folded = unicodedata.normalize("NFKC", text[:60]).lower().translate(_UMLAUTS)
    spaced = " ".join(folded.replace("sonnabend", "samstag").split())
    return _BEFORE.sub("", spaced.rstrip("!?, "))


def _index(name: str) -> int:
    return _WEEKDAYS.index(name[:2].capitalize())


def _next(name: str, which: str | None, today: date) -> date:
    ahead = (_index(name) - today.weekday()) % 7
    if which in ("letzte", "vorige"):
        return today + timedelta(days=ahead - 7)
    strictly = which in ("naechste", "kommende") and not ahead
    return today + timedelta(days=7 if strictly else ahead)


def _day(found: re.Match[str], today: date, first: date | None, last: date | None) -> date | None:
    month = found["month"]
    number = int(month) if month.isdecimal() else _MONTHS.get(month, 0)
    if found["year"]:
        year = int(found["year"])
        return _valid(year + 2000 if year < 100 else year, number, int(found["day"]))
    years = range(min(today, first or today).year, max(today, last or today).year + 9)
    days = [day for year in years if (day := _valid(year, number, int(found["day"])))]
    inside = [day for day in days if first and last and first <= day <= last]
    ahead = [day for day in inside or days if day >= today]
    return next(iter([*ahead, *reversed(inside)]), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """The time of day somebody means: "10 Uhr", "10:00", "10.00", "10h", "10 Uhr 30", "10"."""
    found = _TIME.fullmatch(_plain(text))
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or found["later"] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
