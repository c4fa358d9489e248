"""Tables as files that every spreadsheet opens, and in which nothing runs; pure."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

Cell = str | int
MIMETYPE: Final = "text/csv"

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠|%]|[\t\r]")
"""How a formula begins, full-width forms included (promises, Files)."""


def file(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Semicolons and UTF-8 with its mark, as Excel in German wants it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: Cell) -> str:
    """A text that begins as a formula does gets an apostrophe before it; on one line."""
    if isinstance(cell, int):
        return str(cell)
    said = f"'{cell}" if _FORMULA.match(cell) else cell
    return " ".join(said.splitlines())
