"""The tables of a course file, as organisers write them: German keys, times local.

What is typed `Later` is accepted for other versions and programs, and not read here.
"""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from storage.accounts import MXID, SERVER
from storage.course_document import shown

Later = Any

STATES: Final = (
    *("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV"),
    *("NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"),
)
WEEKDAYS: Final = (
    *("montag", "dienstag", "mittwoch", "donnerstag"),
    *("freitag", "samstag", "sonntag"),
)
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ROOM: Final = re.compile(rf"#[^\s:]+:{SERVER}|![^\s:]+(?::{SERVER})?")  # v12 ids: no server
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
    if value and not MXID.fullmatch(value):
        raise _wrong(f"{shown(value)} ist keine Kennung (Beispiel: @name:server.de)")
    return value


def _room(value: str) -> str:
    if not _ROOM.fullmatch(value):
        raise _wrong(f"{shown(value)} ist kein Raum (Beispiel: #raum:server.de oder !id)")
    return value


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


class Table(BaseModel):
    """A table of the file: no guessing of types, no unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    quelle: Later = None


class Kurs(Table):
    """What the course is called and when it is."""

    id: Key
    titel: Line
    kurztitel: Text = ""
    zeitzone: Zone = "Europe/Berlin"
    beginn: Day
    ende: Day
    standard_wochentag: Weekday | None = None
    standard_beginn: Clock | None = None
    standard_ende: Clock | None = None
    aufzeichnung: Literal["nein", "ja_mit_frist"] = "nein"
    durchgang: Later = None
    plattform_hinweis: Later = None
    format: Later = None


class Anrede(Table):
    """How people are spoken to."""

    form: Literal["neutral", "sie", "ihr", "du"] = "neutral"
    gender: Literal["neutral", "schraegstrich", "doppelpunkt", "stern", "beidnennung"] = "neutral"
    teilnehmende: Later = None
    emoji_max: Later = None


class Nachweis(Table):
    """What the certificate takes."""

    ue_minuten: Annotated[int, Field(ge=1, le=240)] = 45
    quote_prozent: Annotated[int, Field(ge=0, le=100)] = 80
    leistungsnachweis: Text = ""
    quote_basis: Later = None
    stellen: Later = None


class Datenschutz(Table):
    """Who answers for the data, and how long they are kept."""

    verantwortlich: Text = ""
    hinweis_url: Url = ""
    einzelstimmen_tage: Days = 7
    protokoll_tage: Days = 30
    feedback_tage_nach_ende: Days = 30
    anwesenheit_monate_nach_ende: Annotated[int, Field(ge=0, le=120)] = 3
    feedback_mindestzahl: Count = 5


class Ruhezeiten(Table):
    """When the bot says nothing unasked."""

    von: Clock | None = None
    bis: Clock | None = None
    wochenende: bool = False
    max_posts_pro_woche: Later = None


class Raeume(Table):
    """The rooms, by alias or id."""

    ankuendigungen: Address
    austausch: Address
    orga: Address
    alumni: Later = None
    space: Later = None


class Admin(Table):
    """Who leads the course."""

    mxids: Annotated[list[Organiser], Field(min_length=1, max_length=50)]


class Referent(Table):
    """A role that leads meetings."""

    id: Key
    rolle: Line


class Zugang(Table):
    """How to get into the video conference."""

    adresse: Url = ""
    kenncode: Text = ""
    telefon: Text = ""


class Material(Table):
    """Something to read."""

    titel: Line
    datei: Text = ""


class Termin(Table):
    """A meeting."""

    id: Key
    art: Literal["auftakt", "webinar", "abschluss"]
    nummer: Annotated[int, Field(ge=1, le=200)] | None = None
    datum: Day
    beginn: Clock
    ende: Clock
    pausen_minuten: Annotated[int, Field(ge=0, le=1_440)] = 0
    ue: Annotated[int, Field(ge=0, le=16)]
    zugang: Zugang = Field(default_factory=Zugang)
    thema: Line
    wahlplatz: Key | None = None
    referenten: Keys = []
    impuls: Text = ""
    aufgabe: Text = ""
    aufgabe_bis: Local | None = None
    material: Annotated[list[Material], Field(max_length=50)] = []
    ablage: Url = ""
    hinweis: Text = ""
    pflicht: bool = True


class Projektarbeit(Table):
    """The work in groups."""

    ue_selbst: Annotated[int, Field(ge=0, le=500)] = 0
    abgabe: Local | None = None
    praesentation_minuten: Annotated[int, Field(ge=0, le=1_440)] = 0


class Pause(Table):
    """Days without meetings."""

    name: Line
    von: Day
    bis: Day


class Feiertag(Table):
    """A public holiday."""

    datum: Day
    name: Line
    laender: States
    schulfrei_laender: States = []


class Wahlthema(Table):
    """A topic to vote for."""

    id: Key
    nummer: Annotated[int, Field(ge=1, le=99)]
    titel: Line
    kurz: Text = ""
    referent: Key | None = None


class Wahl(Table):
    """The election of topics."""

    id: Key
    frage: Line
    plaetze: Annotated[list[Key], Field(min_length=1, max_length=20)]
    verfahren: Literal["mehrheit", "zustimmung"] = "mehrheit"
    stimmen_pro_person: Annotated[int, Field(ge=1, le=20)] = 1
    offen_ab: Local
    schluss: Local
    erinnerung_an_nichtwaehler: Annotated[list[Local], Field(max_length=20)] = []
    zwischenstand_sichtbar: bool = False
    gleichstand: Literal["leitung", "stichwahl", "los"] = "leitung"
    mindestbeteiligung: Count = 0
    referent_bestaetigt_bis: Day | None = None
    beispielstimmen: Later = None


class Partner(Table):
    """How many partners of which kind."""

    unternehmen: Count = 0
    schulen: Count = 0
    kitas: Count = 0
    hochschulen: Count = 0
    kammern: Count = 0
    verwaltung: Count = 0
    bildungstraeger: Count = 0
    sonstige: Text = ""


class Netzwerk(Table):
    """A regional network."""

    id: Key
    name: Line
    kurz: Text = ""
    typ: Literal["mint_region", "fachkraefte"]
    land: State
    raum: Literal["laendlich", "urban", "gemischt"]
    struktur: Literal["stark", "schwach"]
    traeger: Line
    traeger_text: Text = ""
    seit: Annotated[int, Field(ge=1900, le=2100)] | None = None
    status: Literal["etabliert", "aufbau"]
    partner: Partner = Field(default_factory=Partner)
    bietet: Lines = []
    sucht: Lines = []
    satz: Text = ""


class Person(Table):
    """Somebody who takes part; without an account `mxid` is empty."""

    id: Key
    anzeige: Line
    netzwerk: Key | None = None
    mxid: Mxid = ""
    status: Literal["aktiv", "eingeladen", "ausgeschieden"] = "aktiv"
    gruppe: Annotated[int, Field(ge=1, le=99)] | None = None


class Projektgruppe(Table):
    """A project group."""

    nummer: Annotated[int, Field(ge=1, le=99)]
    thema: Line


class Abweichung(Table):
    """Somebody attended less than the whole meeting."""

    person: Key
    termin: Key
    ue: Annotated[int, Field(ge=0, le=16)]


class Anwesenheit(Table):
    """Who attended what; only what differs from everything is listed."""

    bestaetigt_termine: Keys = []
    abweichung: Annotated[list[Abweichung], Field(max_length=5_000)] = []


class Regel(Table):
    """When a schedule speaks."""

    id: Key
    raum: RoomKind
    art: Literal["text", "notice"] = "text"
    wochentag: Weekday | None = None
    relativ_tage: Annotated[int, Field(ge=-60, le=60)] | None = None
    uhr: Clock | None = None
    relativ_minuten: Minutes | None = None
    relativ_ende_minuten: Minutes | None = None
    ausloeser: Literal["material_hinterlegt"] | None = None
    verfaellt_bei_beginn: bool = False
    checkin_von_minuten: Minutes | None = None
    checkin_bis_minuten: Minutes | None = None


class CourseFile(Table):
    """A whole file that has no mistakes."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    kurs: Kurs
    anrede: Anrede = Field(default_factory=Anrede)
    nachweis: Nachweis = Field(default_factory=Nachweis)
    datenschutz: Datenschutz = Field(default_factory=Datenschutz)
    ruhezeiten: Ruhezeiten = Field(default_factory=Ruhezeiten)
    raeume: Raeume
    admin: Admin
    referent: Annotated[list[Referent], Field(max_length=200)] = []
    termin: Annotated[list[Termin], Field(min_length=1, max_length=200)]
    projektarbeit: Projektarbeit = Field(default_factory=Projektarbeit)
    pause: Annotated[list[Pause], Field(max_length=50)] = []
    feiertag: Annotated[list[Feiertag], Field(max_length=200)] = []
    wahlthema: Annotated[list[Wahlthema], Field(max_length=20)] = []
    wahl: Wahl | None = None
    netzwerk: Annotated[list[Netzwerk], Field(max_length=500)] = []
    person: Annotated[list[Person], Field(max_length=1_000)] = []
    projektgruppe: Annotated[list[Projektgruppe], Field(max_length=99)] = []
    anwesenheit: Anwesenheit = Field(default_factory=Anwesenheit)
    regel: Annotated[list[Regel], Field(max_length=50)] = []
    testkalender_fruehjahr: Later = None
    erwartung: Later = None
