"""What operators read: ids and kinds of trouble, never what people write, and no secret.

Our own lines name ids alone. Libraries quote messages, keys and tokens: of theirs, only the place
in the code is told. The text of an error may quote anything: its kind and its place are told.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from typing import TextIO

from bot.config import Log

OURS = ("bot", "commands", "schedules", "storage")
FOLDERS = tuple(str(Path(__file__).parents[1] / name) for name in OURS)
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

FRAMES, ERRORS = 6, 5
"""As many places are told of an error, and as many of the errors behind it."""

_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',]+"), r"\1 …"),
    (
        re.compile(
            r"(?i)(\b\w*(?:token|password|passwort|secret|_key|authorization)[\"']?\s*[=:]\s*[\"']?)"
            r"(?!(?:bearer|basic) )[^\s\"'&,;})]+"
        ),
        r"\1…",
    ),
    (re.compile(r"\b(syt|syr|mct|mcr|mat|mar|mpt)_[\w.~+/=-]+"), r"\1_…"),
    (re.compile(r"(\w://[^\s?\"']+|/_matrix/[^\s?\"']+)\?[^\s\"']+"), r"\1?…"),
)
"""What a secret looks like, wherever it stands, and what is shown instead."""


def configure(chosen: Log, secrets: Collection[str], verbose: bool, out: TextIO) -> None:
    """Let all lines of this process go there, also the ones about its unexpected end.

    `verbose` tells every step of ours, and where in their code the libraries are.
    """
    level = logging.DEBUG if verbose else logging.ERROR
    logging.basicConfig(level=level, handlers=[handler(chosen, secrets, out)])
    for ours in OURS:
        logging.getLogger(ours).setLevel(logging.DEBUG if verbose else chosen.level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # or a line that cannot be written is printed as it is
    log = logging.getLogger(__name__)
    sys.excepthook = lambda _, error, __: log.critical("unexpected end", exc_info=error)
    sys.unraisablehook = lambda found: log.error("not raised", exc_info=found.exc_value)
    threading.excepthook = lambda found: log.error("a thread ended", exc_info=found.exc_value)


def handler(chosen: Log, secrets: Collection[str], out: TextIO) -> logging.Handler:
    """What writes lines there, and what in them may be read."""
    found = logging.StreamHandler(out)
    found.setFormatter(Json() if chosen.format == "json" else logging.Formatter(TEXT))
    found.addFilter(Redaction(secrets))
    return found


class Redaction(logging.Filter):
    """Changes every line before it is written; for a handler."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave nothing in the record but what may be read; it is written in any case."""
        said = _said(record)
        if record.exc_info and record.exc_info[1]:
            said += f": {where(record.exc_info[1])}"
        record.msg, record.args = self._redacted(said), None
        record.exc_info = record.exc_text = record.stack_info = None
        return True

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        for pattern, instead in _SECRETS:
            text = pattern.sub(instead, text)
        return " ".join(text.splitlines())


class Json(logging.Formatter):
    """One object per line; the time is UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"time": at, "level": record.levelname, "logger": record.name}
        return json.dumps(said | {"message": record.getMessage()}, ensure_ascii=False)


def where(error: BaseException) -> str:
    """What went wrong and where, with what led to it."""
    return " < ".join(told for _, told in zip(range(ERRORS), _chain(error), strict=False))


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__} ({_path(error)})"
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _chain(one)
            return
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _path(error: BaseException) -> str:
    """The last places of ours that it came through, and where it began."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in places if place[0].startswith(FOLDERS) or place is places[-1]]
    return " > ".join(f"{Path(name).name}:{line}" for name, line in ours[-FRAMES:])


def _said(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] not in OURS:
        return f"{record.module}.py:{record.lineno}"
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.module}.py:{record.lineno}"
