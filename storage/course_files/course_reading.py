"""A course file that was uploaded, as it goes from the process that reads it to the service.

It is loaded by both, so it knows neither the database nor, until it reads, what checks the file.
"""

import json
from collections.abc import Callable, Collection
from datetime import date, datetime, time
from typing import Any, Final

KIND: Final = "course_files.course_reading"
_FORMS: Final[dict[str, Callable[[str], date | time]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}
_MOST: Final = 6  # mistakes that fit an answer


class Unreadable(Exception):
    """The file has mistakes; the text names the first ones, in German."""


def read(data: bytes, rules: Collection[str]) -> str:
    """The document in a course file without mistakes, as JSON. Raises `Unreadable`."""
    from storage.course_files import course_file  # noqa: PLC0415 - pydantic: 8 MiB, 0.1 s

    try:
        return json.dumps(course_file.document(data, rules), default=_tagged)
    except course_file.Faulty as error:
        raise Unreadable(told(error.problems)) from None


def loads(text: str) -> dict[str, Any]:
    """The document that `read` has found."""
    found: dict[str, Any] = json.loads(text, object_hook=_untagged)
    return found


def told(problems: list[str]) -> str:
    """The first mistakes, and how many there are."""
    count, more = len(problems), len(problems) - _MOST
    return "\n".join(
        [
            f"**Die Kursdatei hat {'einen Fehler' if count == 1 else f'{count} Fehler'}:**",
            *(f"– {problem[:75]}" for problem in problems[:_MOST]),
            *([f"und {more} weitere"] if more > 0 else []),
            "Es hat sich nichts geändert. Nach dem Berichtigen neu hochladen, dann !import",
        ]
    )


def _tagged(value: object) -> dict[str, str]:
    assert isinstance(value, date | time)
    return {"$": type(value).__name__, "v": value.isoformat()}


def _untagged(found: dict[str, Any]) -> object:
    kind = _FORMS.get(str(found.get("$"))) if found.keys() == {"$", "v"} else None
    return kind(found["v"]) if kind else found
