"""The table in a file, whichever program has saved it: CSV in its many forms, or Excel; pure.

Nothing in it is ever run or followed: a formula is what it last came to, and everything is text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

from storage import folding

MOST_ROWS: Final = 5_000
_MOST_CELLS: Final = 200  # of one row
_MOST_CHARACTERS: Final = 2_000  # of one cell
_MOST_BYTES: Final = 40_000_000  # of an Excel file, unpacked
_MOST_PARTS: Final = 500
_HEADER_WITHIN: Final = 40  # rows from the top

_NO_TABLE: Final = "Das ist keine Tabelle, die ich lesen kann. Bitte als .xlsx oder CSV speichern."
_TOO_MANY: Final = "Die Tabelle hat mehr als 5.000 Zeilen. Es hat sich nichts geändert."
_BOMB: Final = "Die Excel-Datei ist entpackt viel zu groß. Bitte als CSV speichern."
_QUOTE: Final = "In der Datei ist ein Anführungszeichen nicht geschlossen (nach Zeile {})."

Row = tuple[int, list[str]]
"""A row with its number, as spreadsheets count them from 1."""

Columns = Mapping[str, Sequence[str]]
"""What is looked for: each column with the folded words by which people call it."""


class Unreadable(Exception):
    """There is no such table in the file; the text says why, in German."""


@dataclass(frozen=True)
class Table:
    """The rows below the header; `places` of the columns that are known, `others` by name."""

    places: Mapping[str, int]
    others: list[str]
    rows: list[Row]

    def cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The known columns of each row where at least one of them says something."""
        for number, row in self.rows:
            found = {name: row[at] if at < len(row) else "" for name, at in self.places.items()}
            if any(found.values()):
                yield number, found


def table(data: bytes, columns: Columns, needed: Sequence[frozenset[str]]) -> Table:
    """The first table whose header has all columns of one of the `needed` sets.

    Raises `Unreadable` when there is none, or it has too many rows.
    """
    for candidate in _tables(data):
        rows = iter(candidate)
        top = list(islice(rows, _HEADER_WITHIN))
        header = _header(top, columns, needed)
        if header is None:
            continue
        at, places = header
        number, names = top[at]
        others = [n for i, n in enumerate(names) if n and i not in places.values()]
        below = [*top[at + 1 :], *rows]
        filled = [(n, row) for n, row in below if any(row) and n > number]
        if len(filled) > MOST_ROWS:
            raise Unreadable(_TOO_MANY)
        return Table(places, others, filled)
    labels = " oder ".join(" und ".join(f"„{c}“" for c in sorted(some)) for some in needed)
    raise Unreadable(f"Ich finde keine Kopfzeile mit den Spalten {labels}.")


def _header(
    top: Sequence[Row], columns: Columns, needed: Sequence[frozenset[str]]
) -> tuple[int, dict[str, int]] | None:
    """Which row names most of the columns, the first of them, and where each is."""
    found = [(at, _places(row, columns)) for at, (_, row) in enumerate(top)]
    fitting = [f for f in found if any(some <= f[1].keys() for some in needed)]
    return max(fitting, key=lambda f: len(f[1]), default=None)


def _places(row: Sequence[str], columns: Columns) -> dict[str, int]:
    places: dict[str, int] = {}
    for exact in (True, False):
        for at, cell in enumerate(row):
            name = _meant(cell, columns, exact) if at not in places.values() else None
            if name is not None:
                places.setdefault(name, at)
    return places


def _meant(cell: str, columns: Columns, exact: bool) -> str | None:
    """Which column a cell of the header names, mistyped or not; also by what is in brackets."""
    parts = [cell, re.sub(r"\(.*?\)", "", cell), *re.findall(r"\((.*?)\)", cell)]
    for typed in filter(None, (folding.fold_words(p).replace(" ", "") for p in parts[:4])):
        for name, words in columns.items():
            if typed in words or (not exact and folding.nearest(typed, words)):
                return name
    return None


def _tables(data: bytes) -> Iterator[Iterator[Row] | list[Row]]:
    if data.startswith(b"PK"):
        yield from _sheets(data)
    elif data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise Unreadable(_NO_TABLE)
    else:
        text = _decoded(data)
        if "\0" in text[:2_000]:
            raise Unreadable(_NO_TABLE)
        for delimiter in _likely(text):
            yield _lines(text, delimiter)


def _decoded(data: bytes) -> str:
    """UTF-8, UTF-16 as Teams writes it, or what Excel in German means by CSV."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[1:200:2] and data.count(b"\0") * 3 > len(data):
        return data.decode("utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _likely(text: str) -> list[str]:
    """What may stand between the cells, the likeliest first."""
    told = re.match(r"sep=([;,\t])\r?\n", text, re.I)
    top = text[:20_000]
    return [told[1]] if told else sorted(";,\t", key=top.count, reverse=True)


def _lines(text: str, delimiter: str) -> Iterator[Row]:
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            if any(cell.count("\n") > 20 for cell in row):
                raise Unreadable(_QUOTE.format(number - 1))
            yield number, [_text(cell) for cell in row[:_MOST_CELLS]]
    except csv.Error:
        raise Unreadable(_QUOTE.format(number)) from None


def _sheets(data: bytes) -> Iterator[Iterator[Row]]:
    _check(data)
    import openpyxl  # noqa: PLC0415 - 20 MiB, and only where a file is read

    book = openpyxl.load_workbook(io.BytesIO(data), True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says about its size is not to be believed
        yield _filled(sheet)


def _filled(sheet: Any) -> Iterator[Row]:  # noqa: ANN401 - openpyxl has no types
    rows = sheet.iter_rows(values_only=True, max_col=_MOST_CELLS)
    for number, row in enumerate(rows, 1):
        if number <= _HEADER_WITHIN or any(cell is not None for cell in row):
            yield number, [_text(cell) for cell in row]


def _check(data: bytes) -> None:
    """Look at what is packed before unpacking it for good."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
            raise Unreadable(_BOMB)
        if "xl/workbook.xml" not in package.namelist():
            raise Unreadable(_NO_TABLE)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                text = package.read(part).replace(b"\0", b"")
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise Unreadable(_NO_TABLE)


def _text(value: object) -> str:
    """A cell as people see it, on one line."""
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
    return " ".join(str(value)[:_MOST_CHARACTERS].replace("\0", "").split())
