"""What organisers should know about a course file that has no mistakes."""

from collections.abc import Iterator, Mapping

from storage import calendar
from storage.course_files.course_checks import minutes_between
from storage.course_files.course_document import cut
from storage.course_files.course_schema import CourseFile, Feiertag, Termin
from storage.course_files.course_values import WEEKDAYS


def notes(file: CourseFile, elected: Mapping[str, str]) -> list[str]:
    """Hints, no mistakes: one German line each. `elected` are topics voted for, by meeting."""
    lines = [line for termin in file.termin for line in _meeting(termin, file)]
    return [*_accounts(file), *lines, *_slots(file, elected)]


def _accounts(file: CourseFile) -> Iterator[str]:
    missing = [p for p in file.person if not p.mxid and p.status != "ausgeschieden"]
    if missing:
        yield "Noch ohne Konto: " + ", ".join(f"{p.id} ({cut(p.anzeige)})" for p in missing)


def _meeting(termin: Termin, file: CourseFile) -> Iterator[str]:
    when = f"{_name(termin)} ({calendar.short(termin.datum)})"
    for holiday in file.feiertag:
        if holiday.datum == termin.datum:
            yield f"{when}: {cut(holiday.name)}, Feiertag {_where(holiday, file)}"
    for pause in file.pause:
        if pause.von <= termin.datum <= pause.bis:
            span = f"{pause.von:%d.%m.} bis {pause.bis:%d.%m.}"
            where = f"liegt in der Pause {cut(pause.name)} ({span})"
            yield f"{when}: {where}, dazu kommt nichts von selbst"
    usual = file.kurs.standard_wochentag
    if termin.art == "webinar" and usual not in (None, termin.datum.weekday()):
        yield f"{when}: nicht am {WEEKDAYS[usual or 0].capitalize()}"
    length = minutes_between(termin.beginn, termin.ende) - termin.pausen_minuten
    if termin.ue * file.nachweis.ue_minuten > length:
        yield f"{when}: {termin.ue} UE passen nicht in {length} Minuten"


def _where(holiday: Feiertag, file: CourseFile) -> str:
    """In which Länder, and for whom in the course that matters."""
    if "*" in holiday.laender:
        return "in allen Ländern"
    affected = [cut(n.kurz or n.name) for n in file.netzwerk if n.land in holiday.laender]
    return f"in {', '.join(holiday.laender)} ({', '.join(affected) or 'kein Netzwerk im Kurs'})"


def _slots(file: CourseFile, elected: Mapping[str, str]) -> Iterator[str]:
    for termin in file.termin:
        if termin.id in elected:
            yield f"{_name(termin)} behält das gewählte Thema: {cut(elected[termin.id])}"
    empty = [t for t in file.termin if t.wahlplatz and not t.referenten and t.id not in elected]
    if empty:
        named = (f"{_name(t)} ({calendar.short(t.datum)}, Platz {t.wahlplatz})" for t in empty)
        yield f"Thema noch offen: {', '.join(named)}"


def _name(termin: Termin) -> str:
    return f"{termin.art.capitalize()} {termin.nummer or termin.id}"
