"""A course file as it was parsed, whatever its shape: reach into it, and name what is wrong where.

`entries`, `single` and `items` pass over what is not the table or list that it should be.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, time
from typing import Any, Final

from storage.spelling import near

Document = dict[str, Any]
Location = Sequence[str | int]

LISTS: Final = (
    *("referent", "termin", "pause", "feiertag", "wahlthema", "netzwerk", "person"),
    *("projektgruppe", "regel"),
)


def entries(document: Document, table: str) -> Iterator[tuple[str, Document]]:
    """The entries of a table, each with where it is."""
    found = document.get(table)
    if isinstance(found, dict):
        yield place(document, [table]), found
    for index, entry in enumerate(items(document, table)):
        if isinstance(entry, dict):
            yield place(document, [table, index]), entry


def single(document: Document, table: str) -> Document:
    """A table that is there once."""
    found = document.get(table)
    return found if isinstance(found, dict) else {}


def items(entry: Document, key: str) -> list[Any]:
    """A list in a table; more entries than any course has are not looked at."""
    found = entry.get(key)
    return found[:5_000] if isinstance(found, list) else []


def cut(text: str, limit: int = 60) -> str:
    """One printable line of at most `limit` characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[:1_000]).split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def shown(value: object) -> str:
    """A value of the file as it can be quoted in a sentence."""
    match value:
        case list():
            return "eine Liste"
        case dict():
            return "eine Tabelle"
        case bool():
            return f"„{str(value).lower()}“"
        case int() if value.bit_length() > 64:
            return "eine riesige Zahl"
        case date() | time():
            return f"„{value.isoformat()}“"
    return f"„{cut(str(value))}“"


def meant(word: object, known: Collection[str]) -> str:
    """ ", gemeint vielleicht: …" when something known is near, else nothing."""
    if not isinstance(word, str) or len(word) > 80:
        return ""
    close = near(word, known, at_most=max(1, len(word) // 3))
    return f", gemeint vielleicht: {close[0][0]}" if close else ""


def place(document: Document, location: Location) -> str:
    """Where an organiser finds it: "Termin w4, datum", "[[person]] Nr. 3 (tn03), mxid"."""
    table, *rest = location
    found = document.get(str(table))
    if isinstance(found, list) and rest and isinstance(rest[0], int):
        return _joined(_entry(str(table), rest[0], found[rest[0]]), rest[1:])
    if isinstance(found, list) or table in LISTS:
        return f"[[{cut(str(table))}]]"
    scalar = not rest and found is not None and not isinstance(found, dict)
    return cut(str(table)) if scalar else _joined(f"[{cut(str(table))}]", rest)


def _entry(table: str, index: int, entry: object) -> str:
    fields = entry if isinstance(entry, dict) else {}
    name = fields.get("id", fields.get("name"))
    if not isinstance(name, str) or not name:
        return f"[[{cut(table)}]] Nr. {index + 1}"
    if table == "termin":
        return f"Termin {cut(name)}"
    return f"[[{cut(table)}]] Nr. {index + 1} ({cut(name)})"


def _joined(start: str, rest: Location) -> str:
    text, before = start, None
    for part in rest:
        if isinstance(part, int):
            text += f" Nr. {part + 1}"
        else:
            text += ("." if isinstance(before, str) else ", ") + cut(part)
        before = part
    return text
