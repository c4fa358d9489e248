"""`kursbot run`: the service."""

import asyncio
import logging
import sys
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from bot import app, config, logs, private
from bot.matrix.access import SignedOut
from bot.matrix.cross_signing import OperatorNeeded
from bot.terminal import EXIT_CONFIG, Stop, settings, until_signal, with_config
from storage.schema import TooNew

log = logging.getLogger(__name__)

EXIT_RUNNING, EXIT_SIGNED_OUT, EXIT_TOO_NEW, EXIT_OPERATOR = 3, 4, 5, 6


@click.command(name="run", help="Startet den Bot; SIGTERM beendet ihn.")
@click.option("--verbose", is_flag=True, help="Erzählt jeden Schritt, nie, was jemand schreibt.")
@with_config
def verb(path: Path | None, verbose: bool) -> None:
    """Run the bot until it is told to stop; each reason to give up has its own exit code."""
    chosen = settings(path)
    logs.configure(chosen.log, config.secrets(chosen), verbose, sys.stderr)
    if path is not None and config.holds_secret(path) and private.open_to_others(path):
        log.warning("%s enthält Geheimnisse, und alle können sie lesen: chmod 600 %s", path, path)
    try:
        asyncio.run(until_signal(app.run(chosen)))
    except* app.AlreadyRunning as group:
        raise Stop(_reasons(group), EXIT_RUNNING) from None
    except* private.NotOurs as group:
        raise Stop(_reasons(group), EXIT_CONFIG) from None
    except* SignedOut as group:
        raise Stop(_reasons(group), EXIT_SIGNED_OUT) from None
    except* OperatorNeeded as group:
        raise Stop(_reasons(group), EXIT_OPERATOR) from None
    except* TooNew as group:
        raise Stop(_reasons(group), EXIT_TOO_NEW) from None
    except* OperationalError as group:
        raise Stop(f"Die Datenbank ist nicht benutzbar: {_said(group)}") from None


def _said(group: BaseExceptionGroup[OperationalError]) -> str:
    """What the database itself says; the rest of the error may quote what stands in it."""
    first = group.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _said(first)
    return str(first.orig).strip().partition("\n")[0]


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(
        _reasons(error) if isinstance(error, BaseExceptionGroup) else str(error)
        for error in group.exceptions
    )
