"""What no single value of a course file shows: wrong order, impossible dates, rules that clash.

Works on the document as read, so that mistakes found elsewhere hide none of these: what has the
wrong type is passed over here, because the schema has named it already.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from storage import calendar
from storage.course_files.course_document import Document, entries, items, meant, shown, single

_ORDER: Final = (
    *(("kurs", "beginn", "ende"), ("kurs", "standard_beginn", "standard_ende")),
    *(("termin", "beginn", "ende"), ("pause", "von", "bis"), ("wahl", "offen_ab", "schluss")),
    ("regel", "checkin_von_minuten", "checkin_bis_minuten"),
)
_MOMENTS: Final = (
    *(("termin", "aufgabe_bis"), ("projektarbeit", "abgabe")),
    *(("wahl", "offen_ab"), ("wahl", "schluss"), ("wahl", "referent_bestaetigt_bis")),
)
_TIMINGS: Final = (
    *("wochentag", "relativ_tage", "relativ_minuten", "relativ_ende_minuten", "ausloeser"),
)
_AROUND: Final = timedelta(days=92)  # how far outside the course a deadline can sensibly lie


def problems(document: Document, known_rules: Collection[str]) -> list[str]:
    """Every mistake of this kind, one German line each."""
    return [
        *_order(document),
        *_meetings(document),
        *_deadlines(document),
        *_election(document),
        *_rules(document, known_rules),
    ]


def _order(document: Document) -> Iterator[str]:
    for table, first, last in _ORDER:
        for where, entry in entries(document, table):
            said = _swapped((entry.get(first), entry.get(last)))
            if said:
                yield f"{where}, {last}: {said} {first}"


def _swapped(pair: tuple[Any, Any]) -> str:
    """What is wrong with the order of two values, when they can be compared at all."""
    start, end = pair
    match pair:
        case (datetime(tzinfo=None), datetime(tzinfo=None)) | (time(), time()) | (int(), int()):
            if start == end:
                return "ist gleich"
        case (datetime(), _) | (_, datetime()):
            return ""
        case (date(), date()):
            pass
        case _:
            return ""
    return "liegt vor" if end < start else ""


def _day(value: object) -> date | None:
    """The day of a date or moment, when it is one that the schema has no complaint about."""
    day = value.date() if isinstance(value, datetime) else value
    return day if isinstance(day, date) and 2000 <= day.year <= 2100 else None


def _course_days(document: Document) -> tuple[date, date] | None:
    course = single(document, "kurs")
    first, last = _day(course.get("beginn")), _day(course.get("ende"))
    return (first, last) if first and last and first <= last else None


def _meetings(document: Document) -> Iterator[str]:
    span = _course_days(document)
    if span and (span[1] - span[0]).days > 3 * 366:
        yield "[kurs], ende: liegt mehr als drei Jahre nach beginn"
    for where, meeting in entries(document, "termin"):
        day = _day(meeting.get("datum"))
        if span and day and not span[0] <= day <= span[1]:
            course = " bis ".join(calendar.with_year(end) for end in span)
            yield f"{where}, datum: {calendar.with_year(day)} liegt nicht im Kurs ({course})"
        if meeting.get("art") == "webinar" and "nummer" not in meeting:
            yield f"{where}, nummer: fehlt"
        match meeting:
            case {
                "beginn": time() as start,
                "ende": time() as end,
                "pausen_minuten": int(rest),
            } if 0 < minutes_between(start, end) <= rest:
                yield f"{where}, pausen_minuten: länger als der Termin"


def minutes_between(start: time, end: time) -> int:
    """How many minutes of a day lie between two times; negative when they are swapped."""
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def _deadlines(document: Document) -> Iterator[str]:
    if not (span := _course_days(document)):
        return
    for table, key in _MOMENTS:
        for where, entry in entries(document, table):
            day = _day(entry.get(key))
            if day and not span[0] - _AROUND <= day <= span[1] + _AROUND:
                yield f"{where}, {key}: {calendar.with_year(day)} liegt weit außerhalb des Kurses"


def _election(document: Document) -> Iterator[str]:
    poll = single(document, "wahl")
    topics = len(items(document, "wahlthema"))
    used = [meeting.get("wahlplatz") for _, meeting in entries(document, "termin")]
    for slot in items(poll, "plaetze"):
        if isinstance(slot, str) and slot not in used:
            yield f"[wahl], plaetze: {shown(slot)} steht bei keinem Termin als wahlplatz"
    if len(items(poll, "plaetze")) > topics:
        yield f"[wahl], plaetze: mehr Plätze als Wahlthemen ({topics})"
    votes = poll.get("stimmen_pro_person", 0)
    if isinstance(votes, int) and votes > topics:
        yield f"[wahl], stimmen_pro_person: mehr Stimmen als Wahlthemen ({topics})"
    if poll.get("verfahren") == "zustimmung" and votes == 1:
        yield "[wahl], stimmen_pro_person: bei Zustimmung mindestens 2, oder weglassen für alle"
    yield from _reminders(poll)


def _reminders(poll: Document) -> Iterator[str]:
    opens, closes = poll.get("offen_ab"), poll.get("schluss")
    if _swapped((opens, closes)):
        return
    for number, moment in enumerate(items(poll, "erinnerung_an_nichtwaehler"), 1):
        if "liegt vor" in (_swapped((opens, moment)), _swapped((moment, closes))):
            where = f"[wahl], erinnerung_an_nichtwaehler Nr. {number}"
            yield f"{where}: liegt nicht zwischen offen_ab und schluss"


def _rules(document: Document, known_rules: Collection[str]) -> Iterator[str]:
    known = {name.replace("_", "-") for name in known_rules}
    for where, rule in entries(document, "regel"):
        key = rule.get("id")
        if isinstance(key, str) and key.replace("_", "-") not in known:
            yield f"{where}, id: {shown(key)} ist keine Regel{meant(key, known)}"
        given = [timing for timing in _TIMINGS if timing in rule]
        if len(given) != 1:
            said = f"zu viel ({', '.join(given)})" if given else "es fehlt"
            yield f"{where}: {said}, genau eins davon gehört hinein: {', '.join(_TIMINGS)}"
        elif given[0] in _TIMINGS[:2] and "uhr" not in rule:
            yield f"{where}, uhr: fehlt, sie gehört zu {given[0]}"
        elif given[0] not in _TIMINGS[:2] and "uhr" in rule:
            yield f"{where}, uhr: passt nicht zu {given[0]}"
