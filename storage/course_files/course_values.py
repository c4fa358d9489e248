"""What stands in the tables of a course file: each kind of value, and what is wrong with one."""

import re
from datetime import date, datetime, time
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from storage import accounts
from storage.course_files.course_document import shown

STATES: Final = (
    *("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV"),
    *("NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"),
)
WEEKDAYS: Final = (
    *("montag", "dienstag", "mittwoch", "donnerstag"),
    *("freitag", "samstag", "sonntag"),
)
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("kursbot", "{message}", {"message": message})


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(f"{shown(value)} ist kein Datum{_form(value, '2026-12-02')}")
    if not 2000 <= value.year <= 2100:
        raise _wrong(f"{shown(value)} liegt nicht zwischen 2000 und 2100")
    return value


def _clock(value: object) -> time:
    if not isinstance(value, time):
        raise _wrong(f"{shown(value)} ist keine Uhrzeit{_form(value, '10:00:00')}")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise _wrong(f"{shown(value)} ist kein Zeitpunkt{_form(value, '2026-12-11T12:00:00')}")
    if value.tzinfo:
        raise _wrong(f"{shown(value)} nennt eine Zeitverschiebung, Zeiten sind hier immer Ortszeit")
    _day(value.date())
    return value


def _form(value: object, example: str) -> str:
    """How to write it, when it is not only the value that is wrong."""
    shape = re.sub(r"\d", "0", str(value))
    try:
        quoted = isinstance(value, str) and bool(_type(example).fromisoformat(value))
    except ValueError:
        quoted = False
    if quoted:
        return " (ohne Anführungszeichen schreiben)"
    return "" if shape == re.sub(r"\d", "0", example) else f" (Beispiel: {example})"


def _type(example: str) -> type[date] | type[time] | type[datetime]:
    return datetime if "T" in example else time if ":" in example else date


def _weekday(value: object) -> int:
    said = value.lower() if isinstance(value, str) else ""
    found = [n for n, name in enumerate(WEEKDAYS) if said in (name, name[:2])]
    if not found:
        raise _wrong(f"{shown(value)} ist kein Wochentag")
    return found[0]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise _wrong(f"{shown(value)} ist keine Zeitzone (Beispiel: Europe/Berlin)") from None
    return value


def _text(value: str) -> str:
    if _CONTROL.search(value):
        raise _wrong("enthält Steuerzeichen")
    return value.strip()


def _line(value: str) -> str:
    if not value.strip():
        raise _wrong("ist leer")
    if "\n" in value or "\t" in value:
        raise _wrong("geht über mehrere Zeilen")
    return _text(value)


def _key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise _wrong(f"{shown(value)} ist keine id (nur a-z, 0-9, Punkt, - und _)")
    return value


def _mxid(value: str) -> str:
    if value and not accounts.is_mxid(value):
        raise _wrong(f"{shown(value)} ist keine Kennung (Beispiel: @name:server.de)")
    return value


def _room(value: str) -> str:
    if not accounts.is_room(value):
        raise _wrong(f"{shown(value)} ist kein Raum (Beispiel: #raum:server.de oder !id)")
    return value


def _room_or_none(value: str) -> str:
    return value and _room(value)


def _url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise _wrong(f"{shown(value)} ist keine Adresse (Beispiel: https://server.de/raum)")
    return value


def _state(value: str) -> str:
    if value not in STATES:
        raise _wrong(f"{shown(value)} ist kein Bundesland")
    return value


def _states(value: str) -> str:
    return value if value == "*" else _state(value)


Key = Annotated[str, Field(max_length=80), AfterValidator(_key)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Text = Annotated[str, Field(max_length=2_000), AfterValidator(_text)]
Url = Annotated[str, Field(max_length=1_000), AfterValidator(_url)]
Mxid = Annotated[str, Field(max_length=255), AfterValidator(_mxid)]
Organiser = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_mxid)]
Address = Annotated[str, Field(max_length=255), AfterValidator(_room)]
AddressOrNone = Annotated[str, Field(max_length=255), AfterValidator(_room_or_none)]
State = Annotated[str, AfterValidator(_state)]
States = Annotated[list[Annotated[str, AfterValidator(_states)]], Field(max_length=16)]
Zone = Annotated[str, AfterValidator(_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]
Local = Annotated[datetime, BeforeValidator(_moment)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Days = Annotated[int, Field(ge=0, le=3_650)]
Minutes = Annotated[int, Field(ge=-20_160, le=20_160)]
Lines = Annotated[list[Line], Field(max_length=50)]
Keys = Annotated[list[Key], Field(max_length=200)]
RoomKind = Literal["ankuendigungen", "austausch", "orga"]
