"""The tables that a course file fills: how their rows are recognised and what people call them."""

from dataclasses import dataclass
from typing import Final

from storage.models import (
    Attendance,
    Base,
    Break,
    Course,
    Group,
    Holiday,
    Meeting,
    Network,
    Organiser,
    Person,
    Poll,
    Room,
    Rule,
    Speaker,
    Topic,
)


@dataclass(frozen=True)
class Subject:
    """How rows of a table are recognised again and spoken of.

    `keys` are the columns that identify a row within its course, `fields` those that the file
    fills, each with its German name (empty: the value speaks for itself). A row is called by
    `noun` and the column `called`, a new one is described by the columns `detail`.
    """

    model: type[Base]
    noun: str
    called: str
    keys: tuple[str, ...]
    fields: dict[str, str]
    detail: tuple[str, ...] = ()

    def key(self, row: Base) -> tuple[object, ...]:
        """By what the row is recognised."""
        return tuple(getattr(row, name) for name in self.keys)


COURSE: Final = Subject(
    Course,
    "Kurs",
    "key",
    ("key",),
    {
        "title": "Titel",
        "short_title": "Kurztitel",
        "timezone": "Zeitzone",
        "begins": "Beginn",
        "ends": "Ende",
        "recording": "Aufzeichnung",
        "form": "Anrede",
        "gender": "Schreibweise",
        "lesson_minutes": "Minuten je UE",
        "quota_percent": "Quote in Prozent",
        "proof": "Leistungsnachweis",
        "controller": "Verantwortlich",
        "privacy_url": "Datenschutzhinweis",
        "votes_kept_days": "Tage für Einzelstimmen",
        "log_kept_days": "Tage für das Protokoll",
        "feedback_kept_days": "Tage für Feedback",
        "attendance_kept_months": "Monate für Anwesenheit",
        "feedback_minimum": "Mindestzahl für Feedback",
        "quiet_from": "Ruhezeit von",
        "quiet_until": "Ruhezeit bis",
        "quiet_weekend": "Ruhe am Wochenende",
        "project_units": "UE der Projektarbeit",
        "project_due": "Abgabe der Projektarbeit",
        "presentation_minutes": "Minuten je Präsentation",
        "open_weeks": "Wochen offen nach dem Ende",
    },
)

SUBJECTS: Final = (
    Subject(Room, "Raum", "kind", ("kind",), {"address": ""}, ("address",)),
    Subject(Organiser, "Lehrgangsleitung", "mxid", ("mxid",), {}),
    Subject(Speaker, "Rolle", "key", ("key",), {"role": "Bezeichnung"}, ("role",)),
    Subject(Break, "Pause", "name", ("name",), {"first": "von", "last": "bis"}, ("first", "last")),
    Subject(Holiday, "Feiertag", "name", ("day", "name"), {"states": "Länder"}, ("day",)),
    Subject(
        Meeting,
        "Termin",
        "key",
        ("key",),
        {
            "kind": "Art",
            "number": "Nummer",
            "day": "",
            "starts": "Beginn",
            "ends": "Ende",
            "break_minutes": "Pausenminuten",
            "units": "UE",
            "topic": "Thema",
            "slot": "Wahlplatz",
            "speakers": "Referent/innen",
            "prompt": "Impuls",
            "task": "Aufgabe",
            "task_due": "Aufgabe bis",
            "link": "Zugang",
            "code": "Kenncode",
            "phone": "Telefon",
            "note": "Hinweis",
            "folder": "Ablage",
            "materials": "Material",
            "mandatory": "Pflicht",
        },
        ("topic", "day"),
    ),
    Subject(
        Network,
        "Netzwerk",
        "short",
        ("key",),
        {
            "name": "Name",
            "short": "Kurzname",
            "kind": "Typ",
            "state": "Land",
            "area": "Raum",
            "structure": "Struktur",
            "host": "Träger",
            "host_text": "Trägertext",
            "since": "seit",
            "status": "Status",
            "partners": "Partner",
            "other_partners": "sonstige Partner",
            "offers": "bietet",
            "needs": "sucht",
            "sentence": "Satz",
        },
    ),
    Subject(Group, "Projektgruppe", "number", ("number",), {"topic": "Thema"}, ("topic",)),
    Subject(
        Person,
        "Person",
        "key",
        ("key",),
        {
            "display": "Anzeige",
            "network": "Netzwerk",
            "mxid": "Konto",
            "status": "Status",
            "group": "Gruppe",
        },
        ("display",),
    ),
    Subject(
        Topic,
        "Wahlthema",
        "key",
        ("key",),
        {"number": "Nummer", "title": "Titel", "short": "Kurztitel", "speaker": "Referent/in"},
        ("short",),
    ),
    Subject(
        Poll,
        "Wahl",
        "key",
        ("key",),
        {
            "question": "Frage",
            "slots": "Plätze",
            "votes_per_person": "Stimmen pro Person",
            "opens": "offen ab",
            "closes": "Schluss",
            "reminders": "Erinnerungen",
            "interim_visible": "Zwischenstand sichtbar",
            "tie": "Gleichstand",
            "minimum": "Mindestbeteiligung",
            "confirm_by": "Bestätigung bis",
        },
        ("question",),
    ),
    Subject(
        Rule,
        "Regel",
        "key",
        ("key",),
        {
            "room": "Raum",
            "push": "mit Ton",
            "weekday": "Wochentag",
            "days": "Tage",
            "minutes": "Minuten",
            "minutes_after_end": "Minuten nach Ende",
            "clock": "Uhr",
            "trigger": "Auslöser",
            "until_start": "verfällt bei Beginn",
            "checkin_from": "Check-in von",
            "checkin_until": "Check-in bis",
        },
    ),
    Subject(
        Attendance,
        "Anwesenheit",
        "person",
        ("person", "meeting"),
        {"units": "UE", "state": "Stand"},
        ("meeting", "units"),
    ),
)
