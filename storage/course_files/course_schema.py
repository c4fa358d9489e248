"""The tables of a course file, as organisers write them: German keys, times local.

What is typed `Later` is accepted for other versions and programs, and not read here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from storage.course_files.course_values import (
    Address,
    AddressOrNone,
    Clock,
    Count,
    Day,
    Days,
    Key,
    Keys,
    Line,
    Lines,
    Local,
    Minutes,
    Mxid,
    Organiser,
    RoomKind,
    State,
    States,
    Text,
    Url,
    Weekday,
    Zone,
)

Later = Any


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
    offen_wochen_nach_ende: Annotated[int, Field(ge=0, le=52)] = 4
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
    alumni: AddressOrNone = ""
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
