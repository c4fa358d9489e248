"""What the verbs of the command line share: settings, exit codes, an end by signal."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import IO, Any

import click

from bot import config

EXIT_CONFIG = 2


class Stop(click.ClickException):
    """Ends the program with a sentence and an exit code."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code

    def show(self, file: IO[str] | None = None) -> None:
        """The sentence alone."""
        click.echo(self.message, err=True)


with_config: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Einstellungen, siehe config.example.toml; ohne Angabe aus der Umgebung.",
)


def settings(path: Path | None, *, speaks: bool = True) -> config.Config:
    """Read the configuration, or end with everything that is wrong with it.

    What never `speaks` to the homeserver needs no token.
    """
    try:
        return config.load(path, speaks=speaks)
    except config.ConfigError as error:
        raise Stop(str(error), EXIT_CONFIG) from error


async def until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it ends or SIGTERM or SIGINT asks for an end."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return
