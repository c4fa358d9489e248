"""What every column is there for: the one table behind `!datenschutz`, `!meinedaten`, `!loeschen`
and whatever deletes by itself. A test fails when a column of the database has no place here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from storage import calendar
from storage.models import Course


class Whose(Enum):
    """Whom the data are about."""

    PERSON = "Person"
    COURSE = "Kurs"
    BOT = "Bot"


class Named(Enum):
    """What stands in the column by which the rows of a person are found."""

    MXID = "mxid"
    PERSON = "person"
    NETWORK = "network"
    ROOM = "room"


class Erased(Enum):
    """What `!loeschen` does about it."""

    AT_ONCE = "gleich gelöscht"
    OPEN_POLLS = "gelöscht, solange die Abstimmung läuft"
    ASKED = "an die Lehrgangsleitung weitergeleitet"
    NEVER = "bleibt bis zur Frist"


class Since(Enum):
    """From when on the time counts for which something is kept, as people read it."""

    WRITTEN = ""
    ASKED = "höchstens 1 Tag"
    RESULT = "nach dem Ergebnis"
    END = "nach Kursende"
    COURSE = "solange es den Kurs gibt"
    BOT = "solange der Bot läuft"


@dataclass(frozen=True)
class Kept:
    """How long: so many days or months as a `setting` of the course says, or `days`, since then."""

    since: Since
    setting: str = ""
    days: int = 0

    def told(self, course: Course) -> str:
        """As people read it: "3 Monate nach Kursende"."""
        if not self.setting and not self.days:
            return self.since.value
        count = self._count(course)
        one, many = ("Monat", "Monate") if self._by_months else ("Tag", "Tage")
        return f"{count} {one if count == 1 else many} {self.since.value}".strip()

    def until(self, course: Course, since: date) -> date:
        """The first day on which it is not kept any more."""
        count = self._count(course)
        if self._by_months:
            return calendar.months_later(since, count)
        return since + timedelta(days=count)

    def before(self, course: Course | None, now: datetime) -> datetime:
        """What was written before this moment is not kept any more."""
        count: int = getattr(course, self.setting) if course and self.setting else self.days
        return now - timedelta(days=count)

    @property
    def _by_months(self) -> bool:
        return self.setting.endswith("months")

    def _count(self, course: Course) -> int:
        count: int = getattr(course, self.setting) if self.setting else self.days
        return count


FOR_PROOF: Final = Kept(Since.END, "attendance_kept_months")
FOR_RESULT: Final = Kept(Since.RESULT, "votes_kept_days")
FOR_FEEDBACK: Final = Kept(Since.END, "feedback_kept_days")
FOR_LOG: Final = Kept(Since.WRITTEN, "log_kept_days")
FOR_ANSWER: Final = Kept(Since.ASKED)
FOR_EDGE: Final = Kept(Since.WRITTEN, days=30)
FOR_COURSE: Final = Kept(Since.COURSE)
FOR_BOT: Final = Kept(Since.BOT)


@dataclass(frozen=True)
class Entry:
    """Some columns of a table, separated by spaces.

    `what` is a word or two that people understand; entries may share them. The rows of a person
    are those where the column `by` has what is `named`. `shown` ones stand in `!meinedaten`. When
    the time for which they are `kept` is up, counted from what the column `dated` has unless the
    course says it, the rows go; where only the columns are `emptied`, the rows stay.
    """

    table: str
    columns: str
    what: str
    why: str
    kept: Kept
    whose: Whose = Whose.PERSON
    by: str = ""
    named: Named = Named.MXID
    shown: bool = True
    erased: Erased = Erased.NEVER
    dated: str = ""
    emptied: bool = False


def _of_course(table: str, columns: str, what: str, why: str = "damit der Kurs läuft") -> Entry:
    return Entry(table, columns, what, why, FOR_COURSE, Whose.COURSE, shown=False)


def _of_bot(table: str, columns: str, why: str, kept: Kept, dated: str = "") -> Entry:
    what = "Betrieb des Bots"
    return Entry(table, columns, what, why, kept, Whose.BOT, shown=False, dated=dated)


def _own(table: str, columns: str, what: str, why: str) -> Entry:
    """What somebody said or set for themselves, and may take back at any time."""
    return Entry(
        table,
        columns,
        what,
        why,
        FOR_FEEDBACK,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    )


MEMBERSHIP, UNITS, VOTES = "Zuordnung zum Netzwerk", "Check-in-Zeiten", "Stimmen"
OWN, TANDEMS, TECHNICAL = "eigene Angaben", "Tandems", "technische Spuren"
RATINGS, QUESTIONS, REMINDERS = "Feedback", "Fragen an Webinare", "Erinnerungen"
ALUMNI = "Alumni-Netzwerk"

CATALOGUE: Final[tuple[Entry, ...]] = (
    # ---------------------------------------------------------------- the course
    _of_course(
        "courses",
        "id key title short_title timezone begins ends recording form gender lesson_minutes "
        "quota_percent proof controller privacy_url votes_kept_days log_kept_days "
        "feedback_kept_days attendance_kept_months feedback_minimum quiet_from quiet_until "
        "quiet_weekend project_units project_due presentation_minutes open_weeks stopped closed "
        "dismissed imported_at",
        "Einstellungen des Kurses",
    ),
    _of_course("rooms", "id course_id kind address room_id membership seen filed", "Räume"),
    _of_course("organisers", "id course_id mxid typed", "Lehrgangsleitung", "wer was darf"),
    _of_course("speakers", "id course_id key role", "Rollen der Referierenden"),
    _of_course(
        "meetings",
        "id course_id key kind number day starts ends break_minutes units topic slot speakers "
        "prompt task task_due link code phone note folder materials mandatory cancelled sequence "
        "filed",
        "Termine",
    ),
    _of_course(
        "changes",
        "id course_id before after sent told text says at",
        "Termine",
        "damit sich eine Änderung zurücknehmen lässt",
    ),
    _of_course("breaks", "id course_id name first last typed", "Pausen"),
    _of_course("holidays", "id course_id day name states", "Feiertage"),
    _of_course("groups", "id course_id number topic typed", "Projektgruppen"),
    _of_course("topics", "id course_id key number title short speaker wished", "Wahlthemen"),
    _of_course(
        "polls",
        "id course_id key question slots procedure votes_per_person opens closes reminders "
        "interim_visible tie minimum confirm_by kind election choices among cancelled reopened "
        "decision decided_at counted sums filed",
        "Abstimmungen",
    ),
    _of_course(
        "rules",
        "id course_id key room push weekday days minutes minutes_after_end clock trigger "
        "until_start checkin_from checkin_until texts",
        "Zeitpläne",
    ),
    # ---------------------------------------------------------------- its people
    Entry(
        "people",
        "id course_id key display network mxid status group_number warned welcomed filed",
        MEMBERSHIP,
        "damit der Bot weiß, wer fragt",
        FOR_PROOF,
        by="mxid",
        erased=Erased.ASKED,
    ),
    Entry(
        "networks",
        "id course_id key name short kind state area structure host host_text since status "
        "partners other_partners offers needs sentence",
        MEMBERSHIP,
        "Verzeichnis der Netzwerke im Kurs",
        FOR_PROOF,
        by="key",
        named=Named.NETWORK,
        erased=Erased.ASKED,
    ),
    Entry(
        "entries",
        "id course_id network person kind text struck at",
        OWN,
        "Steckbrief des Netzwerks, mit eigener Zustimmung",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "tandem_members",
        "id course_id person paused avoids",
        TANDEMS,
        "wöchentliches Treffen zu zweit, freiwillig",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "tandem_seats",
        "id course_id week number person asked met",
        TANDEMS,
        "damit sich niemand zweimal trifft",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "quotes",
        "id course_id person text consent at",
        OWN,
        "Stimmen aus dem Kurs, mit eigener Zustimmung",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "tips",
        "id course_id person event_id text agreed at",
        OWN,
        "Tipps für alle, mit eigener Zustimmung",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "attendance",
        "id course_id person meeting units state made_up by at filed",
        UNITS,
        "Nachweis fürs Zertifikat",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.ASKED,
    ),
    Entry(
        "ballots",
        "id course_id mxid event_id type poll about answers edit power at",
        VOTES,
        "damit jede Stimme einmal zählt",
        FOR_RESULT,
        by="mxid",
        erased=Erased.OPEN_POLLS,
    ),
    _own("feedback", "id course_id person meeting score comment at", RATINGS, "bessere Webinare"),
    Entry(
        "alumni",
        "id course_id person at",
        ALUMNI,
        "Einladung ins Alumni-Netzwerk, mit eigener Zustimmung",
        FOR_PROOF,
        by="person",
        named=Named.PERSON,
        erased=Erased.AT_ONCE,
    ),
    _own(
        "speaker_questions",
        "id course_id meeting person text named at",
        QUESTIONS,
        "Sammlung für die Referierenden",
    ),
    _own("support", "id course_id question person", QUESTIONS, "welche Fragen viele haben"),
    _own("tasks_done", "id course_id person meeting", OWN, "eigene Aufgabenliste"),
    _own("subscriptions", "id course_id person digest", REMINDERS, "Abo-Adresse des Kalenders"),
    _own("reminders", "id course_id person lead", REMINDERS, "Nachricht vor jedem Termin"),
    # ---------------------------------------------------------------- the bot at work
    Entry(
        "questions",
        "room_id mxid answers confirms cause asked expires",
        TECHNICAL,
        "damit ein Ja oder eine Zahl verstanden wird",
        FOR_ANSWER,
        by="mxid",
        dated="expires",
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "sealed_events",
        "event_id room_id sender source sent at told",
        TECHNICAL,
        "verschlüsselte Nachrichten, deren Schlüssel noch fehlt",
        FOR_EDGE,
        by="sender",
        dated="at",
        shown=False,  # nobody can read them, the bot neither
        erased=Erased.AT_ONCE,
    ),
    Entry(
        "outbox",
        "content file reply_room",
        TECHNICAL,
        "damit jede Antwort genau einmal ankommt",
        FOR_LOG,
        by="room_id",
        named=Named.ROOM,
        shown=False,  # it stands in the chat
        erased=Erased.AT_ONCE,
        dated="due",
        emptied=True,
    ),
    Entry(
        "quarantine",
        "event_id room_id type sender error at",
        TECHNICAL,
        "Nachrichten, die nicht verarbeitet werden konnten, ohne Inhalt",
        FOR_EDGE,
        by="sender",
        dated="at",
    ),
    Entry(
        "invitations",
        "room_id inviter direct accepted at",
        TECHNICAL,
        "Einladungen in Räume",
        FOR_EDGE,
        by="inviter",
        dated="at",
    ),
    Entry(
        "declined",
        "day inviter count",
        TECHNICAL,
        "Schutz vor zu vielen Einladungen",
        FOR_EDGE,
        by="inviter",
        dated="day",
    ),
    Entry(
        "direct_chats",
        "mxid room_id again",
        TECHNICAL,
        "damit der Bot direkt schreiben kann",
        FOR_PROOF,
        by="mxid",
        dated="again",
    ),
    Entry(
        "actions",
        "id course_id mxid line at",
        TECHNICAL,
        "was die Lehrgangsleitung wann bestätigt hat",
        FOR_LOG,
        by="mxid",
        dated="at",
    ),
    Entry(
        "uploads",
        "id course_id event_id room_id mxid name source used expires",
        TECHNICAL,
        "wo eine Datei liegt, die die Lehrgangsleitung gerade hochgeladen hat",
        FOR_ANSWER,
        by="mxid",
        shown=False,  # it stands in the room
        dated="expires",
        erased=Erased.AT_ONCE,
    ),
    _of_bot("upgrades", "old new by heirs state", "Umzug von Räumen", FOR_BOT),
    _of_bot(
        "erasures",
        "id salt digest scope at wiped",
        "damit Gelöschtes auch nach einer Wiederherstellung gelöscht bleibt, ohne Namen",
        FOR_BOT,
    ),
    _of_bot("facts", "name value", "Gerät und Lesestand", FOR_BOT),
    _of_bot("inbox", "event_id understood at", "damit nichts zweimal wirkt", FOR_EDGE, "at"),
    _of_bot(
        "occurrences",
        "id course_id cause schedule subject lead room push anchor due expires state text",
        "damit jeder Beitrag einmal kommt",
        FOR_COURSE,
    ),
    _of_bot(
        "notices", "course_id cause room_id text edition", "das angeheftete Programm", FOR_COURSE
    ),
    _of_bot(
        "outbox",
        "id cause course_id room_id type secret due expires look_first about reactions state "
        "event_id",
        "damit jede Antwort genau einmal ankommt",
        FOR_PROOF,
        "due",
    ),
)


def personal() -> list[Entry]:
    """All that is about people."""
    return [entry for entry in CATALOGUE if entry.whose is Whose.PERSON]


def kinds(entries: Iterable[Entry]) -> list[str]:
    """What they are, each named once, in order."""
    return list(dict.fromkeys(entry.what for entry in entries))
