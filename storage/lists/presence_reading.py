"""Read the list of a video conference from a file, where that may fail; names vary by tool."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from storage.lists import tables
from storage.lists.tables import Unreadable as Unreadable

NAME, JOINED, LEFT, MINUTES = "Name", "Beitritt", "Austritt", "Dauer"

COLUMNS: Final[tables.Columns] = {
    NAME: (
        *("name", "fullname", "vollstaendigername", "anzeigename", "displayname", "username"),
        *("teilnehmer", "teilnehmende", "teilnehmername", "participant", "participantname"),
        *("nameoriginalname", "nutzername", "benutzername", "namen", "teilnehmerin"),
    ),
    JOINED: (
        *("jointime", "join", "joined", "firstjoin", "firstjointime", "joinedat", "beitrittszeit"),
        *("beitritt", "ersterbeitritt", "beigetreten", "zeitpunktdesbeitritts", "beitrittum"),
        *("beitrittszeitpunkt", "eintritt", "eintrittszeit", "teilnahmebeginn"),
    ),
    LEFT: (
        *("leavetime", "leave", "left", "lastleave", "lastleavetime", "leftat", "verlassenszeit"),
        *("austritt", "austrittszeit", "letztesverlassen", "verlassen", "zeitpunktdesverlassens"),
        *("verlassenum", "teilnahmeende", "verlassenszeitpunkt", "zeitpunktverlassen"),
    ),
    MINUTES: (
        *("duration", "durationminutes", "totalduration", "totaldurationminutes", "minutes"),
        *("inmeetingduration", "dauer", "dauerminuten", "gesamtdauer", "gesamtdauerminuten"),
        *("besprechungsdauer", "teilnahmedauer", "dauerderteilnahme", "minuten", "dauerinminuten"),
        *("dauerinderbesprechung", "anwesenheitsdauer", "meetingdauer", "gesamtdauerinminuten"),
    ),
}
_NEEDED: Final = (frozenset({NAME, MINUTES}), frozenset({NAME, JOINED, LEFT}))
_FORMS: Final = (
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M:%S", "%d.%m.%y %H:%M"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%y %I:%M %p"),
    *("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"),
)
_UNITS: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|std|stunde|m|s)[a-z]*\.?", re.I)
_SECTION: Final = re.compile(r"\d+\. \D")


def read(data: bytes, rules: Collection[str] = ()) -> str:
    """The visits in a file, as JSON. Raises `Unreadable`."""
    found = tables.table(data, COLUMNS, _NEEDED)
    rows = [*_until_next_section(found)]
    visits = [
        [
            cells[NAME][:100],
            _minutes(cells.get(MINUTES, "")),
            *(_iso(moment(cells.get(column, ""))) for column in (JOINED, LEFT)),
        ]
        for cells in rows
        if cells[NAME]
    ]
    if not visits:
        raise Unreadable("In der Liste steht niemand.")
    return json.dumps(visits)


def _until_next_section(table: tables.Table) -> Iterator[Mapping[str, str]]:
    """Teams lists the same people once more, further below."""
    started = {number for number, row in table.rows if row and _SECTION.match(row[0])}
    end = min(started, default=tables.MOST_ROWS * 1_000)
    return (cells for number, cells in table.cells() if number < end)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def moment(text: str) -> datetime | None:
    """A moment in one of the forms that the tools know; None if it is none of them."""
    said = re.sub(r"[,\u202f\u00a0]+", " ", text)
    said = re.sub(r"\s+(?:uhr|utc.*|gmt.*|me?sz|ce?st)$", "", " ".join(said.split()), flags=re.I)
    with suppress(ValueError):
        return datetime.fromisoformat(said).replace(tzinfo=None)
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(said, form)  # noqa: DTZ007 - no tool says which zone it is
    return None


def _minutes(text: str) -> float | None:
    """How many minutes "85", "01:25:30", "1h 25m 30s" or "1 Std. 25 Min." are."""
    said = text.strip().replace(",", ".")
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        return float(said)
    if clock := re.fullmatch(r"(\d+):(\d\d)(?::(\d\d)(?:\.\d+)?)?", said):
        hours, rest, seconds = (int(part or 0) for part in clock.groups())
        return hours * 60 + rest + seconds / 60
    found = _UNITS.findall(said)
    factors = {"h": 60.0, "std": 60.0, "stunde": 60.0, "m": 1.0, "s": 1 / 60}
    return sum(float(n) * factors[u.lower()] for n, u in found) if found else None
