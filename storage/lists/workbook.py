"""`python -m storage.lists.workbook`: rows as JSON come in, an Excel workbook goes out.

A process of its own, so that the library for it is nowhere else in memory.
"""

import io
import json
import sys
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from storage.lists.spreadsheet import Rows

WIDEST: Final = 60  # characters that a column shows
TEXT: Final = "s"  # the type of a cell that holds text, whatever it begins with


def written(rows: Rows) -> bytes:
    """The workbook, its first row standing still above the others."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kursbot")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip(*rows, strict=True), 1):
        width = max(len(str(cell)) for cell in column) + 2
        sheet.column_dimensions[get_column_letter(number)].width = min(width, WIDEST)
    for number, row in enumerate(rows):
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type, cell.quotePrefix = TEXT, True
            if number == 0:
                cell.font = Font(bold=True)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(written(json.load(sys.stdin.buffer)))
