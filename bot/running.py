"""`kursbot run`: read the settings, then load the service with no more than they ask for."""

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import config, logs, private
from bot.terminal import settings, with_config

log = logging.getLogger(__name__)

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where OpenSSL looks for those it trusts, if not at its own places."""


@click.command(name="run", help="Startet den Bot; SIGTERM beendet ihn.")
@click.option("--verbose", is_flag=True, help="Erzählt jeden Schritt, nie, was jemand schreibt.")
@with_config
def verb(path: Path | None, verbose: bool) -> None:
    """Run the bot until it is told to stop."""
    chosen = settings(path)
    logs.configure(chosen.log, config.secrets(chosen), verbose, sys.stderr)
    if path is not None and config.holds_secret(path) and private.open_to_others(path):
        log.warning("%s enthält Geheimnisse, und alle können sie lesen: chmod 600 %s", path, path)
    with certificates(needed=not chosen.matrix.homeserver.lower().startswith("http://")):
        service = importlib.import_module("bot.service")
    service.serve(chosen)


@contextmanager
def certificates(needed: bool) -> Iterator[None]:
    """Let the libraries find the certificates of the machine only if they are `needed`.

    aiohttp reads them all when it is imported, which takes 2 MiB; a homeserver next door that is
    spoken to by http has none to check.
    """
    before = {name: os.environ.get(name) for name in CERTIFICATES}
    try:
        os.environ.update({} if needed else dict.fromkeys(CERTIFICATES, os.devnull))
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
