"""The copy of the account's keys that the homeserver holds and only the recovery key opens.

Client-Server API, "Secrets": account data of the types m.cross_signing.* and m.secret_storage.*.
"""

import logging
from typing import Any

from bot.matrix.client import Client
from bot.matrix.identity import NAMES, Identity, SigningKey
from bot.matrix.secret_storage import StorageKey
from bot.matrix.translate import part
from bot.obstacles import Broken, Forbidden, Rejected

log = logging.getLogger(__name__)

Json = dict[str, Any]

DEFAULT = "m.secret_storage.default_key"


async def back_up(client: Client, identity: Identity) -> bool:
    """Put the keys there and read them back; False when the server does not want them.

    Somebody else's secret storage is left as it is.
    """
    key = identity.storage
    if key is None:
        return False
    try:
        default = (await _account_data(client, DEFAULT)).get("key", key.id)
        if default != key.id:
            log.error("the account has a secret storage of somebody else, it stays as it is")
            return False
        await _write(client, identity, key)
        copy = await restore(client, key.secret)
        if copy is not None and copy.keys == identity.keys:
            return True
        log.error("the secret storage has other keys than were put there")
    except (Forbidden, Rejected, Broken) as trouble:
        log.error("the keys have no copy on the server: %s", trouble)
    return False


async def restore(client: Client, secret: bytes) -> Identity | None:
    """The account's keys, if this is the secret of a storage key that opens them."""
    holder = await _account_data(client, _kind("master"))
    for name in part(holder, "encrypted"):
        key = StorageKey(name, secret)
        try:
            if key.fits(await _account_data(client, _kind_of(key))):
                return Identity(client.user_id, await _opened(client, key), stored=True)
        except ValueError:
            log.warning("the storage key fits, but not the secrets it should open")
    return None


async def _write(client: Client, identity: Identity, key: StorageKey) -> None:
    """The description before what it explains, and the pointer to all of it last."""
    await _put(client, _kind_of(key), key.description())
    for name, signing in identity.keys.items():
        kind = _kind(name)
        await _put(client, kind, {"encrypted": {key.id: key.seal(kind, signing.written)}})
    await _put(client, DEFAULT, {"key": key.id})


async def _opened(client: Client, key: StorageKey) -> dict[str, SigningKey]:
    """What the server has under this key. Raises `ValueError` when it does not open it."""
    found = {}
    for name in NAMES:
        sealed = part(await _account_data(client, _kind(name)), "encrypted", key.id)
        found[name] = SigningKey.read(key.open(_kind(name), sealed))
    return found


async def _account_data(client: Client, kind: str) -> Json:
    """What the account keeps on the server under this type; empty if there is nothing."""
    try:
        return await client.call("GET", "user", client.user_id, "account_data", kind)
    except Forbidden:
        return {}


async def _put(client: Client, kind: str, content: Json) -> None:
    await client.call("PUT", "user", client.user_id, "account_data", kind, body=content)


def _kind(name: str) -> str:
    """The type under which a key of the account is kept; it is the name of the secret, too."""
    return f"m.cross_signing.{name}"


def _kind_of(key: StorageKey) -> str:
    return f"m.secret_storage.key.{key.id}"
