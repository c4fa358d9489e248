"""`kursbot backup`: one verified file, made while the bot works."""

import asyncio
import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import app, config_file, private
from bot.backup import archive
from bot.backup.archive import DATABASE, IDENTITY, SETTINGS, Manifest
from bot.config import Config
from bot.matrix.device import FOLDER
from bot.terminal import Stop, settings, with_config
from storage.engine import copies

DONE = """Gesichert in {file}: {rows}, geprüft.
Darin steht, was Menschen geschrieben haben, und die Identität des Bots: sicher aufbewahren, am
besten auf einem anderen Rechner. Probe: kursbot restore {file} --check"""


@click.command(name="backup", help="Sichert alles in eine Datei, auch während der Bot läuft.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_config
def verb(file: Path, path: Path | None) -> None:
    """Write the file completely or not at all."""
    config = settings(path, speaks=False)
    if file.exists() and not zipfile.is_zipfile(file):
        raise Stop(f"{file} gibt es schon und ist keine Sicherung: nichts geändert.")
    try:
        manifest = asyncio.run(save(config, file))
    except copies.Missing as missing:
        raise Stop(f"Es gibt noch nichts zu sichern: {missing} fehlt.") from missing
    except (archive.NoBackup, copies.Damaged) as damage:
        raise Stop(f"Nichts gesichert. {damage}") from damage
    except SQLAlchemyError as error:
        raise Stop(f"Nichts gesichert. Die Datenbank antwortet nicht: {error}") from error
    except OSError as error:
        raise Stop(f"Nichts gesichert, {file} ist nicht zu schreiben: {error.strerror}.") from error
    click.echo(DONE.format(file=file, rows=copies.told(manifest.tables)))


async def save(config: Config, file: Path) -> Manifest:
    """Make the backup, read it back, and only then give it its name."""
    with TemporaryDirectory(prefix=".kursbot-", dir=file.parent) as name:
        place = Path(name)
        await copies.take(config.database_url, place / DATABASE)
        identity = config.data.folder / FOLDER / IDENTITY
        if identity.exists():
            (place / IDENTITY).write_bytes(identity.read_bytes())
        text = config_file.written(config_file.harmless(config))
        (place / SETTINGS).write_text(text, encoding="utf-8")
        files = {n: archive.digest(place / n) for n in archive.CONTENTS if (place / n).exists()}
        tables = copies.counts(place / DATABASE)
        made, account = app.clock().isoformat(), config.matrix.user_id
        manifest = Manifest(version("kursbot"), made, account, tables, files)
        archive.pack(place / "packed", place, manifest)
        (place / "read").mkdir()
        found = archive.unpack(place / "packed", place / "read")
        if found != replace(manifest, tables=copies.counts(place / "read" / DATABASE)):
            raise archive.NoBackup("Was zu lesen ist, ist nicht, was geschrieben wurde.")
        private.settle(place / "packed", file)
    return manifest
