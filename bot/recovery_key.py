"""`kursbot recovery-key`: what opens the bot's account in another client, shown once."""

from pathlib import Path

import click

from bot.matrix import cross_signing
from bot.matrix.device import FOLDER
from bot.terminal import Stop, settings, with_config

TEXT = """\
Wiederherstellungsschlüssel für {user}:

    {key}

Sicher aufbewahren, er wird nicht noch einmal gezeigt. Er gehört in matrix.recovery_key, wenn der
Datenordner einmal verloren ist, und öffnet das Konto in einem Matrix-Client."""


@click.command(name="recovery-key", help="Zeigt einmal den Wiederherstellungsschlüssel.")
@with_config
def verb(path: Path | None) -> None:
    """Show the key, and forget it."""
    config = settings(path)
    folder = config.data.folder / FOLDER
    key = cross_signing.unshown(folder)
    if key is None:
        raise Stop(
            "Es gibt keinen Wiederherstellungsschlüssel zu zeigen: er wurde schon gezeigt, oder "
            "der Bot war noch nicht angemeldet (kursbot run)."
        )
    click.echo(TEXT.format(user=config.matrix.user_id, key=key))
    cross_signing.shown(folder)
