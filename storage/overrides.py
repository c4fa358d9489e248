"""What was changed in the chat stays, while the course file still says what it said back then.

So the file that was imported before can be imported again, with other changes in it; but where it
says something new itself, that is newer than what the chat said, and counts.
"""

from datetime import date, time
from typing import Final

from storage.models import Attendance, Base, Meeting, Person, Poll, Room

Row = Meeting | Poll | Attendance | Person | Room

_TOGETHER: Final = ("topic", "speakers")
"""Who speaks depends on the topic: a file that says something new about one counts in both."""


def put(row: Row, **values: object) -> None:
    """Change columns, and remember what the file says there."""
    for name, value in values.items():
        row.filed = {name: plain(getattr(row, name)), **row.filed}
        setattr(row, name, value)


def restore(row: Row, *columns: str) -> None:
    """Let the file count again in columns of texts or lists; in others that is not possible."""
    for name in columns:
        if name in row.filed:
            setattr(row, name, row.filed[name])
            forget(row, name)


def holds(row: Base, wanted: Base, column: str) -> bool:
    """Whether the chat has changed this column of a row, and the file says nothing new there."""
    if not isinstance(row, Row) or column not in row.filed:
        return False
    columns = _TOGETHER if column in _TOGETHER else (column,)
    return all(row.filed.get(name) == plain(getattr(wanted, name)) for name in columns)


def forget(row: Base, column: str) -> None:
    """The file counts again in this column."""
    if isinstance(row, Row):
        row.filed = {name: value for name, value in row.filed.items() if name != column}


def plain(value: object) -> object:
    """As it can be kept as JSON and compared."""
    return value.isoformat() if isinstance(value, date | time) else value
