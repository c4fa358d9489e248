"""`kursbot run`: the service."""

import asyncio
import logging
from pathlib import Path

import click

from bot import app
from bot.matrix.client import SignedOut
from bot.terminal import Stop, settings, until_signal, with_config
from storage.schema import TooNew

EXIT_RUNNING, EXIT_SIGNED_OUT, EXIT_TOO_NEW = 3, 4, 5


@click.command(name="run", help="Startet den Bot; SIGTERM beendet ihn.")
@with_config
def verb(path: Path | None) -> None:
    """Run the bot until it is told to stop; each reason to give up has its own exit code."""
    config = settings(path)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=config.log.level, format=form)
    for noisy in ("nio", "apscheduler", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    try:
        asyncio.run(until_signal(app.run(config)))
    except* app.AlreadyRunning as group:
        raise Stop(_reasons(group), EXIT_RUNNING) from None
    except* SignedOut as group:
        text = f"Der Homeserver nimmt die Anmeldung nicht an: {_reasons(group)}"
        raise Stop(text, EXIT_SIGNED_OUT) from None
    except* TooNew as group:
        raise Stop(_reasons(group), EXIT_TOO_NEW) from None


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(
        _reasons(error) if isinstance(error, BaseExceptionGroup) else str(error)
        for error in group.exceptions
    )
