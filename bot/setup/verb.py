"""`kursbot setup`: the questions, what can be given instead of answers, and the end of it."""

import logging
import os
import sys
import tomllib
from asyncio import Runner
from dataclasses import replace
from pathlib import Path

import click

from bot import config as configuration
from bot import config_file, lock, private
from bot.setup import installing, plan
from bot.setup.dialogue import Dialogue
from bot.setup.installing import Places
from bot.terminal import EXIT_CONFIG, Stop

SECRETS = {
    "token-file": ("KURSBOT_MATRIX__ACCESS_TOKEN", "KURSBOT_MATRIX__PASSWORD"),
    "recovery-key-file": ("KURSBOT_MATRIX__RECOVERY_KEY",),
}
"""Options with a file in which a secret stands, and variables that may hold it instead."""

STOPPED = "\nAbgebrochen. Nichts wurde geschrieben."

UNFINISHED = (
    "\nUnterbrochen. Die Einstellungen sind geschrieben. Was fehlt, zeigt: "
    "kursbot check --config {config}"
)

TEXT = """Richtet den Bot ein: fragt, probiert jede Antwort gleich aus, schreibt config.toml.

Alles lässt sich auch angeben; mit --no-input wird nichts gefragt. Geheimnisse kommen aus Dateien
("-" ist die Standardeingabe) oder aus KURSBOT_MATRIX__ACCESS_TOKEN, KURSBOT_MATRIX__PASSWORD und
KURSBOT_MATRIX__RECOVERY_KEY."""


def _path(name: str, default: str | None, help: str) -> click.Option:
    kind = click.Path(path_type=Path)
    return click.Option([name], type=kind, default=default, show_default=True, help=help)


OPTIONS: list[click.Parameter] = [
    click.Option(["--homeserver"], envvar="KURSBOT_MATRIX__HOMESERVER", help="Name oder Adresse."),
    click.Option(["--user"], envvar="KURSBOT_MATRIX__USER_ID", help="Konto des Bots."),
    _path("--token-file", None, "Datei mit dem Zugriffstoken oder Passwort."),
    _path("--recovery-key-file", None, "Datei mit dem Wiederherstellungsschlüssel."),
    click.Option(["--course"], help="Kursdatei."),
    click.Option(["--orga"], help="Raum der Lehrgangsleitung; wird in die Kursdatei eingetragen."),
    _path("--config", "config.toml", "Hierhin kommen die Einstellungen."),
    click.Option(
        ["--data"],
        type=click.Path(path_type=Path),
        default="data",
        show_default=True,
        envvar="KURSBOT_DATA__FOLDER",
        help="Ordner für Datenbank und Schlüssel.",
    ),
    _path("--service", "kursbot.service", "Hierhin kommt die Vorlage für systemd."),
    click.Option(["--force"], is_flag=True, help="Vorhandene Einstellungen überschreiben."),
    click.Option(["--no-input"], is_flag=True, help="Nichts fragen, nur Angegebenes verwenden."),
]


def run(**chosen: str | Path | bool | None) -> None:
    """Ask, try, write, check; the exit code is 1 if something is not right yet."""
    logging.getLogger("bot").setLevel(logging.ERROR)  # what matters is said here anyway
    places = Places(*(Path(str(chosen[name])).absolute() for name in ("config", "service")))
    dialogue = Dialogue(_given(chosen), asks=not chosen["no_input"])
    try:
        _protect(places.config, dialogue, force=bool(chosen["force"]))
        with Runner() as runner:
            right = _set_up(places, Path(str(chosen["data"])).absolute(), dialogue, runner)
    except (click.Abort, KeyboardInterrupt):
        raise Stop(STOPPED) from None
    _close(places, right)
    sys.exit(0 if right else 1)


verb = click.Command("setup", params=OPTIONS, callback=run, help=TEXT)


def _close(places: Places, right: bool) -> None:
    """Say what comes next."""
    root = [installing.ROOT] if os.geteuid() == 0 else []
    for text in ([] if right else [installing.RED]) + root + [installing.DONE]:
        command = installing.command()
        click.echo(text.format(unit=places.unit, config=places.config, command=command))


def _given(chosen: dict[str, str | Path | bool | None]) -> dict[str, str]:
    """What need not be asked."""
    found = {
        name: str(chosen[name]) for name in ("homeserver", "user", "course", "orga") if chosen[name]
    }
    for option, variables in SECRETS.items():
        file = chosen[option.replace("-", "_")]
        said = [os.environ[name] for name in variables if os.environ.get(name)]
        if file is not None:
            found[option] = _secret(str(file))
        elif said:
            found[option] = said[0]
    return found


def _secret(file: str) -> str:
    try:
        return sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{file} ist nicht lesbar.", EXIT_CONFIG) from error


def _protect(config: Path, dialogue: Dialogue, *, force: bool) -> None:
    """Nobody's settings are overwritten by accident."""
    if config.exists() and not force:
        if not dialogue.asks:
            raise Stop(f"{config} gibt es schon: --force überschreibt die Datei.", EXIT_CONFIG)
        if not dialogue.yes(f"{config} gibt es schon. Überschreiben?", default=False):
            raise Stop("Nichts geändert.")


def _set_up(places: Places, data: Path, dialogue: Dialogue, runner: Runner) -> bool:
    # Sign-ins are rationed: where nobody can be asked again, the file is looked at before.
    read = None if dialogue.asks else plan.course(dialogue)
    found = plan.account(dialogue, runner, data)
    kept = False
    try:
        key = plan.recovery_key(dialogue, runner, found, data)
        course = plan.orga(dialogue, runner, found, read or plan.course(dialogue))
        text = config_file.written(installing.settings(found, data))
        config = configuration.understood(tomllib.loads(text), str(places.config))
        private.claim(data)
        with lock.alone(data):
            installing.keep(config, found, places, course, text)
            kept = True
            matrix = replace(config.matrix, recovery_key=key)
            return installing.begin(replace(config, matrix=matrix), dialogue, runner, course)
    except (lock.AlreadyRunning, private.NotOurs) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"{error.filename or data} ist nicht zu schreiben: {error.strerror}.") from error
    except (click.Abort, KeyboardInterrupt):
        raise Stop(UNFINISHED.format(config=places.config) if kept else STOPPED) from None
    finally:
        if not kept:
            runner.run(found.forget())
