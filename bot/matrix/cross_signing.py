"""The device is signed by its account: what makes clients trust, show and answer the bot.

Client-Server API, "Cross-signing" and "Secrets". Every step is on disk or on the server before
the next one begins: keys written, keys published, device signed, copy in secret storage, recovery
key shown. A start goes on where the last one was interrupted.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nio.crypto import Olm

from bot.matrix import recovery, secret_storage, vouching
from bot.matrix.client import Challenge, Client
from bot.matrix.identity import NAMES, Identity
from bot.matrix.translate import part
from bot.obstacles import Rejected

log = logging.getLogger(__name__)

Json = dict[str, Any]

RESET = (
    "Ist er verloren, hilft ein neuer: in einem Matrix-Client mit diesem Konto anmelden und dort "
    "die kryptografische Identität zurücksetzen."
)


class OperatorNeeded(Exception):
    """The device cannot be signed without a human; the text says what to do."""


class NeedsRecoveryKey(OperatorNeeded):
    """The account has keys that are not ours; they are never replaced."""


class NeedsPassword(OperatorNeeded):
    """The server wants to see the password before it takes the keys."""


@dataclass(frozen=True)
class Outcome:
    """The device is signed.

    `recovery_key` is for the operator's eyes and comes again until `shown` is called; `backed_up`
    tells whether the server keeps a copy of the keys.
    """

    recovery_key: str | None = field(repr=False)
    backed_up: bool


async def ensure(
    client: Client, machine: Olm, folder: Path, *, password: str = "", recovery_key: str = ""
) -> Outcome:
    """Sign this device, whose keys are on the server; one request if it is signed already.

    The folder is for keys alone. Raises `OperatorNeeded`, `vouching.WrongDeviceKeys` and what
    `Client.call` raises; it can always be called again.
    """
    user, device_id = str(machine.user_id), str(machine.device_id)
    query = {"device_keys": {user: [device_id]}}
    answer = await client.call("POST", "keys", "query", body=query)
    device = vouching.own_device(machine, part(answer, "device_keys", user, device_id))
    published = _published(answer, user)
    identity = _kept(folder, user, first=not published)
    if identity is None or not _agree(identity, published):
        identity = await _recovered(client, recovery_key, published)
        identity.keep(folder)
    missing = {f"{n}_key": identity.public(n) for n in NAMES if n not in published}
    if missing:
        await _publish(client, missing, password)
    lacking = vouching.lacking(machine, identity, device, part(answer, "master_keys", user))
    if lacking:
        await _sign(client, user, lacking)
    if not identity.stored and await recovery.back_up(client, identity):
        identity = replace(identity, stored=True)
        identity.keep(folder)
    return Outcome(_unshown(identity), identity.stored)


def unshown(folder: Path) -> str | None:
    """The recovery key, if it opens something and nobody has seen it. Raises ValueError."""
    identity = Identity.read(folder)
    return None if identity is None else _unshown(identity)


def shown(folder: Path) -> None:
    """The operator has seen the recovery key: the bot forgets it."""
    identity = Identity.read(folder)
    if identity is not None and identity.stored:
        replace(identity, storage=None).keep(folder)


def _unshown(identity: Identity) -> str | None:
    new = identity.storage if identity.stored else None
    return None if new is None else secret_storage.recovery_key(new.secret)


def _published(answer: Json, user: str) -> dict[str, object]:
    """The public keys of the account that the server has, by their usage."""
    found = {name: part(answer, f"{name}_keys", user) for name in NAMES}
    return {
        name: next(iter(part(key, "keys").values()), None) for name, key in found.items() if key
    }


def _agree(identity: Identity, published: Mapping[str, object]) -> bool:
    return all(identity.keys[name].public == key for name, key in published.items())


def _kept(folder: Path, user: str, *, first: bool) -> Identity | None:
    """What we know of ourselves from earlier; a new identity for an account that has none yet.

    A server that has lost our keys has lost their copy, too: it gets a new one.
    """
    try:
        kept = Identity.read(folder)
    except ValueError as damage:
        log.error("%s", damage)
        kept = None
    if kept is not None and kept.user_id != user:
        raise OperatorNeeded(
            f"In {folder} liegen die Schlüssel von {kept.user_id}. Für {user} bitte einen eigenen "
            "Datenordner nehmen."
        )
    if not first or (kept is not None and not kept.stored):
        return kept
    fresh = Identity.made(user) if kept is None else kept.with_new_storage()
    fresh.keep(folder)
    return fresh


async def _recovered(client: Client, text: str, published: Mapping[str, object]) -> Identity:
    """The account's keys from secret storage, if the operator knows how to open it."""
    if not text:
        raise NeedsRecoveryKey(
            f"Für {client.user_id} gibt es auf dem Homeserver schon Schlüssel, die dieser Bot "
            "nicht hat. Bitte den Wiederherstellungsschlüssel des Kontos in config.toml als "
            f"matrix.recovery_key eintragen. {RESET}"
        )
    try:
        secret = secret_storage.read_recovery_key(text)
    except ValueError as mistake:
        raise NeedsRecoveryKey(f"{mistake} Er steht in matrix.recovery_key.") from None
    identity = await recovery.restore(client, secret)
    if identity is None or not _agree(identity, published):
        raise NeedsRecoveryKey(
            "Der Wiederherstellungsschlüssel in matrix.recovery_key öffnet die Schlüssel von "
            f"{client.user_id} nicht. {RESET}"
        )
    return identity


async def _publish(client: Client, keys: Json, password: str, session: str | None = None) -> None:
    """Give public keys to the server that it lacks; the session is its own, when it has asked.

    It takes the first ones without the password (MSC3967). Synapse fails on one that it has.
    """
    auth: Json = {}
    if session is not None:
        who = {"type": "m.id.user", "user": client.user_id}
        auth = {"type": "m.login.password", "identifier": who}
        auth = {"auth": auth | {"password": password, "session": session}}
    try:
        await client.call("POST", "keys", "device_signing", "upload", body=keys | auth)
    except Challenge as challenge:
        if session is not None or not password:
            raise NeedsPassword(
                f"Der Homeserver verlangt das Passwort von {client.user_id}, bevor er dessen "
                "Schlüssel annimmt. Bitte für einen Start in config.toml als matrix.password "
                "eintragen."
            ) from None
        await _publish(client, keys, password, challenge.session)


async def _sign(client: Client, user: str, objects: Json) -> None:
    answer = await client.call("POST", "keys", "signatures", "upload", body={user: objects})
    if answer.get("failures"):
        raise Rejected("the server does not accept our signatures")
