"""`kursbot run`: the service."""

import asyncio
import logging
from pathlib import Path

import click

from bot import app, config, private
from bot.matrix.access import SignedOut
from bot.matrix.cross_signing import OperatorNeeded
from bot.matrix.entry import AlreadyRunning
from bot.terminal import EXIT_CONFIG, Stop, settings, until_signal, with_config
from storage.schema import TooNew

log = logging.getLogger(__name__)

EXIT_RUNNING, EXIT_SIGNED_OUT, EXIT_TOO_NEW, EXIT_OPERATOR = 3, 4, 5, 6


@click.command(name="run", help="Startet den Bot; SIGTERM beendet ihn.")
@with_config
def verb(path: Path | None) -> None:
    """Run the bot until it is told to stop; each reason to give up has its own exit code."""
    chosen = settings(path)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.CRITICAL, format=form)
    for ours in ("bot", "commands", "schedules", "storage"):  # libraries tell keys and messages
        logging.getLogger(ours).setLevel(chosen.log.level)
    if path is not None and config.holds_secret(path) and private.open_to_others(path):
        log.warning("%s enthält Geheimnisse, und alle können sie lesen: chmod 600 %s", path, path)
    try:
        asyncio.run(until_signal(app.run(chosen)))
    except* AlreadyRunning as group:
        raise Stop(_reasons(group), EXIT_RUNNING) from None
    except* private.NotOurs as group:
        raise Stop(_reasons(group), EXIT_CONFIG) from None
    except* SignedOut as group:
        raise Stop(_reasons(group), EXIT_SIGNED_OUT) from None
    except* OperatorNeeded as group:
        raise Stop(_reasons(group), EXIT_OPERATOR) from None
    except* TooNew as group:
        raise Stop(_reasons(group), EXIT_TOO_NEW) from None


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(
        _reasons(error) if isinstance(error, BaseExceptionGroup) else str(error)
        for error in group.exceptions
    )
