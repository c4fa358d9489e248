"""Make what was planned: settings, keys, course, rooms and unit; each step may be repeated."""

import os
import pwd
import sys
from asyncio import Runner
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bot import app, checking, importing, private
from bot.config import Config
from bot.matrix import entry, session
from bot.matrix.access import SignedOut
from bot.matrix.cross_signing import OperatorNeeded
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from bot.setup import probes
from bot.setup.dialogue import Dialogue
from bot.setup.plan import ROOMS, Course
from bot.setup.probes import Account
from bot.setup.unit import Unit, writable
from bot.tables import Values
from bot.terminal import Stop
from storage import database, rooms
from storage.course_files.course_file import Faulty
from storage.engine.schema import TooNew

RED = "\nNoch nicht alles ist in Ordnung, siehe NEIN. Danach: kursbot check --config {config}"
ROOT = (
    "\nAchtung: Das war root, und der Dienst liefe als root. Besser ein eigenes Konto anlegen "
    "(useradd --system kursbot) und kursbot setup unter diesem ausführen."
)
DONE = """
Als Dienst einrichten (als root):
  cp {unit} /etc/systemd/system/kursbot.service
  systemctl daemon-reload && systemctl enable --now kursbot
Ohne systemd: {command} run --config {config}
Danach einmal den Wiederherstellungsschlüssel ausdrucken: kursbot recovery-key --config {config}"""


@dataclass(frozen=True)
class Places:
    """Where the settings and the unit go; absolute."""

    config: Path
    unit: Path


def settings(found: Account, data: Path) -> Values:
    """What config.toml has to say; the recovery key is needed once, and not written down."""
    account = found.matrix
    return {
        "matrix": {
            "homeserver": account.homeserver,
            "user_id": account.user_id,
            "access_token": account.access_token,
            "device_id": "",
            "password": account.password,
            "recovery_key": "",
        },
        "data": {"folder": str(data)},
        "database": {"url": os.environ.get("KURSBOT_DATABASE__URL", "")},
    }


def keep(config: Config, found: Account, places: Places, course: Course, text: str) -> None:
    """Write down the answers, each file whole; `text` is that of config.toml."""
    if found.answer is not None:
        session.begin(config.matrix, config.data.folder, found.answer)
    if course.fresh:
        private.write(course.path, course.fresh)
    private.write(places.config, text)
    private.write(places.unit, str(unit(config, places.config)))


def unit(config: Config, path: Path) -> Unit:
    """The service for these settings, run by whoever sets it up."""
    data = config.data.folder.resolve()
    return Unit(account(), command(), path, path.parent, writable(data))


def account() -> str:
    """Who runs this, by name or, in a container that knows no names, by number."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def command() -> Path:
    """Where this program lies, beside its Python."""
    return Path(sys.executable).with_name("kursbot")


def begin(config: Config, dialogue: Dialogue, runner: Runner, course: Course) -> bool:
    """Bring keys, course and bot to where they belong; whether all is right then."""
    try:
        found = runner.run(_signed(config))
    except (SignedOut, OperatorNeeded, TooNew) as error:
        raise Stop(str(error)) from error
    except (Unreachable, Broken, Forbidden, Rejected) as trouble:
        sentence = f"Der Homeserver macht Schwierigkeiten ({trouble}), später noch einmal."
        raise Stop(sentence) from trouble
    click.echo("  Das Gerät ist bestätigt.")
    try:
        result = runner.run(importing.apply(config, course.file))
    except Faulty as error:
        raise Stop(f"{course.path} hat {importing.mistakes(error)}") from error
    for line in result.changes:
        click.echo(f"  {line}")
    _enter(config, dialogue, runner, found, course)
    click.echo()
    return runner.run(checking.printed(config))


async def _signed(config: Config) -> Account:
    """The account on the bot's own device, whose keys are known and signed now."""
    async with database.opened(config.database_url) as sessions:
        async with sessions() as db:
            known = await entry.known(db)
        encryption = await entry.enter(config, known, app.clock())
        token = encryption.client.access.credentials.access_token
        await encryption.close()
    return Account(replace(config.matrix, access_token=token))


def _enter(
    config: Config, dialogue: Dialogue, runner: Runner, found: Account, course: Course
) -> None:
    """Join all rooms of the course, as soon as the bot is invited."""
    while True:
        joined = runner.run(probes.enter(found, course.rooms))
        runner.run(_remember(config, course, joined))
        missing = [name for kind, name in ROOMS.items() if kind not in joined]
        if not missing:
            return
        click.echo(
            f"  Noch nicht dabei: {', '.join(missing)}. Dort {found.matrix.user_id} einladen."
        )
        if not dialogue.yes("  Eingeladen, noch einmal versuchen?", default=True):
            return


async def _remember(config: Config, course: Course, joined: dict[str, str]) -> None:
    """Which rooms are behind the addresses."""
    async with database.opened(config.database_url) as sessions, sessions.begin() as db:
        for kind, room_id in joined.items():
            await rooms.resolve(db, course.rooms[kind], room_id)
