"""Come in: signed in, on a device whose keys are on the disk, on the server, and signed."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Config
from bot.matrix import cross_signing
from bot.matrix.access import SignedOut, TokenRefused
from bot.matrix.client import Client
from bot.matrix.device import FOLDER, forget, open_device
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.session import new_device, open_session
from bot.matrix.vouching import WrongDeviceKeys
from storage import facts

log = logging.getLogger(__name__)

KEYS = "keys"
"""The facts that say which device has keys, and how old they are, begin so: see `mark`."""


class DeviceTaken(Exception):
    """Another process works for the account, and as this device."""


@dataclass(frozen=True)
class Known:
    """What must not be forgotten: what `mark` has said, and which device another process uses."""

    marks: Iterable[str] = ()
    taken: str | None = None

    def age(self, device: str) -> int:
        """How old the keys of a device are known to be."""
        found = [mark.rpartition(" ") for mark in self.marks]
        return max((int(age) for name, _, age in found if name == device), default=0)


async def known(db: AsyncSession, *, leads: bool = True) -> Known:
    """What the database says about the devices of this account."""
    marks = await facts.starting(db, KEYS)
    return Known([*marks.values()], None if leads else await facts.get(db, "device"))


async def enter(
    config: Config, known: Known, now: datetime, refusal: TokenRefused | None = None
) -> Encryption:
    """The bot's device, ready to talk; a new one by itself when the keys of the old one are lost.

    Raises `DeviceTaken` and what `open_session` and `cross_signing.ensure` raise.
    """
    client = await open_session(config.matrix, config.data.folder, now, refusal)
    if client.device_id == known.taken:
        await client.close()
        raise DeviceTaken(
            f"Als Gerät {known.taken} arbeitet schon ein Kursbot. Ein zweiter braucht einen "
            "eigenen Datenordner und ein eigenes Token (oder matrix.password)."
        )
    try:
        return await _opened(config, client, known)
    except KeysLost:
        log.error("the keys of device %s are lost: signing in as a new one", client.device_id)
        forget(config.data.folder)
    client = await new_device(config.matrix, config.data.folder, now)
    try:
        return await _opened(config, client, Known())
    except KeysLost:
        raise SignedOut(
            "Auch ein neues Gerät lässt sich nicht einrichten: der Homeserver nimmt dessen "
            "Schlüssel nicht an."
        ) from None


def mark(encryption: Encryption) -> str:
    """Which device has which keys: what must not be forgotten, so that loss is noticed."""
    return f"{encryption.client.device_id} {encryption.machine.generation}"


async def _opened(config: Config, client: Client, known: Known) -> Encryption:
    try:
        encryption = await open_device(client, config.data.folder, known.age(client.device_id))
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
