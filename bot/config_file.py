"""Write config.toml: the example with its comments, and other values in it."""

from dataclasses import fields
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.config import Config, secret_settings
from bot.tables import Values, changed

EXAMPLE = next(
    file
    for folder in Path(__file__).resolve().parents[:2]
    if (file := folder / "config.example.toml").exists()
)
"""Beside the packages in a clone, inside of this one when installed."""


def written(values: Values) -> str:
    """The example with these values; what they do not name stays as the example has it."""
    return changed(EXAMPLE.read_text(encoding="utf-8"), values)


def harmless(config: Config) -> Values:
    """All settings without what opens the account; the address of a database stays."""
    secret = set(secret_settings())
    found: dict[str, dict[str, object]] = {}
    for section in (one.name for one in fields(config)):
        table = getattr(config, section)
        values = {one.name: getattr(table, one.name) for one in fields(table)}
        found[section] = {
            key: "" if (section, key) in secret else _plain(value) for key, value in values.items()
        }
    found["matrix"]["device_id"] = ""
    if config.database.url:
        found["database"]["url"] = str(make_url(config.database.url).set(password=None))
    return found


def _plain(value: object) -> object:
    """As TOML has it."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value if isinstance(value, bool | int | str) else str(value)
