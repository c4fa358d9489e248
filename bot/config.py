"""config.toml and the environment as validated settings, or everything that is wrong with them.

Each setting names the function that reads it.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import quote

from bot import setting

PREFIX = "KURSBOT_"

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Names the folder where systemd (LoadCredential=) and containers put secrets: one file for each,
called like the setting, `matrix.access_token`."""


class ConfigError(Exception):
    """The configuration cannot be used; the text lists every problem."""


@dataclass(frozen=True)
class Matrix:
    """The account of the bot: an access token and its device, or a password for the first login."""

    homeserver: Annotated[str, setting.address]
    user_id: Annotated[str, setting.full_id]
    access_token: Annotated[str, setting.text] = field(default="", repr=False)
    device_id: Annotated[str, setting.text] = ""
    refresh_token: Annotated[str, setting.text] = field(default="", repr=False)
    password: Annotated[str, setting.text] = field(default="", repr=False)
    recovery_key: Annotated[str, setting.text] = field(default="", repr=False)


@dataclass(frozen=True)
class Data:
    """Where the bot keeps what it must not forget."""

    folder: Annotated[Path, setting.folder] = Path("data")
    journal: Annotated[str, setting.text] = ""


@dataclass(frozen=True)
class Database:
    """Empty: SQLite in the data folder."""

    url: Annotated[str, setting.database_or_none] = field(default="", repr=False)


@dataclass(frozen=True)
class Log:
    """How much the bot tells the operator; never what people write."""

    level: Annotated[str, setting.level] = "INFO"
    format: Annotated[str, setting.log_format] = "text"


@dataclass(frozen=True)
class Limits:
    """What one person may ask for, and who may not ask at all."""

    replies_per_minute: Annotated[int, partial(setting.number, least=1, most=1000)] = 30
    bots: Annotated[frozenset[str], setting.full_ids] = frozenset()


@dataclass(frozen=True)
class Sync:
    """How the rooms are read."""

    window: Annotated[int, partial(setting.number, least=1, most=1000)] = 100


@dataclass(frozen=True)
class Web:
    """Where the bot listens, and the address by which calendar programs get there; empty: off."""

    listen: Annotated[str, setting.place_or_none] = ""
    address: Annotated[str, setting.address_or_none] = ""


@dataclass(frozen=True)
class Config:
    """Every setting; `KURSBOT_MATRIX__USER_ID` in the environment wins over the file."""

    matrix: Matrix
    data: Data
    database: Database
    log: Log
    limits: Limits
    sync: Sync
    web: Web

    @property
    def database_url(self) -> str:
        """The address of the database; on a server, of this account's part of it."""
        url = self.database.url or f"sqlite:///{self.data.folder.resolve()}/kursbot.db"
        if url.startswith("sqlite"):
            return url
        return f"{url}{'&' if '?' in url else '?'}account={quote(self.matrix.user_id, safe='')}"

    @property
    def journal(self) -> Path:
        """Where the journal of erasures goes, so that it outlives the database."""
        return Path(self.data.journal or self.data.folder / "erasures.jsonl")


def load(path: Path | None, *, speaks: bool = True) -> Config:
    """Read the file, if there is one, the credentials and the environment. Raises `ConfigError`.

    What never `speaks` to the homeserver needs no token.
    """
    name = "Umgebung" if path is None else str(path)
    try:
        table = {} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{name}: Diese Datei gibt es nicht.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{name}: Die Datei ist nicht lesbar: {error}") from error
    _add(table, _credentials(name))
    _add(table, os.environ)
    return understood(table, name, speaks=speaks)


def understood(table: Mapping[str, Any], name: str, *, speaks: bool = True) -> Config:
    """The settings of this table, which people know by its name. Raises `ConfigError`."""
    problems: list[str] = []
    kinds = get_type_hints(Config)
    found = {key: _section(kind, key, table.get(key, {}), problems) for key, kind in kinds.items()}
    problems += [f"  {key}: diese Einstellung gibt es nicht" for key in table.keys() - kinds.keys()]
    if problems:
        raise ConfigError("\n".join([f"{name}:", *problems]))
    config = Config(**found)
    if speaks and not (config.matrix.access_token or config.matrix.password):
        raise ConfigError(
            f"{name}:\n  matrix.access_token: fehlt; erwartet wird ein Zugriffstoken "
            "(oder matrix.password für die erste Anmeldung)"
        )
    return config


def secrets(config: Config) -> list[str]:
    """The values that nobody else may read."""
    sections = [getattr(config, section.name) for section in fields(config)]
    return [
        getattr(section, one.name)
        for section in sections
        for one in fields(section)
        if not one.repr and getattr(section, one.name)
    ]


def holds_secret(path: Path) -> bool:
    """Whether a file that `load` accepts says something that nobody else may read."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return any(table.get(section, {}).get(key) for section, key in secret_settings())


def secret_settings() -> Iterator[tuple[str, str]]:
    """Section and name of every setting that nobody else may read."""
    for section, kind in get_type_hints(Config).items():
        yield from ((section, one.name) for one in fields(kind) if not one.repr)


def _credentials(name: str) -> dict[str, str]:
    """The secrets that are files of their own, as if they were variables."""
    folder, found = os.environ.get(CREDENTIALS), dict[str, str]()
    for section, key in secret_settings() if folder else ():
        file = Path(str(folder), f"{section}.{key}")
        try:
            found[f"{PREFIX}{section}__{key}"] = file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}:\n  {file}: nicht lesbar") from error
    return found


def _add(table: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Let the variables of the environment replace what stands in the file."""
    for variable, value in environment.items():
        section, found, key = variable.removeprefix(PREFIX).lower().partition("__")
        values = table.setdefault(section, {}) if variable.startswith(PREFIX) and found else None
        if isinstance(values, dict):
            values[key] = value


def _section(kind: type, name: str, given: object, problems: list[str]) -> Any:  # noqa: ANN401
    """The settings of a section; what is wrong with them joins the problems."""
    if not isinstance(given, dict):
        problems.append(f"  {name}: erwartet wird ein Abschnitt [so] mit Werten")
        return None
    hints, values, before = get_type_hints(kind, include_extras=True), {}, len(problems)
    for one in fields(kind):
        where = f"  {name}.{one.name}"
        if one.name in given:
            try:
                values[one.name] = hints[one.name].__metadata__[0](given[one.name])
            except ValueError as expected:
                problems.append(f"{where}: erwartet wird {expected}")
        elif one.default is MISSING:
            problems.append(f"{where}: fehlt")
    unknown = given.keys() - hints.keys()
    problems += [f"  {name}.{key}: diese Einstellung gibt es nicht" for key in sorted(unknown)]
    return kind(**values) if len(problems) == before else None
