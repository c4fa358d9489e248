"""config.toml and the environment as validated settings, or everything that is wrong with them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "KURSBOT_"


class ConfigError(Exception):
    """The configuration cannot be used; the text lists every problem."""


class Section(BaseModel):
    """A table of config.toml: a key that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Matrix(Section):
    """The account of the bot: an access token and its device, or a password for the first login."""

    homeserver: str
    user_id: str
    access_token: SecretStr = SecretStr("")
    device_id: str = ""
    password: SecretStr = SecretStr("")

    @field_validator("homeserver")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("eine Adresse wie https://chat.example.org")
        return value.rstrip("/")

    @field_validator("user_id")
    @classmethod
    def _full_id(cls, value: str) -> str:
        if not value.startswith("@") or ":" not in value:
            raise ValueError("eine vollständige Kennung wie @kursbot:chat.example.org")
        return value


class Data(Section):
    """Where the bot keeps what it must not forget."""

    folder: Path = Path("data")


class Database(Section):
    """Empty: SQLite in the data folder."""

    url: str = ""


class Log(Section):
    """How much the bot tells the operator; never what people write."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Limits(Section):
    """What one person may ask for."""

    replies_per_minute: int = Field(default=30, ge=1, le=1000)


class Sync(Section):
    """How the rooms are read."""

    window: int = Field(default=100, ge=1, le=1000)


class Config(BaseSettings):
    """Every setting; `KURSBOT_MATRIX__USER_ID` in the environment wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    matrix: Matrix
    data: Data = Data()
    database: Database = Database()
    log: Log = Log()
    limits: Limits = Limits()
    sync: Sync = Sync()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what was read from the file."""
        return env_settings, init_settings

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return self.database.url or f"sqlite+aiosqlite:///{self.data.folder.resolve()}/kursbot.db"


def load(path: Path | None) -> Config:
    """Read the file, if there is one, and the environment. Raises `ConfigError`."""
    name = "Umgebung" if path is None else str(path)
    try:
        table = {} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))
        config = Config(**table)
    except FileNotFoundError as error:
        raise ConfigError(f"{name}: Diese Datei gibt es nicht.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{name}: Die Datei ist nicht lesbar: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join([f"{name}:", *_problems(error)])) from error
    if not (config.matrix.access_token or config.matrix.password):
        raise ConfigError(
            f"{name}:\n  matrix.access_token: fehlt; erwartet wird ein Zugriffstoken "
            "(oder matrix.password für die erste Anmeldung)"
        )
    return config


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        yield f"  {key}: {_expected(problem['type'], problem.get('ctx', {}))}"


def _expected(kind: str, context: dict[str, Any]) -> str:
    """What was expected, in words; never the value, it may be a secret."""
    if kind == "missing":
        return "fehlt"
    if kind == "extra_forbidden":
        return "diese Einstellung gibt es nicht"
    if kind == "value_error":
        return f"erwartet wird {context['error']}"
    if kind == "literal_error":
        return f"erwartet wird {context['expected'].replace(' or ', ' oder ')}"
    wanted = {"ge": "mindestens", "le": "höchstens"}
    bounds = [f"{word} {context[key]}" for key, word in wanted.items() if key in context]
    if bounds:
        return f"erwartet wird eine Zahl, {' und '.join(bounds)}"
    kinds = {"string": "ein Text", "int": "eine ganze Zahl", "path": "ein Ordner"}
    word = next(
        (w for k, w in kinds.items() if kind.startswith(k)), "ein Abschnitt [so] mit Werten"
    )
    return f"erwartet wird {word}"
