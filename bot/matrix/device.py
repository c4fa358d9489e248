"""The bot's own device: its keys opened and known to the server, or found to be lost."""

import logging
from pathlib import Path

from peewee import PeeweeException

from bot.matrix.client import Client
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.machine import FILE, Machine

log = logging.getLogger(__name__)

FOLDER = "keys"
"""In the data folder: the key store and the seeds of cross-signing."""


async def open_device(client: Client, data: Path, generation: int) -> Encryption:
    """Open the key store of this device, at least as old as we know it to be.

    An older copy must never be used: it would give out keys again that others have used. Raises
    `KeysLost` when it is missing, damaged or too old.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    if generation and not (folder / FILE).exists():
        raise KeysLost
    try:
        machine = Machine(client.user_id, client.device_id, folder)
    except (PeeweeException, ValueError, LookupError, TypeError, AssertionError) as error:
        log.error("the key store is damaged: %s", type(error).__name__)
        raise KeysLost from error
    try:
        if machine.generation < generation:
            log.error("the key store is an old copy")
            raise KeysLost
        machine.age()
        encryption = Encryption(client, machine)
        await encryption.start()
    except BaseException:
        machine.close()
        raise
    return encryption


def forget(data: Path) -> None:
    """Remove a key store that must not be used any more; the seeds of cross-signing stay."""
    for file in (data / FOLDER).glob(f"{FILE}*"):
        file.unlink()
