"""Names in a course file: each is given once, and what refers to one finds it."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Final

from storage.course_files.course_document import Document, entries, items, meant, shown, single

_UNIQUE: Final = (
    *(("referent", "id"), ("termin", "id"), ("termin", "nummer"), ("termin", "wahlplatz")),
    *(("pause", "name"), ("wahlthema", "id"), ("wahlthema", "nummer"), ("netzwerk", "id")),
    *(("person", "id"), ("person", "mxid"), ("projektgruppe", "nummer"), ("regel", "id")),
)


def problems(document: Document) -> list[str]:
    """Every name given twice and every reference to nothing, one German line each."""
    return [*_doubles(document), *_references(document), *_attendance(document)]


def _values(document: Document, table: str, key: str) -> list[Any]:
    return [entry[key] for _, entry in entries(document, table) if key in entry]


def _doubles(document: Document) -> Iterator[str]:
    for table, key in _UNIQUE:
        named = [
            (where, (str(entry.get("art") if key == "nummer" else ""), entry.get(key)))
            for where, entry in entries(document, table)
            if isinstance(entry.get(key), str | int) and entry.get(key) != ""
        ]
        yield from _repeated(named, key)
    for table, key in (("admin", "mxids"), ("wahl", "plaetze")):
        given = [v for v in items(single(document, table), key) if isinstance(v, str)]
        yield from _repeated([(f"[{table}]", (None, value)) for value in given], key)
    rooms = single(document, "raeume")
    given = [k for k in ("ankuendigungen", "austausch", "orga") if isinstance(rooms.get(k), str)]
    yield from _repeated([(f"[raeume], {key}", (None, rooms[key])) for key in given], "")


def _repeated(named: Iterable[tuple[str, tuple[Hashable, Any]]], key: str) -> Iterator[str]:
    seen: dict[Hashable, str] = {}
    for where, value in named:
        if value not in seen:
            seen[value] = where
            continue
        said = "gibt es schon" if seen[value] == where else f"steht schon bei {seen[value]}"
        yield f"{where}{key and ', '}{key}: {shown(value[1])} {said}"


def _references(document: Document) -> Iterator[str]:
    speakers, meetings, people, networks = (
        _values(document, table, "id") for table in ("referent", "termin", "person", "netzwerk")
    )
    groups = _values(document, "projektgruppe", "nummer")
    slots = items(single(document, "wahl"), "plaetze")
    for where, meeting in entries(document, "termin"):
        yield from _unknown(f"{where}, referenten", items(meeting, "referenten"), speakers)
        yield from _unknown(f"{where}, wahlplatz", [meeting.get("wahlplatz")], slots)
    for where, topic in entries(document, "wahlthema"):
        yield from _unknown(f"{where}, referent", [topic.get("referent")], speakers)
    for where, person in entries(document, "person"):
        yield from _unknown(f"{where}, netzwerk", [person.get("netzwerk")], networks)
        yield from _unknown(f"{where}, gruppe", [person.get("gruppe")], groups)
    attendance = single(document, "anwesenheit")
    confirmed = items(attendance, "bestaetigt_termine")
    yield from _unknown("[anwesenheit], bestaetigt_termine", confirmed, meetings)
    for number, entry in enumerate(items(attendance, "abweichung"), 1):
        where = f"[anwesenheit], abweichung Nr. {number}"
        if isinstance(entry, dict):
            yield from _unknown(f"{where}, person", [entry.get("person")], people)
            yield from _unknown(f"{where}, termin", [entry.get("termin")], meetings)


def _unknown(where: str, given: list[Any], known: list[Any]) -> Iterator[str]:
    for value in given:
        if isinstance(value, str | int) and value not in known:
            near = meant(value, [name for name in known if isinstance(name, str)])
            yield f"{where}: {shown(value)} gibt es nicht{near}"


def _attendance(document: Document) -> Iterator[str]:
    units = {
        meeting["id"]: meeting.get("ue")
        for _, meeting in entries(document, "termin")
        if isinstance(meeting.get("id"), str)
    }
    given = items(single(document, "anwesenheit"), "abweichung")
    named: list[tuple[str, tuple[Hashable, Any]]] = []
    for number, entry in enumerate(given, 1):
        where = f"[anwesenheit], abweichung Nr. {number}"
        match entry:
            case {"person": str(person), "termin": str(meeting), "ue": int(attended)}:
                named.append((where, (person, meeting)))
                most = units.get(meeting)
                if isinstance(most, int) and attended > most:
                    yield f"{where}, ue: {shown(meeting)} hat nur {most} UE"
    yield from _repeated(named, "termin")
