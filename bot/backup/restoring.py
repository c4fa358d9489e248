"""`kursbot restore`: from a backup to a bot that goes on, or only a rehearsal of that."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot import app, lock, private
from bot.backup import archive
from bot.backup.archive import DATABASE, IDENTITY, SETTINGS, Manifest
from bot.config import Config
from bot.matrix import session
from bot.matrix.device import FOLDER
from bot.matrix.identity import Identity
from bot.matrix.machine import FILE as STORE
from bot.terminal import EXIT_CONFIG, Stop, settings
from storage import calendar, database, erasures, facts
from storage.engine import copies
from storage.engine.schema import TooNew

CHECKED = "In Ordnung: {what}. Die Probe-Rücksicherung ist gelungen{again}."

DONE = """Zurückgesichert: {what}{again}.
Die Schlüssel des alten Geräts sind nicht dabei, der Bot meldet sich mit einem neuen an. Dafür in
{config} ein Token aus einer neuen Anmeldung als matrix.access_token eintragen oder das Passwort als
matrix.password, dann: kursbot run --config {config}
Der alte Bot darf nicht mehr laufen."""

FORGETFUL = """\
Achtung: Wer nach der Sicherung gelöscht wurde, ist wieder da. Gibt es vom alten Rechner noch das
Löschprotokoll (erasures.jsonl im Datenordner, oder data.journal)? Dann noch einmal in einen leeren
Ordner zurücksichern, mit --journal."""


@dataclass(frozen=True)
class Restored:
    """What came out of a backup, and how many erasures were repeated."""

    manifest: Manifest
    tables: dict[str, int]
    again: int

    @property
    def what(self) -> str:
        """Sicherung vom Mo 23.11., 16:03 Uhr (UTC), von Kursbot 0.1.0: 1 Kurs, …"""
        made = self.manifest.moment
        when = f"{calendar.short(made.date())}, {calendar.clock(made.time())} Uhr (UTC)"
        rows = copies.told(self.tables)
        return f"Sicherung vom {when} von Kursbot {self.manifest.kursbot}: {rows}"

    @property
    def repeated(self) -> str:
        """The end of a sentence on erasures."""
        if not self.again:
            return ""
        return f", {self.again} Löschung{'en' if self.again > 1 else ''} nachgeholt"


@click.command(name="restore", help="Sichert zurück, in einen leeren Datenordner.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Nur proben: in einen Ordner, der wieder verschwindet.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Löschprotokoll, das neuer ist als die Sicherung.",
)
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default="config.toml",
    show_default=True,
    help="Einstellungen; fehlen sie, kommen sie aus der Sicherung.",
)
def verb(file: Path, check: bool, journal: Path | None, path: Path) -> None:
    """Say in a sentence how it went; the exit code is 0 only if it went well."""
    try:
        lines = journal.read_text(encoding="utf-8").splitlines() if journal else []
        found = rehearse(file, lines) if check else restore(file, lines, path)
    except (archive.NoBackup, copies.Damaged, TooNew, private.NotOurs) as damage:
        raise Stop(f"{damage} Nichts wurde geändert.") from damage
    except (lock.AlreadyRunning, FileExistsError) as error:
        raise Stop(f"{error} Nichts wurde geändert.") from error
    except (OSError, SQLAlchemyError, ValueError) as error:
        raise Stop(f"Nicht gelungen: {error}. Nichts wurde geändert.") from error
    text = CHECKED if check else DONE
    click.echo(text.format(what=found.what, again=found.repeated, config=path))
    if not (check or journal):
        click.echo(FORGETFUL)


def rehearse(file: Path, journal: Sequence[str]) -> Restored:
    """Restore into a folder that goes away again: the proof that a backup is good."""
    with TemporaryDirectory(prefix="kursbot-") as place:
        return asyncio.run(build(file, Path(place), journal))


def restore(file: Path, journal: Sequence[str], path: Path) -> Restored:
    """Restore for these settings, or those of the backup, where there is no bot yet.

    A journal that lies where these settings say is repeated by the bot itself when it starts.
    """
    with TemporaryDirectory(prefix="kursbot-") as place:
        found = asyncio.run(build(file, Path(place), journal))
        fresh = Path(place, SETTINGS)
        config = settings(path if path.exists() else fresh, speaks=False)
        if config.matrix.user_id != found.manifest.account:
            theirs, ours = found.manifest.account, config.matrix.user_id
            raise Stop(f"Die Sicherung gehört zu {theirs}, nicht zu {ours}.", EXIT_CONFIG)
        _refuse_living(config)
        private.claim(config.data.folder)
        with lock.alone(config.data.folder):
            _move(Path(place), config)
        if not path.exists():
            private.write(path, fresh.read_text(encoding="utf-8"))
    return found


async def build(file: Path, place: Path, journal: Sequence[str]) -> Restored:
    """A folder with everything as it has to be: verified, of our form, the erased ones gone."""
    manifest = archive.unpack(file, place)
    if (there := copies.counts(place / DATABASE)) != manifest.tables:
        raise copies.Damaged("In der Sicherung fehlen Zeilen, die sie haben sollte.")
    if (place / IDENTITY).exists():
        Identity.read(place)
    url = f"sqlite:///{place / DATABASE}"
    async with database.opened(url) as sessions, sessions.begin() as db:
        again = await erasures.again(db, journal)
        await facts.put(db, app.RESTORED, "")
    return Restored(manifest, there, again)


def _refuse_living(config: Config) -> None:
    """Never write over a bot."""
    folder = config.data.folder
    for name in (DATABASE, f"{FOLDER}/{STORE}", session.FILE):
        if (folder / name).exists():
            raise FileExistsError(f"In {folder} liegt schon ein Kursbot ({name}).")


def _move(place: Path, config: Config) -> None:
    """Into the data folder, the database last: a folder without one holds no bot."""
    folder, url = config.data.folder, config.database_url
    if (place / IDENTITY).exists():
        (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
        private.settle(place / IDENTITY, folder / FOLDER / IDENTITY)
    if make_url(url).get_backend_name() == "sqlite":
        private.settle(place / DATABASE, Path(make_url(url).database or ""))
        return
    try:
        asyncio.run(copies.give(place / DATABASE, url))
    except FileExistsError as error:
        raise FileExistsError("In dieser Datenbank ist schon ein Kurs.") from error
