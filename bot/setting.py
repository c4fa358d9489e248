"""What a setting can be: each function reads a value from the file or the environment.

It raises ValueError with what is expected, never with the value, which may be a secret.
"""

import importlib.util
from pathlib import Path

SHARED = "postgresql+psycopg://"
"""How the address of a database begins that several processes share."""

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("text", "json")


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError("ein Text")
    return value


def address(value: object) -> str:
    """The address of a server, without a slash at its end."""
    said = value.rstrip("/") if isinstance(value, str) else ""
    if not said.startswith(("http://", "https://")):
        raise ValueError("eine Adresse wie https://chat.example.org")
    return said


def address_or_none(value: object) -> str:
    """The address of a server, or an empty text."""
    return address(value) if value != "" else ""


def database_or_none(value: object) -> str:
    """The address of a database, or an empty text."""
    said = value if isinstance(value, str) else "?"
    if said.startswith("postgresql://"):
        said = said.replace("postgresql://", SHARED, 1)
    if said and not said.startswith(("sqlite:///", "sqlite+aiosqlite:///", SHARED)):
        raise ValueError(f"nichts (SQLite im Datenordner) oder {SHARED}name@rechner/datenbank")
    if said.startswith(SHARED) and importlib.util.find_spec("psycopg") is None:
        raise ValueError("für PostgreSQL eine Installation als kursbot[postgresql]")
    return said


def place_or_none(value: object) -> str:
    """Where to listen, address and port, or an empty text."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if value != "" and not (host and port.isdecimal() and 0 <= int(port) < 65_536):
        raise ValueError("Adresse und Port wie 127.0.0.1:8009")
    return str(value)


def full_id(value: object) -> str:
    """Who has an account, and where."""
    if not isinstance(value, str) or not value.startswith("@") or ":" not in value:
        raise ValueError("eine vollständige Kennung wie @kursbot:chat.example.org")
    return value


def full_ids(value: object) -> frozenset[str]:
    """Several accounts: a list, or in the environment their names with spaces between them."""
    listed = value.split() if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise ValueError('eine Liste wie ["@kursbot:chat.example.org"]')
    return frozenset(map(full_id, listed))


def folder(value: object) -> Path:
    """A place for files."""
    if not isinstance(value, str):
        raise ValueError("ein Ordner")
    return Path(value)


def level(value: object) -> str:
    """How much is logged."""
    if value not in LEVELS:
        raise ValueError(f"{', '.join(map(repr, LEVELS[:-1]))} oder {LEVELS[-1]!r}")
    return str(value)


def log_format(value: object) -> str:
    """What a line of the log looks like."""
    if value not in FORMATS:
        raise ValueError(" oder ".join(map(repr, FORMATS)))
    return str(value)


def number(value: object, least: int, most: int) -> int:
    """A whole number within these limits, both included; the environment knows only texts."""
    found = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise ValueError(f"eine Zahl, mindestens {least} und höchstens {most}")
    return found
