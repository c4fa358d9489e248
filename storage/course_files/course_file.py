"""Read a course file: either a whole course without mistakes, or all mistakes at once."""

import re
import tomllib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from inspect import isclass
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from storage.course_files import course_checks, course_references
from storage.course_files.course_document import Document, Location, meant, place, shown
from storage.course_files.course_schema import CourseFile

__all__ = ["CourseFile", "Faulty", "read", "shift"]

LARGEST: Final = 1_000_000  # bytes
_ENORMOUS: Final = 200_000  # characters
_DEEPEST: Final = 8
_MOST: Final = 200  # mistakes told of one file

_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""+)?|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'\'\'+)?'
    r"|\"(?:[^\"\\\n]|\\[^\n])*+\"?|'[^'\n]*+'?|#[^\n]*+",
    re.DOTALL,
)
_WHEN: Final = re.compile(r"(?m)^([ \t]*[\w.-]+[ \t]*=[ \t]*)([0-9][0-9.:T-]*)(?=[ \t\r]*(?:#|$))")
_DATE: Final = re.compile(r"(?<![\w\"'.:/-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?=[\sT,\]}]|$)")

_SYNTAX: Final = {
    "Cannot overwrite": "diesen Schlüssel gibt es hier schon",
    "Cannot declare": "diese Tabelle gibt es schon",
    "Expected '='": "hinter dem Schlüssel fehlt „=“",
    "Expected ']": "die eckige Klammer ist nicht geschlossen",
    "Expected newline": "hinter dem Wert steht noch etwas",
    "Illegal character": "das Anführungszeichen ist nicht geschlossen, oder ein Zeichen stört",
    "Invalid initial character": "kein Schlüssel (nur a-z, 0-9, - und _, ohne Umlaute)",
    "Invalid statement": "weder „schlüssel = wert“ noch [tabelle]",
    "Invalid value": "kein gültiger Wert (Text gehört in Anführungszeichen)",
    "Unclosed": "eine Klammer davor ist nicht geschlossen",
    "Unescaped": "ein einzelner „\\“ muss doppelt stehen",
    "Unterminated": "das Anführungszeichen ist nicht geschlossen",
}
_LOCAL_TO_A_LINE: Final = ("Cannot overwrite", "Expected '='", "Expected n", "Ill", "Invalid v")

_SENTENCES: Final = {
    "missing": "fehlt",
    "string_type": "{value} ist kein Text",
    "int_type": "{value} ist keine ganze Zahl",
    "bool_type": "{value} ist weder true noch false",
    "list_type": "{value} ist keine Liste",
    "model_type": "{value} ist keine Tabelle",
    "literal_error": "{value} ist unbekannt, möglich: {expected}",
    "greater_than_equal": "{value} ist kleiner als {ge}",
    "less_than_equal": "{value} ist größer als {le}",
    "string_too_short": "ist leer",
    "string_too_long": "länger als {max_length} Zeichen",
    "too_short": "braucht mindestens einen Eintrag",
    "too_long": "mehr als {max_length} Einträge",
    "kursbot": "{message}",
}


class Faulty(Exception):
    """The file has mistakes; `problems` names them all, in German, each with where it is."""

    def __init__(self, problems: list[str]) -> None:
        hidden = len(problems) - _MOST
        more = [f"… und {hidden} weitere Fehler"] if hidden > 0 else []
        self.problems = problems[:_MOST] + more
        super().__init__("\n".join(self.problems))


def read(data: bytes, known_rules: Collection[str]) -> CourseFile:
    """The course that a file describes. `known_rules` are the names of the schedules.

    Raises `Faulty` with everything that is wrong; nothing else, whatever the bytes are.
    """
    return CourseFile.model_validate(document(data, known_rules))


def document(data: bytes, known_rules: Collection[str]) -> Document:
    """What is in a course file without mistakes, as it was parsed. Raises as `read` does."""
    document, broken = _parsed(_decoded(data))
    found = [*broken, *_mistakes(document, complete=not broken)]
    if not broken:
        found += course_references.problems(document)
        found += course_checks.problems(document, known_rules)
    if found:
        raise Faulty(found)
    return document


