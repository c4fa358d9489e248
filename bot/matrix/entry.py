"""Come in: signed in, on a device whose keys are on the disk, on the server, and signed."""

import logging
from datetime import datetime

from bot.config import Config
from bot.matrix import cross_signing
from bot.matrix.access import SignedOut, TokenRefused
from bot.matrix.client import Client
from bot.matrix.device import FOLDER, forget, open_device
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.session import new_device, open_session
from bot.matrix.vouching import WrongDeviceKeys

log = logging.getLogger(__name__)


async def enter(
    config: Config, known: str, now: datetime, refusal: TokenRefused | None = None
) -> Encryption:
    """The bot's device, ready to talk; a new one by itself when the keys of the old one are lost.

    `known` is what `mark` said last. Raises what `open_session` and `cross_signing.ensure` raise.
    """
    client = await open_session(config.matrix, config.data.folder, now, refusal)
    try:
        return await _opened(config, client, known)
    except KeysLost:
        log.error("the keys of device %s are lost: signing in as a new one", client.device_id)
        forget(config.data.folder)
    client = await new_device(config.matrix, config.data.folder, now)
    try:
        return await _opened(config, client, "")
    except KeysLost:
        raise SignedOut(
            "Auch ein neues Gerät lässt sich nicht einrichten: der Homeserver nimmt dessen "
            "Schlüssel nicht an."
        ) from None


def mark(encryption: Encryption) -> str:
    """Which device has which keys: what must not be forgotten, so that loss is noticed."""
    return f"{encryption.client.device_id} {encryption.machine.generation}"


async def _opened(config: Config, client: Client, known: str) -> Encryption:
    device, _, generation = known.rpartition(" ")
    age = int(generation) if device == client.device_id else 0
    try:
        encryption = await open_device(client, config.data.folder, age)
    except BaseException:
        await client.close()
        raise
    try:
        await _signed(config, encryption)
    except BaseException:
        await encryption.close()
        raise
    return encryption


async def _signed(config: Config, encryption: Encryption) -> None:
    client, machine = encryption.client, encryption.machine
    keys = {"password": config.matrix.password, "recovery_key": config.matrix.recovery_key}
    try:
        outcome = await cross_signing.ensure(client, machine, config.data.folder / FOLDER, **keys)
    except WrongDeviceKeys as error:
        raise KeysLost from error
    if outcome.recovery_key is not None:
        log.warning("Der Wiederherstellungsschlüssel liegt bereit: kursbot recovery-key zeigt ihn")