def shift(text: str, weeks: int) -> str:
    """The same course file with every date and datetime moved by whole weeks.

    Dates inside texts and comments stay; times of day stay what clocks show.
    """
    by = timedelta(weeks=weeks)
    parts = re.split(f"({_STRING.pattern})", text, flags=re.DOTALL)
    moved = [
        part if number % 2 else _DATE.sub(lambda d: f"{date.fromisoformat(d[1]) + by}", part)
        for number, part in enumerate(parts)
    ]
    return "".join(moved)


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise Faulty([f"Die Datei ist größer als {LARGEST // 1_000_000} MB."])
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Faulty([f"Zeile {line}: Die Datei ist nicht in UTF-8 gespeichert."]) from None
    if _too_deep(text):
        raise Faulty([f"Die Datei ist tiefer als {_DEEPEST} Ebenen verschachtelt."])
    return text


def _too_deep(text: str) -> bool:
    """Whether keys or brackets nest deeper than any course file does.

    Looked at before parsing: tomllib takes 6.5 s for 39 KB of nested keys, and recurses for
    brackets. Linear: strings and comments are cut out first, and no pattern steps back.
    """
    bare = _STRING.sub("_", text)
    if "." * _DEEPEST in re.sub(r"[\w \t-]+", "", bare):
        return True
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", bare):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return False


def _parsed(text: str) -> tuple[Document, list[str]]:
    """The document, and the mistakes in its grammar.

    A line that is wrong by itself is left out and the rest read on, to name further mistakes:
    up to ten, and in an enormous file none, since every time it is read from its beginning.
    """
    most = 10 if len(text) < _ENORMOUS else 1
    lines = _WHEN.sub(_as_meant, text).split("\n")
    broken: list[str] = []
    while len(broken) < most:
        try:
            return tomllib.loads("\n".join(lines)), broken
        except (ValueError, RecursionError) as error:
            told = re.search(r"line (\d+)", str(error))
            number = int(told[1]) if told else len(lines)
            line = lines[number - 1] if number <= len(lines) else ""
            broken.append(_syntax(str(error), number, line))
            if not told or "=" not in line or not str(error).startswith(_LOCAL_TO_A_LINE):
                break
            lines[number - 1] = ""
    return {}, broken


def _as_meant(found: re.Match[str]) -> str:
    """A date or time that TOML cannot read, as text, so that it is named with where it is.

    "10:00" without seconds is what people write, and is completed.
    """
    value = found[2]
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", value):
        value = f"{value:0>5}:00"
    try:
        tomllib.loads(f"v = {value}")
    except ValueError:
        return f'{found[1]}"{found[2]}"'
    return found[1] + value


def _syntax(error: str, number: int, line: str) -> str:
    said = next((text for start, text in _SYNTAX.items() if error.startswith(start)), "")
    quoted = f" ({shown(line)})" if line.strip() else ""
    return f"Zeile {number}: {said or 'kein gültiges TOML'}{quoted}"


def _mistakes(document: Document, *, complete: bool) -> Iterator[str]:
    """What single values have wrong; what is missing only in a `complete` document."""
    try:
        CourseFile.model_validate(document)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            if complete or details["type"] != "missing":
                yield f"{place(document, details['loc'])}: {_sentence(details)}"


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        *parents, key = error["loc"]
        return f"unbekannt{meant(key, _keys(parents))}"
    values = dict(error.get("ctx", {}))
    if "expected" in values:
        values["expected"] = values["expected"].replace("'", "").replace(" or ", ", ")
    text = _SENTENCES.get(error["type"], "{value} passt hier nicht")
    return text.format(**values, value=shown(error["input"]))


def _keys(location: Location) -> list[str]:
    """Which keys the table at this place may have."""
    model: Any = CourseFile
    for part in location:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = (annotation, *get_args(annotation))
            model = next(a for a in inner if isclass(a) and issubclass(a, BaseModel))
    return [field.alias or name for name, field in model.model_fields.items()]
